/** The one place where a backend is chosen and made ready. */
import { openCpuEngine } from './cpu-engine';
import type { Engine } from './engine';
import { openNativeEngine } from './native-engine';
import { openWasmEngine } from './wasm-engine';
import { UserError } from '../../util/errors';

/**
 * Makes the engine ready and the active one of its tfjs-core; opening it again is cheap. `wasm` and `cpu` share one
 * tfjs-core and hence one active backend: open one of them per process, or open again before switching.
 *
 * `auto` takes `native` where the optional `@tensorflow/tfjs-node` is installed and works, otherwise `wasm`.
 * @throws UserError if `native` is asked for and not there.
 */
export async function openEngine(choice: 'auto' | 'wasm' | 'native' | 'cpu'): Promise<Engine> {
  switch (choice) {
    case 'cpu':
      return openCpuEngine();
    case 'wasm':
      return openWasmEngine();
    case 'native': {
      const native = await openNativeEngine();
      if ('engine' in native) return native.engine;
      throw new UserError(
        `The native engine needs the optional package @tensorflow/tfjs-node, which could not be loaded ` +
          `(${native.reason}). Install it with "npm install @tensorflow/tfjs-node", or choose the engine "wasm".`,
        { cause: native.cause },
      );
    }
    case 'auto': {
      const native = await openNativeEngine();
      return 'engine' in native ? native.engine : openWasmEngine();
    }
  }
}
