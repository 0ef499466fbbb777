/** Where engines are installed that are no part of the package: a folder of the user's, outside every project. */
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Absolute, whether or not it exists. */
export function engineCache(environment: NodeJS.ProcessEnv): string {
  return join(cacheFolder(environment), 'east-sparse');
}

function cacheFolder(environment: NodeJS.ProcessEnv): string {
  const chosen = environment['XDG_CACHE_HOME'];
  if (chosen !== undefined && chosen !== '') return chosen;
  if (process.platform === 'win32') {
    return environment['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local');
  }
  return process.platform === 'darwin'
    ? join(homedir(), 'Library', 'Caches')
    : join(homedir(), '.cache');
}
