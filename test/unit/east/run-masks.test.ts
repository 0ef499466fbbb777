import { describe, expect, it } from 'vitest';
import { runMask, type RunCosts } from '../../../src/core/east/run-masks';
import type { SelectionLayer } from '../../../src/core/east/selection';
import { createRandom } from '../../../src/core/util/random';

/** What a mask costs, weight by weight, as the definition says. */
function price(
  layer: SelectionLayer,
  mask: readonly number[],
  costs: RunCosts,
  lambda: number,
): number {
  let sum = 0;
  let start = 0;
  for (const length of layer.tileBytes) {
    let zeros = 0;
    for (let i = start; i < start + length; i++) {
      const state = Math.min(zeros, costs.zero.length - 1);
      if (mask[i] === 1) {
        sum += lambda * costs.keep[state]!;
        zeros = 0;
      } else {
        sum += lambda * costs.zero[state]! + (layer.values[i] === 0 ? 0 : layer.saliency[i]!);
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
        values: Int8Array.from({ length: n }, () => random.int(5) - 2),
        saliency: Float32Array.from({ length: n }, () => random.next()),
        tileBytes: [cut, n - cut],
      };
      const states = 2 + random.int(5);
      const table = (): Float64Array =>
        Float64Array.from({ length: states }, () => random.next() * 1.5 - 0.2);
      const costs = { zero: table(), keep: table() };
      const lambda = random.next();
      let least = Infinity;
      for (let bits = 0; bits < 1 << n; bits++) {
        // A weight that is zero as it is cannot be anything else.
        const mask = Array.from(layer.values, (value, i) => (value === 0 ? 0 : (bits >> i) & 1));
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
      values: new Int8Array(500).fill(1),
      saliency,
      tileBytes: [200, 300],
    };
    const costs = { zero: Float64Array.of(0, 0), keep: Float64Array.of(2, 2) };
    expect([...runMask(layer, costs, 0.3)]).toEqual(Array.from(saliency, (s) => (s < 0.6 ? 0 : 1)));
  });
});
