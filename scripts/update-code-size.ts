/** Measures the C runtime with the cross compiler and writes the table that is used where there is none. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { crossCompilerVersion, measureCodeSize } from '../src/core/firmware/code-size';
import { CODE_OPTIONS } from '../src/core/firmware/emit';
import { allRuntimeSources } from '../src/core/firmware/runtime-files';

const folder = fileURLToPath(new URL('../src/core/firmware/', import.meta.url));
const files = await measureCodeSize(allRuntimeSources());
if (files === undefined) throw new Error('arm-none-eabi-gcc is missing or does not work.');
const table = {
  target: 'cortex-m4',
  compiler: `arm-none-eabi-gcc ${await crossCompilerVersion()}`,
  options: CODE_OPTIONS.join(' '),
  files,
};
writeFileSync(`${folder}code-size.json`, `${JSON.stringify(table, null, 2)}\n`);
