/**
 * Pools, over a window or the whole plane, are driven by a struct east_window.
 *
 * The loops over the windows stand in both C kernels. One kernel for both would cost an image with one of them the other's code,
 * and the loops as an inline function that is handed what to do under a window came out larger: bytes for a Cortex-M4 by GCC
 * 12.2, largest value 268 → 296 with -O2, 188 → 208 with -Os, 182 → 252 with -Og; average 296 → 292, 214 → 236, 234 → 284.
 */
import { windowDimensions, windowStruct } from '../../firmware/window-struct';
import type { EmitOp } from '../emit-op';
import type { LayerBase } from '../layer';
import type { Window } from '../window';

export function poolEmit<L extends LayerBase>(
  kernel: 'east_max_pool_2d' | 'east_average_pool_2d',
  windowOf: (layer: L) => Window,
): EmitOp<L> {
  return {
    kernel,
    params: {
      struct: 'east_window',
      values: (layer: L): string => windowStruct(layer, windowOf(layer)),
    },
    output: 'apart',
    dimensions: windowDimensions,
  };
}
