/**
 * Which of TFLite's operators become layers, and by what reader. What is computed of constants alone needs none of these
 * (fold.ts). Fields of options are numbered as in TFLite's schema.fbs.
 */
import { fullyConnected } from './dense';
import { UserError } from '../../util/errors';
import type { Operator } from './file';
import type { ReadOperator, Reading } from './reading';
import { expectDefault, fusedActivation, inputOf, outputOf, sameQuantization } from './reading';
import { sequenceLstm } from './recurrent';
import { affine, axisOf } from './tensors';
import {
  mean,
  averagePool2d,
  conv2d,
  depthwiseConv2d,
  maxPool2d,
  transposeConv,
  pad,
} from './windows';

export const OPERATORS: Readonly<Record<string, ReadOperator>> = {
  ADD: (operator, network) => {
    network.layer(operator, { type: 'add' }, { activation: fusedActivation(operator, 0) });
  },
  AVERAGE_POOL_2D: averagePool2d,
  CONV_2D: conv2d,
  DEPTHWISE_CONV_2D: depthwiseConv2d,
  EXPAND_DIMS: (operator, network) => network.reshape(operator),
  FULLY_CONNECTED: fullyConnected,
  LEAKY_RELU: (operator, network) => {
    network.layer(operator, { type: 'leakyRelu', slope: operator.options.float32(0) });
  },
  MAX_POOL_2D: maxPool2d,
  MEAN: mean,
  PAD: pad,
  PADV2: pad,
  QUANTIZE: requantize,
  REDUCE_MAX: (operator, network) => {
    overThePlane(operator, network);
    network.layer(operator, { type: 'globalMaxPool' });
  },
  RELU: (operator, network) => network.clamp(operator, 'relu'),
  RELU6: (operator, network) => network.clamp(operator, 'relu6'),
  RESHAPE: (operator, network) => network.reshape(operator),
  SOFTMAX: (operator, network) => {
    expectDefault(operator.where, 'beta', operator.options.float32(0), 1);
    network.layer(operator, { type: 'softmax' });
  },
  SQUEEZE: (operator, network) => network.reshape(operator),
  TRANSPOSE_CONV: transposeConv,
  UNIDIRECTIONAL_SEQUENCE_LSTM: sequenceLstm,
};

/** Between int8 tensors. What QUANTIZE does at the network's ends is not part of it, and anywhere else it is refused. */
function requantize(operator: Operator, network: Reading): void {
  const { where } = operator;
  const input = inputOf(operator);
  if (!network.int8 || input.type !== 'int8') {
    throw new UserError(
      `${where} quantises ${input.type} in the middle of the network, which is not supported. Convert the network as ` +
        'float or with full integer quantisation, not with a part of either.',
    );
  }
  if (sameQuantization(affine(input, where), affine(outputOf(operator), where))) {
    return network.pass(operator);
  }
  return network.layer(operator, { type: 'requantize' });
}

/** Checks that an operator reduces height and width to one and leaves the channels. */
function overThePlane(operator: Operator, network: Reading): void {
  const { where } = operator;
  const input = inputOf(operator);
  const { values } = network.required(operator, 1, 'its axes');
  const axes = new Set([...values].map((axis) => axisOf(input, axis, where)));
  const [height, width] = network.shapeOf(input, where);
  if (axes.has(2) || (height > 1 && !axes.has(0)) || (width > 1 && !axes.has(1))) {
    throw new UserError(`${where}: only over all of height and width is supported.`);
  }
}
