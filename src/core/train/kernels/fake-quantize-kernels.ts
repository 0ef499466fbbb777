/** The wasm kernels behind fakeQuantize: one pass each, where the composition of standard operations makes four. */
import type {
  KernelConfig,
  NamedAttrMap,
  NamedTensorInfoMap,
  TensorInfo,
} from '@tensorflow/tfjs-core';
import { input } from './kernel-arguments';
import { gridOf, onGrid, passes } from './quantization-grid';
import { allocate, floats, type BackendWasm } from './wasm-heap';
import { wasmKernels } from './wasm-kernels';

export const FAKE_QUANTIZE = {
  /** x → x̂; attributes scale, low, high (bounds of the rounded x / scale) */
  forward: 'TrainFakeQuantize',
  /** dy, x → dx */
  gradient: 'TrainFakeQuantizeGradient',
} as const;

export function fakeQuantizeKernels(): KernelConfig[] {
  return wasmKernels({ [FAKE_QUANTIZE.forward]: forward, [FAKE_QUANTIZE.gradient]: gradient });
}

function forward(
  inputs: NamedTensorInfoMap,
  backend: BackendWasm,
  attrs: NamedAttrMap | undefined,
): TensorInfo {
  const x = input(inputs, 'x');
  const out = allocate(backend, x.shape);
  const grid = gridOf(attrs);
  const from = floats(backend, x);
  const to = floats(backend, out);
  for (let i = 0; i < from.length; i++) to[i] = onGrid(from[i]!, grid);
  return out;
}

function gradient(
  inputs: NamedTensorInfoMap,
  backend: BackendWasm,
  attrs: NamedAttrMap | undefined,
): TensorInfo {
  const x = input(inputs, 'x');
  const dx = allocate(backend, x.shape);
  const grid = gridOf(attrs);
  const from = floats(backend, x);
  const dy = floats(backend, input(inputs, 'dy'));
  const to = floats(backend, dx);
  for (let i = 0; i < from.length; i++) to[i] = passes(from[i]!, grid) ? dy[i]! : 0;
  return dx;
}
