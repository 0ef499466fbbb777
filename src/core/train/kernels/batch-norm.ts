/**
 * Batch normalisation as training uses it (Ioffe & Szegedy 2015), with the activation that follows it: the statistics
 * are the batch's own, and the gradient flows through them. Fused, because composed of standard operations it costs
 * more than the convolutions around it; the composition stays as the reference and serves the other engines.
 */
import type { Rank, Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import type { TensorQuantization } from '../../quant/model';
import type { Tf } from './tf';
import { BATCH_NORM, NATIVE_BATCH_NORM, type FusedActivation } from './batch-norm-kernels';
import { activate } from './activate';
import { customGradient, hasKernel, runKernel } from './custom-gradient';
import { fakeQuantize } from './fake-quantize';
import { int8Grid } from './quantization-grid';
import { reshaped } from './reshaped';

export interface BatchNormOutput<R extends Rank> {
  /** activation(gamma · (x − mean) / √(variance + epsilon) + beta), the shape of x. */
  readonly y: Tensor<R>;
  /** [C], of this batch. No gradient flows through the statistics as outputs. */
  readonly mean: Tensor1D;
  /** [C], biased: divided by the number of values. */
  readonly variance: Tensor1D;
}

/**
 * x [..., C] float32, gamma and beta [C]. Differentiable in x, gamma and beta; the derivative of relu and relu6 at their
 * corners is 0. With `rounding`, y is what fakeQuantize makes of it, in the same passes over memory where the engine can.
 */
export function batchNormTrain<R extends Rank>(
  tf: Tf,
  x: Tensor<R>,
  gamma: Tensor,
  beta: Tensor,
  epsilon: number,
  activation: FusedActivation,
  rounding?: TensorQuantization,
): BatchNormOutput<R> {
  const channels = x.shape[x.rank - 1];
  if (gamma.size !== channels || beta.size !== channels) {
    throw new Error(`batchNormTrain: gamma and beta need one value per channel of x, [${x.shape}]`);
  }
  const fused = hasKernel(tf, BATCH_NORM.apply);
  if (rounding && !fused) {
    const exact = batchNormTrain(tf, x, gamma, beta, epsilon, activation);
    return { ...exact, y: fakeQuantize(tf, exact.y, rounding.scale, rounding.zeroPoint) };
  }
  const grid = rounding ? int8Grid(rounding.scale, rounding.zeroPoint) : undefined;
  const attrs = { epsilon, activation, ...grid };
  if (hasKernel(tf, NATIVE_BATCH_NORM.forward)) return native(tf, x, gamma, beta, attrs);
  return tf.tidy(() => {
    const [mean, variance] = fused ? fusedMoments(tf, x) : composedMoments(tf, x);
    const y = customGradient(
      tf,
      [x, gamma, beta],
      () => {
        const out = fused
          ? runKernel(tf, BATCH_NORM.apply, { x, mean, variance, gamma, beta }, attrs)[0]!
          : activate(tf, normalize(tf, x, mean, variance, gamma, beta, epsilon), activation);
        return { value: reshaped<R>(tf, out, x.shape), keep: [x, mean, variance, gamma, beta] };
      },
      (dy, kept) => {
        const [x, mean, variance, gamma, beta] = five(kept);
        return fused
          ? runKernel(tf, BATCH_NORM.gradient, { dy, x, mean, variance, gamma, beta }, attrs)
          : composedGradient(tf, dy, x, mean, variance, gamma, beta, epsilon, activation);
      },
    );
    return { y, mean, variance };
  });
}

function native<R extends Rank>(
  tf: Tf,
  x: Tensor<R>,
  gamma: Tensor,
  beta: Tensor,
  attrs: { epsilon: number; activation: FusedActivation },
): BatchNormOutput<R> {
  return tf.tidy(() => {
    const [out, mean, variance] = runKernel(
      tf,
      NATIVE_BATCH_NORM.forward,
      { x, gamma, beta },
      attrs,
    );
    const y = customGradient(
      tf,
      [x, gamma, beta],
      // A tensor of its own: what the kernel returned belongs to the kernel's place on the tape.
      () => ({
        value: reshaped<R>(tf, tf.clone(out!), x.shape),
        keep: [x, gamma, out!, mean!, variance!],
      }),
      (dy, kept) => {
        const [x, gamma, y, mean, variance] = five(kept);
        const inputs = { dy, x, gamma, y, mean, variance };
        return runKernel(tf, NATIVE_BATCH_NORM.gradient, inputs, attrs);
      },
    );
    return {
      y,
      mean: reshaped<Rank.R1>(tf, mean!, [-1]),
      variance: reshaped<Rank.R1>(tf, variance!, [-1]),
    };
  });
}

function fusedMoments(tf: Tf, x: Tensor): [Tensor1D, Tensor1D] {
  const [mean, variance] = runKernel(tf, BATCH_NORM.moments, { x });
  return [reshaped(tf, mean!, [-1]), reshaped(tf, variance!, [-1])];
}

function composedMoments(tf: Tf, x: Tensor): [Tensor1D, Tensor1D] {
  const { mean, variance } = tf.moments(x, axesButLast(x));
  return [reshaped(tf, mean, [-1]), reshaped(tf, variance, [-1])];
}

function normalize(
  tf: Tf,
  x: Tensor,
  mean: Tensor,
  variance: Tensor,
  gamma: Tensor,
  beta: Tensor,
  epsilon: number,
): Tensor {
  const scale = tf.mul(gamma, tf.rsqrt(tf.add(variance, epsilon)));
  return tf.add(tf.mul(tf.sub(x, mean), scale), beta);
}

/** dz = dy where the activation passes; then the textbook gradient through mean and variance. */
function composedGradient(
  tf: Tf,
  dy: Tensor,
  x: Tensor,
  mean: Tensor,
  variance: Tensor,
  gamma: Tensor,
  beta: Tensor,
  epsilon: number,
  activation: FusedActivation,
): Tensor[] {
  const axes = axesButLast(x);
  const inverse = tf.rsqrt(tf.add(variance, epsilon));
  const normal = tf.mul(tf.sub(x, mean), inverse);
  const z = normalize(tf, x, mean, variance, gamma, beta, epsilon);
  let dz = dy;
  if (activation !== 'none') dz = tf.where(tf.greater(z, 0), dz, 0);
  if (activation === 'relu6') dz = tf.where(tf.less(z, 6), dz, 0);
  const dBeta = tf.sum(dz, axes);
  const dGamma = tf.sum(tf.mul(dz, normal), axes);
  const count = x.size / gamma.size;
  const mixed = tf.add(tf.div(dBeta, count), tf.mul(normal, tf.div(dGamma, count)));
  const dx = tf.mul(tf.sub(dz, mixed), tf.mul(gamma, inverse));
  return [dx, reshaped(tf, dGamma, gamma.shape), reshaped(tf, dBeta, beta.shape)];
}

function axesButLast(x: Tensor): number[] {
  return Array.from({ length: x.rank - 1 }, (_, axis) => axis);
}

function five(t: readonly Tensor[]): [Tensor, Tensor, Tensor, Tensor, Tensor] {
  return [t[0]!, t[1]!, t[2]!, t[3]!, t[4]!];
}
