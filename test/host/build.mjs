// Bundles the in-host suite into build/host/suite.cjs, where both editors can load it and mocha is found.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));

/** Absolute path of the bundle. */
export async function buildHostSuite() {
  const outfile = join(here, '../../build/host/suite.cjs');
  await build({
    entryPoints: [join(here, 'index.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['vscode', 'mocha'],
    logLevel: 'warning',
  });
  return outfile;
}
