import { describe, expect, it } from 'vitest';
import { layerCoding } from '../../../src/core/codecs/coding';
import { groupMask, magnitudeMask } from '../../../src/core/east/fixed-masks';
import { maskAll } from '../../../src/core/east/selection';

const layer = (saliency: number[], tileSymbols: number[]) => ({
  name: 'l',
  symbols: new Uint8Array(saliency.length).fill(1),
  saliency: Float32Array.from(saliency),
  tileSymbols,
  coding: layerCoding('int8'),
});

describe('magnitudeMask', () => {
  it('prunes below one threshold in every layer', () => {
    const choose = maskAll([layer([1, 5, 2], [3]), layer([4, 0], [2])], magnitudeMask);
    expect(choose(3).map((mask) => [...mask])).toEqual([
      [0, 1, 0],
      [1, 0],
    ]);
    expect(choose(0).flatMap((mask) => [...mask])).toEqual([1, 1, 1, 1, 1]);
  });
});

describe('groupMask', () => {
  it('prunes whole groups by their mean; groups start anew in every tile and the last may be short', () => {
    const of = layer([1, 1, 9, 0, 1, 1, 2, 9, 9], [5, 4]);
    expect([...groupMask(2)(of, 3)]).toEqual([0, 0, 1, 1, 0, 0, 0, 1, 1]);
  });
});
