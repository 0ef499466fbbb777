/**
 * What the files of a data set were when something was made from them, and in what they differ today. A run keeps it, so
 * that data which changed between its stop and its resume does not go unnoticed; whatever is kept by the content of the
 * data can take `contentHash` for its key.
 */
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { posix, relative } from 'node:path';
import type { DatasetConfig } from '../config/config';
import { withSlashes } from '../config/glob';
import { UserError } from '../util/errors';
import { withOpenFile, type FileKind } from '../util/read-file';
import { findFiles } from './files';
import { listSounds } from './background';
import { IMAGES, listClassFolder, SOUNDS } from './class-folders';
import { breathe } from './progress';

/** A file, or all files of a folder that holds many. */
export interface DataEntry {
  /** Relative to the workspace folder, with forward slashes; a folder's ends in one. */
  readonly path: string;
  readonly files: number;
  readonly bytes: number;
  /** Of names, sizes and times of change: while it is the same, nobody need read the content again. */
  readonly stamp: string;
  /** SHA-256 of the content; of a folder that of its files' names and contents. */
  readonly sha256: string;
}

/** Sorted by path, each path once. */
export type DataFingerprint = readonly DataEntry[];

/** Of a folder with more files one entry stands for all. */
const MOST_FILES = 100;
/** With more entries every folder is one. */
const MOST_ENTRIES = 2000;
const PIECE = 1 << 20;
/** Bytes that are hashed before other work gets a turn. */
const BREATH = 32 * PIECE;

type DataFiles = Pick<
  DatasetConfig,
  'format' | 'train' | 'test' | 'trainLabels' | 'testLabels' | 'background'
>;

interface Found {
  readonly path: string;
  readonly file: string;
  readonly bytes: number;
  readonly stamp: string;
}

/**
 * Files that are not there, or cannot be read, are not in it: the readers of the data say more about them.
 * @param known an earlier fingerprint: what has its sizes and times is taken to have its content, and is not read
 */
