/** Instantiates the SIMD kernels on the memory of tfjs-backend-wasm, so that they work on its tensors in place. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { allocate, type BackendWasm } from '../wasm-heap';
import { TRAIN_KERNELS_WASM } from './train-kernels.generated';

const KERNELS = [
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

/** Arguments as in the *.as.ts files; pointers are byte offsets. */
export type SimdModule = Readonly<Record<(typeof KERNELS)[number], (...args: number[]) => void>>;

const modules = new WeakMap<BackendWasm, SimdModule>();

/** The module bound to the backend's memory (it grows, but stays the same object). */
export function simdModule(backend: BackendWasm): SimdModule {
  let module = modules.get(backend);
  if (!module) {
    const code = new WebAssembly.Module(Buffer.from(TRAIN_KERNELS_WASM, 'base64'));
    const { exports } = new WebAssembly.Instance(code, { env: { memory: memoryOf(backend) } });
    if (!isSimdModule(exports)) throw new Error('the SIMD kernels lack a function');
    module = exports;
    modules.set(backend, module);
  }
  return module;
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

/** Float32 scratch of one kernel call; release it with the tensors. Even lengths may be viewed as float64. */
export function scratch(backend: BackendWasm, length: number): TensorInfo {
  return allocate(backend, [length]);
}
