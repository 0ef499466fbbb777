/** Runs the kernels of one convolution, forward and backward, on the active WASM backend. */
import * as tf from '@tensorflow/tfjs-core';
import { floats, wasmBackend } from '../../../src/core/train/kernels/wasm-heap';

export type ConvolutionInfo = ReturnType<typeof tf.backend_util.computeConv2DInfo>;

export type Pad = 'same' | 'valid' | [[0, 0], [number, number], [number, number], [0, 0]];

export const CONVOLUTION_KERNELS = ['forward', 'input', 'filter'] as const;
export type ConvolutionKernel = (typeof CONVOLUTION_KERNELS)[number];

export interface ConvolutionInputs {
  readonly x: Float32Array;
  readonly w: Float32Array;
  readonly dy: Float32Array;
}

/** `names`: of the three kernels; `pad` as the info was made of it, stride 1. */
export function runConvolution(
  names: Readonly<Record<ConvolutionKernel, string>>,
  kernel: ConvolutionKernel,
  { inShape, outShape, filterShape }: ConvolutionInfo,
  pad: Pad,
  { x, w, dy }: ConvolutionInputs,
): Float32Array {
  const backend = wasmBackend(tf.backend());
  const inputs = {
    x: tf.tensor4d(x, inShape),
    filter: tf.tensor4d(w, filterShape),
    dy: tf.tensor4d(dy, outShape),
  };
  const attrs = {
    strides: [1, 1],
    pad,
    dataFormat: 'NHWC',
    dilations: [1, 1],
    inputShape: inShape,
    filterShape,
  };
  const out = tf.getKernel(names[kernel], 'wasm').kernelFunc({ inputs, backend, attrs });
  if (Array.isArray(out)) throw new Error('several outputs');
  const values = floats(backend, out).slice();
  backend.disposeData(out.dataId);
  tf.dispose(Object.values(inputs));
  return values;
}
