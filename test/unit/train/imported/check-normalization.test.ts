import { beforeAll, describe, expect, it } from 'vitest';
import type { Dataset, Samples } from '../../../../src/core/dataset/dataset';
import { normalizedBy } from '../../../../src/core/dataset/normalize';
import type { Engine } from '../../../../src/core/train/engines/engine';
import { openEngine } from '../../../../src/core/train/engines/open-engine';
import type { FloatNetwork } from '../../../../src/core/train/imported/float-network';
import { buildGraph } from '../../../../src/core/graph/build';
import {
  suspectNormalization,
  tryNormalizations,
} from '../../../../src/core/train/imported/check-normalization';
import { labelledBy } from '../../../../src/core/train/imported/teacher';
import { pictures } from './nets';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine('wasm');
});

/** Four classes by how bright a picture is, bounds at −1, 0 and 1 of what the network sees. */
const file: FloatNetwork = {
  graph: buildGraph({
    input: [8, 8, 3],
    classes: 4,
    layers: [
      { type: 'globalAveragePool' },
      { type: 'dense', name: 'scores', units: 4 },
      { type: 'softmax' },
    ],
  }),
  layers: {
    scores: {
      weights: Float32Array.from({ length: 12 }, (_, i) => Math.floor(i / 3) / 3),
      bias: Float32Array.of(0, 1, 1, 0),
    },
  },
};
const IMAGENET = {
  range: '0..1',
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
} as const;

/** Labelled by the network itself as it sees pictures with ImageNet's normalisation: with it, it is always right. */
async function known(): Promise<Dataset> {
  const unlabelled: Dataset = {
    task: 'classification',
    shape: [8, 8, 3],
    outputNames: ['a', 'b', 'c', 'd'],
    train: pictures(300, 21),
    validation: pictures(8, 22),
    test: pictures(8, 23),
    normalization: { kind: 'uint8', mean: [0], std: [1] },
  };
  const labelled = await labelledBy(engine, file, normalizedBy(unlabelled, IMAGENET), 'classes');
  return { ...labelled, task: 'classification' };
}

describe('a normalisation that the network was not trained with', () => {
  it('is found out by labels, and the right one named', async () => {
    const dataset = await known();
    const [best, second] = await tryNormalizations(engine, file, dataset);
    expect(best).toEqual({ setting: IMAGENET, value: 1, tied: 0 });
    expect(second!.value).toBeLessThan(1);
    expect(await suspectNormalization(engine, file, dataset)).toBeUndefined();
    // Negatives: nothing that the network was trained with looks like that.
    const wrong = normalizedBy(dataset, { mean: 5000, std: -1 });
    const suspicion = await suspectNormalization(engine, file, wrong);
    expect(suspicion?.better).toEqual({ setting: IMAGENET, value: 1, tied: 0 });
    expect(suspicion!.value).toBeLessThan(suspicion!.chance + 0.1);
  });

  it('is not blamed where no usual one is better', async () => {
    const dataset = await known();
    const shuffled = dataset.train.targets.map((_, i) => i % 4);
    const strange = { ...dataset, train: { ...dataset.train, targets: shuffled } };
    const suspicion = await suspectNormalization(engine, file, strange);
    expect(suspicion).toBeDefined();
    expect(suspicion?.better).toBeUndefined();
  });

  it('is told of where the network does well, but another is far better', async () => {
    const dataset = await known();
    const suspicion = await suspectNormalization(
      engine,
      file,
      normalizedBy(dataset, { range: '-1..1' }),
    );
    expect(suspicion).toMatchObject({ near: false, better: { setting: IMAGENET, value: 1 } });
    expect(suspicion!.value).toBeGreaterThan(suspicion!.chance + 0.1);
    const right = normalizedBy(dataset, IMAGENET);
    expect(await suspectNormalization(engine, file, right)).toBeUndefined();
  });

  it('is no certain find where others are right as often: the clearest is taken, and how many there are is said', async () => {
    const count = 40;
    const data = new Uint8Array(count * 8 * 8 * 3);
    for (let i = 0; i < data.length; i++) data[i] = Math.floor(i / 192) % 2 === 0 ? 20 : 235;
    const train: Samples = {
      count,
      shape: [8, 8, 3],
      data,
      targets: Float32Array.from({ length: count }, (_, i) => i % 2),
    };
    const none = { ...train, count: 0, data: new Uint8Array(0), targets: new Float32Array(0) };
    const dataset: Dataset = {
      task: 'classification',
      shape: [8, 8, 3],
      outputNames: ['dark', 'bright'],
      train,
      validation: none,
      test: none,
      normalization: { kind: 'uint8', mean: [0], std: [1] },
    };
    const bySign: FloatNetwork = {
      graph: buildGraph({
        input: [8, 8, 3],
        classes: 2,
        layers: [
          { type: 'globalAveragePool' },
          { type: 'dense', name: 'scores', units: 2 },
          { type: 'softmax' },
        ],
      }),
      layers: {
        scores: {
          weights: Float32Array.of(-1, -1, -1, 1, 1, 1),
          bias: Float32Array.of(0, 0),
        },
      },
    };
    const tried = await tryNormalizations(engine, bySign, dataset);
    const right = tried.filter(({ value }) => value === 1);
    expect(right.length).toBeGreaterThan(1);
    expect(tried[0]).toEqual({ setting: expect.anything(), value: 1, tied: right.length - 1 });
    // Both classes lie as far from the bound; numbers up to 255 would have larger scores.
    expect(tried[0]!.setting).toEqual({ range: '-1..1' });
  });
});
