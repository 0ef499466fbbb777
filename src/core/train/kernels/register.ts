/** Puts this folder's kernels in place of those that tfjs-backend-wasm 4.22 lacks or does slowly. */
import type { KernelConfig } from '@tensorflow/tfjs-core';
import type { Tf } from './tf';
import { averagePoolGradient } from './average-pool-gradient';
import { BATCH_NORM, batchNormKernels } from './batch-norm-kernels';
import { addBias, meanOfImages, sumOfChannels } from './channels';
import { clampGradientKernel } from './clamp-gradient';
import { conv2d } from './conv2d';
import { conv2dFilterGradient } from './conv2d-filter-gradient';
import { conv2dInputGradient } from './conv2d-input-gradient';
import {
  depthwiseConv2d,
  depthwiseFilterGradient,
  depthwiseInputGradient,
} from './depthwise-gradients';
import { fakeQuantizeKernels } from './fake-quantize-kernels';
import { identityByReference } from './identity';
import { matMulTransposingFirst } from './matmul';
import { maxPoolGradient } from './max-pool-gradient';
import { minMaxKernel } from './min-max';
import { simdKernels } from './simd/simd-kernels';

/** The wasm backend must be registered. Calling it again changes nothing. */
export function registerTrainingKernels(tf: Tf): void {
  if (tf.getKernel(BATCH_NORM.apply, 'wasm') !== undefined) return;
  const convolution = conv2d(tf, tf.getKernel(tf.Conv2D, 'wasm'));
  const kernels: KernelConfig[] = [
    convolution,
    conv2dInputGradient(tf, convolution.kernelFunc),
    conv2dFilterGradient(tf),
    depthwiseConv2d(tf, tf.getKernel(tf.DepthwiseConv2dNative, 'wasm')),
    depthwiseInputGradient(tf),
    depthwiseFilterGradient(tf),
    maxPoolGradient(tf),
    averagePoolGradient(tf),
    matMulTransposingFirst(tf.getKernel(tf.BatchMatMul, 'wasm')),
    ...batchNormKernels(),
    ...fakeQuantizeKernels(),
    identityByReference(tf),
    minMaxKernel(),
    clampGradientKernel(),
    addBias(tf.getKernel(tf.Add, 'wasm')),
    sumOfChannels(tf.getKernel(tf.Sum, 'wasm')),
    meanOfImages(tf.getKernel(tf.Mean, 'wasm')),
    // Last: takes the place of the plain batch norm and fake quantisation kernels.
    ...simdKernels(),
  ];
  for (const kernel of kernels) {
    if (tf.getKernel(kernel.kernelName, 'wasm') !== undefined) {
      tf.unregisterKernel(kernel.kernelName, 'wasm');
    }
    tf.registerKernel(kernel);
  }
}
