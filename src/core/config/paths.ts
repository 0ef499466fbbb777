/**
 * Paths of a config: relative to its file, and never outside its workspace folder, so that opening somebody's project
 * cannot make it read or write elsewhere.
 */
import { existsSync, lstatSync, realpathSync } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';
import { isDynamicPattern } from 'tinyglobby';
import { isInside } from './workspace';

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
  kind: 'path' | 'pattern',
): ResolvedPath | string {
  if (written.includes('\0')) return 'a path cannot hold a zero character';
  const resolved =
    kind === 'pattern' && isDynamicPattern(written)
      ? resolvePattern(written, folder)
      : { path: resolve(folder, written), fixed: resolve(folder, written) };
  if (typeof resolved === 'string') return resolved;
  if (!isInside(resolved.fixed, workspace)) {
    return `"${written}" leads out of the workspace folder ${workspace}; move it there`;
  }
  return resolved;
}

function resolvePattern(pattern: string, folder: string): ResolvedPath | string {
  const parts = withSlashes(pattern).split('/');
  const first = parts.findIndex((part) => isDynamicPattern(part));
  // Braces may span slashes ("{a/b,c}"); then no single part is a pattern, and none is certain.
  const cut = first >= 0 ? Math.min(first, bracePart(parts)) : bracePart(parts);
  const rest = parts.slice(cut).join('/');
  if (/(^|[/{,(|])\.\.($|[/},)|])/.test(rest)) {
    return `"${pattern}": ".." may not follow a wildcard; write it in front`;
  }
  const leading = parts.slice(0, cut).join('/');
  const fixed = resolve(folder, pattern.startsWith('/') && leading === '' ? '/' : leading);
  const base = escapePattern(withSlashes(fixed));
  return { path: `${base.replace(/\/$/, '')}/${rest}`, fixed };
}

function withSlashes(path: string): string {
  return sep === '\\' ? path.replaceAll(sep, '/') : path;
}

function bracePart(parts: readonly string[]): number {
  const at = parts.findIndex((part) => /[{(]/.test(part));
  return at < 0 ? parts.length : at;
}

/** One-character classes instead of backslashes, which mean something else in Windows paths. */
function escapePattern(path: string): string {
  return path.replace(/[*?{}()[\]|]/g, (character) => `[${character}]`);
}

/**
 * Follows symbolic links as far as `path` exists. Returns what is wrong as a text where that leads out of the
 * workspace folder, undefined where all is well.
 */
export function linkProblem(path: string, workspace: string): string | undefined {
  let existing = path;
  while (!existsSync(existing)) {
    if (lstatSync(existing, { throwIfNoEntry: false })?.isSymbolicLink() === true) {
      return `${existing} is a broken symbolic link`;
    }
    const parent = dirname(existing);
    if (parent === existing) return undefined;
    existing = parent;
  }
  const real = realpathSync(existing);
  const root = realpathSync(workspace);
  return isInside(real, root)
    ? undefined
    : `${existing} is a symbolic link to ${real}, outside the workspace folder ${workspace}`;
}
