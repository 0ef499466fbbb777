/** Where engines are installed that are no part of the package: a folder of the user's, outside every project. */
import { join } from 'node:path';
import { UserError } from '../../util/errors';
import { homeFolder } from '../../util/home-folder';

/** Absolute, whether or not it exists. Throws UserError where the user has no home folder. */
export function engineCache(environment: NodeJS.ProcessEnv): string {
  return join(cacheFolder(environment), 'east-sparse');
}

function cacheFolder(environment: NodeJS.ProcessEnv): string {
  const chosen = environment['XDG_CACHE_HOME'];
  if (chosen !== undefined && chosen !== '') return chosen;
  if (process.platform === 'win32') {
    return environment['LOCALAPPDATA'] ?? join(requireHome(), 'AppData', 'Local');
  }
  const home = requireHome();
  return process.platform === 'darwin' ? join(home, 'Library', 'Caches') : join(home, '.cache');
}

function requireHome(): string {
  const home = homeFolder();
  if (home !== undefined) return home;
  throw new UserError(
    'there is no home folder to keep engines in; set HOME, or XDG_CACHE_HOME to a folder that can be written',
  );
}
