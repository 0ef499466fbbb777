/**
 * Instantiates the SIMD kernels on the memory of tfjs-backend-wasm, so that they work on its tensors in place. There are
 * two builds of them: sums of products with fused multiply-add, which round once where others round twice and go faster,
 * and plain ones for processors and versions of Node.js without it. Each gives the same bits everywhere.
 */
import { setFlagsFromString } from 'node:v8';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { allocate, type BackendWasm } from '../wasm-heap';
import { FUSED_TRAIN_KERNELS_WASM, TRAIN_KERNELS_WASM } from './train-kernels.generated';

const KERNELS = [
  'probeMultiplyAdd',
  'moments',
  'channelSums',
  'addToChannels',
  'affine',
  'affineSums',
  'affineGradient',
  'fakeQuantize',
  'fakeQuantizeGradient',
  'packFilters',
  'convolution',
  'winogradFilters',
  'winogradInput',
  'winogradProducts',
  'winogradOutput',
  'winogradOutputGradient',
  'winogradGradientProducts',
  'winogradFilterGradient',
  'copyRows',
  'filterGradient',
  'depthwise3',
  'depthwise3FilterGradient',
  'depthwiseInputGradient',
  'depthwiseFilterGradient',
  'maxPoolGradient',
  'maxPool2Gradient',
  'averagePoolGradient',
  'clampGradient',
  'range',
  'transpose',
] as const;

/** Arguments and results as in the *.as.ts files; pointers are byte offsets. */
export type SimdModule = Readonly<Record<(typeof KERNELS)[number], (...args: number[]) => number>>;

export type Rounding = 'plain' | 'fused';

const modules = new WeakMap<BackendWasm, SimdModule>();

/** The kernels bound to the backend's memory (it grows, but stays the same object). */
export function simdModule(backend: BackendWasm): SimdModule {
  const module = modules.get(backend);
  if (module) return module;
  bindKernels(backend, bestRounding());
  return simdModule(backend);
}

/** Takes one of the two builds, whatever suits this machine. */
export function bindKernels(backend: BackendWasm, rounding: Rounding): void {
  modules.set(backend, instantiate(rounding, memoryOf(backend)));
}

/**
 * `fused` where that works: V8 knows relaxed SIMD from 11.4 on, and behind a flag in 11.3, that of Node 20; whether it
 * then fuses is the processor's business.
 */
export function bestRounding(): Rounding {
  best ??= probe();
  return best;
}

/** Of this thread, once it has been tried. */
let best: Rounding | undefined;

function probe(): Rounding {
  for (const prepare of [() => undefined, allowRelaxedSimd]) {
    prepare();
    try {
      return fuses(instantiate('fused', new WebAssembly.Memory({ initial: 1 })))
        ? 'fused'
        : 'plain';
    } catch (error) {
      if (!(error instanceof WebAssembly.CompileError)) throw error;
    }
  }
  return 'plain';
}

function allowRelaxedSimd(): void {
  setFlagsFromString('--experimental-wasm-relaxed-simd');
}

function instantiate(rounding: Rounding, memory: WebAssembly.Memory): SimdModule {
  const base64 = rounding === 'fused' ? FUSED_TRAIN_KERNELS_WASM : TRAIN_KERNELS_WASM;
  const code = new WebAssembly.Module(Buffer.from(base64, 'base64'));
  const { exports } = new WebAssembly.Instance(code, { env: { memory } });
  if (!isSimdModule(exports)) throw new Error('the SIMD kernels lack a function');
  return exports;
}

/** (1 + 2⁻¹²)² − (1 + 2⁻¹¹) is 2⁻²⁴, and 0 where the product has been rounded. */
function fuses(module: SimdModule): boolean {
  return module.probeMultiplyAdd(-(1 + 2 ** -11), 1 + 2 ** -12, 1 + 2 ** -12) !== 0;
}

function isSimdModule(exports: object): exports is SimdModule {
  return KERNELS.every((name) => name in exports);
}

/** tfjs-backend-wasm 4.22 does not offer its memory, but Emscripten keeps the exports it comes from. */
export function memoryOf(backend: BackendWasm): WebAssembly.Memory {
  const { wasm } = backend;
  const asm: unknown = 'asm' in wasm ? wasm.asm : undefined;
  if (typeof asm === 'object' && asm !== null && 'memory' in asm) {
    const { memory } = asm;
    if (memory instanceof WebAssembly.Memory) return memory;
  }
  throw new Error('tfjs-backend-wasm does not show its memory; only version 4.22 is supported');
}

/** Byte offset of a tensor's values. */
export function pointer(backend: BackendWasm, tensor: TensorInfo): number {
  const data = backend.dataIdMap.get(tensor.dataId);
  return data.memoryOffset;
}

/** Those of several tensors, by the same names. */
export function pointers<K extends string>(
  backend: BackendWasm,
  tensors: Readonly<Record<K, TensorInfo>>,
): Readonly<Record<K, number>>;
export function pointers(
  backend: BackendWasm,
  tensors: Readonly<Record<string, TensorInfo>>,
): Readonly<Record<string, number>> {
  const entries = Object.entries(tensors);
  return Object.fromEntries(entries.map(([name, tensor]) => [name, pointer(backend, tensor)]));
}

/** Float32 scratch of one kernel call; release it with the tensors. Even lengths may be viewed as float64. */
export function scratch(backend: BackendWasm, length: number): TensorInfo {
  return allocate(backend, [length]);
}
