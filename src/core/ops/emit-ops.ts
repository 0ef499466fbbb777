/** What the firmware holds of a layer, by its kind. */
import { activation } from './activation/emit';
import { add } from './add/emit';
import { averagePool2d } from './averagePool2d/emit';
import { conv2d } from './conv2d/emit';
import { conv2dTranspose } from './conv2dTranspose/emit';
import { dense } from './dense/emit';
import { depthwiseConv2d } from './depthwiseConv2d/emit';
import type { EmitOp } from './emit-op';
import { flatten } from './flatten/emit';
import { globalAveragePool } from './globalAveragePool/emit';
import { globalMaxPool } from './globalMaxPool/emit';
import type { Kind, Layer, LayerOf } from './graph-ops';
import { gru } from './gru/emit';
import { leakyRelu } from './leakyRelu/emit';
import { lstm } from './lstm/emit';
import { maxPool2d } from './maxPool2d/emit';
import { reshape } from './reshape/emit';
import { requantize } from './requantize/emit';
import { softmax } from './softmax/emit';

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
  leakyRelu,
  lstm,
  gru,
  flatten,
  reshape,
  requantize,
  softmax,
} satisfies { [K in Kind]: EmitOp<LayerOf<K>> };

export function emitOp(layer: Layer): EmitOp<Layer> {
  const op: EmitOp<Layer> = EMIT_OPS[layer.kind];
  return op.variant?.(layer) ?? op;
}
