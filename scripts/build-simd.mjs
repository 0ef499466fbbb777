// Compiles the SIMD training kernels (AssemblyScript) into a TypeScript file that carries the module as base64, so
// that bundles need no further file. The result is committed; a unit test says when it is out of date.
import { readFileSync, rmSync, writeFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const folder = join(dirname(fileURLToPath(import.meta.url)), '../src/core/train/kernels/simd');

const SOURCES = [
  'multiply-add.as.ts',
  'train-kernels.as.ts',
  'gradient-kernels.as.ts',
  'conv-kernels.as.ts',
  'winograd-kernels.as.ts',
  'depthwise-kernels.as.ts',
];

/** @param {{ fused: boolean }} options */
export async function compileSimd({ fused }) {
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
      ...(fused ? ['--enable', 'relaxed-simd'] : []),
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
  const modules = {
    TRAIN_KERNELS_WASM: await compileSimd({ fused: false }),
    FUSED_TRAIN_KERNELS_WASM: await compileSimd({ fused: true }),
  };
  const constants = Object.entries(modules).map(([name, base64]) => {
    const lines = base64.match(/.{1,100}/g).map((line) => `  '${line}',`);
    return `export const ${name} = [\n${lines.join('\n')}\n].join('');\n`;
  });
  writeFileSync(
    join(folder, 'train-kernels.generated.ts'),
    `/** Compiled from *.as.ts by scripts/build-simd.mjs; do not edit. */\n${constants.join('\n')}`,
  );
  const bytes = Object.values(modules).map((base64) => Buffer.from(base64, 'base64').length);
  console.log(`train-kernels.generated.ts: ${bytes.join(' and ')} bytes of WebAssembly`);
}
