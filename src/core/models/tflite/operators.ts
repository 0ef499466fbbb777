/**
 * Which of TFLite's operators become layers, and by what reader. What is computed of constants alone needs none of these
 * (fold.ts). Fields of options are numbered as in TFLite's schema.fbs.
 */
import { fullyConnected } from './dense';
import { UserError } from '../../util/errors';
import type { Operator } from './file';
import type { ReadOperator, Reading } from './reading';
import { expectDefault, inputOf, outputOf, sameQuantization } from './reading';
import { affine, axisOf } from './tensors';
import { division, elementwise, negation, prelu } from './elementwise';
import { layerNorm } from './layer-norm';
import { clip, hasOneScale, simple } from './functions';
import {
  blocks,
  concatenation,
  reduction,
  resize,
  slice,
  split,
  splitV,
  stridedSlice,
  transpose,
  unpack,
} from './movement';
import { sequenceLstm } from './recurrent';
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
  ADD: elementwise('add', 0),
  ARG_MAX: argMax,
  AVERAGE_POOL_2D: averagePool2d,
  CONCATENATION: concatenation,
  CONV_2D: conv2d,
  DEPTH_TO_SPACE: blocks('depthToSpace'),
  DEPTHWISE_CONV_2D: depthwiseConv2d,
  DIV: division,
  ELU: simple({ type: 'elu' }),
  EXPAND_DIMS: (operator, network) => network.reshape(operator),
  FULLY_CONNECTED: fullyConnected,
  HARD_SWISH: simple({ type: 'hardSwish' }),
  LAYER_NORM: layerNorm,
  LEAKY_RELU: (operator, network) => {
    network.layer(operator, { type: 'leakyRelu', slope: operator.options.float32(0) });
  },
  LOGISTIC: simple({ type: 'sigmoid' }),
  LOG_SOFTMAX: (operator, network) => network.logSoftmax(operator),
  MAXIMUM: elementwise('maximum'),
  MAX_POOL_2D: maxPool2d,
  QUANTIZE: requantize,
  REDUCE_MAX: reduction('reduceMax'),
  MEAN: (operator, network) => (network.int8 ? reduction('reduceMean') : mean)(operator, network),
  MINIMUM: elementwise('minimum'),
  MUL: elementwise('mul', 0),
  NEG: negation,
  PAD: pad,
  PADV2: pad,
  PRELU: prelu,
  RELU: (operator, network) =>
    hasOneScale(operator) ? network.clamp(operator, 'relu') : clip(0)(operator, network),
  RELU6: (operator, network) =>
    hasOneScale(operator) ? network.clamp(operator, 'relu6') : clip(0, 6)(operator, network),
  RELU_0_TO_1: clip(0, 1),
  RELU_N1_TO_1: clip(-1, 1),
  RESHAPE: (operator, network) => network.reshape(operator),
  RESIZE_BILINEAR: resize('bilinear', 2, 3),
  RESIZE_NEAREST_NEIGHBOR: resize('nearest', 0, 1),
  SLICE: slice,
  SOFTMAX: (operator, network) => {
    expectDefault(operator.where, 'beta', operator.options.float32(0), 1);
    network.layer(operator, { type: 'softmax' });
  },
  SPACE_TO_DEPTH: blocks('spaceToDepth'),
  SPLIT: split,
  SPLIT_V: splitV,
  STRIDED_SLICE: stridedSlice,
  SUB: elementwise('sub', 0),
  SQUEEZE: (operator, network) => network.reshape(operator),
  TRANSPOSE: transpose,
  TRANSPOSE_CONV: transposeConv,
  UNPACK: unpack,
  UNIDIRECTIONAL_SEQUENCE_LSTM: sequenceLstm,
  TANH: simple({ type: 'tanh' }),
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

/** At the network's end: the index is of a type of its own, whatever the rest computes with. */
function argMax(operator: Operator, network: Reading): void {
  const { where } = operator;
  const scores = inputOf(operator);
  const [axis] = network.required(operator, 1, 'its axis').values;
  if (axis === undefined || axisOf(scores, axis, where) !== 2) {
    throw new UserError(
      `${where}: only the largest of the channels is supported. End the network before it.`,
    );
  }
  network.index(operator);
}
