// Bundles what runs in an extension host into build/host/, where both editors can load it and mocha is found.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));

/** Absolute path of the bundle; `entry` is a file of this folder without its ending. */
export async function buildHostSuite(entry = 'index') {
  const outfile = join(here, '../../build/host', `${entry === 'index' ? 'suite' : entry}.cjs`);
  await build({
    entryPoints: [join(here, `${entry}.ts`)],
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
