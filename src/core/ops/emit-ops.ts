/** What the firmware holds of a layer, by its kind. */
import { activation } from './activation/emit';
import { add } from './add/emit';
import { argmax } from './argmax/emit';
import { averagePool2d } from './averagePool2d/emit';
import { clip } from './clip/emit';
import { concat } from './concat/emit';
import { conv2d } from './conv2d/emit';
import { conv2dTranspose } from './conv2dTranspose/emit';
import { dense } from './dense/emit';
import { depthToSpace } from './depthToSpace/emit';
import { depthwiseConv2d } from './depthwiseConv2d/emit';
import { elu } from './elu/emit';
import { extreme } from './extreme/emit';
import { flatten } from './flatten/emit';
import { globalAveragePool } from './globalAveragePool/emit';
import { globalMaxPool } from './globalMaxPool/emit';
import { gru } from './gru/emit';
import { hardSwish } from './hardSwish/emit';
import { layerNorm } from './layerNorm/emit';
import { leakyRelu } from './leakyRelu/emit';
import { lstm } from './lstm/emit';
import { maxPool2d } from './maxPool2d/emit';
import { mul } from './mul/emit';
import { pad } from './pad/emit';
import { prelu } from './prelu/emit';
import { reduceMax } from './reduceMax/emit';
import type { EmitOp } from './emit-op';
import { reduceMean } from './reduceMean/emit';
import { requantize } from './requantize/emit';
import { reshape } from './reshape/emit';
import type { Kind, Layer, LayerOf } from './graph-ops';
import { resize } from './resize/emit';
import { sigmoid } from './sigmoid/emit';
import { slice } from './slice/emit';
import { softmax } from './softmax/emit';
import { sub } from './sub/emit';
import { tanh } from './tanh/emit';
import { transpose } from './transpose/emit';

export const EMIT_OPS = {
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
} satisfies { [K in Kind]: EmitOp<LayerOf<K>> };

export function emitOp(layer: Layer): EmitOp<Layer> {
  const op: EmitOp<Layer> = EMIT_OPS[layer.kind];
  return op.variant?.(layer) ?? op;
}
