import { describe, expect, it } from 'vitest';
import type { CodecSetting } from '../../../src/core/codecs/choice';
import type { BudgetConfig } from '../../../src/core/config/config';
import { loadModel } from '../../../src/core/models/models';
import type { ForecastConfig } from '../../../src/core/plan/flash';
import { forecast } from '../../../src/core/plan/forecast';

/** 99,456 weights. */
const model = loadModel({
  input: [8, 8, 8],
  classes: 10,
  layers: [
    { type: 'dense', units: 182 },
    { type: 'dense', units: 32 },
    { type: 'dense', units: 10 },
  ],
});

function planned(budget: BudgetConfig, others: Partial<ForecastConfig> = {}) {
  const quantization = { weights: 'auto' } as const;
  return forecast({ budget, east: { method: 'east' }, quantization, ...others }, model);
}

function codecs(budget: BudgetConfig, others: Partial<ForecastConfig> = {}): readonly string[] {
  return planned(budget, others).codecs;
}

const quarter = { weights: { fraction: 0.25 } };

describe('what may store the weights of a config that does not say', () => {
  it('is every codec, counted with its code', () => {
    expect(codecs(quarter)).toEqual(['lz4', 'entropy']);
    expect(Object.keys(planned(quarter).flash.code.files)).toContain('east_entropy');
  });

  it.each<[string, BudgetConfig, Partial<ForecastConfig>]>([
    ['without a budget', {}, {}],
    ['where nothing is pruned', quarter, { east: { method: 'dense' } }],
    ['of weights that cannot be zero one by one', quarter, { quantization: { weights: 1 } }],
    ['of a network that keeps its weights', quarter, { model: { file: 'a.tflite', use: 'as-is' } }],
  ])('is LZ4 alone %s', (_, budget, others) => {
    expect(codecs(budget, others)).toEqual(['lz4']);
    expect(Object.keys(planned(budget, others).flash.code.files)).not.toContain('east_entropy');
  });

  it('is LZ4 alone where the code of the other would take more of the flash than it saves', () => {
    const lz4 = { east: { method: 'east', codec: 'lz4' } } as const;
    const { fixed } = planned({ flash: 1e6 }, lz4).flash;
    expect(codecs({ flash: fixed + 3000 })).toEqual(['lz4']);
    expect(planned({ flash: fixed + 3000 }).flash).toEqual(
      planned({ flash: fixed + 3000 }, lz4).flash,
    );
    expect(codecs({ flash: fixed + 12_000 })).toEqual(['lz4', 'entropy']);
    // Where another key leaves the weights less than the flash does, code takes nothing from them.
    const both = { flash: fixed + 4000, weights: { bytes: 2500 } };
    expect(codecs({ flash: both.flash })).toEqual(['lz4']);
    expect(codecs(both)).toEqual(['lz4', 'entropy']);
  });

  it.each<CodecSetting>(['lz4', 'entropy'])(
    'is what the config names where it does: %s',
    (codec) => {
      const east = { method: 'east', codec } as const;
      for (const budget of [{}, quarter, { flash: 8000 }]) {
        expect(codecs(budget, { east })).toEqual([codec]);
      }
    },
  );
});
