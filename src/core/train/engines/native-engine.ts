/**
 * The fastest engine where it can be had: `@tensorflow/tfjs-node`, whose install script downloads libtensorflow and so
 * fails on closed networks. It is an optional peer dependency, loaded only here and only when asked for.
 */
import { createRequire } from 'node:module';
import type { Engine, Tf } from './engine';
import { registerGradients } from '../kernels/gradients';
import { registerNativeKernels } from '../kernels/native-kernels';

export type NativeEngine = { engine: Engine } | { reason: string; cause: unknown };

/** The engine, or why there is none. */
export async function openNativeEngine(): Promise<NativeEngine> {
  restoreUtilFunctions();
  try {
    // A variable, so that neither the compiler nor the bundler looks for a package that is usually absent.
    const name = '@tensorflow/tfjs-node';
    const loaded: unknown = await import(name);
    const tf = [loaded, isRecord(loaded) ? loaded['default'] : undefined].find(isTf);
    if (tf === undefined) throw new Error('the package does not export the TensorFlow.js API');
    if (!(await tf.setBackend('tensorflow'))) throw new Error('its backend did not start');
    registerGradients(tf);
    registerNativeKernels(tf);
    return {
      engine: { name: 'native', description: `TensorFlow (tfjs-node ${tf.version_core})`, tf },
    };
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    return { reason: message.split('\n')[0] ?? message, cause };
  }
}

/** tfjs-node 4.22 calls functions of `node:util` that Node 23 removed. */
function restoreUtilFunctions(): void {
  const util: unknown = createRequire(import.meta.url)('node:util');
  if (!isRecord(util)) return;
  const removed: Record<string, (value: unknown) => boolean> = {
    isArray: Array.isArray,
    isNullOrUndefined: (value) => value === null || value === undefined,
  };
  for (const [name, repair] of Object.entries(removed)) {
    if (typeof util[name] !== 'function') util[name] = repair;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isTf(value: unknown): value is Tf {
  return (
    isRecord(value) &&
    typeof value['setBackend'] === 'function' &&
    typeof value['customGrad'] === 'function'
  );
}
