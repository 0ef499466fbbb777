/**
 * The SIMD training kernels (AssemblyScript) compiled into a TypeScript file that carries the modules as base64, so that
 * bundles need no further file. Compiling takes many seconds, so a check compares the hash of the sources, which the file
 * begins with; a unit test compiles them and compares the code.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import type { GeneratedFile } from './generated-file';

const path = 'src/core/train/kernels/simd/train-kernels.generated.ts';
const folder = fileURLToPath(new URL('../../src/core/train/kernels/simd/', import.meta.url));

/** Files with exports; they import the others. */
const ENTRIES = [
  'multiply-add.as.ts',
  'train-kernels.as.ts',
  'gradient-kernels.as.ts',
  'conv-kernels.as.ts',
  'winograd-kernels.as.ts',
  'depthwise-kernels.as.ts',
];

export const simdKernels: GeneratedFile = {
  path,
  async make() {
    const modules = {
      TRAIN_KERNELS_WASM: await compileSimd({ fused: false }),
      FUSED_TRAIN_KERNELS_WASM: await compileSimd({ fused: true }),
    };
    const constants = Object.entries(modules).map(([name, base64]) => {
      const lines = base64.match(/.{1,100}/g)?.map((line) => `  '${line}',`) ?? [];
      return `export const ${name} = [\n${lines.join('\n')}\n].join('');\n`;
    });
    return `${heading()}\n${constants.join('\n')}`;
  },
  isCurrent: (committed) => Promise.resolve(committed.startsWith(`${heading()}\n`)),
};

function heading(): string {
  return `/** Compiled from *.as.ts by "npm run generate"; do not edit. Sources: ${hashOfSources()} */`;
}

function hashOfSources(): string {
  const hash = createHash('sha256').update(asc.version);
  const names = readdirSync(folder).filter((name) => name.endsWith('.as.ts'));
  for (const name of names.sort()) {
    const text = readFileSync(join(folder, name), 'utf8').replaceAll('\r\n', '\n');
    hash.update(`\0${name}\0${text}`);
  }
  return hash.digest('hex').slice(0, 16);
}

/** The module in base64, with fused multiply-adds (relaxed SIMD) or without. */
export async function compileSimd({ fused }: { readonly fused: boolean }): Promise<string> {
  const temporary = mkdtempSync(join(tmpdir(), 'east-simd-'));
  const out = join(temporary, 'kernels.wasm');
  try {
    const { error, stderr } = await asc.main([
      ...ENTRIES.map((name) => join(folder, name)),
      ...['--outFile', out, '--optimizeLevel', '3', '--noAssert', '--runtime', 'stub'],
      ...['--importMemory', '--enable', 'simd', '--enable', 'bulk-memory'],
      ...(fused ? ['--enable', 'relaxed-simd'] : []),
      ...['--use', 'abort='],
    ]);
    if (error) throw new Error(`${error.message}\n${stderr.toString()}`);
    return readFileSync(out).toString('base64');
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
