import { describe, expect, it } from 'vitest';
import { recordedSizes, recordSizes } from '../../../src/core/run/recorded-sizes';

const FLASH = {
  ...{ weights: 1060, biases: 204, tables: 451, code: 2120, total: 3835 },
  codeSource: 'table',
} as const;
const RECORDED = recordSizes(FLASH, 624);

describe('the sizes in a manifest', () => {
  it('are read as they were written, code apart', () => {
    expect(recordedSizes({ config: 'x', ...RECORDED })).toEqual({
      ...{ flash: 3835, ram: 624, weights: 1060, code: 2120 },
    });
  });

  it('of earlier versions, or that do not add up, tell no code', () => {
    const whole = { flash: 3835, ram: 624, weights: 1060 };
    const { flashBytes, ramBytes, weightBytes } = RECORDED as Record<string, string>;
    const earlier = { flashBytes: flashBytes!, ramBytes: ramBytes!, weightBytes: weightBytes! };
    expect(recordedSizes(earlier)).toEqual(whole);
    for (const codeBytes of ['2119', '-1', 'many', '1e99']) {
      expect(recordedSizes({ ...RECORDED, codeBytes })).toEqual(whole);
    }
    // Two wrongs that add up.
    expect(recordedSizes({ ...RECORDED, codeBytes: '2325', biasBytes: '-1' })).toEqual(whole);
  });

  it('are none where they cannot be', () => {
    expect(recordedSizes({})).toBeUndefined();
    expect(recordedSizes({ ...RECORDED, ramBytes: 'some' })).toBeUndefined();
    expect(recordedSizes({ ...RECORDED, weightBytes: '3836' })).toBeUndefined();
  });
});
