/** Reference int8 ADD. */
import { elementwise, elementwiseByTable } from '../elementwise/execute';
import { checkSum, sumOf, type Signs } from '../elementwise/sums-execute';
import type { ExecuteOp } from '../execute-op';
import type { AddLayer } from './graph';

const SIGNS: Signs = [1, 1];

export const add: ExecuteOp<AddLayer> = {
  quantization: 'own',
  run: (layer, model, inputs) => elementwise(layer, model, inputs, sumOf(layer, model, SIGNS)),
  check: checkSum,
  fast: (layer, model) => elementwiseByTable(layer, model, sumOf(layer, model, SIGNS)),
};
