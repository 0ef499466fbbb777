import { braces } from '../../firmware/c-text';
import { tensorOf } from '../../quant/model';
import type { EmitOp } from '../emit-op';
import { elements } from '../shape';
import { clipOf, type Clipping } from './execute';
import type { ClipLayer } from './graph';

export const clip: EmitOp<ClipLayer> = emitClip<ClipLayer>();

export function emitClip<L extends Clipping>(): EmitOp<L> {
  return {
    kernel: 'east_clip',
    header: 'east_clip',
    params: {
      struct: 'east_clip_params',
      values: (layer, { model }) => {
        const { factor, low, high } = clipOf(layer, model);
        return braces(
          elements(layer.outputShape),
          factor.multiplier,
          factor.shift,
          tensorOf(model, layer.inputs[0]).zeroPoint,
          tensorOf(model, layer.name).zeroPoint,
          low,
          high,
        );
      },
    },
    output: 'over',
    dimensions: () => [],
  };
}
