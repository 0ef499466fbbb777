/** Builds the C runtime and test programs for the host, under AddressSanitizer and UndefinedBehaviorSanitizer. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileObjects, runProgram, WARNINGS } from '../../src/core/firmware/compile';
import type { ProgramResult } from '../../src/core/firmware/compile';
import {
  allRuntimeHeaders,
  allRuntimeSources,
  prefixed,
  runtimeFile,
} from '../../src/core/firmware/runtime-files';
import { findTool, HOST_COMPILER } from '../../src/core/firmware/toolchain';

/** Those of models whose blob is of version 1: the readers of the other one have functions of the same names. */
const FIRST_SOURCES = allRuntimeSources().filter(
  (name) => name !== 'east_blob_v2' && !name.startsWith('east_read_'),
);

const SANITIZE = ['-g', '-O1', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'];

export interface HostBuild {
  readonly folder: string;
  /** Compiles more files (name → text) and links them with the runtime; the program's path. */
  link(program: string, files: ReadonlyMap<string, string>): Promise<string>;
  run(program: string, args?: readonly string[]): Promise<ProgramResult>;
  dispose(): void;
}

/** The runtime with `east_` replaced by the model's name, and more files (name → text), compiled once. */
export async function buildRuntime(
  name: string,
  more: ReadonlyMap<string, string> = new Map(),
  sources: readonly string[] = FIRST_SOURCES,
): Promise<HostBuild> {
  const folder = mkdtempSync(join(tmpdir(), 'east-test-'));
  const compiler = findTool(HOST_COMPILER)!;
  const options = [...WARNINGS, ...SANITIZE, '-I', folder];
  const compile = async (files: ReadonlyMap<string, string>): Promise<string[]> => {
    for (const [file, text] of files) writeFileSync(join(folder, file), text);
    const paths = [...files.keys()].filter((f) => f.endsWith('.c')).map((f) => join(folder, f));
    const result = await compileObjects(compiler, options, paths, folder);
    if ('error' in result) throw new Error(result.error);
    return result.objects;
  };
  const runtime = new Map(more);
  for (const file of [
    ...allRuntimeHeaders().map((h) => `${h}.h`),
    ...sources.map((s) => `${s}.c`),
  ]) {
    runtime.set(prefixed(file, name), prefixed(runtimeFile(file), name));
  }
  const objects = await compile(runtime);
  return {
    folder,
    async link(program, files) {
      const path = join(folder, program);
      const all = [...objects, ...(await compile(files))];
      const linked = await runProgram(compiler, [...SANITIZE, ...all, '-o', path]);
      if (linked.code !== 0) throw new Error(linked.stderr);
      return path;
    },
    run: (program, args = []) =>
      runProgram(program, args, {
        cwd: folder,
        env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' },
      }),
    dispose: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
