/** The one place where a backend is chosen and made ready. */
import { openCpuEngine } from './cpu-engine';
import type { Engine } from './engine';
import { openNativeEngine, type NativeOptions } from './native-engine';
import { openWasmEngine } from './wasm-engine';
import { UserError } from '../../util/errors';

/**
 * Makes the engine ready and the active one; opening it again is cheap. All copies of tfjs-core in a process share one
 * active backend: open one engine per process, or open again before switching.
 *
 * `auto` takes `native` where it is installed and works, otherwise `wasm`.
 * @throws UserError if `native` is asked for and not there.
 */
export async function openEngine(
  choice: 'auto' | 'wasm' | 'native' | 'cpu',
  options: NativeOptions = {},
): Promise<Engine> {
  switch (choice) {
    case 'cpu':
      return openCpuEngine();
    case 'wasm':
      return openWasmEngine();
    case 'native': {
      const native = await openNativeEngine(options);
      if ('engine' in native) return native.engine;
      throw new UserError(
        native.found
          ? `The native engine could not be loaded: ${native.reason}. Install it anew with "east engine install native --force", or choose the engine "wasm".`
          : `The native engine is not installed. Install it with "east engine install native", or choose the engine "wasm".`,
        { cause: native.cause },
      );
    }
    case 'auto': {
      const native = await openNativeEngine(options);
      return 'engine' in native ? native.engine : openWasmEngine();
    }
  }
}
