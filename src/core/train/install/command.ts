/** Runs the tools of others that an installation needs, and keeps what they say for when they fail. */
import { spawn } from 'node:child_process';
import { UserError } from '../../util/errors';
import { defined } from '../../util/defined';

export interface Finished {
  /** undefined where a signal ended it. */
  readonly status: number | undefined;
  readonly signal: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly cwd?: string;
  readonly abort?: AbortSignal;
}

/** Runs to its end, whatever that is; undefined where there is no such program. Rejects when aborted. */
export function run(
  command: string,
  args: readonly string[],
  { cwd, abort }: CommandOptions = {},
): Promise<Finished | undefined> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...defined({ signal: abort }),
    });
    const [stdout, stderr] = [child.stdout, child.stderr].map((stream) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      return chunks;
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'EACCES') resolve(undefined);
      else reject(error);
    });
    child.on('close', (status, signal) => {
      resolve({
        status: status ?? undefined,
        signal: signal ?? undefined,
        stdout: Buffer.concat(stdout ?? []).toString(),
        stderr: Buffer.concat(stderr ?? []).toString(),
      });
    });
  });
}

/** Runs it and expects success. `purpose` is what it is run for, as in "could not <purpose>". */
export async function runOrFail(
  purpose: string,
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<Finished> {
  const finished = await run(command, args, options);
  if (finished?.status === 0) return finished;
  throw new UserError(
    finished
      ? `could not ${purpose}: ${command} ended with ${ending(finished)}\n${lastLines(finished)}`
      : `could not ${purpose}: there is no program "${command}"`,
  );
}

export function ending({ status, signal }: Finished): string {
  return status === undefined ? `signal ${signal ?? '?'}` : `exit code ${status}`;
}

/** The end of what it said, indented. */
export function lastLines({ stdout, stderr }: Finished, count = 12): string {
  return `${stdout}\n${stderr}`
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-count)
    .map((line) => `  ${line.trimEnd().slice(0, 300)}`)
    .join('\n');
}
