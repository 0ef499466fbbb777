/**
 * Puts channels into the order in which LZ4 finds most. Which channel is which means nothing to a network as long as
 * those who write and those who read it agree, and it costs the firmware nothing; but weights that will be pruned come
 * to lie together, along the filters (what reads weak channels) and across them (what writes them), and zeros that lie
 * together take fewer sequences. bench/selection.ts measures what it saves.
 */
import type { ChannelGroup } from '../../graph/channel-groups';
import { movableChannels } from '../../graph/channel-groups';
import type { Graph } from '../../graph/graph';
import type { WeightedLayer } from '../../ops/graph-ops';
import { channelOf, weightedLayers, weightOrder } from '../../graph/graph';
import type { LayerParameters, Parameters } from '../pass/parameters';

/** Sorts the channels of each group from the least to the most energy. The network computes the same as before. */
export function sortChannels(graph: Graph, parameters: Parameters): void {
  const layers = new Map(weightedLayers(graph).map((layer) => [layer.name, layer]));
  for (const group of movableChannels(graph)) {
    const energies = channelEnergies(group, layers, parameters);
    const order = Array.from(energies, (_, channel) => channel).sort(
      (a, b) => energies[a]! - energies[b]! || a - b,
    );
    for (const name of group.writers)
      reorderWritten(layers.get(name)!, parameters.get(name)!, order);
    for (const name of group.readers) reorderRead(parameters.get(name)!, order);
  }
}

/** By channel: the share of their layers' energy (Σ w²) that the weights have which write and read it. */
function channelEnergies(
  { channels, writers, readers }: ChannelGroup,
  layers: ReadonlyMap<string, WeightedLayer>,
  parameters: Parameters,
): Float64Array {
  const energies = new Float64Array(channels);
  const add = (name: string, channelOf: (index: number) => number): void => {
    const { weights } = parameters.get(name)!;
    const total = weights.reduce((sum, w) => sum + w * w, 0);
    if (total === 0) return;
    for (let i = 0; i < weights.length; i++) {
      const channel = channelOf(i);
      energies[channel] = energies[channel]! + (weights[i]! * weights[i]!) / total;
    }
  };
  for (const name of writers) {
    const order = weightOrder(layers.get(name)!);
    add(name, (i) => channelOf(order, i));
  }
  for (const name of readers) add(name, (i) => i % channels);
  return energies;
}

/** `order[k]`: the channel that comes to place k. */
function reorderWritten(
  layer: WeightedLayer,
  { weights, mask, gamma, bias, mean, variance }: LayerParameters,
  order: readonly number[],
): void {
  for (const values of [gamma, bias, mean, variance]) {
    if (values) reorder(values, (i) => order[i]!);
  }
  const lie = weightOrder(layer);
  for (const values of [weights, mask]) {
    reorder(values, (i) => {
      const channel = channelOf(lie, i);
      return i + (order[channel]! - channel) * lie.channelStep;
    });
  }
}

function reorderRead({ weights, mask }: LayerParameters, order: readonly number[]): void {
  const channels = order.length;
  for (const values of [weights, mask]) {
    reorder(values, (i) => i - (i % channels) + order[i % channels]!);
  }
}

function reorder(values: Float32Array | Uint8Array, from: (index: number) => number): void {
  const before = values.slice();
  for (let i = 0; i < values.length; i++) values[i] = before[from(i)]!;
}
