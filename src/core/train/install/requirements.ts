/** What the machine must be and have, looked at before anything is downloaded. Every answer says what to do. */
import { statfs } from 'node:fs/promises';
import { UserError } from '../../util/errors';
import { readSystemFile } from '../../util/system-file';
import { run } from './command';

/** What the library in the TensorFlow wheel was built for (manylinux_2_27). */
const OLDEST_GLIBC = [2, 27] as const;
const MIB = 2 ** 20;

export interface Machine {
  readonly platform: string;
  readonly arch: string;
  /** Of the GNU C library, e.g. `2.36`; undefined on systems with another one. */
  readonly glibc: string | undefined;
  /** Feature names of the processor; undefined where unknown. */
  readonly processor: readonly string[] | undefined;
}

export function thisMachine(): Machine {
  return {
    platform: process.platform,
    arch: process.arch,
    glibc: glibcVersion(),
    processor: processorFlags(),
  };
}

/** @throws UserError where the library cannot run. */
export function checkMachine({ platform, arch, glibc, processor }: Machine): void {
  if (platform !== 'linux' || arch !== 'x64') {
    throw new UserError(
      `east engine install native works on Linux on x86-64; this is ${platform} on ${arch}. ` +
        'Train with the engine "wasm"; or, where its installer can download libtensorflow, run ' +
        '"npm install @tensorflow/tfjs-node@4.22.0" in the workspace.',
    );
  }
  if (glibc === undefined) {
    throw new UserError(
      'the TensorFlow library needs the GNU C library, which this system (Alpine?) does not use; ' +
        'train with the engine "wasm"',
    );
  }
  const [major = 0, minor = 0] = glibc.split('.').map(Number);
  if (major < OLDEST_GLIBC[0] || (major === OLDEST_GLIBC[0] && minor < OLDEST_GLIBC[1])) {
    throw new UserError(
      `the TensorFlow library needs glibc ${OLDEST_GLIBC.join('.')} or newer, this system has ${glibc}; ` +
        'train with the engine "wasm"',
    );
  }
  if (processor !== undefined && !processor.includes('avx')) {
    throw new UserError(
      'the TensorFlow library needs a processor with AVX, which this one has not; train with the engine "wasm"',
    );
  }
}

/** The C++ compiler's command. */
export async function findCompiler(): Promise<string> {
  return firstThatRuns(
    [process.env['CXX'] ?? '', 'c++', 'g++', 'clang++'],
    ['--version'],
    'a C++ compiler, which builds the part between Node.js and TensorFlow. Install one ("apt install g++", "dnf install gcc-c++"), or name it in the environment variable CXX',
  );
}

export async function findNpm(): Promise<string> {
  return firstThatRuns(['npm'], ['--version'], 'npm, which comes with Node.js');
}

export async function findPython(): Promise<string> {
  return firstThatRuns(
    ['python3', 'python'],
    ['-c', 'import sys; assert sys.version_info >= (3, 7)'],
    'Python 3, which unpacks the TensorFlow wheel. Install it ("apt install python3-pip"), or give an unpacked library with --from',
  );
}

/** @throws UserError unless this Python has pip. */
export async function checkPip(python: string): Promise<void> {
  if ((await run(python, ['-m', 'pip', '--version']))?.status === 0) return;
  throw new UserError(
    `${python} has no pip, which downloads the TensorFlow wheel. Install it ("apt install python3-pip"), ` +
      'or download the wheel elsewhere and give it with --from',
  );
}

/** @throws UserError unless the file system of `folder` has that much room, in bytes. */
export async function checkDisk(folder: string, needed: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free >= needed) return;
  throw new UserError(
    `installing needs ${Math.ceil(needed / MIB)} MiB of disk space, ${Math.floor(free / MIB)} MiB are free`,
    { file: folder },
  );
}

async function firstThatRuns(
  commands: readonly string[],
  args: readonly string[],
  what: string,
): Promise<string> {
  for (const command of commands) {
    if (command !== '' && (await run(command, args))?.status === 0) return command;
  }
  throw new UserError(`installing the engine needs ${what}`);
}

function glibcVersion(): string | undefined {
  if (process.platform !== 'linux') return undefined;
  const report: unknown = process.report.getReport();
  const header: unknown =
    typeof report === 'object' && report !== null ? Reflect.get(report, 'header') : undefined;
  const version: unknown =
    typeof header === 'object' && header !== null
      ? Reflect.get(header, 'glibcVersionRuntime')
      : undefined;
  return typeof version === 'string' ? version : undefined;
}

function processorFlags(): string[] | undefined {
  const flags = /^flags\s*:(.*)$/m.exec(readSystemFile('/proc/cpuinfo') ?? '')?.[1];
  return flags?.trim().split(/\s+/);
}
