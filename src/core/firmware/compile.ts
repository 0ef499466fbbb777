/** Runs compilers and other programs for verification and measuring. */
import { execFile } from 'node:child_process';
import { basename, join } from 'node:path';

export interface ProgramResult {
  /** 0 on success; undefined when it did not start or was killed (time limit). */
  readonly code: number | undefined;
  /** Standard output and standard error, one after the other. */
  readonly stdout: string;
  readonly stderr: string;
}

const OUTPUT_LIMIT = 16 * 1024 * 1024;

export interface ProgramOptions {
  readonly cwd?: string;
  readonly timeoutSeconds?: number;
  readonly env?: NodeJS.ProcessEnv;
  /** Kills the program when aborted. */
  readonly signal?: AbortSignal | undefined;
}

/** Never rejects; a program that cannot be started gives code undefined and the reason on stderr. */
export function runProgram(
  program: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<ProgramResult> {
  const { timeoutSeconds = 120, ...rest } = options;
  return new Promise((resolve) => {
    const child = execFile(
      program,
      [...args],
      {
        ...rest,
        timeout: timeoutSeconds * 1000,
        killSignal: 'SIGKILL',
        maxBuffer: OUTPUT_LIMIT,
        encoding: 'utf8',
        windowsHide: true,
      },
      (error, stdout, stderr) => {
        const reason =
          error === null || typeof error.code === 'number'
            ? ''
            : error.killed === true
              ? `stopped after ${timeoutSeconds} seconds`
              : error.message;
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : undefined;
        resolve({ code, stdout, stderr: reason === '' ? stderr : `${stderr}${reason}\n` });
      },
    );
    child.stdin?.end();
  });
}

/** Compiler options the sources are meant for; the CMake snippet, verification and code measurement use the same. */
export const CODE_OPTIONS: readonly string[] = ['-O2', '-ffunction-sections', '-fdata-sections'];

export const WARNINGS: readonly string[] = [
  '-std=c99',
  '-Wall',
  '-Wextra',
  '-Wconversion',
  '-Wpedantic',
  '-Werror',
];

/**
 * Compiles each C file to an object in `folder`, two at a time. Returns the objects, or what the compiler said of the
 * first file it rejected.
 */
export async function compileObjects(
  compiler: string,
  options: readonly string[],
  files: readonly string[],
  folder: string,
  signal?: AbortSignal,
): Promise<{ objects: string[] } | { error: string }> {
  const objects = files.map((file) => join(folder, `${basename(file, '.c')}.o`));
  let next = 0;
  let error: string | undefined;
  const work = async (): Promise<void> => {
    while (next < files.length && error === undefined) {
      const i = next++;
      const result = await runProgram(compiler, [...options, '-c', files[i]!, '-o', objects[i]!], {
        signal,
      });
      if (result.code !== 0)
        error ??= `${basename(files[i]!)} does not compile:\n${excerpt(result)}`;
    }
  };
  await Promise.all([work(), work()]);
  return error === undefined ? { objects } : { error };
}

/** The first lines a program printed, for a message. */
export function excerpt({ stdout, stderr }: ProgramResult, lines = 12): string {
  return `${stderr}${stdout}`.trim().split('\n').slice(0, lines).join('\n');
}
