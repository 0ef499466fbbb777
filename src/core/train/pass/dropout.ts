/**
 * Dropout (Srivastava et al. 2014), scaled in training so that nothing need be at inference. Which values are left out is a
 * function of the step's seed, the example's place in the batch and the layer's name: threads that share a batch, and a run
 * that was resumed, leave out the same ones.
 */
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Dropout, Graph } from '../../graph/graph';
import type { Layer } from '../../ops/graph-ops';
import { createRandom, mixSeed } from '../../util/random';
import type { Tf } from '../kernels/tf';

export interface DropoutStep {
  /** Of the step; another one for each. */
  readonly seed: number;
  /** Place in the batch of the first example of the pass. */
  readonly first: number;
}

/** What a layer reads of an input in this pass. */
export type Drop = (reader: Layer, input: number, values: Tensor4D) => Tensor4D;

export function dropFor(tf: Tf, { dropout = [] }: Graph, step: DropoutStep): Drop {
  /** By the names of dropout and tensor: all who read that read the same. */
  const done = new Map<string, Tensor4D>();
  return ({ name, inputs }, input, values) => {
    const its = dropout.find((each) => each.reader === name && each.input === input);
    if (its === undefined) return values;
    const key = `${its.name} ${inputs[input]}`;
    const before = done.get(key);
    if (before !== undefined) return before;
    const mask = tf.tensor4d(maskOf(its, step, values.shape), values.shape);
    const dropped = tf.mul<Tensor4D>(values, mask);
    done.set(key, dropped);
    return dropped;
  };
}

/** 0 where a value is left out, else what keeps the mean as it is; [examples, height, width, channels]. */
export function maskOf(
  { name, rate }: Pick<Dropout, 'name' | 'rate'>,
  { seed, first }: DropoutStep,
  [examples, ...sizes]: readonly [number, number, number, number],
): Float32Array {
  const size = sizes.reduce((product, each) => product * each, 1);
  const mask = new Float32Array(examples * size);
  const letters = Array.from(name, (letter) => letter.charCodeAt(0));
  for (let n = 0; n < examples; n++) {
    const random = createRandom(mixSeed(seed, first + n, ...letters));
    for (let i = n * size; i < (n + 1) * size; i++) {
      mask[i] = random.next() < rate ? 0 : 1 / (1 - rate);
    }
  }
  return mask;
}
