import type { Tensor2D } from '@tensorflow/tfjs-core';
import { apart, inputSums, putOut, statesTensor } from '../recurrent/train';
import { sequenceParts } from '../recurrent/sequence';
import type { RecurrentTrainOp } from '../train-op';
import type { LstmLayer } from './graph';
import { LSTM_GATES } from './graph';

export const lstm: RecurrentTrainOp<LstmLayer> = {
  weightShape: (layer) => {
    const [inputs, states] = sequenceParts(layer);
    return [inputs + states, LSTM_GATES * layer.units];
  },
  states: (tf, layer, x, weights, bias, round) => {
    const { inputs, states, inputBias, stateBias } = apart(tf, layer, weights, bias);
    const sums = inputSums(tf, x, inputs, tf.add<typeof inputBias>(inputBias, stateBias));
    const all: Tensor2D[] = [];
    let state: Tensor2D | undefined;
    let cell: Tensor2D | undefined;
    for (const sum of sums) {
      const z = state === undefined ? sum : tf.add<Tensor2D>(sum, tf.matMul(state, states));
      const [i, f, g, o] = tf.split(z, LSTM_GATES, 1);
      const added = tf.mul<Tensor2D>(tf.sigmoid(i!), tf.tanh(g!));
      cell =
        cell === undefined
          ? added
          : tf.add<Tensor2D>(tf.mul<Tensor2D>(tf.sigmoid(f!), cell), added);
      const put = tf.mul<Tensor2D>(tf.sigmoid(o!), tf.tanh(cell));
      all.push(put);
      state = round(put);
    }
    return statesTensor(tf, all);
  },
  output: putOut,
  /** Gates that remember at first (Jozefowicz et al. 2015). */
  initial: (layer) => {
    const [inputs, states] = sequenceParts(layer);
    const bias = new Float32Array(2 * LSTM_GATES * layer.units);
    bias.fill(1, layer.units, 2 * layer.units);
    return { deviation: 1 / Math.sqrt(inputs + states), bias };
  },
};
