/** Both operands of a layer in the order in which it computes, broadcast by TensorFlow.js itself. */
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Operands } from './graph';

export function operandTensors(
  { reversed }: Operands,
  inputs: readonly Tensor4D[],
  constants: readonly Tensor4D[],
): readonly [Tensor4D, Tensor4D] {
  const [first, second] = [...inputs, ...constants];
  return reversed === true ? [second!, first!] : [first!, second!];
}
