/**
 * Where tfjs-backend-webgpu 4.22 computes something else than the other engines. All else that training needs it has, or
 * it is composed of what it has. (Of equal cells, its max pool gradient takes the last where the others take the first.)
 */
import type { KernelConfig, Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import type { Tf } from './tf';
import { input, padding, pair, roundingMode, shape4 } from './kernel-arguments';

const BACKEND = 'webgpu';
const corrected = new WeakSet<KernelConfig>();

/** The webgpu backend must be registered. Calling it again changes nothing. */
export function registerWebgpuKernels(tf: Tf): void {
  const original = tf.getKernel(tf.AvgPoolGrad, BACKEND);
  if (corrected.has(original)) return;
  const kernel = averagePoolGradient(tf, original);
  corrected.add(kernel);
  tf.unregisterKernel(tf.AvgPoolGrad, BACKEND);
  tf.registerKernel(kernel);
}

/**
 * The backend divides by all cells of a window, the forward kernel and TFLite by those inside the image: dy is scaled by
 * the quotient first.
 */
function averagePoolGradient(tf: Tf, original: KernelConfig): KernelConfig {
  return {
    ...original,
    kernelFunc: (call) => {
      const { inputs, attrs = {} } = call;
      const info = tf.backend_util.computePool2DInfo(
        shape4(input(inputs, 'input').shape),
        pair(attrs['filterSize'], 'filterSize'),
        pair(attrs['strides'], 'strides'),
        1,
        padding(attrs['pad']),
        roundingMode(attrs['dimRoundingMode']),
      );
      const { inHeight, inWidth, outHeight, outWidth, filterHeight, filterWidth } = info;
      const { top, left } = info.padInfo;
      const rows = inside(outHeight, info.strideHeight, top, filterHeight, inHeight);
      const columns = inside(outWidth, info.strideWidth, left, filterWidth, inWidth);
      const cells = filterHeight * filterWidth;
      const factors = rows.flatMap((r) => columns.map((c) => cells / (r * c)));
      if (factors.every((factor) => factor === 1)) return original.kernelFunc(call);
      return tf.tidy(() => {
        const dy = tf.mul(
          tensor(input(inputs, 'dy')),
          tf.tensor4d(factors, [1, outHeight, outWidth, 1]),
        );
        const dx = original.kernelFunc({ ...call, inputs: { ...inputs, dy } });
        if (Array.isArray(dx)) throw new Error('one gradient expected');
        return tf.engine().makeTensorFromTensorInfo(dx);
      });
    },
  };
}

/** Of each window along an axis, the cells inside the image. */
function inside(out: number, stride: number, before: number, taps: number, size: number): number[] {
  return Array.from({ length: out }, (_, o) => {
    const first = o * stride - before;
    return Math.min(size, first + taps) - Math.max(0, first);
  });
}

/** tfjs-core hands kernels whole tensors. */
function tensor(info: TensorInfo): Tensor {
  if (isTensor(info)) return info;
  throw new Error('expected a tensor');
}

function isTensor(info: TensorInfo): info is Tensor {
  return 'dataSync' in info && 'rank' in info;
}
