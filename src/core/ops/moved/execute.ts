/** Puts values where `Moves` say. */
import type { ExecuteOp } from '../execute-op';
import type { LayerBase } from '../layer';
import { elements } from '../shape';
import type { MovesOf } from './moves';

export function executeMoves<L extends LayerBase>(movesOf: MovesOf<L>): ExecuteOp<L> {
  return {
    quantization: 'input',
    run: (layer, _, [input]) => {
      const { first, sizes, steps } = movesOf(layer);
      const output = new Int8Array(elements(layer.outputShape));
      for (let i = 0; i < output.length; i++) {
        let at = first;
        let rest = i;
        for (let loop = sizes.length - 1; loop >= 0; loop--) {
          at += (rest % sizes[loop]!) * steps[loop]!;
          rest = Math.floor(rest / sizes[loop]!);
        }
        output[i] = input![at]!;
      }
      return output;
    },
  };
}
