/** tf.customGrad with types: the fused operations of this folder define their own gradients through it. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tf } from './tf';

/**
 * `forward` computes the value from `inputs` and names the tensors that `gradient` will need; they live until then.
 * `gradient` gets dy and those tensors, and returns one gradient per input. Intermediates of both are disposed by tfjs.
 */
export function customGradient<T extends Tensor>(
  tf: Tf,
  inputs: readonly Tensor[],
  forward: () => { value: T; keep: readonly Tensor[] },
  gradient: (dy: T, kept: readonly Tensor[]) => Tensor[],
): T {
  const operation = tf.customGrad<T>((...parameters) => {
    const save = parameters.at(-1);
    if (typeof save !== 'function') throw new Error('customGrad called without a save function');
    const { value, keep } = forward();
    save([...keep]);
    return { value, gradFunc: (dy, kept) => gradient(dy, kept) };
  });
  return operation(...inputs);
}

/** Whether the active backend has one of our fused kernels; otherwise the operation is composed of standard ones. */
export function hasKernel(tf: Tf, name: string): boolean {
  return tf.getKernel(name, tf.getBackend()) !== undefined;
}

/** Runs a registered kernel; always an array, whether it has one output or several. */
export function runKernel(
  tf: Tf,
  name: string,
  inputs: Record<string, Tensor>,
  attrs: Record<string, number | string | number[]> = {},
): Tensor[] {
  const out: Tensor | Tensor[] = tf.engine().runKernel(name, inputs, attrs);
  return Array.isArray(out) ? out : [out];
}
