import { describe, expect, it } from 'vitest';
import { maskedBytes, type StoredBytes } from '../../../src/core/east/stored-bytes';
import { magnitudeMask } from '../../../src/core/east/fixed-masks';
import { maskAll, type SelectionLayer } from '../../../src/core/east/selection';
import { estimatedBytes, sampleLayer } from '../../../src/core/east/size-estimate';
import { gaussianLayers } from './layers';

/** What magnitude's masks take, really and by samples. */
function atThreshold(
  layers: readonly SelectionLayer[],
  threshold: number,
): { readonly exact: StoredBytes; readonly estimate: StoredBytes } {
  const samples = layers.map((layer) => sampleLayer(layer));
  const masks = (of: readonly SelectionLayer[]): Uint8Array[] =>
    maskAll(of, magnitudeMask)(threshold);
  return {
    exact: maskedBytes(layers, masks(layers)),
    estimate: estimatedBytes(samples, masks(samples.map(({ layer }) => layer))),
  };
}

const tiles = (count: number, length: number): number[] => Array<number>(count).fill(length);

describe('estimated sizes', () => {
  const cut = [tiles(20, 2048), tiles(7, 4096), [...tiles(40, 900), 123]];
  const layers = gaussianLayers(cut, 7);

  it.each([
    [0.3, 0.02],
    [1, 0.02],
    [2, 0.02],
    [3, 0.05], // So few are kept that their number differs from tile to tile.
  ])('are near the encoded ones at a threshold of %f deviations', (deviations, far) => {
    const mean = layers[0]!.saliency.reduce((sum, s) => sum + s, 0) / layers[0]!.saliency.length;
    const { exact, estimate } = atThreshold(layers, mean * deviations ** 2);
    expect(Math.abs(estimate.total / exact.total - 1)).toBeLessThan(far);
    estimate.layerBytes.forEach((bytes, l) => {
      expect(Math.abs(bytes / exact.layerBytes[l]! - 1)).toBeLessThan(5 * far);
    });
  });

  it('are those of the encoder that the layers name', () => {
    const greedy = gaussianLayers(cut, 7, { encoder: 'greedy' });
    const { exact, estimate } = atThreshold(greedy, 1);
    expect(exact.total).toBeGreaterThan(1.1 * atThreshold(layers, 1).exact.total);
    expect(Math.abs(estimate.total / exact.total - 1)).toBeLessThan(0.03);
  });

  it('are exact for small layers, and for what is all kept or all pruned', () => {
    const small = gaussianLayers([[432], [2_304, 2_304], [1_000, 1_000, 40]], 8);
    const some = atThreshold(small, 1e-4);
    expect(some.estimate).toEqual(some.exact);
    const uniform = gaussianLayers([tiles(40, 2048)], 9);
    for (const threshold of [0, Infinity]) {
      const all = atThreshold(uniform, threshold);
      expect(all.estimate).toEqual(all.exact);
    }
  });
});

describe('a sample', () => {
  it('is a quarter of a large layer, of whole tiles with their own saliencies', () => {
    const [layer] = gaussianLayers([tiles(32, 2048)], 10);
    const { layer: sample, factor } = sampleLayer(layer!);
    expect(factor).toBe(4);
    expect(sample.tileSymbols).toEqual(tiles(8, 2048));
    for (let tile = 0; tile < 8; tile++) {
      const from = 4 * tile * 2048;
      expect(sample.symbols.subarray(tile * 2048, (tile + 1) * 2048)).toEqual(
        layer!.symbols.subarray(from, from + 2048),
      );
      expect(sample.saliency.subarray(tile * 2048, (tile + 1) * 2048)).toEqual(
        layer!.saliency.subarray(from, from + 2048),
      );
    }
  });

  it('is the layer itself where that is small or one tile', () => {
    for (const layer of gaussianLayers([[5_000], [60_000], tiles(3, 2048)], 11)) {
      expect(sampleLayer(layer)).toEqual({ layer, factor: 1 });
      expect(sampleLayer(layer).layer).toBe(layer);
    }
  });
});
