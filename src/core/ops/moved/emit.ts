/** The kernel that puts values elsewhere. */
import { braces } from '../../firmware/c-text';
import type { EmitOp } from '../emit-op';
import type { LayerBase } from '../layer';
import type { MovesOf } from './moves';

export function emitMoves<L extends LayerBase>(movesOf: MovesOf<L>): EmitOp<L> {
  return {
    kernel: 'east_move',
    header: 'east_move',
    params: {
      struct: 'east_move_params',
      values: (layer) => {
        const { first, sizes, steps } = movesOf(layer);
        return braces(first, braces(...steps), braces(...sizes));
      },
    },
    output: 'apart',
    dimensions: (layer) => movesOf(layer).sizes,
  };
}
