// Compiles the SIMD training kernels (AssemblyScript) into a TypeScript file that carries the module as base64, so
// that bundles need no further file. The result is committed; a unit test says when it is out of date.
import { readFileSync, rmSync, writeFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const folder = join(dirname(fileURLToPath(import.meta.url)), '../src/core/train/kernels/simd');

const SOURCES = [
  'train-kernels.as.ts',
  'gradient-kernels.as.ts',
  'conv-kernels.as.ts',
  'winograd-kernels.as.ts',
  'depthwise-kernels.as.ts',
];

export async function compileSimd() {
  const temporary = mkdtempSync(join(tmpdir(), 'east-simd-'));
  const out = join(temporary, 'kernels.wasm');
  try {
    const { error, stderr } = await asc.main([
      ...SOURCES.map((name) => join(folder, name)),
      '--outFile',
      out,
      '--optimizeLevel',
      '3',
      '--noAssert',
      '--runtime',
      'stub',
      '--importMemory',
      '--enable',
      'simd',
      '--enable',
      'bulk-memory',
      '--use',
      'abort=',
    ]);
    if (error) throw new Error(`${error.message}\n${stderr.toString()}`);
    return readFileSync(out).toString('base64');
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const base64 = await compileSimd();
  const lines = base64.match(/.{1,100}/g).map((line) => `  '${line}',`);
  writeFileSync(
    join(folder, 'train-kernels.generated.ts'),
    `/** Compiled from *.as.ts by scripts/build-simd.mjs; do not edit. */\nexport const TRAIN_KERNELS_WASM = [\n${lines.join('\n')}\n].join('');\n`,
  );
  console.log(
    `train-kernels.generated.ts: ${Buffer.from(base64, 'base64').length} bytes of WebAssembly`,
  );
}
