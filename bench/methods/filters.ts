/**
 * Removing output channels for good: the smaller network with the parameters that are left. What filter pruning
 * (filter-pruning.ts) is made of.
 */
import type { ModelConfig } from '../../src/core/config/config';
import type { LayerConfig } from '../../src/core/ops/graph-ops';
import type { ChannelGroups } from '../../src/core/graph/channel-groups';
import type { Graph } from '../../src/core/graph/graph';
import type { Layer } from '../../src/core/ops/graph-ops';
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

function layerConfig(layer: Layer, width: number): LayerConfig {
  const { name, inputs } = layer;
  switch (layer.kind) {
    case 'conv2d':
    case 'depthwiseConv2d': {
      const { kind: type, kernel, stride, padding, batchNorm, activation } = layer;
      const filters = type === 'conv2d' ? { filters: width } : {};
      return { type, name, inputs, ...filters, kernel, stride, padding, batchNorm, activation };
    }
    case 'dense': {
      const { batchNorm, activation } = layer;
      return { type: 'dense', name, inputs, units: width, batchNorm, activation };
    }
    case 'add':
      return { type: 'add', name, inputs, activation: layer.activation };
    case 'maxPool2d':
    case 'averagePool2d': {
      const { kind: type, pool, stride, padding } = layer;
      return { type, name, inputs, pool, stride, padding };
    }
    case 'activation':
      return { type: layer.activation, name, inputs };
    case 'globalAveragePool':
    case 'globalMaxPool':
    case 'flatten':
    case 'softmax':
      return { type: layer.kind, name, inputs };
  }
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
    const perOutput = layer.kind === 'depthwiseConv2d' ? 1 : shape.slice(1).reduce((a, b) => a * b);
    // A flattened tensor repeats its channels: height, width, channels.
    const keepsWeight = (_: unknown, i: number): boolean =>
      into[(i % inputs) % into.length] === 1 &&
      (layer.kind === 'depthwiseConv2d' || out[Math.floor(i / perOutput)] === 1);
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
