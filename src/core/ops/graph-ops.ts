/** The kinds of layers there are, as the graph knows them; the other facets' tables must have the same keys. */
import { activation } from './activation/graph';
import { add } from './add/graph';
import { argmax } from './argmax/graph';
import { averagePool2d } from './averagePool2d/graph';
import { clip } from './clip/graph';
import { concat } from './concat/graph';
import { conv2d } from './conv2d/graph';
import { conv2dTranspose } from './conv2dTranspose/graph';
import { dense } from './dense/graph';
import { depthToSpace } from './depthToSpace/graph';
import { depthwiseConv2d } from './depthwiseConv2d/graph';
import { elu } from './elu/graph';
import { extreme } from './extreme/graph';
import { flatten } from './flatten/graph';
import { globalAveragePool } from './globalAveragePool/graph';
import { globalMaxPool } from './globalMaxPool/graph';
import { gru } from './gru/graph';
import { hardSwish } from './hardSwish/graph';
import { layerNorm } from './layerNorm/graph';
import { leakyRelu } from './leakyRelu/graph';
import { lstm } from './lstm/graph';
import { maxPool2d } from './maxPool2d/graph';
import { mul } from './mul/graph';
import { pad } from './pad/graph';
import { prelu } from './prelu/graph';
import { reduceMax } from './reduceMax/graph';
import { reduceMean } from './reduceMean/graph';
import { requantize } from './requantize/graph';
import { reshape } from './reshape/graph';
import type { ChannelFlow, ConfigType, GraphOp } from './graph-op';
import type { WeightedBase } from './layer';
import { resize } from './resize/graph';
import { sigmoid } from './sigmoid/graph';
import { slice } from './slice/graph';
import { softmax } from './softmax/graph';
import { sub } from './sub/graph';
import { tanh } from './tanh/graph';
import { transpose } from './transpose/graph';

/** In the order in which the config's reference lists them. */
export const GRAPH_OPS = {
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
};

type Ops = typeof GRAPH_OPS;
export type Kind = keyof Ops;
/** A layer of that kind. */
export type LayerOf<K extends Kind> = ReturnType<Ops[K]['layer']>;
export type Layer = LayerOf<Kind>;
export type WeightedLayer = Extract<Layer, WeightedBase>;
/** A layer as the user wrote it. */
export type LayerConfig = Parameters<Ops[Kind]['layer']>[0];

/** What the graph knows of layers of this kind. */
export function graphOp(kind: Kind): GraphOp<Layer, LayerConfig> {
  return GRAPH_OPS[kind];
}

/** What becomes of the channels that this layer reads. */
export function channelFlow(layer: Layer): ChannelFlow {
  const op = graphOp(layer.kind);
  return op.flow?.(layer) ?? op.channels;
}

/** Whether batch norm may come behind the sums of such layers. */
export function takesBatchNorm(kind: Kind): boolean {
  return graphOp(kind).keys.some(({ name }) => name === 'batchNorm');
}

/** The fewest and the most tensors that such a layer reads. */
export function inputCounts(config: LayerConfig): { least: number; most: number } {
  const { op } = layerType(config);
  return { least: op.leastInputs?.(config) ?? op.inputs, most: op.inputs };
}

/** All types that a layer of the config may have, and the operation each stands for. */
export function layerTypes(): (ConfigType & { type: string; op: GraphOp<Layer, LayerConfig> })[] {
  return Object.values<GraphOp<Layer, LayerConfig>>(GRAPH_OPS).flatMap((op) =>
    Object.entries(op.types).map(([type, its]) => ({ type, op, ...its })),
  );
}

const BY_TYPE = new Map(layerTypes().map((known) => [known.type, known]));

/** The one of them that this layer has. */
export function layerType({
  type,
}: {
  readonly type: string;
}): ReturnType<typeof layerTypes>[number] {
  // Tests have kinds that are not in the table when this module is loaded.
  const found = BY_TYPE.get(type) ?? layerTypes().find((candidate) => candidate.type === type);
  if (found === undefined) throw new Error(`There is no type of layer called ${type}.`);
  return found;
}
