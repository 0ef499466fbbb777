/** Runs a float network on examples and shows what is in it, tensor by tensor. Nothing is rounded and nothing trained. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Batch, Normalization, Samples } from '../../dataset/dataset';
import { sliceBatch } from '../../dataset/batches';
import { copySamples } from '../../dataset/split';
import { INPUT, weightedLayers } from '../../graph/graph';
import type { Engine } from '../engines/engine';
import { floatValues } from '../engines/float-values';
import { defined } from '../../util/defined';
import { forward } from '../pass/forward';
import { layerTensors } from '../pass/pass';
import { numbersPerExample, passLayers, type FloatNetwork } from './float-network';

/** Numbers that may be held at a time: 64 MB. */
const MOST_NUMBERS = 1 << 24;
const MOST_AT_A_TIME = 64;

/** Rows of numbers, channels innermost; the arrays are the caller's. */
export interface Sight {
  /** Every tensor that has an int8 scale of its own, the input aside. */
  tensor?(name: string, values: Float32Array): void;
  /** A weighted layer's sums of products, before its bias. */
  products?(layer: string, values: Float32Array): void;
  /** What the network gives: [examples, outputs], without a final softmax. */
  outputs?(values: Float32Array): void;
}

/** Examples of the network that fit into memory at a time. */
export function examplesAtATime({ graph }: FloatNetwork): number {
  const fitting = Math.floor(MOST_NUMBERS / numbersPerExample(graph));
  return Math.max(1, Math.min(MOST_AT_A_TIME, fitting));
}

/** At most `count` of the examples, spread evenly over the set: files often hold one class after the other. */
export function spread(samples: Samples, count: number): Samples {
  const some = Math.min(count, samples.count);
  return copySamples(
    samples,
    Uint32Array.from({ length: some }, (_, i) => Math.floor((i * samples.count) / some)),
  );
}

/** Shows `see` the examples, some at a time and in their order. */
export async function observe(
  engine: Engine,
  network: FloatNetwork,
  samples: Samples,
  normalization: Normalization,
  see: Sight,
): Promise<void> {
  const step = examplesAtATime(network);
  for (let first = 0; first < samples.count; first += step) {
    const count = Math.min(step, samples.count - first);
    await observeBatch(engine, network, sliceBatch(samples, normalization, first, count), see);
  }
}

/** One batch, all at a time. */
export async function observeBatch(
  engine: Engine,
  network: FloatNetwork,
  batch: Batch,
  see: Sight,
): Promise<void> {
  const { graph } = network;
  const shown: ((values: Float32Array) => void)[] = [];
  const compute = (): Tensor[] => {
    const { tf } = engine;
    const seen: Tensor[] = [];
    const keep = (tensor: Tensor, show: ((values: Float32Array) => void) | undefined): void => {
      if (show === undefined) return;
      // A copy of its own: two layers may give one tensor.
      seen.push(tf.keep(tf.clone(tensor)));
      shown.push(show);
    };
    tf.tidy(() => {
      const layers = passLayers(network);
      const tensors = new Map(
        weightedLayers(graph).map((layer, i) => [layer.name, layerTensors(tf, layer, layers[i]!)]),
      );
      const x = tf.tensor4d(batch.x, [batch.examples, ...graph.inputShape]);
      const output = forward(tf, graph, x, {
        tensors,
        ...defined({ constants: network.constants }),
        onTensor: (name, tensor) => {
          if (name !== INPUT) keep(tensor, see.tensor && ((v) => see.tensor?.(name, v)));
        },
        onProducts: (name, products) => {
          keep(products, see.products && ((v) => see.products?.(name, v)));
        },
      });
      keep(output, see.outputs && ((v) => see.outputs?.(v)));
    });
    return seen;
  };
  const values = await valuesOf(engine, compute);
  values.forEach((each, i) => shown[i]!(each));
}

/** The values of the float32 tensors that `compute` gives, which are disposed of. */
export async function valuesOf(engine: Engine, compute: () => Tensor[]): Promise<Float32Array[]> {
  if (engine.fetch) return engine.fetch(compute);
  const tensors = compute();
  try {
    return await Promise.all(tensors.map(async (tensor) => floatValues(await tensor.data())));
  } finally {
    engine.tf.dispose(tensors);
  }
}

/** [examples, outputs] of all samples. */
export async function outputsOf(
  engine: Engine,
  network: FloatNetwork,
  samples: Samples,
  normalization: Normalization,
): Promise<Float32Array> {
  const parts: Float32Array[] = [];
  await observe(engine, network, samples, normalization, {
    outputs: (values) => parts.push(values),
  });
  return joined(parts);
}

/** The float values of the tensors that `wanted` names. */
export async function tensorsOf(
  engine: Engine,
  network: FloatNetwork,
  samples: Samples,
  normalization: Normalization,
  wanted: (name: string) => boolean,
): Promise<Map<string, Float32Array>> {
  const parts = new Map<string, Float32Array[]>();
  await observe(engine, network, samples, normalization, {
    tensor: (name, values) => {
      if (wanted(name)) parts.set(name, [...(parts.get(name) ?? []), values]);
    },
  });
  return new Map([...parts].map(([name, some]) => [name, joined(some)]));
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
