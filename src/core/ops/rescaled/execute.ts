/** What maps each code of one tensor by itself, whatever the rule: exact and fast by one table of 256 codes. */
import type { QuantizedModel } from '../../quant/model';
import { tensorOf } from '../../quant/model';
import { UserError } from '../../util/errors';
import type { ExecuteOp } from '../execute-op';
import type { LayerBase } from '../layer';
import { elements } from '../shape';

/** Distances of codes are below 2^8: shifted to the left by as much as this they stay int32. */
export const MOST_SHIFT = 22;

/** For every code of the input, from −128 on, the output's. */
export type CodeTable<L extends LayerBase> = (layer: L, model: QuantizedModel) => Int8Array;

/** @param quantization of the output, as in ExecuteOp */
export function byCodes<L extends LayerBase>(
  quantization: ExecuteOp<L>['quantization'],
  codesOf: CodeTable<L>,
): ExecuteOp<L> {
  return {
    quantization,
    run: (layer, model, [input]) => {
      const codes = codesOf(layer, model);
      return input!.map((code) => codes[code + 128]!);
    },
    fast: (layer, model) => {
      const codes = codesOf(layer, model);
      const output = new Int8Array(elements(layer.outputShape));
      return ([input]) => {
        for (let i = 0; i < output.length; i++) output[i] = codes[input![i]! + 128]!;
        return output;
      };
    },
  };
}

/** Throws where the input's codes cannot be brought to the output's scale in int32. */
export function checkScales(layer: LayerBase, model: QuantizedModel): void {
  if (
    tensorOf(model, layer.inputs[0]).scale <
    2 ** MOST_SHIFT * tensorOf(model, layer.name).scale
  ) {
    return;
  }
  throw new UserError(
    `Layer '${layer.name}': its input is 2^${MOST_SHIFT} times coarser than its output.`,
  );
}
