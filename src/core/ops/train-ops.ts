/** What TensorFlow.js computes of a layer, by its kind. */
import { activation } from './activation/train';
import { add } from './add/train';
import { averagePool2d } from './averagePool2d/train';
import { conv2d } from './conv2d/train';
import { conv2dTranspose } from './conv2dTranspose/train';
import { dense } from './dense/train';
import { depthwiseConv2d } from './depthwiseConv2d/train';
import { flatten } from './flatten/train';
import { globalAveragePool } from './globalAveragePool/train';
import { globalMaxPool } from './globalMaxPool/train';
import type { Kind, Layer, LayerOf } from './graph-ops';
import { gru } from './gru/train';
import { leakyRelu } from './leakyRelu/train';
import { lstm } from './lstm/train';
import { maxPool2d } from './maxPool2d/train';
import { reshape } from './reshape/train';
import { requantize } from './requantize/train';
import { softmax } from './softmax/train';
import type { TrainOp } from './train-op';

export const TRAIN_OPS = {
  conv2d,
  depthwiseConv2d,
  conv2dTranspose,
  dense,
  add,
  maxPool2d,
  averagePool2d,
  globalAveragePool,
  globalMaxPool,
  activation,
  leakyRelu,
  lstm,
  gru,
  flatten,
  reshape,
  requantize,
  softmax,
} satisfies { [K in Kind]: TrainOp<LayerOf<K>> };

export function trainOp(kind: Kind): TrainOp<Layer> {
  return TRAIN_OPS[kind];
}
