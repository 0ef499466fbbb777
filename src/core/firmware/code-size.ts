/**
 * Flash that the generated code takes, which depends on the kernels and weight formats in use and on nothing else: the budget
 * solver needs it before training. Measured with the cross compiler where it is installed, else from a committed table
 * (`npm run generate` writes it).
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FrontendConfig } from '../frontends/config';
import { FRONTEND_STUB, STREAM_FRONTEND_STUB } from '../frontends/interface';
import type { Graph } from '../graph/graph';
import type { PossibleFormats } from '../formats/formats';
import { CODE_OPTIONS, compileObjects, runProgram } from './compile';
import { INTERFACE_FUNCTIONS } from './interface-functions';
import { STREAM_FUNCTIONS } from './stream-source';
import { FIRST_READER } from './blob-reader';
import {
  codeFrom,
  codeTable,
  FRONTEND_INTERFACE,
  INTERFACE,
  STREAM_FRONTEND_INTERFACE,
  STREAM_INTERFACE,
  type CodeSize,
} from './code-table';
import { objectSections } from './object-sections';
import { allRuntimeHeaders, runtimeFile, runtimeSources } from './runtime-files';
import { withTemporaryFolder } from './temporary-folder';
import type { Target } from './targets/target';
import { findTool } from './toolchain';

export type { CodeSize } from './code-table';

/** Code of each file by name without ending; `east_model` is the interface. */
export type CodeSizes = Readonly<Record<string, number>>;

const measured = new Map<string, Promise<CodeSizes | undefined>>();

/** Bytes of code for the network on a target, compiled as the CMake snippet does. Measures a set of kernels once. */
export async function codeBytes(
  graph: Graph,
  formats: PossibleFormats,
  target: Target,
  frontend?: FrontendConfig,
): Promise<CodeSize> {
  const files = runtimeSources(graph, formats, FIRST_READER, frontend);
  const key = [target.name, ...files].join();
  let sizes = measured.get(key);
  if (sizes === undefined) {
    sizes = measureCodeSize(files, target);
    measured.set(key, sizes);
  }
  const result = await sizes;
  if (result === undefined) return codeTable(graph, formats, target, frontend);
  const bytesOf = (file: string): number => sizeOf(result, file);
  return codeFrom(graph, formats, 'measured', bytesOf, FIRST_READER, frontend);
}

/**
 * Compiles the named runtime files and the interface. Undefined where the cross compiler is missing or does not work
 * (installed without its C library, for example); verification says what is wrong with it.
 */
export async function measureCodeSize(
  files: readonly string[],
  target: Target,
): Promise<CodeSizes | undefined> {
  const compiler = findTool(target.compiler);
  const sizeProgram = findTool(target.sizeProgram);
  if (compiler === undefined || sizeProgram === undefined) return undefined;
  return withTemporaryFolder('east-code-', async (folder) => {
    for (const header of allRuntimeHeaders()) {
      writeFileSync(join(folder, `${header}.h`), runtimeFile(`${header}.h`));
    }
    for (const file of files) writeFileSync(join(folder, `${file}.c`), runtimeFile(`${file}.c`));
    const stream = files.includes('east_stream');
    const frontend = files.includes('east_frontend');
    const interfaces = [
      INTERFACE,
      ...(stream ? [STREAM_INTERFACE] : []),
      ...(frontend ? [FRONTEND_INTERFACE] : []),
      ...(stream && frontend ? [STREAM_FRONTEND_INTERFACE] : []),
    ];
    for (const file of interfaces) writeFileSync(join(folder, `${file}.c`), STUBS[file] ?? '');
    const names = [...files, ...interfaces];
    const sources = names.map((file) => join(folder, `${file}.c`));
    const options = [...target.options, '-std=c99', ...CODE_OPTIONS];
    const compiled = await compileObjects(compiler, options, sources, folder);
    if ('error' in compiled) return undefined;
    const sizes: Record<string, number> = {};
    for (const [i, file] of names.entries()) {
      const sections = await objectSections(sizeProgram, 'east', [compiled.objects[i]!]);
      sizes[file] = sections.code;
    }
    // Both stand in one file, where one may become a part of the other: what it is more counts.
    for (const [file, network] of FRONTENDS_OF) {
      const both = sizes[file];
      if (both !== undefined) sizes[file] = both - sizeOf(sizes, network);
    }
    return sizes;
  });
}

/** Version of the target's compiler, or undefined. */
export async function compilerVersion(target: Target): Promise<string | undefined> {
  const compiler = findTool(target.compiler);
  if (compiler === undefined) return undefined;
  const { code, stdout } = await runProgram(compiler, ['-dumpfullversion']);
  return code === 0 ? stdout.trim() : undefined;
}

/** What a front end adds to an interface is measured in one file with it. */
const FRONTENDS_OF = [
  [FRONTEND_INTERFACE, INTERFACE],
  [STREAM_FRONTEND_INTERFACE, STREAM_INTERFACE],
] as const;

/** The interface of a model without a model: its code is the same for all. */
const INVOKE = 'enum east_status east_invoke(const int8_t *input, int8_t *output);';
const STREAM_STUB = stub(
  `#include "east_stream.h"
enum east_status east_advance(const int8_t *input, int8_t *output);
void east_restart(void);`,
  `static const struct east_kept east_kept_tensors[1] = {{0, 1, 1, 0}};
static const struct east_stream east_network_stream = {&east_network, east_kept_tensors, 0, 2, 1};
${STREAM_FUNCTIONS}`,
);
const STUBS: Readonly<Record<string, string>> = {
  [INTERFACE]: stub(INVOKE, INTERFACE_FUNCTIONS),
  [FRONTEND_INTERFACE]: `${stub(INVOKE, INTERFACE_FUNCTIONS)}${FRONTEND_STUB}`,
  [STREAM_INTERFACE]: STREAM_STUB,
  [STREAM_FRONTEND_INTERFACE]: `${STREAM_STUB}${STREAM_FRONTEND_STUB}`,
};

function stub(declarations: string, functions: string): string {
  return `#include "east_kernels.h"
${declarations}
int8_t *east_input(void);
enum east_status east_check_weights(void);
static uint32_t east_arena[1];
static const struct east_model east_network = {0, 1, 1, 0, (int8_t *)east_arena, 0, 1, 0, 1, 1, 1};
${functions}`;
}

function sizeOf(sizes: CodeSizes, file: string): number {
  const bytes = sizes[file];
  if (bytes === undefined) throw new Error(`The code size of ${file}.c is unknown.`);
  return bytes;
}
