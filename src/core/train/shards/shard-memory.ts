/** The memory that the threads of a team share, and how arrays lie in it. */
import type { Batch } from '../../dataset/dataset';
import { trainedFormat } from '../../formats/fits';
import type { Graph } from '../../graph/graph';
import {
  outputChannels,
  sumCount,
  weightCount,
  weightedLayers,
  outputSize,
} from '../../graph/graph';
import { elements } from '../../ops/shape';
import type { SharedGradients } from '../pass/channel-parts';
import type { OptimizerConfig } from '../pass/optimizer';
import { createOptimizer } from '../pass/optimizer';
import type { LayerParameters } from '../pass/parameters';
import { trainables } from '../pass/parameters';
import type { LayerArrays } from '../pass/pass';
import type { Training } from './team';

const FLOAT = Float32Array.BYTES_PER_ELEMENT;

/** What all threads read. */
export interface SharedInputs {
  readonly graph: Graph;
  /** Examples that fit. */
  readonly capacity: number;
  readonly layers: SharedArrayBuffer;
  readonly images: SharedArrayBuffer;
  readonly targets: SharedArrayBuffer;
}

/** What is trained, all arrays in shared memory. */
export interface SharedTraining {
  /** Of all weighted layers. */
  readonly layers: readonly Pick<LayerParameters, 'weights' | 'mask' | 'gamma' | 'bias'>[];
  readonly optimizer: OptimizerConfig;
  readonly state: readonly (readonly [key: string, values: Float32Array])[];
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
    // No task asks for more numbers than the network gives.
    targets: new SharedArrayBuffer(FLOAT * capacity * outputSize(graph)),
  };
}

export function allocateOutputs(graph: Graph, capacity: number): SharedOutputs {
  return {
    gradients: new SharedArrayBuffer(FLOAT * parameterCount(graph)),
    logits: new SharedArrayBuffer(FLOAT * capacity * outputSize(graph)),
  };
}

function parameterCount(graph: Graph): number {
  return weightedLayers(graph).reduce(
    (sum, layer) =>
      sum + weightCount(layer) + sumCount(layer) + (layer.batchNorm ? outputChannels(layer) : 0),
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
    const bias = take(sumCount(layer));
    if (!layer.batchNorm) return { weights, bias };
    const gamma = take(outputChannels(layer));
    return folded ? { weights, bias } : { weights, gamma, bias };
  });
}

/** Examples `first` … `first + count − 1`, each with `targetSize` numbers. */
export function batchView(
  shared: SharedInputs,
  first: number,
  count: number,
  targetSize: number,
): Batch {
  const rows = (buffer: SharedArrayBuffer, size: number): Float32Array =>
    new Float32Array(buffer, FLOAT * first * size, count * size);
  return {
    examples: count,
    x: rows(shared.images, elements(shared.graph.inputShape)),
    y: rows(shared.targets, targetSize),
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

/** For other threads. */
export function shareTraining({ layers, optimizer }: Training): SharedTraining {
  for (const { layer, parameters } of layers) {
    for (const { key, values } of trainables(layer.name, parameters)) {
      optimizer.reserve(key, values.length);
    }
  }
  return {
    layers: layers.map(({ parameters: { weights, mask, gamma, bias } }) => {
      return { weights, mask, gamma, bias };
    }),
    optimizer: optimizer.config,
    state: [...optimizer.state],
  };
}

/** The same arrays. Formats are whatever was last said; nothing here needs batch norm's running statistics. */
export function joinTraining(graph: Graph, { layers, optimizer, state }: SharedTraining): Training {
  const own = createOptimizer(optimizer);
  for (const [key, values] of state) own.state.set(key, values);
  return {
    layers: weightedLayers(graph).map((layer, i) => ({
      layer,
      parameters: {
        ...layers[i]!,
        mean: undefined,
        variance: undefined,
        format: trainedFormat('int8'),
      },
    })),
    optimizer: own,
  };
}

/** Whether the same arrays are trained in the same way. */
export function sameTraining(a: SharedTraining, b: SharedTraining): boolean {
  const arrays = ({ layers, state }: SharedTraining): unknown[] => [
    ...layers.flatMap(({ weights, mask, gamma, bias }) => [weights, mask, gamma, bias]),
    ...state.flat(),
  ];
  const [these, others] = [arrays(a), arrays(b)];
  return (
    a.optimizer === b.optimizer &&
    these.length === others.length &&
    these.every((array, i) => array === others[i])
  );
}

/** The gradients of the shards that have any share of the batch. */
export function shardGradients(
  gradients: readonly (readonly LayerArrays[])[],
  shares: readonly number[],
): SharedGradients[] {
  return shares.flatMap((share, s) => (share > 0 ? [{ share, gradients: gradients[s]! }] : []));
}
