/**
 * Any GPU, without CUDA: `@tensorflow/tfjs-backend-webgpu` over Dawn for Node (`webgpu`). Neither is part of this package;
 * they are looked for where `east engine install webgpu` puts them and where npm does, and loaded only when asked for.
 */
import { pathToFileURL } from 'node:url';
import type { Tensor } from '@tensorflow/tfjs-core';
import { isRecord } from '../../util/is-record';
import { registerGradients } from '../kernels/gradients';
import { registerWebgpuKernels } from '../kernels/webgpu-kernels';
import { floatValues } from './float-values';
import type { Engine } from './engine';
import { isTf } from './is-tf';
import type { Tf } from '../kernels/tf';
import {
  GuardedDevice,
  openDevice,
  type Gpu,
  type GpuDevice,
  type OpenDevice,
} from './webgpu-device';
import { findsGpu } from './gpu-probe';
import { packageVersion, placeOf, requireIn } from './packages';
import { withoutRegistryWarnings } from './tfjs-node-repairs';
import { isWebgpuInstalled, WEBGPU_PACKAGES, webgpuFolder } from './webgpu-folder';

export interface WebgpuOptions {
  /** A trusted folder whose node_modules may hold the packages. */
  readonly modulesFrom?: string;
  /** The only place to look, with an installation that may be incomplete: for its check. */
  readonly only?: string;
}

export type WebgpuEngine =
  | {
      readonly engine: Engine;
      /** Whether a graphics processor computes, not the processor in its place. */
      readonly hardware: boolean;
      /** For tests of what happens when it is lost. */
      readonly device: GpuDevice;
    }
  /** One phrase, and whether the packages are there but do not work. */
  | { readonly reason: string; readonly found: boolean; readonly cause?: unknown };

interface Loaded extends OpenDevice {
  readonly tf: Tf;
  readonly guarded: GuardedDevice;
}

const BACKEND = 'webgpu';
const NO_DRIVER =
  'the system has no graphics driver that it can use (Vulkan, Direct3D 12 or Metal)';
let loaded: Loaded | undefined;

/** The engine, or why there is none. */
export async function openWebgpuEngine(options: WebgpuOptions = {}): Promise<WebgpuEngine> {
  try {
    if (loaded === undefined) {
      const place = findPackages(options);
      if (place === undefined) return { reason: 'it is not installed', found: false };
      loaded = await load(place);
    }
    const { tf, name, software, device, guarded } = loaded;
    if (!(await tf.setBackend(BACKEND))) throw new Error('its backend did not start');
    registerGradients(tf);
    registerWebgpuKernels(tf);
    const version = WEBGPU_PACKAGES['@tensorflow/tfjs-backend-webgpu'];
    const build = `WebGPU ${version}, ${name}${software ? ' (software adapter)' : ''}`;
    const fetch = (compute: () => readonly Tensor[]): Promise<Float32Array[]> =>
      fetchValues(tf, guarded, compute);
    return { engine: { name: 'webgpu', build, tf, fetch }, hardware: !software, device };
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    return { reason: message.split('\n')[0] ?? message, found: true, cause };
  }
}

/** All values in one piece: a read costs a round trip to the device, however little is read. */
async function fetchValues(
  tf: Tf,
  guarded: GuardedDevice,
  compute: () => readonly Tensor[],
): Promise<Float32Array[]> {
  let results: readonly Tensor[] = [];
  let whole: Tensor | undefined;
  try {
    const values = floatValues(
      await guarded.run(() => {
        results = compute();
        whole = tf.tidy(() => tf.concat(results.map((tensor) => tf.reshape(tensor, [-1]))));
        return whole.data();
      }),
    );
    let at = 0;
    return results.map(({ size }) => values.slice(at, (at += size)));
  } finally {
    tf.dispose([...results]);
    whole?.dispose();
  }
}

/** A file to resolve the packages from; the first of the places that has them. */
function findPackages({ only, modulesFrom }: WebgpuOptions): NodeJS.Require | undefined {
  if (only !== undefined) return requireIn(only);
  const installed = webgpuFolder();
  if (isWebgpuInstalled(installed)) return requireIn(installed);
  // Whoever names a folder means that one.
  if (process.env['EAST_WEBGPU_FOLDER']) return undefined;
  return placeOf(Object.keys(WEBGPU_PACKAGES), modulesFrom);
}

async function load(require: NodeJS.Require): Promise<Loaded> {
  for (const [name, needed] of Object.entries(WEBGPU_PACKAGES)) {
    const version = packageVersion(require, name);
    if (version !== needed) throw new Error(`${name} is version ${version}, not ${needed}`);
  }
  const url = pathToFileURL(require.resolve('webgpu')).href;
  if (!findsGpu(url)) throw new Error(NO_DRIVER);
  const dawn: unknown = await import(url);
  if (!isDawn(dawn)) throw new Error('webgpu does not export Dawn');
  // GPUBuffer and others: the backend expects them where a browser has them.
  for (const [name, value] of Object.entries(dawn.globals)) {
    if (!(name in globalThis)) {
      Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    }
  }
  const gpu = dawn.create([]);
  const open = await openDevice(gpu);
  if (open === undefined) throw new Error(NO_DRIVER);
  const [tf, backend] = withoutRegistryWarnings((): unknown[] =>
    ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-webgpu'].map((name) => require(name)),
  );
  if (!isTf(tf)) throw new Error('tfjs-core does not export the TensorFlow.js API');
  if (!isBackend(backend)) throw new Error('tfjs-backend-webgpu does not export its backend');
  tf.registerBackend(BACKEND, () =>
    withNavigator(gpu, () => new backend.WebGPUBackend(open.device, open.info)),
  );
  return { ...open, tf, guarded: new GuardedDevice(open.device) };
}

/** The backend starts only where there is a `navigator.gpu`. A lasting one would make others believe in a browser. */
function withNavigator<T>(gpu: Gpu, start: () => T): T {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true });
  try {
    return start();
  } finally {
    if (before) Object.defineProperty(globalThis, 'navigator', before);
    else Reflect.deleteProperty(globalThis, 'navigator');
  }
}

interface Dawn {
  create(flags: string[]): Gpu;
  readonly globals: Readonly<Record<string, unknown>>;
}

interface Backend {
  readonly WebGPUBackend: new (
    device: GpuDevice,
    info: OpenDevice['info'],
  ) => ReturnType<Parameters<Tf['registerBackend']>[1]>;
}

function isDawn(value: unknown): value is Dawn {
  return isRecord(value) && typeof value['create'] === 'function' && isRecord(value['globals']);
}

function isBackend(value: unknown): value is Backend {
  return isRecord(value) && typeof value['WebGPUBackend'] === 'function';
}
