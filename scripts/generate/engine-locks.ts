/**
 * What `east engine install` gets from the npm registry, settled to the byte: `npm run generate` asks npm for what the
 * packages need and keeps what is locked already. The check asks nobody: it looks whether a lock is of the packages that
 * the code names, and whether it pins all of them.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import * as v from 'valibot';
import { NATIVE_PACKAGES } from '../../src/core/train/engines/native-folder';
import { WEBGPU_PACKAGES } from '../../src/core/train/engines/webgpu-folder';
import { isRecord } from '../../src/core/util/is-record';
import type { GeneratedFile } from './generated-file';

const root = resolve(import.meta.dirname, '../..');

const lockSchema = v.object({
  name: v.string(),
  lockfileVersion: v.literal(3),
  packages: v.record(
    v.string(),
    v.looseObject({
      version: v.optional(v.string()),
      integrity: v.optional(v.pipe(v.string(), v.regex(/^sha512-/))),
      resolved: v.optional(v.never()),
      dependencies: v.optional(v.record(v.string(), v.string())),
    }),
  ),
});

export const engineLocks: readonly GeneratedFile[] = [
  lockOf('native', 'east-native-engine', NATIVE_PACKAGES),
  lockOf('webgpu', 'east-gpu-engine', WEBGPU_PACKAGES),
];

function lockOf(
  engine: string,
  name: string,
  dependencies: Readonly<Record<string, string>>,
): GeneratedFile {
  const path = `src/core/train/install/${engine}.lock.json`;
  return {
    path,
    make: () => lockedBy(join(root, path), name, dependencies),
    isCurrent: async (committed) => lockProblem(committed, name, dependencies) === undefined,
  };
}

/** Why a text is no lock of these packages; undefined where it is one. */
export function lockProblem(
  text: string,
  name: string,
  dependencies: Readonly<Record<string, string>>,
): string | undefined {
  const checked = v.safeParse(lockSchema, JSON.parse(text));
  if (!checked.success) return checked.issues[0].message;
  const { packages } = checked.output;
  const wanted = JSON.stringify(Object.entries(packages['']?.dependencies ?? {}).sort());
  if (
    checked.output.name !== name ||
    wanted !== JSON.stringify(Object.entries(dependencies).sort())
  )
    return 'it is of other packages';
  const open = Object.entries(packages).find(
    ([place, { version, integrity }]) => place !== '' && (version === undefined || !integrity),
  );
  return open === undefined ? undefined : `${open[0]} is not pinned`;
}

async function lockedBy(
  committed: string,
  name: string,
  dependencies: Readonly<Record<string, string>>,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'east-lock-'));
  try {
    const lock = join(folder, 'package-lock.json');
    await writeFile(
      join(folder, 'package.json'),
      JSON.stringify({ name, private: true, dependencies }),
    );
    const before = await readFile(committed, 'utf8').catch(() => undefined);
    if (before !== undefined) await writeFile(lock, before);
    const quiet = ['--ignore-scripts', '--no-audit', '--no-fund'];
    await promisify(execFile)(
      'npm',
      ['install', '--package-lock-only', '--omit-lockfile-registry-resolved', ...quiet],
      { cwd: folder },
    );
    const made: unknown = JSON.parse(await readFile(lock, 'utf8'));
    if (!isRecord(made)) throw new Error('npm wrote no lock');
    return `${JSON.stringify(made, null, 2)}\n`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
