/**
 * The files that a path or pattern of a config names. Folders in front of the first wildcard are taken as they are
 * called, whatever characters their names have and wherever the process runs; symbolic links are followed as long as
 * they stay inside the workspace folder, and what a pattern finds is bounded.
 */
import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import picomatch from 'picomatch';
import { UserError } from '../util/errors';
import { errorCode, isMissing } from '../util/file-errors';
import { isInside } from './workspace';

/** Files and folders that are looked at before a pattern is refused as too wide. */
const MAX_ENTRIES = 500_000;

export interface GlobOptions {
  /** Folder that no link may leave. */
  readonly workspace: string;
  /** Whether links count as what they lead to (default), or are passed over. */
  readonly links?: boolean;
  /** Whether names that begin with a dot match wildcards. Default false. */
  readonly dot?: boolean;
  /** Folders below the pattern's fixed part that are looked into. */
  readonly depth?: number;
  /** Names of folders that are passed over. */
  readonly skip?: ReadonlySet<string>;
  readonly maxEntries?: number;
}

/** Whether a path as written in a config holds a wildcard. */
export function isPattern(path: string): boolean {
  const { isGlob, negated = false } = picomatch.scan(path);
  return isGlob || negated;
}

/** One-character classes instead of backslashes, which mean something else in Windows paths. */
export function escapePattern(path: string): string {
  return path.replace(/[*?{}()[\]|]/g, (character) => `[${character}]`);
}

const ESCAPED = /\[([*?{}()[\]|])\]/g;

export function unescapePattern(path: string): string {
  return path.replace(ESCAPED, '$1');
}

export interface SplitPattern {
  /** Absolute path of the folder that is certain. */
  readonly folder: string;
  /** What follows it, with forward slashes; empty where the whole is a plain path. */
  readonly rest: string;
}

/**
 * An absolute pattern as `resolvePath` makes it, or an absolute path, taken apart in front of its first wildcard. What
 * looks like a wildcard in the workspace folder's own path is none.
 */
export function splitPattern(pattern: string, workspace: string): SplitPattern {
  const text = withSlashes(pattern);
  const root = withSlashes(workspace).replace(/\/$/, '');
  const prefix = [escapePattern(root), root].find((start) => text.startsWith(`${start}/`));
  const parts = text.slice(prefix === undefined ? 0 : prefix.length + 1).split('/');
  const first = firstWildcard(parts);
  const fixed = parts.slice(0, first).map(unescapePattern).join('/');
  const folder = prefix === undefined ? fixed || '/' : join(workspace, fixed);
  return { folder, rest: parts.slice(first).join('/') };
}

/** Index of the first part that holds a wildcard, escaped ones aside; braces and brackets may span several parts. */
export function firstWildcard(parts: readonly string[]): number {
  const plain = parts.map((part) => part.replace(ESCAPED, '_'));
  const at = plain.findIndex((part) => isPattern(part) || /[{(]/.test(part));
  return at < 0 ? parts.length : at;
}

/** As far as a folder or file exists that is called just like a part of the pattern, it is meant. */
export async function literalFirst({ folder, rest }: SplitPattern): Promise<SplitPattern> {
  const parts = rest === '' ? [] : rest.split('/');
  let at = folder;
  while (parts.length > 0) {
    const next = join(at, parts[0]!);
    const stats = await stat(next).catch(() => undefined);
    if (stats === undefined || (parts.length > 1 && !stats.isDirectory())) break;
    at = next;
    parts.shift();
  }
  return { folder: at, rest: parts.join('/') };
}

export function withSlashes(path: string): string {
  return sep === '\\' ? path.replaceAll(sep, '/') : path;
}

/** Absolute paths of all files that match, sorted by code unit. Throws UserError for a link that leaves the workspace. */
export async function globFiles(
  { folder, rest }: SplitPattern,
  options: GlobOptions,
): Promise<string[]> {
  const matches = picomatch(rest, { dot: options.dot === true, posix: true });
  const mayHold = folderMatcher(rest, options.dot === true);
  const root = await realPath(options.workspace);
  const found: string[] = [];
  let left = options.maxEntries ?? MAX_ENTRIES;
  interface Folder {
    readonly relative: string;
    readonly real: string;
    readonly depth: number;
  }
  const queue: Folder[] = [{ relative: '', real: await realPath(folder), depth: 0 }];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const { relative, real, depth } = next;
    const here = join(folder, relative);
    const entries = await list(here);
    left -= entries.length;
    if (left < 0) {
      throw new UserError(
        'the pattern has more files and folders to look through than can be data; make it narrower',
        { file: join(folder, rest) },
      );
    }
    for (const entry of entries) {
      const path = relative === '' ? entry.name : `${relative}/${entry.name}`;
      const wanted = matches(path);
      const opened =
        depth < (options.depth ?? Infinity) &&
        options.skip?.has(entry.name) !== true &&
        mayHold(path);
      if (!wanted && !opened) continue;
      if (entry.isFile()) {
        if (wanted) found.push(join(folder, path));
      } else if (entry.isDirectory()) {
        if (opened) {
          queue.push({ relative: path, real: join(real, entry.name), depth: depth + 1 });
        }
      } else if (entry.isSymbolicLink() && options.links !== false) {
        const target = await follow(join(here, entry.name), root, options.workspace, wanted);
        if (target?.file === true && wanted) found.push(join(folder, path));
        // A link to a folder around itself would go on for ever.
        if (target?.file === false && opened && !isInside(real, target.real)) {
          queue.push({ relative: path, real: target.real, depth: depth + 1 });
        }
      }
    }
  }
  return found.sort();
}

/** Whether files below a folder can match, by its path relative to the pattern's fixed part. */
function folderMatcher(rest: string, dot: boolean): (path: string) => boolean {
  const parts = rest.split('/');
  const open = (part: string): number => part.split(/[{(]/).length - part.split(/[})]/).length;
  // Alternatives that span slashes cannot be told part by part.
  if (parts.some((part) => open(part) !== 0)) return () => true;
  const matchers = parts.map((part) => picomatch(part, { dot, posix: true }));
  return (path) => {
    for (const [i, name] of path.split('/').entries()) {
      if (parts[i]?.includes('**') === true) return true;
      // The last part is the file's.
      if (i >= parts.length - 1 || matchers[i]!(name) !== true) return false;
    }
    return true;
  };
}

interface Target {
  readonly file: boolean;
  readonly real: string;
}

/** Undefined for a link that leads to neither a file nor a folder, or nowhere where nothing asks for it. */
async function follow(
  link: string,
  root: string,
  workspace: string,
  wanted: boolean,
): Promise<Target | undefined> {
  let real: string;
  try {
    real = await realpath(link);
  } catch (error) {
    if (!wanted) return undefined;
    throw new UserError('is a broken symbolic link', { file: link, cause: error });
  }
  if (!isInside(real, root)) throw new UserError(outsideText(real, workspace), { file: link });
  const stats = await stat(real).catch(() => undefined);
  if (stats?.isFile() !== true && stats?.isDirectory() !== true) return undefined;
  return { file: stats.isFile(), real };
}

/** Why a link is refused, for a message that names it. */
export function outsideText(real: string, workspace: string): string {
  return `is a symbolic link to ${real}, outside the workspace folder ${workspace}`;
}

async function realPath(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}

/** Nothing where the folder does not exist. */
async function list(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (isMissing(error)) return [];
    throw new UserError(`this folder cannot be read (${errorCode(error) ?? String(error)})`, {
      file: folder,
      cause: error,
    });
  }
}
