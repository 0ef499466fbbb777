/** Which of Keras's layers can be read, and by what reader; of the others, what to build a network with instead. */
import { UserError } from '../../util/errors';
import type { Making, Reader, Value } from './call';
import { Node, titleOf } from './call';
import { convolution, dense, depthwise, separable, transposedConvolution } from './convolutions';
import {
  average,
  division,
  elu,
  folded,
  leakyRelu,
  negative,
  prelu,
  relu,
  softmax,
  withNumber,
  type Arithmetic,
} from './elementwise';
import { concatenate, flatten, permute, reshape } from './movement';
import type { KerasCall, KerasLayer } from './network';
import { batchNormalization, layerNormalization, normalization, rescaling } from './normalization';
import { cropping, globalPool, pool, upSampling, zeroPadding } from './planes';
import { gru, lstm } from './recurrent';

/** Values that only training changes: nothing at inference. */
const IDENTITIES = [
  'ActivityRegularization',
  'AlphaDropout',
  'Dropout',
  'GaussianDropout',
  'GaussianNoise',
  'RandomBrightness',
  'RandomContrast',
  'RandomFlip',
  'RandomRotation',
  'RandomTranslation',
  'RandomZoom',
  'SpatialDropout1D',
  'SpatialDropout2D',
];

/** Functions of Keras (keras.ops, keras.activations), which become layers of these names, and what activations are called. */
const FUNCTIONS = {
  HardSigmoid: 'hard_sigmoid',
  HardSilu: 'hard_silu',
  Relu: 'relu',
  Relu6: 'relu6',
  Sigmoid: 'sigmoid',
  Silu: 'silu',
  Tanh: 'tanh',
} as const;

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ...Object.entries(FUNCTIONS).map(([name, activation]): [string, Reader] => [
    name,
    (node) => node.activated(node.input, activation),
  ]),
  ['Divide', division],
  ['TrueDivide', division],
  ['LeakyRelu', leakyRelu],
  ['Negative', negative],
  ...IDENTITIES.map((name): [string, Reader] => [name, (node) => node.input]),
  ['Activation', (node) => node.activated(node.input)],
  ['Add', (node) => folded(node, 'add')],
  ['Average', average],
  ['AveragePooling1D', (node) => pool(node, 'averagePool2d', 1)],
  ['AveragePooling2D', (node) => pool(node, 'averagePool2d', 2)],
  ['BatchNormalization', batchNormalization],
  ['Concatenate', concatenate],
  ['Conv1D', (node) => convolution(node, 1)],
  ['Conv1DTranspose', (node) => transposedConvolution(node, 1)],
  ['Conv2D', (node) => convolution(node, 2)],
  ['Conv2DTranspose', (node) => transposedConvolution(node, 2)],
  ['Cropping1D', (node) => cropping(node, 1)],
  ['Cropping2D', (node) => cropping(node, 2)],
  ['Dense', dense],
  ['DepthwiseConv1D', (node) => depthwise(node, 1)],
  ['DepthwiseConv2D', (node) => depthwise(node, 2)],
  ['ELU', elu],
  ['Elu', elu],
  ['Flatten', flatten],
  ['GRU', gru],
  ['GlobalAveragePooling1D', (node) => globalPool(node, 'globalAveragePool')],
  ['GlobalAveragePooling2D', (node) => globalPool(node, 'globalAveragePool')],
  ['GlobalMaxPooling1D', (node) => globalPool(node, 'globalMaxPool')],
  ['GlobalMaxPooling2D', (node) => globalPool(node, 'globalMaxPool')],
  ['LSTM', lstm],
  ['LayerNormalization', layerNormalization],
  ['LeakyReLU', leakyRelu],
  ['MaxPooling1D', (node) => pool(node, 'maxPool2d', 1)],
  ['MaxPooling2D', (node) => pool(node, 'maxPool2d', 2)],
  ['Multiply', (node) => folded(node, 'mul')],
  ['Normalization', normalization],
  ['PReLU', prelu],
  ['Permute', permute],
  ['ReLU', relu],
  ['Rescaling', rescaling],
  ['Reshape', reshape],
  ['SeparableConv1D', (node) => separable(node, 1)],
  ['SeparableConv2D', (node) => separable(node, 2)],
  ['LogSoftmax', softmax],
  ['Softmax', softmax],
  ['Subtract', (node) => folded(node, 'sub')],
  ['UpSampling1D', (node) => upSampling(node, 1)],
  ['UpSampling2D', (node) => upSampling(node, 2)],
  ['ZeroPadding1D', (node) => zeroPadding(node, 1)],
  ['ZeroPadding2D', (node) => zeroPadding(node, 2)],
]);

