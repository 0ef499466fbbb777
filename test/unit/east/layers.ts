/** Seeded layers to select from. */
import type { CodecOptions } from '../../../src/core/codecs/options';
import { layerCoding } from '../../../src/core/codecs/coding';
import type { SelectionLayer } from '../../../src/core/east/selection';
import { createRandom } from '../../../src/core/util/random';

/** Gaussian weights, quantised to int8 at a quarter of the range per standard deviation; one layer per list of tiles. */
export function gaussianLayers(
  tiles: readonly (readonly number[])[],
  seed: number,
  options: CodecOptions = {},
): SelectionLayer[] {
  const random = createRandom(seed);
  return tiles.map((tileSymbols, l) => {
    const weights = Float32Array.from(
      { length: tileSymbols.reduce((a, b) => a + b, 0) },
      () => random.normal() * 32,
    );
    return {
      name: `layer${l}`,
      symbols: Uint8Array.from(weights, (w) => Math.max(-127, Math.min(127, Math.round(w)))),
      saliency: weights.map((w) => (w / 32) ** 2),
      tileSymbols,
      coding: layerCoding('int8', options),
    };
  });
}
