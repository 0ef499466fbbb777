/** A folder's visible content, for those who look for data; symbolic links count as what they lead to. */
import { readdir, realpath, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { isInside } from '../config/workspace';

export interface FolderContent {
  /** Names, sorted by code unit. */
  readonly files: readonly string[];
  readonly folders: readonly string[];
  /** What is neither, or a link that leads out of `root`, to a folder around itself, or nowhere. */
  readonly others: readonly string[];
}

/** Nothing where it cannot be read. Names that begin with a dot are left out. */
export async function listFolder(folder: string, root: string): Promise<FolderContent> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const files: string[] = [];
  const folders: string[] = [];
  const others: string[] = [];
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    const kind = entry.isSymbolicLink() ? await follow(resolve(folder, entry.name), root) : entry;
    if (kind?.isFile() === true) files.push(entry.name);
    else if (kind?.isDirectory() === true) folders.push(entry.name);
    else others.push(entry.name);
  }
  return { files: files.sort(), folders: folders.sort(), others };
}

async function follow(link: string, root: string) {
  try {
    const [real, inside, here] = await Promise.all(
      [link, root, dirname(link)].map(async (path) => realpath(path)),
    );
    if (real === undefined || inside === undefined || here === undefined) return undefined;
    if (!isInside(real, inside) || isInside(here, real)) return undefined;
    return await stat(real);
  } catch {
    return undefined;
  }
}
