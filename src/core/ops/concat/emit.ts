import { braces } from '../../firmware/c-text';
import { tensorOf } from '../../quant/model';
import type { EmitOp } from '../emit-op';
import { concatFactors, turns } from './execute';
import type { ConcatLayer } from './graph';

const PARTS = 'parts';

export const concat: EmitOp<ConcatLayer> = {
  kernel: 'east_concat',
  header: 'east_concat',
  params: {
    struct: 'east_concat_params',
    values: (layer, { model, table }) =>
      braces(
        table(PARTS),
        turns(layer).count,
        layer.inputs.length,
        tensorOf(model, layer.name).zeroPoint,
      ),
  },
  tables: (layer) => [
    {
      name: PARTS,
      type: { struct: 'east_concat_part' },
      count: layer.inputs.length,
      values: ({ model, offsetOf }) => {
        const { lengths } = turns(layer);
        return concatFactors(layer, model).map((factor, i) =>
          braces(
            offsetOf(layer.inputs[i]),
            lengths[i]!,
            factor?.multiplier ?? 0,
            factor?.shift ?? 0,
            tensorOf(model, layer.inputs[i]).zeroPoint,
          ),
        );
      },
    },
  ],
  output: 'apart',
  dimensions: ({ inputs }) => [inputs.length],
};
