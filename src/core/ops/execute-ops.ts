/** What the chip computes, by kind of layer. */
import { activation } from './activation/execute';
import { add } from './add/execute';
import { argmax } from './argmax/execute';
import { averagePool2d } from './averagePool2d/execute';
import { clip } from './clip/execute';
import { concat } from './concat/execute';
import { conv2d } from './conv2d/execute';
import { conv2dTranspose } from './conv2dTranspose/execute';
import { dense } from './dense/execute';
import { depthToSpace } from './depthToSpace/execute';
import { depthwiseConv2d } from './depthwiseConv2d/execute';
import { elu } from './elu/execute';
import { extreme } from './extreme/execute';
import { flatten } from './flatten/execute';
import { globalAveragePool } from './globalAveragePool/execute';
import { globalMaxPool } from './globalMaxPool/execute';
import { gru } from './gru/execute';
import { hardSwish } from './hardSwish/execute';
import { layerNorm } from './layerNorm/execute';
import { leakyRelu } from './leakyRelu/execute';
import { lstm } from './lstm/execute';
import { maxPool2d } from './maxPool2d/execute';
import { mul } from './mul/execute';
import { pad } from './pad/execute';
import { prelu } from './prelu/execute';
import { reduceMax } from './reduceMax/execute';
import type { ExecuteOp } from './execute-op';
import { reduceMean } from './reduceMean/execute';
import { requantize } from './requantize/execute';
import { reshape } from './reshape/execute';
import type { Kind, Layer, LayerOf } from './graph-ops';
import { resize } from './resize/execute';
import { sigmoid } from './sigmoid/execute';
import { slice } from './slice/execute';
import { softmax } from './softmax/execute';
import { sub } from './sub/execute';
import { tanh } from './tanh/execute';
import { transpose } from './transpose/execute';

export const EXECUTE_OPS = {
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
} satisfies { [K in Kind]: ExecuteOp<LayerOf<K>> };

export function executeOp(kind: Kind): ExecuteOp<Layer> {
  return EXECUTE_OPS[kind];
}
