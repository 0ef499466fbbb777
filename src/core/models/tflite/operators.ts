/**
 * Which of TFLite's operators become layers, and by what reader. What is computed of constants alone needs none of these
 * (fold.ts). Fields of options are numbered as in TFLite's schema.fbs.
 */
import { fullyConnected } from './dense';
import type { ReadOperator } from './reading';
import { expectDefault, fusedActivation } from './reading';
import { averagePool2d, conv2d, depthwiseConv2d, maxPool2d } from './windows';

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
  RELU: (operator, network) => network.clamp(operator, 'relu'),
  RELU6: (operator, network) => network.clamp(operator, 'relu6'),
  RESHAPE: (operator, network) => network.reshape(operator),
  SOFTMAX: (operator, network) => {
    expectDefault(operator.where, 'beta', operator.options.float32(0), 1);
    network.layer(operator, { type: 'softmax' });
  },
  SQUEEZE: (operator, network) => network.reshape(operator),
};
