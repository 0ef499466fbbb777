/**
 * Removing output channels for good: the smaller network with the parameters that are left. What filter pruning
 * (filter-pruning.ts) is made of.
 */
import { isDeepStrictEqual } from 'node:util';
import type { ModelConfig } from '../../src/core/config/config';
import type { ChannelGroups } from '../../src/core/graph/channel-groups';
import type { Graph } from '../../src/core/graph/graph';
import type { Layer, LayerConfig } from '../../src/core/ops/graph-ops';
import { graphOp } from '../../src/core/ops/graph-ops';
import { configsOf } from '../../src/core/ops/layer-config';
import { FILTERS, UNITS } from '../../src/core/ops/layer-keys';
import { isWeighted, weightShape, outputSize } from '../../src/core/graph/graph';
import type { SnapshotArray } from '../../src/core/train/loop/training-state';

/** By group: 1 keeps a channel, 0 removes it. */
export type Kept = readonly Uint8Array[];
export type Arrays = Readonly<Record<string, SnapshotArray>>;

export function keepAll({ groups }: ChannelGroups): Uint8Array[] {
  return groups.map((group) => new Uint8Array(group.channels).fill(1));
}

/** The network without the channels that are not kept, as a config can say it. */
export function smallerModel(graph: Graph, { groupOf }: ChannelGroups, kept: Kept): ModelConfig {
  const left = (name: string): number => kept[groupOf.get(name)!]!.reduce((sum, k) => sum + k, 0);
  return {
    input: graph.inputShape,
    classes: outputSize(graph),
    layers: graph.layers.map((layer) => layerConfig(layer, left(layer.name))),
  };
}

/** As the config says it, with `width` channels of its own where it has a number of them. */
function layerConfig(layer: Layer, width: number): LayerConfig {
  const { kind, name, inputs, inputShape } = layer;
  const op = graphOp(kind);
  const place = { name, inputs, inputShape };
  const shapes = inputs.map(() => inputShape);
  const fail = (message: string): never => {
    throw new Error(message);
  };
  const config = configsOf(layer).find((each) =>
    isDeepStrictEqual(op.layer(each, place, shapes, fail), layer),
  );
  if (config === undefined) throw new Error(`No config means the layer ${name}.`);
  const widths = op.keys.filter((key) => key === FILTERS || key === UNITS);
  const wide = Object.fromEntries(widths.map((key) => [key.name, width]));
  return { ...config, ...wide, name, inputs };
}

/** The parameters of `smallerModel`, by the keys of a snapshot; what belongs to no parameter (optimiser) is dropped. */
export function smallerArrays(
  graph: Graph,
  { groupOf }: ChannelGroups,
  kept: Kept,
  arrays: Arrays,
): Record<string, SnapshotArray> {
  const result: Record<string, SnapshotArray> = {};
  for (const layer of graph.layers.filter(isWeighted)) {
    const out = kept[groupOf.get(layer.name)!]!;
    const into = kept[groupOf.get(layer.inputs[0]!)!]!;
    const shape = weightShape(layer);
    const inputs = shape.at(-1)!;
    const own = graphOp(layer.kind).channels === 'each';
    const perOutput = own ? 1 : shape.slice(1).reduce((a, b) => a * b);
    // A flattened tensor repeats its channels: height, width, channels.
    const keepsWeight = (_: unknown, i: number): boolean =>
      into[(i % inputs) % into.length] === 1 && (own || out[Math.floor(i / perOutput)] === 1);
    const keepsChannel = (_: unknown, c: number): boolean => out[c % out.length] === 1;
    for (const key of ['weights', 'mask', 'gamma', 'bias', 'mean', 'variance']) {
      const array = arrays[`${layer.name}.${key}`];
      if (array === undefined) continue;
      const keeps = key === 'weights' || key === 'mask' ? keepsWeight : keepsChannel;
      result[`${layer.name}.${key}`] = array.filter(keeps);
    }
  }
  return result;
}
