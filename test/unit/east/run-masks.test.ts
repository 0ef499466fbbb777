import { describe, expect, it } from 'vitest';
import { layerCoding } from '../../../src/core/codecs/coding';
import type { RunCosts } from '../../../src/core/codecs/prices';
import { runMask } from '../../../src/core/east/run-masks';
import type { SelectionLayer } from '../../../src/core/east/selection';
import { createRandom } from '../../../src/core/util/random';

/** What a mask costs, symbol by symbol, as the definition says. */
function price(
  layer: SelectionLayer,
  mask: readonly number[],
  costs: RunCosts,
  lambda: number,
): number {
  let sum = 0;
  let start = 0;
  for (const length of layer.tileSymbols) {
    let zeros = 0;
    for (let i = start; i < start + length; i++) {
      const state = Math.min(zeros, costs.zero.length - 1);
      if (mask[i] === 1) {
        sum += lambda * (costs.keep[state]! + (costs.level?.[layer.symbols[i]!] ?? 0));
        zeros = 0;
      } else {
        sum += lambda * costs.zero[state]! + (layer.symbols[i] === 0 ? 0 : layer.saliency[i]!);
        zeros++;
      }
    }
    start += length;
  }
  return sum;
}

describe('runMask', () => {
  it('finds what trying all masks finds', () => {
    const random = createRandom(1);
    for (let round = 0; round < 60; round++) {
      const n = 10;
      const cut = random.int(n + 1);
      const layer = {
        name: 'l',
        symbols: Uint8Array.from({ length: n }, () => random.int(5) - 2),
        saliency: Float32Array.from({ length: n }, () => random.next()),
        tileSymbols: [cut, n - cut],
        coding: layerCoding('int8'),
      };
      const states = 2 + random.int(5);
      const table = (): Float64Array =>
        Float64Array.from({ length: states }, () => random.next() * 1.5 - 0.2);
      // Every other time symbols cost differently, too.
      const level = Float64Array.from({ length: 256 }, () => random.next());
      const costs = { zero: table(), keep: table(), ...(round % 2 === 0 ? {} : { level }) };
      const lambda = random.next();
      let least = Infinity;
      for (let bits = 0; bits < 1 << n; bits++) {
        // A symbol that is zero as it is cannot be anything else.
        const mask = Array.from(layer.symbols, (symbol, i) => (symbol === 0 ? 0 : (bits >> i) & 1));
        least = Math.min(least, price(layer, mask, costs, lambda));
      }
      expect(price(layer, [...runMask(layer, costs, lambda)], costs, lambda)).toBeCloseTo(least, 9);
    }
  });

  it('is magnitude pruning where a zero costs nothing and a kept weight the same anywhere', () => {
    const random = createRandom(2);
    const saliency = Float32Array.from({ length: 500 }, () => random.next());
    const layer = {
      name: 'l',
      symbols: new Uint8Array(500).fill(1),
      saliency,
      tileSymbols: [200, 300],
      coding: layerCoding('int8'),
    };
    const costs = { zero: Float64Array.of(0, 0), keep: Float64Array.of(2, 2) };
    expect([...runMask(layer, costs, 0.3)]).toEqual(Array.from(saliency, (s) => (s < 0.6 ? 0 : 1)));
  });
});
