/** Which channels of a network are the same channels, so that whoever moves one must move it everywhere. */
import { channelFlow } from '../ops/graph-ops';
import type { Graph } from './graph';
import { INPUT, outputTensors } from './graph';

/** Channels that one or more layers write and others read, tied by what lies between: sums, pooling, depthwise layers. */
export interface ChannelGroup {
  readonly channels: number;
  /** Weighted layers whose output channels they are. A depthwise layer writes the group that it reads. */
  readonly writers: readonly string[];
  /**
   * Convolutions and dense layers that read them: of the input (of a filter's pixel or of a unit) number i is channel
   * i mod `channels`, which holds behind a flatten, too.
   */
  readonly readers: readonly string[];
  /** Their order and number mean something outside: the network's input or its output. */
  readonly fixed: boolean;
}

export interface ChannelGroups {
  readonly groups: readonly ChannelGroup[];
  /** Group of every tensor (the input, and each layer's output by the layer's name), as an index of `groups`. */
  readonly groupOf: ReadonlyMap<string, number>;
}

interface Group {
  readonly channels: number;
  readonly writers: string[];
  readonly readers: string[];
  fixed: boolean;
}

/** The groups whose channels may be put in any order without changing what the network computes. */
export function movableChannels(graph: Graph): ChannelGroup[] {
  return channelGroups(graph).groups.filter(({ fixed }) => !fixed);
}

/** In the order of the first tensor that has them. */
export function channelGroups(graph: Graph): ChannelGroups {
  const groups = new Map<string, Group>(); // by tensor
  const create = (channels: number, fixed = false): Group => ({
    channels,
    writers: [],
    readers: [],
    fixed,
  });
  groups.set(INPUT, create(graph.inputShape[2], true));
  for (const layer of graph.layers) {
    const inputs = layer.inputs.map((name) => groups.get(name)!);
    const input = inputs[0]!;
    switch (channelFlow(layer)) {
      case 'mixed': {
        input.readers.push(layer.name);
        const group = create(layer.outputShape[2]);
        group.writers.push(layer.name);
        groups.set(layer.name, group);
        break;
      }
      case 'each':
        // Behind a flatten it has weights for each place of a channel: these would have to move by another rule.
        if (layer.outputShape[2] === input.channels) input.writers.push(layer.name);
        else input.fixed = true;
        groups.set(layer.name, input);
        break;
      case 'summed':
        groups.set(
          layer.name,
          inputs.reduce((a, b) => merge(groups, a, b)),
        );
        break;
      case 'own':
        for (const each of inputs) each.fixed = true;
        groups.set(layer.name, create(layer.outputShape[2], true));
        break;
      case 'bound':
        for (const each of inputs) each.fixed = true;
        groups.set(layer.name, input);
        break;
      case 'kept':
        groups.set(layer.name, input);
    }
  }
  for (const name of outputTensors(graph)) groups.get(name)!.fixed = true;
  const list = [...new Set(groups.values())];
  return {
    groups: list,
    groupOf: new Map([...groups].map(([tensor, group]) => [tensor, list.indexOf(group)])),
  };
}

/** One group in place of two. Sums of flattened tensors with other channels before stay as they are. */
function merge(groups: Map<string, Group>, a: Group, b: Group): Group {
  if (a === b) return a;
  if (a.channels !== b.channels) {
    a.fixed = true;
    b.fixed = true;
    return a;
  }
  a.writers.push(...b.writers);
  a.readers.push(...b.readers);
  a.fixed ||= b.fixed;
  for (const [tensor, group] of groups) if (group === b) groups.set(tensor, a);
  return a;
}
