/** The wasm kernels behind fakeQuantize: one pass each, where the composition of standard operations makes four. */
import type { KernelConfig } from '@tensorflow/tfjs-core';
import { input, number } from './kernel-arguments';
import { allocate, floats, wasmBackend } from './wasm-heap';

export const FAKE_QUANTIZE = {
  /** x → x̂; attributes scale, low, high (bounds of the rounded x / scale) */
  forward: 'TrainFakeQuantize',
  /** dy, x → dx */
  gradient: 'TrainFakeQuantizeGradient',
} as const;

/** Adding and subtracting 1.5·2²³ in float32 rounds |v| < 2²² to the nearest integer, halves to even. */
const ROUNDER = 12582912;

export function fakeQuantizeKernels(): KernelConfig[] {
  return [
    {
      kernelName: FAKE_QUANTIZE.forward,
      backendName: 'wasm',
      kernelFunc: ({ inputs, backend: anyBackend, attrs }) => {
        const backend = wasmBackend(anyBackend);
        const x = input(inputs, 'x');
        const out = allocate(backend, x.shape);
        const scale = Math.fround(number(attrs, 'scale'));
        const low = number(attrs, 'low');
        const high = number(attrs, 'high');
        const from = floats(backend, x);
        const to = floats(backend, out);
        for (let i = 0; i < from.length; i++) {
          const v = Math.fround(from[i]! / scale);
          // The bounds are integers, so clamping first gives the same and keeps the rounding trick in its range.
          const clamped = v < low ? low : v > high ? high : v;
          to[i] = (Math.fround(clamped + ROUNDER) - ROUNDER) * scale;
        }
        return out;
      },
    },
    {
      kernelName: FAKE_QUANTIZE.gradient,
      backendName: 'wasm',
      kernelFunc: ({ inputs, backend: anyBackend, attrs }) => {
        const backend = wasmBackend(anyBackend);
        const x = input(inputs, 'x');
        const dx = allocate(backend, x.shape);
        const scale = Math.fround(number(attrs, 'scale'));
        const low = number(attrs, 'low');
        const high = number(attrs, 'high');
        const from = floats(backend, x);
        const dy = floats(backend, input(inputs, 'dy'));
        const to = floats(backend, dx);
        for (let i = 0; i < from.length; i++) {
          const v = Math.fround(from[i]! / scale);
          const clamped = v < low - 1 ? low - 1 : v > high + 1 ? high + 1 : v;
          const rounded = Math.fround(clamped + ROUNDER) - ROUNDER;
          to[i] = rounded >= low && rounded <= high ? dy[i]! : 0;
        }
        return dx;
      },
    },
  ];
}
