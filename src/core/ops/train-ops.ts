/** What TensorFlow.js computes of a layer, by its kind. */
import { activation } from './activation/train';
import { add } from './add/train';
import { argmax } from './argmax/train';
import { averagePool2d } from './averagePool2d/train';
import { clip } from './clip/train';
import { concat } from './concat/train';
import { conv2d } from './conv2d/train';
import { conv2dTranspose } from './conv2dTranspose/train';
import { dense } from './dense/train';
import { depthToSpace } from './depthToSpace/train';
import { depthwiseConv2d } from './depthwiseConv2d/train';
import { elu } from './elu/train';
import { extreme } from './extreme/train';
import { flatten } from './flatten/train';
import { globalAveragePool } from './globalAveragePool/train';
import { globalMaxPool } from './globalMaxPool/train';
import { gru } from './gru/train';
import { hardSwish } from './hardSwish/train';
import { layerNorm } from './layerNorm/train';
import { leakyRelu } from './leakyRelu/train';
import { lstm } from './lstm/train';
import { maxPool2d } from './maxPool2d/train';
import { mul } from './mul/train';
import { pad } from './pad/train';
import { prelu } from './prelu/train';
import { reduceMax } from './reduceMax/train';
import { reduceMean } from './reduceMean/train';
import { requantize } from './requantize/train';
import { reshape } from './reshape/train';
import type { Kind, Layer, LayerOf } from './graph-ops';
import { resize } from './resize/train';
import { sigmoid } from './sigmoid/train';
import { slice } from './slice/train';
import { softmax } from './softmax/train';
import { sub } from './sub/train';
import { tanh } from './tanh/train';
import { transpose } from './transpose/train';
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
  layerNorm,
  leakyRelu,
  lstm,
  gru,
  flatten,
  reshape,
  requantize,
  sub,
  mul,
  extreme,
  clip,
  prelu,
  elu,
  sigmoid,
  tanh,
  hardSwish,
  pad,
  concat,
  slice,
  transpose,
  depthToSpace,
  reduceMean,
  reduceMax,
  resize,
  softmax,
  argmax,
} satisfies { [K in Kind]: TrainOp<LayerOf<K>> };

export function trainOp(kind: Kind): TrainOp<Layer> {
  return TRAIN_OPS[kind];
}