/** What `x + 1` and its like become. */
const ARITHMETIC: ReadonlyMap<string, Arithmetic> = new Map([
  ['Add', 'add'],
  ['Divide', 'div'],
  ['Multiply', 'mul'],
  ['Subtract', 'sub'],
  ['TrueDivide', 'div'],
]);

/** What to build a network with instead of layers that cannot be read. */
const INSTEAD: ReadonlyMap<string, string> = new Map([
  ['Lambda', 'Use layers of Keras that do the same; a function in a file is not run.'],
  ['Bidirectional', 'Use one direction: a network on a chip cannot see what is to come.'],
  ['TimeDistributed', 'Use Conv1D with kernel_size=1 in place of a Dense layer at each step.'],
  ['MultiHeadAttention', 'Use convolutions or an LSTM or GRU.'],
  ['Attention', 'Use convolutions or an LSTM or GRU.'],
  ['Embedding', 'Look vectors up before the network and give it those.'],
  ['Masking', 'Give sequences of one length.'],
  ['GroupNormalization', 'Use BatchNormalization, which costs nothing on the chip.'],
  ['SimpleRNN', 'Use LSTM or GRU.'],
  ['Resizing', 'Resize examples before they are given to the network, and leave the layer out.'],
  ['CenterCrop', 'Crop examples before they are given to the network, and leave the layer out.'],
]);

/** Whether layers of a class can be read, unless their options say otherwise. */
export function isSupported({ className, module }: KerasLayer): boolean {
  return className === 'InputLayer' || (READERS.has(className) && !isForeign(module));
}

/** What a call puts out, as layers added to the builder. @throws UserError naming layer, class and what to change */
export function readCall(call: KerasCall, inputs: readonly Value[], making: Making): Value {
  const { className, module } = call.layer;
  const read = READERS.get(className);
  const where = titleOf(call.layer);
  if (read === undefined || isForeign(module)) {
    const own = isForeign(module) ? ' is a class of your own and' : '';
    const instead =
      INSTEAD.get(className) ??
      `Supported are ${[...READERS.keys()].filter((name) => !IDENTITIES.includes(name) && !isFunction(name)).join(', ')}.`;
    throw new UserError(`${where}${own} is not supported. ${instead}`);
  }
  if (call.constants.length > 0) {
    const arithmetic = ARITHMETIC.get(className);
    if (arithmetic !== undefined) return withNumber(new Node(call, inputs, making), arithmetic);
    throw new UserError(
      `${where} computes with a number of its own. Use layers of Keras instead, Rescaling for a factor and an offset.`,
    );
  }
  return read(new Node(call, inputs, making));
}

/** Of neither Keras nor one of its functions. */
function isForeign(module: string): boolean {
  return module !== '' && !/^(keras|tf_keras|tensorflow|builtins)\b/.test(module);
}

/** Of keras.ops, which people know by other names. */
function isFunction(name: string): boolean {
  return (
    name in FUNCTIONS || ['Divide', 'Elu', 'LeakyRelu', 'Negative', 'TrueDivide'].includes(name)
  );
}
