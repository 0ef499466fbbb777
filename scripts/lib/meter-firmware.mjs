// Builds the application of examples/meter as a firmware project would, and runs it on QEMU's Cortex-M4.
import { mkdirSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root, run } from './steps.mjs';

const folder = join(root, 'examples/meter/firmware');
const image = join(folder, 'build/meter.elf');

const sources = (directory) =>
  readdirSync(directory)
    .filter((name) => name.endsWith('.c'))
    .map((name) => join(directory, name));

mkdirSync(join(folder, 'build'), { recursive: true });
const script = readdirSync(folder).find((name) => name.endsWith('.ld'));
if (script === undefined) throw new Error(`there is no linker script in ${folder}`);
const compiled = await run('arm-none-eabi-gcc', [
  ...['-mcpu=cortex-m4', '-mthumb', '-std=c99', '-O2', '-ffunction-sections', '-fdata-sections'],
  ...['-Wall', '-Wextra', '-Werror', '-I', join(folder, 'east')],
  ...[...sources(folder), ...sources(join(folder, 'east'))],
  ...['--specs=rdimon.specs', '-nostartfiles', '-Wl,--gc-sections', '-T', join(folder, script)],
  ...['-o', image],
]);
if (compiled !== 0) process.exit(compiled);
console.log(`${relative(root, image)}:`);
await run('arm-none-eabi-size', [image]);
process.exit(
  await run('qemu-system-arm', [
    ...['-M', 'mps2-an386', '-nographic', '-icount', 'shift=0'],
    ...['-semihosting-config', 'enable=on,target=native', '-kernel', image],
  ]),
);
