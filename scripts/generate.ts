/**
 * Writes every file of the repository that a program makes: `npm run generate`. With `--check`, as part of `npm run lint`,
 * it writes nothing and fails if one of them is not what its sources say.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { codeSizes } from './generate/code-size';
import { compressionCurve } from './generate/compression-curve';
import { configDocs } from './generate/config-docs';
import { editorSchema } from './generate/editor-schema';
import { engineLocks } from './generate/engine-locks';
import type { GeneratedFile } from './generate/generated-file';
import { simdKernels } from './generate/simd-kernels';
import { strictSchema } from './generate/strict-schema';
import { trustTable } from './generate/trust-table';

const FILES: readonly GeneratedFile[] = [
  strictSchema,
  configDocs,
  editorSchema,
  ...codeSizes,
  simdKernels,
  compressionCurve,
  ...engineLocks,
  trustTable,
];

const check = process.argv.includes('--check');
const stale: string[] = [];
for (const file of FILES) {
  const target = fileURLToPath(new URL(`../${file.path}`, import.meta.url));
  // A checkout may have other line ends than what is written here.
  const committed = existsSync(target) ? readFileSync(target, 'utf8').replaceAll('\r\n', '\n') : '';
  const obstacle = await file.obstacle?.(check ? 'check' : 'make');
  if (obstacle !== undefined) {
    console.log(`${file.path}: ${check ? 'not checked' : 'left as it is'}, ${obstacle}`);
  } else if (!check) {
    const text = await file.make();
    if (text !== committed) writeFileSync(target, text);
    console.log(`${file.path}: ${text === committed ? 'as before' : 'written'}`);
  } else if (!(await isCurrent(file, committed))) {
    stale.push(file.path);
  }
}
if (stale.length > 0) {
  console.error(`Not what their sources say: ${stale.join(', ')}. Run "npm run generate".`);
  process.exitCode = 1;
}

async function isCurrent(file: GeneratedFile, committed: string): Promise<boolean> {
  if (file.isCurrent) return file.isCurrent(committed);
  return (await file.make()) === committed;
}
