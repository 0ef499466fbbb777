import { clamp } from '../../quant/fixed-point';
import { tensorOf } from '../../quant/model';
import { activationRange } from '../../quant/quantization';
import type { ExecuteOp } from '../execute-op';
import type { ActivationLayer } from './graph';

export const activation: ExecuteOp<ActivationLayer> = {
  quantization: 'input',
  run: (layer, model, [input]) => {
    const { min, max } = activationRange(layer.activation, tensorOf(model, layer.name));
    return input!.map((q) => clamp(q, min, max));
  },
};