export async function fingerprintData(
  config: DataFiles,
  workspace: string,
  known: DataFingerprint = [],
): Promise<DataFingerprint> {
  const found = (await listDataFiles(config, workspace)).flatMap((file) => lookAt(file, workspace));
  const before = new Map(known.map((entry) => [entry.path, entry]));
  const kind = config.format === 'images' ? 'picture' : 'data';
  const entries: DataEntry[] = [];
  let sinceBreath = 0;
  for (const group of groupsOf(found)) {
    const recorded = before.get(group.path);
    if (recorded !== undefined && recorded.stamp === group.stamp) {
      entries.push(recorded);
      continue;
    }
    const hashes: DataEntry[] = [];
    for (const { path, file, bytes, stamp } of group.members) {
      const sha256 = hashOf(file, kind);
      if (sha256 !== undefined) hashes.push({ path, files: 1, bytes, stamp, sha256 });
      sinceBreath += bytes;
      if (sinceBreath < BREATH) continue;
      sinceBreath = 0;
      await breathe();
    }
    if (group.path.endsWith('/')) entries.push(folded(group.path, hashes));
    else entries.push(...hashes);
  }
  return entries.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * What has changed, a clause each: `train.csv has 40 bytes instead of 50`. Content alone counts: a file that was only
 * touched, or lies in another workspace folder, has not changed.
 */
export function dataChanges(before: DataFingerprint, now: DataFingerprint): string[] {
  const folders = new Set(
    [...before, ...now].flatMap(({ path }) => (path.endsWith('/') ? [path] : [])),
  );
  const old = byPath(before, folders);
  const present = byPath(now, folders);
  const paths = [...new Set([...old.keys(), ...present.keys()])].sort();
  return paths.flatMap((path) => change(path, old.get(path), present.get(path)) ?? []);
}

/** The first few changes in a line, and how many more there are. */
export function describeChanges(changes: readonly string[]): string {
  const shown = changes.slice(0, MOST_SHOWN).join(', ');
  const more = changes.length - MOST_SHOWN;
  return more > 0 ? `${shown}, and ${more} more` : shown;
}

const MOST_SHOWN = 5;

/** SHA-256 of names and contents, wherever the workspace lies and whenever the files were written. */
export function contentHash(fingerprint: DataFingerprint): string {
  const hash = createHash('sha256');
  for (const { path, sha256 } of fingerprint) hash.update(`${sha256} ${path}\n`);
  return hash.digest('hex');
}

/** Absolute paths, each once. */
async function listDataFiles(config: DataFiles, workspace: string): Promise<string[]> {
  const lists = await Promise.all(
    (['train', 'trainLabels', 'test', 'testLabels'] as const).map(async (name) => {
      const path = config[name];
      if (path === undefined) return [];
      const key = `dataset.${name}`;
      try {
        if (name === 'trainLabels' || name === 'testLabels') {
          return await findFiles(path, key, workspace);
        }
        return await listExamples(config, name, key, workspace);
      } catch (error) {
        if (error instanceof UserError) return [];
        throw error;
      }
    }),
  );
  const noise = config.background?.folder;
  const files = noise === undefined ? [] : await soundsIn(noise, workspace);
  return [...new Set([...lists.flat(), ...files])];
}

async function listExamples(
  config: DataFiles,
  set: 'train' | 'test',
  key: string,
  workspace: string,
): Promise<readonly string[]> {
  const path = config[set];
  switch (config.format) {
    case 'images':
      return listClassFolder(IMAGES, path, key, workspace, 'optional').files;
    case 'wav': {
      const labels = set === 'train' ? config.trainLabels : config.testLabels;
      return labels === undefined
        ? listClassFolder(SOUNDS, path, key, workspace).files
        : await soundsIn(path, workspace);
    }
    default:
      return findFiles(path, key, workspace);
  }
}

async function soundsIn(folder: string, workspace: string): Promise<string[]> {
  try {
    return await listSounds(folder, 'dataset', workspace);
  } catch (error) {
    if (error instanceof UserError) return [];
    throw error;
  }
}

function lookAt(file: string, workspace: string): Found[] {
  try {
    const { size, mtimeMs } = statSync(file);
    const path = withSlashes(relative(workspace, file));
    return [{ path, file, bytes: size, stamp: `${size} ${mtimeMs}` }];
  } catch {
    return [];
  }
}

interface Group {
  readonly path: string;
  readonly stamp: string;
  readonly members: readonly Found[];
}

function groupsOf(found: readonly Found[]): Group[] {
  const folders = inFolders(found);
  const most = found.length > MOST_ENTRIES ? 1 : MOST_FILES;
  return [...folders].flatMap(([path, members]): Group[] => {
    if (members.length > most) return [{ path, stamp: stampOf(members), members }];
    return members.map((file) => ({ path: file.path, stamp: file.stamp, members: [file] }));
  });
}

/** `./` for the workspace folder itself. */
function folderOf(path: string): string {
  return `${posix.dirname(path)}/`;
}

function byPath(
  fingerprint: DataFingerprint,
  folders: ReadonlySet<string>,
): Map<string, DataEntry> {
  const isOwn = ({ path }: DataEntry): boolean =>
    path.endsWith('/') || !folders.has(folderOf(path));
  const own = fingerprint.filter(isOwn).map((entry) => [entry.path, entry] as const);
  const others = inFolders(fingerprint.filter((entry) => !isOwn(entry)));
  return new Map([
    ...own,
    ...[...others].map(([path, members]) => [path, folded(path, members)] as const),
  ]);
}

/** By the folder they lie in. */
function inFolders<T extends { readonly path: string }>(files: readonly T[]): Map<string, T[]> {
  const folders = new Map<string, T[]>();
  for (const file of files) {
    const folder = folderOf(file.path);
    const members = folders.get(folder);
    if (members === undefined) folders.set(folder, [file]);
    else members.push(file);
  }
  return folders;
}

/** The entry of a folder, from those of its files. */
function folded(path: string, members: readonly DataEntry[]): DataEntry {
  return {
    path,
    files: members.length,
    bytes: members.reduce((sum, { bytes }) => sum + bytes, 0),
    stamp: stampOf(members),
    sha256: contentHash([...members].sort((a, b) => (a.path < b.path ? -1 : 1))),
  };
}

function stampOf(members: readonly Pick<DataEntry, 'path' | 'stamp'>[]): string {
  const hash = createHash('sha256');
  const lines = members.map(({ path, stamp }) => `${path} ${stamp}\n`).sort();
  for (const line of lines) hash.update(line);
  return hash.digest('hex');
}

function change(
  path: string,
  before: DataEntry | undefined,
  now: DataEntry | undefined,
): string | undefined {
  if (before === undefined) return `${path} is new`;
  if (now === undefined) return `${path} is gone`;
  if (before.sha256 === now.sha256) return undefined;
  if (before.files !== now.files)
    return `${path} has ${now.files} files instead of ${before.files}`;
  if (before.bytes !== now.bytes)
    return `${path} has ${now.bytes} bytes instead of ${before.bytes}`;
  return `${path} has other content`;
}

/** undefined where it cannot be read. */
function hashOf(file: string, kind: FileKind): string | undefined {
  try {
    return withOpenFile(file, kind, ({ size, read }) => {
      const hash = createHash('sha256');
      const piece = Buffer.allocUnsafe(Math.min(size, PIECE));
      for (let position = 0; position < size;) {
        const bytes = read(piece, position);
        if (bytes === 0) break;
        hash.update(piece.subarray(0, bytes));
        position += bytes;
      }
      return hash.digest('hex');
    });
  } catch {
    return undefined;
  }
}
