/**
 * BatchMatMul with transposed operands, which its gradients ask for. The backend has a fast kernel for plain operands
 * and one thirteen times slower for transposed ones, so transpose first.
 */
import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { input } from './kernel-arguments';
import { allocate, floats, release, wasmBackend, type BackendWasm } from './wasm-heap';

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
  const from = floats(backend, tensor);
  const to = floats(backend, out);
  const TILE = 16;
  for (let base = 0; base < from.length; base += rows * columns) {
    for (let r0 = 0; r0 < rows; r0 += TILE) {
      const r1 = Math.min(r0 + TILE, rows);
      for (let c = 0; c < columns; c++) {
        for (let r = r0; r < r1; r++) to[base + c * rows + r] = from[base + r * columns + c]!;
      }
    }
  }
  return out;
}
