// Large programs that only packaging and the editor's tests use are installed once, from the npm registry, into a
// cache outside the work tree: by name and by the hash of what was asked for, so that a new version is a new folder.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { root } from './steps.mjs';

const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'east-sparse');
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

export class InstallError extends Error {}

/** Runs npm with its progress on this terminal; throws InstallError where it fails. */
export async function runNpm(args, { cwd, env = process.env }) {
  console.log(`  npm ${args.join(' ')}`);
  const quiet = ['--no-audit', '--no-fund', '--loglevel', 'error'];
  const code = await new Promise((resolve) => {
    const child = spawn(npm, [...args, ...quiet], {
      cwd,
      env,
      stdio: 'inherit',
      shell: process.platform === 'win32',
    });
    child.on('error', () => resolve(127));
    child.on('exit', (status) => resolve(status ?? 1));
  });
  if (code !== 0) throw new InstallError(`npm ${args[0]} failed with exit code ${code}`);
}

/**
 * The folder of a tool, installed if it is not there yet. `source` is a folder of the repository with a package.json
 * and perhaps a lock; `install(folder)` is called in a copy of it, and only a whole installation gets the final name.
 */
export async function cachedTool(name, source, install) {
  const hash = createHash('sha256').update(`${process.platform}-${process.arch}`);
  const from = join(root, source);
  const files = (await readdir(from)).filter((file) => file.endsWith('.json')).sort();
  for (const file of files) hash.update(file).update(await readFile(join(from, file)));
  const folder = join(cache, `${name}-${hash.digest('hex').slice(0, 12)}`);
  if (await exists(folder)) return folder;

  console.log(`Installing ${name} into ${folder} (once)`);
  await mkdir(dirname(folder), { recursive: true });
  const partial = await mkdtemp(`${folder}.partial-`);
  try {
    for (const file of files) await cp(join(from, file), join(partial, file));
    await install(partial);
    await rename(partial, folder).catch(async (error) => {
      // Another process was first; its installation is the same.
      if (!(await exists(folder))) throw error;
    });
  } catch (error) {
    if (!(error instanceof InstallError)) throw error;
    throw new InstallError(
      `${name} could not be installed: ${error.message} (its messages are above). ` +
        'It comes from the npm registry; check that `npm ping` works, then try again.',
    );
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return folder;
}

async function exists(path) {
  return stat(path).then(
    () => true,
    () => false,
  );
}
