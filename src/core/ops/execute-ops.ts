/** What the chip computes, by kind of layer. */
import { activation } from './activation/execute';
import { add } from './add/execute';
import { averagePool2d } from './averagePool2d/execute';
import { conv2d } from './conv2d/execute';
import { conv2dTranspose } from './conv2dTranspose/execute';
import { dense } from './dense/execute';
import { depthwiseConv2d } from './depthwiseConv2d/execute';
import type { ExecuteOp } from './execute-op';
import { flatten } from './flatten/execute';
import { globalAveragePool } from './globalAveragePool/execute';
import { globalMaxPool } from './globalMaxPool/execute';
import type { Kind, Layer, LayerOf } from './graph-ops';
import { gru } from './gru/execute';
import { leakyRelu } from './leakyRelu/execute';
import { lstm } from './lstm/execute';
import { maxPool2d } from './maxPool2d/execute';
import { reshape } from './reshape/execute';
import { requantize } from './requantize/execute';
import { softmax } from './softmax/execute';

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
  leakyRelu,
  lstm,
  gru,
  flatten,
  reshape,
  requantize,
  softmax,
} satisfies { [K in Kind]: ExecuteOp<LayerOf<K>> };

export function executeOp(kind: Kind): ExecuteOp<Layer> {
  return EXECUTE_OPS[kind];
}
