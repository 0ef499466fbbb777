/**
 * Packages from the npm registry in a folder of their own. What is installed is settled to the byte by a lock file of EAST's
 * own: each package, also those that others need, with its version and the hash of its archive. Which registry they come
 * from is the user's to say, as for all of npm.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runOrFail } from './command';
import { defined } from '../../util/defined';

/** A package-lock.json (version 3), as far as it matters here. */
export interface PackageLock {
  readonly name: string;
  readonly packages: {
    /** The folder itself. */
    readonly '': { readonly dependencies: Readonly<Record<string, string>> };
  };
}

/**
 * Installs exactly what the lock names, without running scripts, which only download or build what is not needed.
 *
 * @param purpose what for, as in "could not <purpose>"
 * @param npm its program
 * @throws UserError, also where the registry gives another archive than the lock says
 */
export async function installPackages(
  purpose: string,
  npm: string,
  lock: PackageLock,
  { cwd, abort }: { readonly cwd: string; readonly abort?: AbortSignal },
): Promise<void> {
  const { name, packages } = lock;
  const { dependencies } = packages[''];
  await writeFile(join(cwd, 'package.json'), JSON.stringify({ name, private: true, dependencies }));
  await writeFile(join(cwd, 'package-lock.json'), JSON.stringify(lock));
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund'];
  await runOrFail(purpose, npm, ['ci', ...quiet], { cwd, ...defined({ abort }) });
}
