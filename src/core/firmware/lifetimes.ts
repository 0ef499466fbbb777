/**
 * Which tensors share bytes, and from when to when those bytes are in use: the memory planner's input.
 * Time is the index of the running layer; the network's input is there before layer 0.
 */
import type { Graph } from '../graph/graph';
import type { Layer } from '../ops/graph-ops';
import { INPUT, isWeighted, weightCount } from '../graph/graph';
import { elements } from '../ops/shape';

/** Bytes that hold one tensor, or several one after the other in the same place. */
export interface Buffer {
  readonly tensors: readonly string[];
  readonly bytes: number;
  /** Layers between which (both included) nothing else may lie here. */
  readonly first: number;
  readonly last: number;
}

/**
 * A flatten's output is its input; an add, activation or softmax writes over an input that nobody reads afterwards.
 * The network's output lives to the end.
 */
export function findBuffers(graph: Graph): Buffer[] {
  const lastUse = new Map<string, number>();
  graph.layers.forEach((layer, time) => {
    for (const input of layer.inputs) lastUse.set(input, time);
  });
  const output = graph.layers.at(-1)?.name ?? INPUT;
  lastUse.set(output, graph.layers.length);

  const bytes = elements(graph.inputShape);
  const groups = [{ tensors: [INPUT], bytes, first: 0, last: lastUse.get(INPUT) ?? 0 }];
  const groupOf = new Map([[INPUT, groups[0]!]]);
  graph.layers.forEach((layer, time) => {
    const last = lastUse.get(layer.name) ?? time;
    const sources = layer.inputs.flatMap((name) => groupOf.get(name) ?? []);
    const shared = sources.find(
      (group) => layer.kind === 'flatten' || (worksInPlace(layer) && group.last === time),
    );
    if (shared !== undefined) {
      shared.tensors.push(layer.name);
      shared.last = Math.max(shared.last, last);
      groupOf.set(layer.name, shared);
    } else {
      const group = {
        tensors: [layer.name],
        bytes: elements(layer.outputShape),
        first: time,
        last,
      };
      groups.push(group);
      groupOf.set(layer.name, group);
    }
  });
  return groups;
}

/** Each output element depends on inputs at its own place only (softmax: is written after its row was read). */
function worksInPlace(layer: Layer): boolean {
  return layer.kind === 'add' || layer.kind === 'activation' || layer.kind === 'softmax';
}

/** Bytes a kernel needs beside input and output: a convolution's two gathered columns. */
export function scratchBytes(layer: Layer): number {
  if (layer.kind !== 'conv2d') return 0;
  const pointwise = [...layer.kernel, ...layer.stride].every((n) => n === 1);
  if (pointwise) return 0;
  const [height, width] = layer.outputShape;
  return Math.min(2, height * width) * channelBytes(layer);
}

/** Weight bytes of one output channel as they are decoded; a depthwise layer's channels are interleaved: all of it. */
export function channelBytes(layer: Layer): number {
  if (!isWeighted(layer)) return 0;
  return layer.kind === 'depthwiseConv2d'
    ? weightCount(layer)
    : weightCount(layer) / layer.outputShape[2];
}

/** Parts a layer's weights may be cut into: output channels, one for a depthwise layer. */
export function divisibleChannels(layer: Layer): number {
  if (!isWeighted(layer)) return 0;
  return layer.kind === 'depthwiseConv2d' ? 1 : layer.outputShape[2];
}
