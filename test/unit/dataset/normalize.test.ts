import { describe, expect, it } from 'vitest';
import type { NormalizeConfig } from '../../../src/core/config/config';
import type { Dataset, Samples } from '../../../src/core/dataset/dataset';
import { normalized } from '../../../src/core/dataset/normalization';
import { normalizationFrom, normalizedBy } from '../../../src/core/dataset/normalize';
import { quantizeInput } from '../../../src/core/quant/evaluate';
import { inputQuantization } from '../../../src/core/quant/quantization';
import { UserError } from '../../../src/core/util/errors';

const bytes: Samples = {
  count: 1,
  shape: [1, 2, 3],
  data: Uint8Array.of(0, 100, 200, 50, 150, 255),
  targets: Float32Array.of(0),
};

function seen(setting: NormalizeConfig, samples: Samples = bytes): number[] {
  const normalization = normalizationFrom(setting, samples);
  return Array.from(samples.data, (value, i) => normalized(normalization, value, i));
}

describe('what a network expects of its input', () => {
  it('is bytes in a range, then mean and deviation in that range', () => {
    expect(seen({})).toEqual([0, 100, 200, 50, 150, 255]);
    expect(seen({ range: '0..1' })[5]).toBe(1);
    const imagenet = seen({
      range: '0..1',
      mean: [0.485, 0.456, 0.406],
      std: [0.229, 0.224, 0.225],
    });
    expect(imagenet[1]).toBeCloseTo((100 / 255 - 0.456) / 0.224, 6);
    expect(imagenet[5]).toBeCloseTo((1 - 0.406) / 0.225, 6);
    const grey = seen({ range: '-1..1', mean: 0.5, std: 2 });
    expect(grey[0]).toBeCloseTo((-1 - 0.5) / 2, 2);
  });

  it('keeps bytes what they are: the int8 input is pixel − 128, half a grey level off at most', () => {
    for (const setting of [{ range: '0..255' }, { range: '0..1' }, { range: '-1..1' }] as const) {
      const normalization = normalizationFrom(setting, bytes);
      expect(normalization.kind).toBe('uint8');
      const codes = new Int8Array(6);
      quantizeInput(bytes, 0, normalization, inputQuantization(normalization), codes);
      expect([...codes]).toEqual(Array.from(bytes.data, (value) => value - 128));
    }
    const exact = seen({ range: '-1..1', mean: [0, 0, 0] });
    exact.forEach((value, i) => {
      expect(Math.abs(value - (bytes.data[i]! / 127.5 - 1))).toBeLessThan(0.501 / 127.5);
    });
  });

  it('exchanges red and blue once, in every set', () => {
    const samples = (): Samples => ({ ...bytes, data: bytes.data.slice() });
    const dataset: Dataset = {
      task: 'classification',
      shape: bytes.shape,
      outputNames: ['a', 'b'],
      train: samples(),
      validation: samples(),
      test: samples(),
      normalization: { kind: 'uint8', mean: [1], std: [2] },
    };
    const blueFirst = normalizedBy(dataset, {
      range: '0..255',
      mean: [103.939, 116.779, 123.68],
      order: 'bgr',
    });
    for (const set of ['train', 'validation', 'test'] as const) {
      expect([...blueFirst[set].data]).toEqual([200, 100, 0, 255, 150, 50]);
    }
    expect(blueFirst.normalization.mean).toEqual([103.939, 116.779, 123.68]);
  });

  it('refuses what does not suit the channels', () => {
    expect(() => normalizationFrom({ mean: [1, 2] }, bytes)).toThrow(UserError);
    expect(() => normalizationFrom({ std: [1, 2, 3, 4] }, bytes)).toThrow(/std has 4 numbers/);
  });
});
