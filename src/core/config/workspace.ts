/**
 * Which folder a config belongs to, and what lies inside it. Apart from paths.ts, so that an editor that opens does not
 * load the library for patterns.
 */
import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { homeFolder } from '../util/home-folder';

export function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

const WORKSPACE_MARKS = ['.git', '.vscode', '.east'];

/**
 * Nearest folder above (or around) the config that looks like a project's root; else the config's own folder. Never
 * the home folder, where editors keep a `.vscode` of their own, unless the config lies right in it.
 */
export function findWorkspace(file: string): string {
  const own = dirname(resolve(file));
  const home = homeFolder();
  for (let folder = own; ; folder = dirname(folder)) {
    if (folder === home) return own;
    if (WORKSPACE_MARKS.some((mark) => existsSync(join(folder, mark)))) return folder;
    if (dirname(folder) === folder) return own;
  }
}
