/** The sizes of the C runtime's structs by a target's compiler. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileObjects, runProgram } from './compile';
import { allRuntimeHeaders, runtimeFile } from './runtime-files';
import type { Target } from './targets/target';
import { withTemporaryFolder } from './temporary-folder';
import { findTool } from './toolchain';

/** Bytes by name of every struct that the runtime's headers define. Undefined where the compiler is missing or fails. */
export async function measureStructs(
  target: Pick<Target, 'compiler' | 'sizeProgram' | 'options'>,
): Promise<Readonly<Record<string, number>> | undefined> {
  const compiler = findTool(target.compiler);
  const sizeProgram = findTool(target.sizeProgram);
  if (compiler === undefined || sizeProgram === undefined) return undefined;
  return withTemporaryFolder('east-structs-', async (folder) => {
    const headers = allRuntimeHeaders().map((header) => `${header}.h`);
    for (const header of headers) writeFileSync(join(folder, header), runtimeFile(header));
    const namesIn = (header: string): string[] =>
      [...runtimeFile(header).matchAll(/^struct (east_\w+) \{/gm)].map(([, name]) => name!);
    const names = headers.flatMap(namesIn);
    const lines = [
      // Others may be of use only where macros are defined before.
      ...headers
        .filter((header) => namesIn(header).length > 0)
        .map((header) => `#include "${header}"`),
      ...names.map((name) => `char size_of_${name}[sizeof(struct ${name})];`),
    ];
    const source = join(folder, 'structs.c');
    writeFileSync(source, `${lines.join('\n')}\n`);
    const options = [...target.options, '-std=c99', '-fdata-sections', '-fno-common'];
    const compiled = await compileObjects(compiler, options, [source], folder);
    if ('error' in compiled) return undefined;
    const sections = await runProgram(sizeProgram, ['-A', ...compiled.objects]);
    const found = sections.stdout.matchAll(/^\.bss\.size_of_(\w+)\s+(\d+)/gm);
    const sizes = [...found].map(([, name, bytes]) => [name!, Number(bytes)] as const);
    if (sizes.length !== names.length) return undefined;
    return Object.fromEntries(sizes.sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
