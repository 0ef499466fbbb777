/** Finding the files a config names, so that every format reports a missing or unreadable one alike. */
import { statSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { globFiles, isPattern, literalFirst, splitPattern } from '../config/glob';
import { linkProblem } from '../config/paths';
import { isInside } from '../config/workspace';
import { UserError } from '../util/errors';

/**
 * Files that `pattern` (an absolute path or glob) names, sorted by path so that the order never depends on the file
 * system. What exists under just that name wins over its reading as a glob, so brackets in names do no harm. Nothing
 * outside the workspace folder is found, also not through symbolic links.
 * @param key the config key the pattern comes from, for the message
 */
export async function findFiles(
  pattern: string,
  key: string,
  workspace: string,
): Promise<string[]> {
  const split = splitPattern(pattern, workspace);
  confine(split.folder, key, workspace);
  const { folder, rest } = await literalFirst(split);
  confine(folder, key, workspace);
  if (rest === '') return [existingFile(folder, key)];
  if (!isPattern(rest)) {
    throw new UserError(`${key}: no such file`, { file: join(folder, rest) });
  }
  const found = await globFiles({ folder, rest }, { workspace });
  if (found.length === 0) {
    throw new UserError(`${key}: no file matches this pattern`, { file: join(folder, rest) });
  }
  return found;
}

/** Throws UserError where a path leaves the workspace folder, by itself or through a link. */
export function confine(path: string, key: string, workspace: string): void {
  if (!isInside(path, workspace)) {
    throw new UserError(
      `${key} leads out of the workspace folder ${workspace}; copy the data into it`,
      {
        file: path,
      },
    );
  }
  const problem = linkProblem(path, workspace);
  if (problem !== undefined) throw new UserError(`${key}: ${problem}`);
}

function existingFile(file: string, key: string): string {
  let stats: Stats;
  try {
    stats = statSync(file);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const absent = /^(ENOENT|ENOTDIR|ENAMETOOLONG)\b/.test(reason);
    throw new UserError(`${key}: ${absent ? 'no such file' : `cannot be read (${reason})`}`, {
      file,
      cause: error,
    });
  }
  if (stats.isFile()) return file;
  const found = stats.isDirectory() ? 'a folder' : 'a device or pipe';
  throw new UserError(`${key} must name files, but this is ${found}`, { file });
}
