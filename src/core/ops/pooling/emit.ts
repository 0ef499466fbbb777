/** Pools, over a window or the whole plane, are driven by a struct east_window. */
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
