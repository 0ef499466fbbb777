/** Where the .wasm binaries of tfjs-backend-wasm lie, for a bundle and for a run from sources. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const BINARY = 'tfjs-backend-wasm-simd.wasm';

/**
 * Absolute folder, ending with a separator. The build copies the binaries beside the bundle; where they are not beside
 * this file, it is running from sources and they lie in the package itself.
 */
export function wasmFolder(): string {
  const beside = dirname(fileURLToPath(import.meta.url)) + sep;
  if (existsSync(beside + BINARY)) return beside;
  const main = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  return dirname(main) + sep;
}
