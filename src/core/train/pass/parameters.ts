import type { Graph } from '../../graph/graph';
import {
  outputChannels,
  sumCount,
  weightCount,
  weightedLayers,
  weightOrder,
} from '../../graph/graph';
import { trainedFormat, type TrainedFormat } from '../../formats/fits';
import { trainOp } from '../../ops/train-ops';
import { createRandom, mixSeed } from '../../util/random';
import { sharedBytes, sharedFloats } from './shared-arrays';

/**
 * Everything the network learns, as plain arrays on our side. TensorFlow.js sees copies for one step; masks,
 * quantisation and the optimiser work on these. A checkpoint is therefore just arrays, whatever the engine.
 */
export interface LayerParameters {
  /** Float weights in storage order (graph.ts), pruned ones included: the dense shadow that lets them come back. */
  readonly weights: Float32Array;
  /** Batch norm's scale per output channel; undefined where the layer has no batch norm. */
  readonly gamma: Float32Array | undefined;
  /** Batch norm's shift, or the plain bias: one per sum (graph.ts). */
  readonly bias: Float32Array;
  /** Running statistics of the layer's convolution output, for batch norm. */
  readonly mean: Float32Array | undefined;
  readonly variance: Float32Array | undefined;
  /** 1 keeps, 0 prunes; all ones until pruning starts. */
  readonly mask: Uint8Array;
  /** How weights are rounded; int8 until the pruning phase decides. Not learnt, so not among the arrays. */
  format: TrainedFormat;
}

export type Parameters = ReadonlyMap<string, LayerParameters>;

/** He-normal weights from the seed (He et al. 2015), gamma 1, biases 0, unless the kind says otherwise. In memory that threads can share. */
export function initialParameters(graph: Graph, seed: number): Parameters {
  const parameters = new Map<string, LayerParameters>();
  weightedLayers(graph).forEach((layer, index) => {
    const channels = outputChannels(layer);
    const count = weightCount(layer);
    const random = createRandom(mixSeed(seed, 0x1717, index));
    const op = trainOp(layer.kind);
    const initial = 'initial' in op ? op.initial(layer) : undefined;
    const deviation = initial?.deviation ?? Math.sqrt(2 / weightOrder(layer).perChannel);
    const weights = sharedFloats(count);
    for (let i = 0; i < count; i++) weights[i] = random.normal() * deviation;
    if ('initialWeight' in op) weights.fill(op.initialWeight);
    const bias = sharedFloats(sumCount(layer));
    if (initial !== undefined) bias.set(initial.bias);
    parameters.set(layer.name, {
      weights,
      gamma: layer.batchNorm ? sharedFloats(channels).fill(1) : undefined,
      bias,
      mean: layer.batchNorm ? sharedFloats(channels) : undefined,
      variance: layer.batchNorm ? sharedFloats(channels).fill(1) : undefined,
      mask: sharedBytes(count).fill(1),
      format: trainedFormat('int8'),
    });
  });
  return parameters;
}

/** An array that the optimiser updates, by the key of its state. */
export interface Trainable {
  readonly kind: 'weights' | 'gamma' | 'bias';
  readonly key: string;
  readonly values: Float32Array;
}

/** Those of one layer. */
export function trainables(
  name: string,
  p: Pick<LayerParameters, 'weights' | 'gamma' | 'bias'>,
): Trainable[] {
  const of = (kind: Trainable['kind'], values: Float32Array | undefined): Trainable[] =>
    values ? [{ kind, key: `${name}.${kind}`, values }] : [];
  return [...of('weights', p.weights), ...of('gamma', p.gamma), ...of('bias', p.bias)];
}

/** Every array by a stable key, for checkpoints. The arrays are the live ones, not copies. */
export function parameterArrays(parameters: Parameters): Record<string, Float32Array | Uint8Array> {
  const arrays: Record<string, Float32Array | Uint8Array> = {};
  for (const [name, p] of parameters) {
    for (const [key, values] of Object.entries<unknown>({ ...p })) {
      if (values instanceof Float32Array || values instanceof Uint8Array) {
        arrays[`${name}.${key}`] = values;
      }
    }
  }
  return arrays;
}
