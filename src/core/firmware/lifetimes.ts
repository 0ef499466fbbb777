/**
 * Which tensors share bytes, and from when to when those bytes are in use: the memory planner's input.
 * Time is the index of the running layer; the network's input is there before layer 0.
 */
import type { Graph } from '../graph/graph';
import type { Layer } from '../ops/graph-ops';
import { INPUT, outputTensors } from '../graph/graph';
import { emitOp } from '../ops/emit-ops';
import { elements } from '../ops/shape';

/** Bytes that hold one tensor, or several one after the other in the same place. */
export interface Buffer {
  readonly tensors: readonly string[];
  readonly bytes: number;
  /** Layers between which (both included) nothing else may lie here. */
  readonly first: number;
  readonly last: number;
}

/** Tensors share bytes where an operation's output may lie over an input as large. The network's outputs live to the end. */
export function findBuffers(graph: Graph): Buffer[] {
  const lastUse = new Map<string, number>();
  graph.layers.forEach((layer, time) => {
    for (const input of layer.inputs) lastUse.set(input, time);
  });
  for (const name of outputTensors(graph)) lastUse.set(name, graph.layers.length);

  const bytes = elements(graph.inputShape);
  const groups = [{ tensors: [INPUT], bytes, first: 0, last: lastUse.get(INPUT) ?? 0 }];
  const groupOf = new Map([[INPUT, groups[0]!]]);
  graph.layers.forEach((layer, time) => {
    const last = lastUse.get(layer.name) ?? time;
    const { output } = emitOp(layer);
    const sources = layer.inputs.flatMap((name) => groupOf.get(name) ?? []);
    const shared = sources.find(
      (group) =>
        output === 'input' ||
        (output === 'over' && group.last === time && group.bytes === elements(layer.outputShape)),
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

/** Bytes a kernel needs beside input and output. */
export function scratchBytes(layer: Layer): number {
  return emitOp(layer).scratchBytes?.(layer) ?? 0;
}
