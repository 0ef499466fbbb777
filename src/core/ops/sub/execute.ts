/** Reference int8 SUB. */
import { elementwise, elementwiseByTable } from '../elementwise/execute';
import { checkSum, sumOf } from '../elementwise/sums-execute';
import type { ExecuteOp } from '../execute-op';
import { signsOf } from './signs';
import type { SubLayer } from './graph';

export const sub: ExecuteOp<SubLayer> = {
  quantization: 'own',
  run: (layer, model, inputs) =>
    elementwise(layer, model, inputs, sumOf(layer, model, signsOf(layer))),
  check: checkSum,
  fast: (layer, model) => elementwiseByTable(layer, model, sumOf(layer, model, signsOf(layer))),
};
