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
  /** Where each of them begins, of those that do not begin where the buffer does. */
  readonly within?: Readonly<Record<string, number>>;
  readonly bytes: number;
  /** Layers between which (both included) nothing else may lie here. */
  readonly first: number;
  readonly last: number;
}

/** Name of the bytes in which a stream counts its steps. */
export const STEP_COUNTER = '@steps';
const COUNTER_BYTES = 4;

interface Group extends Buffer {
  readonly tensors: string[];
  readonly within: Record<string, number>;
  last: number;
}

/**
 * Tensors share bytes where an operation's output may lie over an input as large. The network's outputs live to the end, and
 * so do tensors that a stream keeps, which also live from the beginning.
 */
export function findBuffers(graph: Graph): Buffer[] {
  const lastUse = new Map<string, number>();
  graph.layers.forEach((layer, time) => {
    for (const input of layer.inputs) lastUse.set(input, time);
  });
  for (const name of outputTensors(graph)) lastUse.set(name, graph.layers.length);

  const groups: Group[] = [];
  const groupOf = new Map<string, Group>();
  const own = (name: string, bytes: number, first: number, last: number): void => {
    const group: Group = { tensors: [name], within: {}, bytes, first, last };
    groups.push(group);
    groupOf.set(name, group);
  };
  for (const { tensor, past, fresh, views } of graph.kept ?? []) {
    own(tensor, past + fresh, 0, graph.layers.length);
    const group = groupOf.get(tensor)!;
    group.within[tensor] = past;
    for (const { name, offset } of views) {
      if (name !== tensor) group.tensors.push(name);
      group.within[name] = offset;
      groupOf.set(name, group);
    }
  }
  if (graph.kept !== undefined) own(STEP_COUNTER, COUNTER_BYTES, 0, graph.layers.length);
  if (!groupOf.has(INPUT)) own(INPUT, elements(graph.inputShape), 0, lastUse.get(INPUT) ?? 0);
  graph.layers.forEach((layer, time) => {
    if (groupOf.has(layer.name)) return;
    const last = lastUse.get(layer.name) ?? time;
    const { output } = emitOp(layer);
    const shares = layer.inputs.find((name) => {
      const group = groupOf.get(name);
      if (group === undefined) return false;
      return (
        output === 'input' ||
        (output === 'over' && group.last === time && group.bytes === elements(layer.outputShape))
      );
    });
    const shared = shares === undefined ? undefined : groupOf.get(shares);
    if (shares !== undefined && shared !== undefined) {
      shared.tensors.push(layer.name);
      if (shared.within[shares] !== undefined) shared.within[layer.name] = shared.within[shares];
      shared.last = Math.max(shared.last, last);
      groupOf.set(layer.name, shared);
    } else {
      own(layer.name, elements(layer.outputShape), time, last);
    }
  });
  return groups;
}

/** Bytes a kernel needs beside input and output. */
export function scratchBytes(layer: Layer): number {
  return emitOp(layer).scratchBytes?.(layer) ?? 0;
}
