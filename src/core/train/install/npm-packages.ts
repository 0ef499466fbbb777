/** Packages from the npm registry in a folder of their own. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runOrFail } from './command';
import { defined } from '../../util/defined';

/**
 * Installs exact versions without running their scripts, which only download or build what is not needed.
 *
 * @param purpose what for, as in "could not <purpose>"
 * @param npm its program
 * @throws UserError
 */
export async function installPackages(
  purpose: string,
  npm: string,
  name: string,
  dependencies: Readonly<Record<string, string>>,
  { cwd, abort }: { readonly cwd: string; readonly abort?: AbortSignal },
): Promise<void> {
  await writeFile(join(cwd, 'package.json'), JSON.stringify({ name, private: true, dependencies }));
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
  await runOrFail(purpose, npm, ['install', ...quiet], { cwd, ...defined({ abort }) });
}
