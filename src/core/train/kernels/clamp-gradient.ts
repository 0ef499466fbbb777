/** The gradient of relu and relu6 in one pass. */
import type { KernelConfig, Tensor } from '@tensorflow/tfjs-core';
import type { Tf } from './tf';
import { hasKernel, runKernel } from './custom-gradient';
import { input, number } from './kernel-arguments';
import { pointer, simdModule } from './simd/simd-module';
import { allocate, floats, wasmBackend } from './wasm-heap';

export const CLAMP_GRADIENT = 'TrainClampGradient';

/** dy where 0 < x < high, else 0; x and dy of the same shape. */
export function clampGradient(tf: Tf, dy: Tensor, x: Tensor, high: number): Tensor {
  if (hasKernel(tf, CLAMP_GRADIENT)) return runKernel(tf, CLAMP_GRADIENT, { dy, x }, { high })[0]!;
  const inside = tf.logicalAnd(tf.greater(x, 0), tf.less(x, high));
  return tf.mul(dy, tf.cast(inside, 'float32'));
}

export function clampGradientKernel(): KernelConfig {
  return {
    kernelName: CLAMP_GRADIENT,
    backendName: 'wasm',
    kernelFunc: ({ inputs, backend: anyBackend, attrs }) => {
      const backend = wasmBackend(anyBackend);
      const x = input(inputs, 'x');
      const dy = input(inputs, 'dy');
      const dx = allocate(backend, x.shape);
      const count = floats(backend, x).length;
      const [xAt, dyAt, dxAt] = [x, dy, dx].map((t) => pointer(backend, t));
      simdModule(backend).clampGradient(xAt!, dyAt!, dxAt!, count, 0, number(attrs, 'high'));
      return dx;
    },
  };
}
