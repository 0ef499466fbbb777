/**
 * What int8 storage does to a tensor, within float training (Jacob et al. 2018, §3): the forward pass sees the rounded
 * values, the backward pass goes straight through the rounding and stops where the value was clamped.
 */
import type { Rank, Tensor } from '@tensorflow/tfjs-core';
import type { Tf } from './tf';
import { customGradient, hasKernel, runKernel } from './custom-gradient';
import { FAKE_QUANTIZE } from './fake-quantize-kernels';
import { int8Grid } from './quantization-grid';
import { reshaped } from './reshaped';

/**
 * q = clamp(round(x / scale) + zeroPoint, −128, 127), x̂ = (q − zeroPoint) · scale, for float32 x of any shape.
 * Halves round to even on every engine (it is what each of them does natively). The gradient passes where nothing was
 * clamped, so a value that is the range's own end still trains.
 * @throws Error if scale is not positive and finite, or zeroPoint is not an int8.
 */
export function fakeQuantize<R extends Rank>(
  tf: Tf,
  x: Tensor<R>,
  scale: number,
  zeroPoint: number,
): Tensor<R> {
  const attrs = { ...int8Grid(scale, zeroPoint) };
  const { low, high } = attrs;
  const fused = hasKernel(tf, FAKE_QUANTIZE.forward);
  return customGradient(
    tf,
    [x],
    () => {
      const value = fused
        ? runKernel(tf, FAKE_QUANTIZE.forward, { x }, attrs)[0]!
        : tf.mul(tf.clipByValue(tf.round(tf.div(x, scale)), low, high), scale);
      return { value: reshaped<R>(tf, value, x.shape), keep: [x] };
    },
    (dy, [x]) => {
      if (fused) return runKernel(tf, FAKE_QUANTIZE.gradient, { dy, x: x! }, attrs);
      const rounded = tf.round(tf.div(x!, scale));
      const inside = tf.logicalAnd(tf.greaterEqual(rounded, low), tf.lessEqual(rounded, high));
      return [tf.where(inside, dy, tf.zerosLike(dy))];
    },
  );
}
