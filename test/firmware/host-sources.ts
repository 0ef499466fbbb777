/** The sources of one random model, compiled for the host and run on examples. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { prefixed, runtimeFile } from '../../src/core/firmware/runtime-files';
import type { Vectors } from '../../src/core/firmware/vectors';
import type { HostBuild } from './host-build';
import { buildRuntime } from './host-build';

/** The runtime and what verification runs on, for models called `name`. `more`: further C files, name and text. */
export function buildVerification(
  name: string,
  more: ReadonlyMap<string, string> = new Map(),
): Promise<HostBuild> {
  return buildRuntime(
    name,
    new Map([
      ['platform.h', runtimeFile('platform.h')],
      ['platform_host.c', runtimeFile('platform_host.c')],
      ['harness.inc', prefixed(runtimeFile('harness.c'), name)],
      ...[...more].map(([file, text]): [string, string] => [
        prefixed(file, name),
        prefixed(text, name),
      ]),
    ]),
  );
}

/** Expects that these emitted files, with the runtime of `build`, pass their self-test and give the outputs of `vectors`. */
export async function expectOutputs(
  build: HostBuild,
  files: ReadonlyMap<string, string>,
  vectors: Vectors,
): Promise<void> {
  writeFileSync(join(build.folder, 'vectors.bin'), vectorBytes(vectors));
  const parts = [...files].filter(([file]) => /_(model|weights|selftest)\.[ch]$/.test(file));
  const sources = [
    ...parts.map(([file]) => file).filter((file) => file.endsWith('.c')),
    'harness.inc',
  ];
  // One translation unit: starting the compiler is most of the time.
  const unit = sources.map((file) => `#include "${file}"\n`).join('');
  for (const [file, text] of parts) writeFileSync(join(build.folder, file), text);
  const result = await build.run(await build.link('program', new Map([['unit_all.c', unit]])));
  expect(result.stderr).toBe('');
  expect(result.stdout).toContain('selftest 0\n');
  expect(result.stdout).toContain(`vectors ${vectors.inputs.length}\nmismatches 0\n`);
}

function vectorBytes({ inputs, outputs }: Vectors): Buffer {
  const count = Buffer.alloc(4);
  count.writeUInt32LE(inputs.length);
  return Buffer.concat([
    count,
    ...inputs.flatMap((input, i) => [input, outputs[i]!].map((v) => Buffer.from(v))),
  ]);
}
