import { beforeAll, describe, expect, it } from 'vitest';
import type { Dataset } from '../../../../src/core/dataset/dataset';
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
    expect(best).toEqual({ setting: IMAGENET, value: 1 });
    expect(second!.value).toBeLessThan(1);
    expect(await suspectNormalization(engine, file, dataset)).toBeUndefined();
    // Negatives: nothing that the network was trained with looks like that.
    const wrong = normalizedBy(dataset, { mean: 5000, std: -1 });
    const suspicion = await suspectNormalization(engine, file, wrong);
    expect(suspicion?.better).toEqual({ setting: IMAGENET, value: 1 });
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
});
