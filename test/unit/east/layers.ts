/** Seeded layers to select from. */
import type { SelectionLayer } from '../../../src/core/east/selection';
import { createRandom } from '../../../src/core/util/random';

/** Gaussian weights, quantised to int8 at a quarter of the range per standard deviation; one layer per list of tiles. */
export function gaussianLayers(
  tiles: readonly (readonly number[])[],
  seed: number,
): SelectionLayer[] {
  const random = createRandom(seed);
  return tiles.map((tileBytes, l) => {
    const weights = Float32Array.from(
      { length: tileBytes.reduce((a, b) => a + b, 0) },
      () => random.normal() * 32,
    );
    return {
      name: `layer${l}`,
      values: Int8Array.from(weights, (w) => Math.max(-127, Math.min(127, Math.round(w)))),
      saliency: weights.map((w) => (w / 32) ** 2),
      tileBytes,
    };
  });
}
