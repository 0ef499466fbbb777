/** What is lost, and the multipliers that a price gives, held against trying every mask. */
import { describe, expect, it } from 'vitest';
import { layerCoding } from '../../../src/core/codecs/coding';
import { magnitudeMask } from '../../../src/core/east/fixed-masks';
import { atPrice, distortion, layerDistortion, nats } from '../../../src/core/east/objective';
import type { SelectionLayer } from '../../../src/core/east/selection';
import { createRandom } from '../../../src/core/util/random';
import { gaussianLayers } from './layers';

const kept = (mask: Uint8Array): number => mask.reduce((sum, bit) => sum + bit, 0);
const layerOf = (saliency: readonly number[]): SelectionLayer => ({
  name: 'l',
  symbols: new Uint8Array(saliency.length).fill(1),
  saliency: Float32Array.from(saliency),
  tileSymbols: [saliency.length],
  coding: layerCoding('int8'),
});

describe('distortion', () => {
  const layer = layerOf([4, 3, 2, 1]);

  it('is minus the logarithm of the share that is kept, whatever the unit of saliency', () => {
    const half = Uint8Array.of(1, 0, 0, 1);
    expect(layerDistortion(layer, half)).toBeCloseTo(Math.log(2), 2);
    expect(layerDistortion(layerOf([400, 300, 200, 100]), half)).toBeCloseTo(
      layerDistortion(layer, half),
      6,
    );
    expect(layerDistortion(layer, Uint8Array.of(1, 1, 1, 1))).toBe(-0);
    expect(distortion([layer, layer], [half, half])).toBeCloseTo(2 * Math.log(2), 2);
  });

  it('of a layer that keeps nothing is finite, but more than any other', () => {
    const nothing = layerDistortion(layer, new Uint8Array(4));
    expect(nothing).toBeGreaterThan(layerDistortion(layer, Uint8Array.of(0, 0, 0, 1)) + 3);
    expect(nothing).toBeLessThan(10);
    expect(layerDistortion(layerOf([0, 0]), new Uint8Array(2))).toBe(-0);
  });

  it('of a share lost is that of a mask which loses it', () => {
    expect(nats(0.5)).toBeCloseTo(layerDistortion(layer, Uint8Array.of(1, 0, 0, 1)), 9);
    expect(nats(0)).toBe(-0);
    expect(nats(1.2)).toBe(nats(1));
  });
});

describe('masks at a price', () => {
  it('lose the least nats and bytes together, within a few per cent, where a kept weight is a byte', () => {
    const random = createRandom(3);
    for (const shape of ['even', 'heavy tails', 'few are large']) {
      const saliency = Float32Array.from({ length: 3000 }, (_, i) => {
        if (shape === 'even') return 0.5 + random.next();
        return shape === 'heavy tails'
          ? random.normal() ** 4
          : i % 100 === 0
            ? 1
            : 0.01 * random.next();
      });
      const layer = layerOf([...saliency]);
      const order = [...saliency.keys()].sort((a, b) => saliency[b]! - saliency[a]!);
      const mask = atPrice(magnitudeMask);
      for (const price of [1e-6, 1e-5, 1e-4, 3e-4, 1e-3, 1e-2]) {
        const chosen = mask(layer, price);
        const cost = layerDistortion(layer, chosen) + price * kept(chosen);
        let least = Infinity;
        for (let count = 0; count <= order.length; count += count < 50 ? 1 : 7) {
          const best = new Uint8Array(order.length);
          for (const i of order.slice(0, count)) best[i] = 1;
          least = Math.min(least, layerDistortion(layer, best) + price * count);
        }
        expect(cost, `${shape} at ${price}`).toBeLessThanOrEqual(least * 1.03 + 1e-3);
      }
    }
  });

  it('do not depend on the unit of saliency, nor much on earlier prices', () => {
    const [layer] = gaussianLayers([Array<number>(20).fill(2048)], 4);
    const scaled = { ...layer!, saliency: layer!.saliency.map((s) => 1024 * s) };
    const mask = atPrice(magnitudeMask);
    for (const price of [1e-5, 1e-4, 1e-5, 1e-3]) {
      const fresh = atPrice(magnitudeMask)(layer!, price);
      expect(atPrice(magnitudeMask)(scaled, price)).toEqual(fresh);
      expect(Math.abs(kept(mask(layer!, price)) / kept(fresh) - 1)).toBeLessThan(0.05);
    }
  });

  it('prune all that has no saliency, and everything as the price grows', () => {
    const mask = atPrice(magnitudeMask);
    expect([...mask(layerOf([0, 0, 0]), 1e-9)]).toEqual([0, 0, 0]);
    expect(kept(mask(layerOf([1, 2, 3]), 1e9))).toBe(0);
    expect(kept(mask(layerOf([1, 2, 3]), 1e-9))).toBe(3);
  });
});
