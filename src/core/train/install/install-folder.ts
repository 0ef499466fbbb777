/** Installs an engine all or nothing: put together beside its place, renamed into it when it is known to work. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isRunning } from '../../util/processes';
import { checkDisk } from './requirements';

/**
 * `build` fills an empty folder, which then takes the place of `folder`; where it fails, nothing has changed. `bytes` is
 * the room that it needs.
 */
export async function installFolder<T>(
  folder: string,
  engine: string,
  bytes: number,
  build: (staging: string) => Promise<T>,
): Promise<T> {
  const parent = dirname(folder);
  const prefix = `installing-${engine}-`;
  await mkdir(parent, { recursive: true });
  await checkDisk(parent, bytes);
  await removeAbandoned(parent, prefix);
  const staging = await mkdtemp(join(parent, `${prefix}${process.pid}-`));
  try {
    const result = await build(staging);
    await replace(folder, staging, prefix);
    return result;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** Puts the finished folder in its place; one that was there is moved away first and comes back if that fails. */
async function replace(folder: string, staging: string, prefix: string): Promise<void> {
  if (!existsSync(folder)) return rename(staging, folder);
  const old = await mkdtemp(join(dirname(folder), `${prefix}${process.pid}-old-`));
  const aside = join(old, basename(folder));
  await rename(folder, aside);
  try {
    await rename(staging, folder);
  } catch (error) {
    await rename(aside, folder);
    throw error;
  } finally {
    await rm(old, { recursive: true, force: true });
  }
}

/** What installations left behind whose process was killed. */
async function removeAbandoned(parent: string, prefix: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const owner = name.startsWith(prefix) ? Number.parseInt(name.slice(prefix.length), 10) : NaN;
    if (!Number.isInteger(owner) || isRunning(owner)) continue;
    await rm(join(parent, name), { recursive: true, force: true });
  }
}
