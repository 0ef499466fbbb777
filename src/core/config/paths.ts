/**
 * Paths of a config: relative to its file, and never outside its workspace folder, so that opening somebody's project
 * cannot make it read or write elsewhere.
 */
import { existsSync, lstatSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import {
  escapePattern,
  firstWildcard,
  isPattern,
  outsideText,
  splitPattern,
  unescapePattern,
  withSlashes,
} from './glob';
import { isInside } from './workspace';
import { errorCode } from '../util/file-errors';

export type PathKind = 'path' | 'pattern';

export interface ResolvedPath {
  /** Absolute path, or absolute pattern with forward slashes. */
  readonly path: string;
  /** Deepest folder (or the file) that is certain: a pattern's part in front of its first wildcard. */
  readonly fixed: string;
}

/** Without looking at the disk. Returns what is wrong as a text where the path is not acceptable. */
export function resolvePath(
  written: string,
  folder: string,
  workspace: string,
  kind: PathKind,
): ResolvedPath | string {
  if (written.includes('\0')) return 'a path cannot hold a zero character';
  const resolved =
    kind === 'pattern' && isPattern(written)
      ? resolvePattern(written, folder)
      : { path: resolve(folder, written), fixed: resolve(folder, written) };
  if (typeof resolved === 'string') return resolved;
  if (!isInside(resolved.fixed, workspace)) {
    return `"${written}" leads out of the workspace folder ${workspace}; move it there`;
  }
  return resolved;
}

/**
 * The same for a path or pattern that resolvePath has made, or that claims so: one that a run has recorded. It is never
 * another one afterwards.
 */
export function checkResolved(
  path: string,
  workspace: string,
  kind: PathKind,
): ResolvedPath | string {
  if (path.includes('\0')) return 'a path cannot hold a zero character';
  const { folder, rest } =
    kind === 'pattern' ? splitPattern(path, workspace) : { folder: path, rest: '' };
  if (!isAbsolute(folder) || resolve(folder) !== folder || !isInside(folder, workspace)) {
    return `${JSON.stringify(path)} leads out of the workspace folder ${workspace}`;
  }
  if (upwards(rest)) return `${JSON.stringify(path)}: ".." may not follow a wildcard`;
  return { path, fixed: folder };
}

function upwards(rest: string): boolean {
  return /(^|[/{,(|])\.\.($|[/},)|])/.test(rest);
}

function resolvePattern(pattern: string, folder: string): ResolvedPath | string {
  const parts = withSlashes(pattern).split('/');
  const cut = firstWildcard(parts);
  const rest = parts.slice(cut).join('/');
  if (upwards(rest)) {
    return `"${pattern}": ".." may not follow a wildcard; write it in front`;
  }
  const leading = parts.slice(0, cut).map(unescapePattern).join('/');
  const fixed = resolve(folder, pattern.startsWith('/') && leading === '' ? '/' : leading);
  if (rest === '') return { path: fixed, fixed };
  const base = escapePattern(withSlashes(fixed));
  return { path: `${base.replace(/\/$/, '')}/${rest}`, fixed };
}

/**
 * Follows symbolic links as far as `path` exists. Returns what is wrong as a text where that leads out of the
 * workspace folder, or cannot be told; undefined where all is well.
 */
export function linkProblem(path: string, workspace: string): string | undefined {
  let existing = path;
  try {
    while (!existsSync(existing)) {
      if (isLink(existing)) return `${existing} is a broken symbolic link`;
      const parent = dirname(existing);
      if (parent === existing) return undefined;
      existing = parent;
    }
    const real = realpathSync(existing);
    return isInside(real, realpathSync(workspace))
      ? undefined
      : `${existing} ${outsideText(real, workspace)}`;
  } catch (error) {
    const code = errorCode(error) ?? error;
    return `${existing} cannot be read (${String(code)})`;
  }
}

/** Where a path leads, symbolic links followed as far as it exists. */
export function realPlace(path: string): string {
  let existing = path;
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing);
  return join(realpathSync(existing), relative(existing, path));
}

/** False also for what cannot be: a path through a file, a name that is too long. */
function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return false;
  }
}
