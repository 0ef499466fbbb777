/**
 * Cross-layer equalisation (Nagel et al. 2019, arXiv 1906.04721, §4.1; with a scale for each weight channel, as here,
 * only activations and what reads them gain by it): a channel whose values are small beside its tensor's others wastes
 * the tensor's steps. Where only clamps at 0, pools and sums lie between, its values may be made larger and the weights
 * that read it smaller: the network computes the same.
 */
import { channelGroups, type ChannelGroup } from '../../graph/channel-groups';
import type { Graph } from '../../graph/graph';
import { channelOf, INPUT, weightedLayers, weightOrder } from '../../graph/graph';
import { graphOp, type Layer } from '../../ops/graph-ops';
import type { FloatNetwork } from './float-network';

/** Largest magnitude that each channel of a tensor was seen to have, by tensor name. */
export type ChannelPeaks = ReadonlyMap<string, Float64Array>;

/** A channel is made larger or smaller by no more than this. */
const MOST = 32;

/** The same network with its channels' scales put right, or undefined where there is nothing to do. */
export function equalized(network: FloatNetwork, peaks: ChannelPeaks): FloatNetwork | undefined {
  const { graph } = network;
  const layers: Record<string, FloatNetwork['layers'][string]> = { ...network.layers };
  const { groups, groupOf } = channelGroups(graph);
  const byName = new Map(weightedLayers(graph).map((layer) => [layer.name, layer]));
  let changed = false;
  groups.forEach((group, index) => {
    const members = graph.layers.filter(({ name }) => groupOf.get(name) === index);
    if (!mayScale(graph, group, members)) return;
    const scales = scalesOf(network, group, members, peaks);
    changed = true;
    for (const name of group.writers) {
      const layer = byName.get(name)!;
      const { weights, bias } = layers[name]!;
      // A depthwise layer reads the group it writes: its input is scaled already.
      const passes = graphOp(layer.kind).channels === 'each';
      const order = weightOrder(layer);
      layers[name] = {
        weights: passes ? weights : weights.map((w, i) => w * scales[channelOf(order, i)]!),
        bias: bias.map((b, c) => b * scales[c]!),
      };
    }
    for (const name of group.readers) {
      const { weights, bias } = layers[name]!;
      layers[name] = { weights: weights.map((w, i) => w / scales[i % group.channels]!), bias };
    }
  });
  return changed ? { ...network, layers } : undefined;
}

/** `members`: the layers that give the group's tensors. */
function mayScale(graph: Graph, group: ChannelGroup, members: readonly Layer[]): boolean {
  if (group.fixed || group.readers.length === 0 || group.writers.length === 0) return false;
  if (members.some(({ name }) => name === INPUT || name === graph.layers.at(-1)?.name))
    return false;
  return members.every((layer) => graphOp(layer.kind).homogeneous?.(layer) === true);
}

/** What each channel's values are multiplied with: it evens out how much of their largest the values and the weights behind have. */
function scalesOf(
  { layers }: FloatNetwork,
  { channels, readers }: ChannelGroup,
  members: readonly Layer[],
  peaks: ChannelPeaks,
): Float64Array {
  const share = (all: readonly Float64Array[]): Float64Array => {
    const result = new Float64Array(channels);
    for (const values of all) {
      const largest = values.reduce((max, v) => Math.max(max, v), 0);
      if (largest === 0) continue;
      values.forEach((v, i) => {
        const c = i % channels;
        result[c] = Math.max(result[c]!, v / largest);
      });
    }
    return result;
  };
  const values = share(members.flatMap(({ name }) => peaks.get(name) ?? []));
  const weights = share(
    readers.map((name) => {
      const peak = new Float64Array(channels);
      layers[name]!.weights.forEach((w, i) => {
        const c = i % channels;
        peak[c] = Math.max(peak[c]!, Math.abs(w));
      });
      return peak;
    }),
  );
  return values.map((v, c) => {
    const w = weights[c]!;
    // A channel that is never seen, or never read, is left as it is.
    if (v === 0 || w === 0) return 1;
    return Math.max(1 / MOST, Math.min(MOST, Math.sqrt(w / v)));
  });
}
