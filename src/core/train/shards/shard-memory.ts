/** The memory that the threads of a team share, and how arrays lie in it. */
import type { Batch } from '../../dataset/dataset';
import type { Graph } from '../../graph/graph';
import { elements, outputChannels, weightCount, weightedLayers } from '../../graph/graph';
import type { LayerArrays } from '../pass';

const FLOAT = Float32Array.BYTES_PER_ELEMENT;

/** What all threads read. */
export interface SharedInputs {
  readonly graph: Graph;
  /** Examples that fit. */
  readonly capacity: number;
  readonly layers: SharedArrayBuffer;
  readonly images: SharedArrayBuffer;
  readonly labels: SharedArrayBuffer;
}

/** What one thread writes. */
export interface SharedOutputs {
  readonly gradients: SharedArrayBuffer;
  readonly logits: SharedArrayBuffer;
}

export function allocateInputs(graph: Graph, capacity: number): SharedInputs {
  return {
    graph,
    capacity,
    layers: new SharedArrayBuffer(FLOAT * parameterCount(graph)),
    images: new SharedArrayBuffer(FLOAT * capacity * elements(graph.inputShape)),
    labels: new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT * capacity),
  };
}

export function allocateOutputs(graph: Graph, capacity: number): SharedOutputs {
  return {
    gradients: new SharedArrayBuffer(FLOAT * parameterCount(graph)),
    logits: new SharedArrayBuffer(FLOAT * capacity * graph.classes),
  };
}

function parameterCount(graph: Graph): number {
  return weightedLayers(graph).reduce(
    (sum, layer) => sum + weightCount(layer) + outputChannels(layer) * (layer.batchNorm ? 2 : 1),
    0,
  );
}

/** The arrays of all weighted layers in `buffer`. Where batch norm is `folded` into the weights, without gamma. */
export function layerViews(
  graph: Graph,
  buffer: SharedArrayBuffer,
  folded: boolean,
): LayerArrays[] {
  let at = 0;
  const take = (length: number): Float32Array => {
    const view = new Float32Array(buffer, at, length);
    at += FLOAT * length;
    return view;
  };
  return weightedLayers(graph).map((layer) => {
    const weights = take(weightCount(layer));
    const bias = take(outputChannels(layer));
    if (!layer.batchNorm) return { weights, bias };
    const gamma = take(outputChannels(layer));
    return folded ? { weights, bias } : { weights, gamma, bias };
  });
}

/** Examples `first` … `first + count − 1`. */
export function batchView(shared: SharedInputs, first: number, count: number): Batch {
  const size = elements(shared.graph.inputShape);
  return {
    x: new Float32Array(shared.images, FLOAT * first * size, count * size),
    y: new Int32Array(shared.labels, Int32Array.BYTES_PER_ELEMENT * first, count),
  };
}

/** Copies every array of `from` over that of `to`. */
export function copyLayers(from: readonly LayerArrays[], to: readonly LayerArrays[]): void {
  to.forEach((target, i) => {
    target.weights.set(from[i]!.weights);
    target.bias.set(from[i]!.bias);
    if (target.gamma) target.gamma.set(from[i]!.gamma!);
  });
}
