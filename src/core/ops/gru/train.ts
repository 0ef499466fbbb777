import type { Rank, Tensor2D } from '@tensorflow/tfjs-core';
import { apart, inputSums, putOut, statesTensor } from '../recurrent/train';
import { sequenceParts } from '../recurrent/sequence';
import type { RecurrentTrainOp } from '../train-op';
import type { GruLayer } from './graph';
import { GRU_GATES } from './graph';

export const gru: RecurrentTrainOp<GruLayer> = {
  weightShape: (layer) => {
    const [inputs, states] = sequenceParts(layer);
    return [inputs + states, GRU_GATES * layer.units];
  },
  states: (tf, layer, x, weights, bias, round) => {
    const { inputs, states, inputBias, stateBias } = apart(tf, layer, weights, bias);
    const all: Tensor2D[] = [];
    const [examples] = x.shape;
    let state: Tensor2D = tf.zeros<Rank.R2>([examples, layer.units]);
    let exact = state;
    for (const sum of inputSums(tf, x, inputs, inputBias)) {
      const before = layer.resetBefore === true;
      const ofState = tf.add<Tensor2D>(tf.matMul(state, states), stateBias);
      const [z, r, n] = tf.split<Tensor2D>(sum, GRU_GATES, 1);
      const [hz, hr, hn] = tf.split<Tensor2D>(ofState, GRU_GATES, 1);
      const update = tf.sigmoid(tf.add<Tensor2D>(z!, hz!));
      const reset = tf.sigmoid(tf.add<Tensor2D>(r!, hr!));
      const newOfState = before
        ? tf.split<Tensor2D>(
            tf.add<Tensor2D>(tf.matMul(round(tf.mul<Tensor2D>(reset, exact)), states), stateBias),
            GRU_GATES,
            1,
          )[2]!
        : tf.mul<Tensor2D>(reset, hn!);
      const fresh = tf.tanh(tf.add<Tensor2D>(n!, newOfState));
      // (1 − z)·n + z·h
      exact = tf.add<Tensor2D>(fresh, tf.mul<Tensor2D>(update, tf.sub<Tensor2D>(exact, fresh)));
      all.push(exact);
      state = round(exact);
    }
    return statesTensor(tf, all);
  },
  output: putOut,
  initial: (layer) => {
    const [inputs, states] = sequenceParts(layer);
    return {
      deviation: 1 / Math.sqrt(inputs + states),
      bias: new Float32Array(2 * GRU_GATES * layer.units),
    };
  },
};
