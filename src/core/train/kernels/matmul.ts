/**
 * BatchMatMul with transposed operands, which its gradients ask for. The backend has a fast kernel for plain operands
 * and one thirteen times slower for transposed ones, so transpose first.
 */
import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { input } from './kernel-arguments';
import { pointer, simdModule } from './simd/simd-module';
import { allocate, release, wasmBackend, type BackendWasm } from './wasm-heap';

export function matMulTransposingFirst(original: KernelConfig): KernelConfig {
  return {
    ...original,
    kernelFunc: ({ inputs, backend: anyBackend, attrs = {} }) => {
      const backend = wasmBackend(anyBackend);
      const temporary: TensorInfo[] = [];
      const plain = (tensor: TensorInfo, transposed: unknown): TensorInfo => {
        if (transposed !== true) return tensor;
        const copy = transposeLastTwo(backend, tensor);
        temporary.push(copy);
        return copy;
      };
      const product = original.kernelFunc({
        inputs: {
          a: plain(input(inputs, 'a'), attrs['transposeA']),
          b: plain(input(inputs, 'b'), attrs['transposeB']),
        },
        backend,
        attrs: { ...attrs, transposeA: false, transposeB: false },
      });
      release(backend, ...temporary);
      return product;
    },
  };
}

function transposeLastTwo(backend: BackendWasm, tensor: TensorInfo): TensorInfo {
  const outer = tensor.shape.slice(0, -2);
  const rows = tensor.shape.at(-2)!;
  const columns = tensor.shape.at(-1)!;
  const out = allocate(backend, [...outer, columns, rows]);
  const matrices = outer.reduce((product, n) => product * n, 1);
  const bytes = 4 * rows * columns;
  const [from, to] = [pointer(backend, tensor), pointer(backend, out)];
  for (let m = 0; m < matrices; m++) {
    simdModule(backend).transpose(from + m * bytes, to + m * bytes, rows, columns);
  }
  return out;
}
