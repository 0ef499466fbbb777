/** The kernels behind maxPool on libtensorflow: oneDNN's pooling, which notes forward where the maxima were. */
import type { NamedAttrMap } from '@tensorflow/tfjs-core';
import { input, pair, padding } from './kernel-arguments';
import { NATIVE_MAX_POOL } from './max-pool';
import { one, operations, type Kernel } from './native-operations';
import { dnnMaxPool, dnnMaxPoolGradient, type PoolWindow } from './one-dnn';

export function maxPoolKernels(): Kernel[] {
  return [
    {
      kernelName: NATIVE_MAX_POOL.forward,
      kernelFunc: ({ inputs, backend, attrs }) =>
        dnnMaxPool(operations(backend), input(inputs, 'x'), poolWindow(attrs)),
    },
    {
      kernelName: NATIVE_MAX_POOL.gradient,
      kernelFunc: ({ inputs, backend, attrs }) => {
        const [x, y, dy] = [input(inputs, 'x'), input(inputs, 'y'), input(inputs, 'dy')];
        const places = input(inputs, 'places');
        return one(
          dnnMaxPoolGradient(operations(backend), { x, y, dy, places }, poolWindow(attrs)),
        );
      },
    },
  ];
}

function poolWindow(attrs: NamedAttrMap | undefined): PoolWindow {
  const pad = padding(attrs?.['pad']);
  if (pad !== 'same' && pad !== 'valid') throw new Error('max pooling pads "same" or "valid"');
  return { pool: pair(attrs?.['pool'], 'pool'), stride: pair(attrs?.['stride'], 'stride'), pad };
}
