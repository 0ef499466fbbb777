/** What bytes become for a network that comes from a file: by the config, else by what the file says of its input. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { DatasetConfig } from '../../../src/core/config/config';
import type { Dataset, Normalization, Samples } from '../../../src/core/dataset/dataset';
import type { LoadedModel, NormalizationHint } from '../../../src/core/models/model';
import { normalizedByFile, normalizedForNetwork } from '../../../src/core/run/imported-data';
import type { Engine } from '../../../src/core/train/engines/engine';
import { openEngine } from '../../../src/core/train/engines/open-engine';
import { defined } from '../../../src/core/util/defined';

const CONFIG: DatasetConfig = {
  format: 'numpy',
  train: 'a',
  test: 'b',
  validation: 0.1,
  limit: 0,
  augment: { flip: false, shift: 0, noise: 0 },
};

function samples(data: Samples['data']): Samples {
  return { count: 1, shape: [1, 1, 4], data, targets: Float32Array.of(0) };
}

function dataset(data: Samples['data']): Dataset {
  const all = samples(data);
  return {
    task: 'classification',
    shape: all.shape,
    outputNames: ['a', 'b'],
    train: all,
    validation: all,
    test: all,
    normalization: { kind: 'float', mean: [9], std: [9] },
  };
}

/** An int8 file whose input has this scale. */
function int8File(scale: number, zeroPoint = -128): LoadedModel {
  return {
    graph: { inputShape: [1, 1, 4], layers: [] },
    entries: new Map(),
    quantization: { tensors: { input: { scale, zeroPoint } }, layers: {} },
  };
}

const BYTES = Uint8Array.of(0, 1, 128, 255);

describe('examples of a network as it is', () => {
  it.each([
    [1 / 255, -128, 0, 255],
    [2 / 255, 0, 128, 127.5],
    [1, -128, 0, 1],
    // As a converter observed it: neither black nor white was among its examples.
    [0.985 / 255, -128, 0, 255 / 0.985],
  ])('are pixels - 128 where the scale of the input is %f', (scale, zeroPoint, mean, std) => {
    const { normalization } = normalizedByFile(int8File(scale, zeroPoint), CONFIG, dataset(BYTES));
    expect(normalization).toEqual({ kind: 'uint8', mean: [mean], std: [expect.closeTo(std, 9)] });
  });

  it('stay as they were measured where the network is of no file', () => {
    const { graph, entries } = int8File(1);
    const measured = dataset(BYTES);
    expect(normalizedByFile({ graph, entries }, CONFIG, measured)).toBe(measured);
  });

  it('are refused as bytes where the scale is that of no usual range, and the config says nothing', () => {
    const file = int8File(0.7317);
    expect(() => normalizedByFile(file, CONFIG, dataset(BYTES))).toThrow(
      /the scale of its input, 0\.7317, .*set dataset\.normalize/,
    );
    const said: DatasetConfig = { ...CONFIG, normalize: { range: '0..1' } };
    expect(normalizedByFile(file, said, dataset(BYTES)).normalization.std).toEqual([255]);
    const numbers = dataset(Float32Array.of(0, 1, 2, 3));
    expect(normalizedByFile(file, CONFIG, numbers).normalization).toMatchObject({
      mean: [0],
      std: [1],
    });
  });
});

describe('examples of a float network', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openEngine('wasm');
  });

  const seen = async (
    data: Samples['data'],
    normalization?: NormalizationHint,
  ): Promise<{ readonly made: Normalization; readonly notes: string[] }> => {
    const { graph, entries } = int8File(1);
    const facts = { format: 'test', operators: [], weightsType: 'float32', notes: [] } as const;
    const file: LoadedModel = { graph, entries, file: { ...facts, ...defined({ normalization }) } };
    const notes: string[] = [];
    const { normalization: made } = await normalizedForNetwork(
      ...([engine, { graph, layers: {} }, file, CONFIG] as const),
      { ...dataset(data), unlabelled: true },
      (note) => notes.push(note),
    );
    return { made, notes };
  };

  it('are a guess without labels where the file does not tell, and that is told', async () => {
    const bytes = await seen(BYTES);
    expect(bytes.made).toEqual({ kind: 'uint8', mean: [0], std: [255], guessed: true });
    expect(bytes.notes).toEqual([
      expect.stringMatching(
        /^warning: .* is a guess, .*Taken is "normalize": \{"range":"0\.\.1"\}$/,
      ),
    ]);
    const numbers = await seen(Float32Array.of(0, 1, 2, 3));
    expect(numbers.made).toMatchObject({ mean: [0], std: [1], guessed: true });
    expect(numbers.notes).toEqual([
      expect.stringMatching(/is a guess, .*Taken is numbers as they/),
    ]);
  });

  it('are what the front of the network was made for: bytes, or shares of 255', async () => {
    const front = (mean: number, std: number): NormalizationHint => ({
      ...{ mean: [mean], std: [std] },
      from: 'the front',
    });
    const bytes = await seen(BYTES, front(0, 255));
    expect(bytes).toEqual({ made: { kind: 'uint8', mean: [0], std: [255] }, notes: [] });
    const shares = await seen(BYTES, front(0.5, 0.25));
    expect(shares.made).toMatchObject({ mean: [128], std: [63.75] });
    const numbers = await seen(Float32Array.of(0, 1, 2, 3), front(0.5, 0.25));
    expect(numbers.made).toMatchObject({ kind: 'float', mean: [0.5], std: [0.25] });
  });
});
