/** The range of a tensor, observed at every step of quantisation-aware training, so it must cost one cheap pass. */
import type { KernelConfig, Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import type { Tf } from './tf';
import { hasKernel, runKernel } from './custom-gradient';
import { input } from './kernel-arguments';
import { pointer, simdModule } from './simd/simd-module';
import { allocate, floats, wasmBackend } from './wasm-heap';

const MIN_MAX = 'TrainMinMax';

/** [minimum, maximum] of a float32 tensor with at least one value and no NaN. No gradient flows through it. */
export function minMax(tf: Tf, x: Tensor): Tensor1D {
  return tf.tidy(() => {
    if (hasKernel(tf, MIN_MAX)) return tf.reshape(runKernel(tf, MIN_MAX, { x })[0]!, [2]);
    return tf.reshape(tf.stack([tf.min(x), tf.max(x)]), [2]);
  });
}

export function minMaxKernel(): KernelConfig {
  return {
    kernelName: MIN_MAX,
    backendName: 'wasm',
    kernelFunc: ({ inputs, backend: anyBackend }) => {
      const backend = wasmBackend(anyBackend);
      const out = allocate(backend, [2]);
      const x = input(inputs, 'x');
      const count = floats(backend, x).length;
      simdModule(backend).range(pointer(backend, x), count, pointer(backend, out));
      return out;
    },
  };
}
