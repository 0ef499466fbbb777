/**
 * Max pooling whose gradient knows where the maxima were. Most engines find them again from x and y (max-pool-gradient.ts
 * and their own kernels); libtensorflow can note them on the way forward, which is several times faster.
 */
import type { backend_util, Rank, Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from './tf';
import { customGradient, hasKernel, runKernel } from './custom-gradient';
import { shape4 } from './kernel-arguments';
import { reshaped } from './reshaped';

export const NATIVE_MAX_POOL = {
  /** x → y, places; attributes pool, stride, pad */
  forward: 'TrainNativeMaxPool',
  /** dy, x, y, places → dx; the same attributes */
  gradient: 'TrainNativeMaxPoolGradient',
} as const;

/** x [N, H, W, C] float32. The gradient goes to the first cell, in row order, that holds a window's maximum. */
export function maxPool(
  tf: Tf,
  x: Tensor4D,
  pool: [number, number],
  stride: [number, number],
  pad: 'same' | 'valid' | backend_util.ExplicitPadding,
): Tensor4D {
  if (typeof pad !== 'string' || !hasKernel(tf, NATIVE_MAX_POOL.forward))
    return tf.maxPool(x, pool, stride, pad);
  const attrs = { pool, stride, pad };
  return customGradient(
    tf,
    [x],
    () => {
      const [y, places] = runKernel(tf, NATIVE_MAX_POOL.forward, { x }, attrs);
      return { value: reshaped<Rank.R4>(tf, y!, shape4(y!.shape)), keep: [x, y!, places!] };
    },
    (dy, [x, y, places]) =>
      runKernel(tf, NATIVE_MAX_POOL.gradient, { dy, x: x!, y: y!, places: places! }, attrs),
  );
}
