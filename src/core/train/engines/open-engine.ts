/** The one place where a backend is chosen and made ready. */
import type { EngineChoice } from '../../config/config';
import { openCpuEngine } from './cpu-engine';
import type { Engine } from './engine';
import { openNativeEngine, type NativeOptions } from './native-engine';
import { openWasmEngine } from './wasm-engine';
import { openWebgpuEngine, type WebgpuOptions } from './webgpu-engine';
import { UserError } from '../../util/errors';

export type EngineOptions = NativeOptions & WebgpuOptions;

/**
 * Makes the engine ready and the active one; opening it again is cheap. All copies of tfjs-core in a process share one
 * active backend: open one engine per process, or open again before switching.
 *
 * `auto` takes `native` where it is installed and works, otherwise `wasm`; choose-engine.ts weighs a GPU against them.
 * @throws UserError if `native` or `webgpu` is asked for and not there.
 */
export async function openEngine(
  choice: EngineChoice,
  options: EngineOptions = {},
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
    case 'webgpu': {
      const gpu = await openWebgpuEngine(options);
      if ('engine' in gpu) return gpu.engine;
      throw new UserError(
        gpu.found
          ? `The GPU engine could not be started: ${gpu.reason}. Install or update the graphics driver, or choose the engine "wasm".`
          : `The GPU engine is not installed. Install it with "east engine install webgpu", or choose the engine "wasm".`,
        { cause: gpu.cause },
      );
    }
    case 'auto': {
      const native = await openNativeEngine(options);
      return 'engine' in native ? native.engine : openWasmEngine();
    }
  }
}
