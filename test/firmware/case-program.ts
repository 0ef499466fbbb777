/** C programs of the tests that do many cases in one process: what goes in is cases.bin, what comes out results.bin. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { HostBuild } from './host-build';

export interface ProgramCase {
  /** Written before the content, as little-endian uint32. */
  readonly header: readonly number[];
  readonly content: Uint8Array;
}

/**
 * Links one of this folder's programs, and `more` files by name, with the runtime of `build`. What comes back runs it, expects that nothing is
 * complained of, and gives the content of results.bin.
 */
export async function linkCaseProgram(
  build: HostBuild,
  file: string,
  more: ReadonlyMap<string, string> = new Map(),
): Promise<(cases: readonly ProgramCase[]) => Promise<Buffer>> {
  const sources = [file, 'case_file.h'].map((name): [string, string] => [
    name,
    readFileSync(new URL(name, import.meta.url), 'utf8'),
  ]);
  const program = await build.link('cases', new Map([...sources, ...more]));
  return async (cases) => {
    const parts = cases.flatMap(({ header, content }) => {
      const numbers = Buffer.alloc(4 * header.length);
      header.forEach((value, i) => numbers.writeUInt32LE(value, 4 * i));
      return [numbers, content];
    });
    writeFileSync(join(build.folder, 'cases.bin'), Buffer.concat(parts));
    const result = await build.run(program);
    expect(result.stderr).toBe('');
    expect(result.code).toBe(0);
    return readFileSync(join(build.folder, 'results.bin'));
  };
}
