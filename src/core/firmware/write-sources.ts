/**
 * Puts generated sources into the firmware tree, all or nothing: a new folder is written beside the old one, then the
 * two are swapped by renaming. Whatever fails, the previous sources are still there; what a killed process left behind
 * is put right by the next call. Files somebody edited, or that are not ours, are not overwritten without `force`;
 * other files in the folder stay.
 */
import type * as NodeFs from 'node:fs';
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import type { Stats } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { UserError } from '../util/errors';
import type { Manifest } from './manifest';
import { errorCode, fileErrorReason, isMissing } from '../util/file-errors';
import { isRunning } from '../util/processes';
import { generatedText, MANIFEST, parseManifest, readManifest, sha256 } from './manifest';

export { checkSources } from './check-sources';

/** The file system, to be replaced in tests by one that fails. */
export type FileOperations = Pick<
  typeof NodeFs,
  | 'mkdirSync'
  | 'openSync'
  | 'writeFileSync'
  | 'fsyncSync'
  | 'closeSync'
  | 'renameSync'
  | 'rmSync'
  | 'chmodSync'
  | 'utimesSync'
>;

/** As they are when somebody writes. */
const real = (): FileOperations => ({
  mkdirSync,
  openSync,
  writeFileSync,
  fsyncSync,
  closeSync,
  renameSync,
  rmSync,
  chmodSync,
  utimesSync,
});

export interface WriteOptions {
  /** Overwrite edited and foreign files. */
  readonly force?: boolean;
  readonly operations?: FileOperations;
}

/**
 * Writes `files` (name → text, manifest.json among them) so that `directory` holds them and no older generated ones.
 * Returns false when everything was there already and nothing was touched. Unchanged files keep their times, so that
 * only what changed is compiled again.
 * Throws UserError where files would be lost, the path is not a plain folder, or it cannot be written.
 */
export function writeSources(
  directory: string,
  files: ReadonlyMap<string, string>,
  { force = false, operations = real() }: WriteOptions = {},
): boolean {
  const target = resolve(directory);
  try {
    const left = recoverSources(target, operations);
    if (left.length > 0) throw leftError(left, 'are not written');
    const existing = statPlainFolder(target);
    if (existing !== undefined) {
      refuseLinks(target, files);
      const manifest = force ? readManifestLeniently(target) : readManifest(target);
      if (!force) refuseLosses(target, files, manifest);
      if (isUpToDate(target, files, manifest)) return false;
      const left = swap(target, files, manifest, existing, operations);
      if (left.length > 0) throw leftError(left, 'are written');
    } else {
      const fresh = writeBeside(target, files, undefined, operations);
      try {
        rename(operations, fresh, target);
      } catch (error) {
        discard(fresh, operations);
        throw error;
      }
    }
  } catch (error) {
    throw explain(error, target);
  }
  try {
    syncFolder(dirname(target), operations);
  } catch {
    // The swap is done; should power fail now, it may be undone, which leaves the previous sources.
  }
  return true;
}

/** A user's own files that could not be moved into the new folder, and where they are still. */
interface Left {
  readonly folder: string;
  readonly names: readonly string[];
  readonly reason: string;
}

function leftError(
  [first]: readonly Left[],
  sources: 'are written' | 'are not written',
): UserError {
  const { folder = '', names = [], reason = '' } = first ?? {};
  const which =
    names.length === 0
      ? 'The previous ones, which nobody needs any more, are still in this folder'
      : `Files of yours that lay beside the previous ones are still in this folder: ${names.join(', ')}`;
  return new UserError(
    `The sources ${sources}. ${which}: ${reason}. Mend that and call "east generate" again, or move them by hand and delete the folder.`,
    { file: folder },
  );
}

/**
 * Undoes or completes what a process that was killed while writing left beside `directory`. Returns what of the user's
 * files cannot be moved back.
 */
export function recoverSources(directory: string, operations: FileOperations = real()): Left[] {
  const target = resolve(directory);
  const pattern = new RegExp(`^\\.${escapeRegExp(basename(target))}\\.east-(\\d+)-(new|old)$`);
  let names: string[];
  try {
    names = readdirSync(dirname(target));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
  const left: Left[] = [];
  // `new` sorts before `old`: only then does an unfinished new folder not stand for the target.
  for (const name of names.sort()) {
    const [, pid, kind] = pattern.exec(name) ?? [];
    if (pid === undefined || isAnothers(Number(pid))) continue;
    const leftover = join(dirname(target), name);
    // A link of that name was made by others, and leads to what is none of ours.
    if (!lstatSync(leftover).isDirectory()) continue;
    if (kind === 'new') operations.rmSync(leftover, { recursive: true, force: true });
    else if (!existsSync(target)) rename(operations, leftover, target);
    else {
      // What was forced upon files of the user is in the new manifest.
      const [before, now] = [readManifestLeniently(leftover), readManifestLeniently(target)];
      const isReplaced = (name: string): boolean => now?.files[name] !== undefined;
      left.push(...retire(leftover, target, before, isReplaced, operations));
    }
  }
  return left;
}

function swap(
  target: string,
  files: ReadonlyMap<string, string>,
  manifest: Manifest | undefined,
  existing: Stats,
  operations: FileOperations,
): Left[] {
  const fresh = writeBeside(target, files, existing, operations);
  const old = besidePath(target, 'old');
  try {
    rename(operations, target, old);
  } catch (error) {
    discard(fresh, operations);
    throw error;
  }
  try {
    rename(operations, fresh, target);
  } catch (error) {
    discard(fresh, operations);
    try {
      rename(operations, old, target);
    } catch {
      throw new UserError(
        `The sources cannot be written: ${fileErrorReason(error)}. The previous ones could not be moved back and are in this folder; "east generate" tries that first when it is called again.`,
        { file: old, cause: error },
      );
    }
    throw error;
  }
  return retire(old, target, manifest, (name) => files.has(name), operations);
}

/**
 * Moves what is not generated from the old folder to the new one and removes the old, which stays where a file of the user
 * cannot be moved: the new sources are in place, and the next call tries again.
 */
function retire(
  old: string,
  target: string,
  manifest: Manifest | undefined,
  isReplaced: (name: string) => boolean,
  operations: FileOperations,
): Left[] {
  const names: string[] = [];
  let reason: string | undefined;
  for (const name of readdirSync(old)) {
    const generated = name === MANIFEST || manifest?.files[name] !== undefined;
    if (generated || isReplaced(name)) continue;
    try {
      if (lstatSync(join(target, name), { throwIfNoEntry: false }) !== undefined) {
        names.push(name);
        reason ??= 'there is something else of that name by now';
        continue;
      }
      rename(operations, join(old, name), join(target, name));
    } catch (error) {
      names.push(name);
      reason ??= fileErrorReason(error);
    }
  }
  if (reason !== undefined) return [{ folder: old, names, reason }];
  try {
    operations.rmSync(old, { recursive: true, force: true });
    return [];
  } catch (error) {
    return [{ folder: old, names, reason: fileErrorReason(error) }];
  }
}

function writeBeside(
  target: string,
  files: ReadonlyMap<string, string>,
  existing: Stats | undefined,
  operations: FileOperations,
): string {
  const fresh = besidePath(target, 'new');
  operations.mkdirSync(dirname(target), { recursive: true });
  operations.mkdirSync(fresh);
  try {
    if (existing !== undefined) operations.chmodSync(fresh, existing.mode & 0o7777);
    for (const [name, text] of files) {
      const file = join(fresh, name);
      const descriptor = operations.openSync(file, 'wx');
      try {
        operations.writeFileSync(descriptor, text);
        operations.fsyncSync(descriptor);
      } finally {
        operations.closeSync(descriptor);
      }
      const before = join(target, name);
      if (existing !== undefined && generatedText(before) === text) {
        const { atime, mtime } = statSync(before);
        operations.utimesSync(file, atime, mtime);
      }
    }
    syncFolder(fresh, operations);
  } catch (error) {
    discard(fresh, operations);
    throw error;
  }
  return fresh;
}

function besidePath(target: string, kind: 'new' | 'old'): string {
  return join(dirname(target), `.${basename(target)}.east-${process.pid}-${kind}`);
}

/** The folder's status, undefined when there is nothing. */
function statPlainFolder(target: string): Stats | undefined {
  const status = lstatSync(target, { throwIfNoEntry: false });
  if (status?.isSymbolicLink() === true) {
    throw new UserError(
      'The firmware folder is a symbolic link. Name the folder it points at in firmware.directory, or remove the link.',
      { file: target },
    );
  }
  if (status !== undefined && !status.isDirectory()) {
    throw new UserError('The firmware folder is a file. Move it away or choose another folder.', {
      file: target,
    });
  }
  return status;
}

/** Nothing but plain files is ever replaced, not even with force. */
function refuseLinks(target: string, files: ReadonlyMap<string, string>): void {
  for (const name of files.keys()) {
    const file = join(target, name);
    const status = lstatSync(file, { throwIfNoEntry: false });
    if (status === undefined || status.isFile()) continue;
    const what = status.isSymbolicLink() ? 'A symbolic link' : 'Something that is not a file';
    throw new UserError(`${what} is in the way of a generated file. Move it away.`, { file });
  }
}

function refuseLosses(
  target: string,
  files: ReadonlyMap<string, string>,
  manifest: Manifest | undefined,
): void {
  const fresh = files.get(MANIFEST);
  const name = fresh === undefined ? undefined : parseManifest(fresh, MANIFEST).name;
  if (manifest !== undefined && name !== manifest.name) {
    throw new UserError(
      `This folder holds the sources of model '${manifest.name}'. Give each model a firmware.directory of its own, ` +
        'or use --force to replace all its generated files, those edited by hand included.',
      { file: target },
    );
  }
  const edited: string[] = [];
  const foreign: string[] = [];
  const known = manifest?.files ?? {};
  for (const file of new Set([...files.keys(), ...Object.keys(known)])) {
    if (file === MANIFEST) continue;
    const text = generatedText(join(target, file));
    if (text === undefined || text === files.get(file)) continue;
    if (known[file] === undefined) foreign.push(file);
    else if (sha256(text) !== known[file]) edited.push(file);
  }
  const parts = [
    ...(edited.length > 0 ? [`edited since they were generated: ${edited.sort().join(', ')}`] : []),
    ...(foreign.length > 0 ? [`not generated by EAST: ${foreign.sort().join(', ')}`] : []),
  ];
  if (parts.length > 0) {
    throw new UserError(
      `Generating would overwrite files ${parts.join('; and files ')}. Move them away, or use --force, which replaces all of them and loses these changes.`,
      { file: target },
    );
  }
}

function isUpToDate(
  target: string,
  files: ReadonlyMap<string, string>,
  manifest: Manifest | undefined,
): boolean {
  const obsolete = Object.keys(manifest?.files ?? {}).filter((name) => !files.has(name));
  return (
    obsolete.every((name) => generatedText(join(target, name)) === undefined) &&
    [...files].every(([name, text]) => generatedText(join(target, name)) === text)
  );
}

function readManifestLeniently(directory: string): Manifest | undefined {
  try {
    return readManifest(directory);
  } catch {
    return undefined;
  }
}

function rename(operations: FileOperations, from: string, to: string): void {
  operations.renameSync(from, to);
}

/** Best effort, on the way out of a failure. */
function discard(folder: string, operations: FileOperations): void {
  try {
    operations.rmSync(folder, { recursive: true, force: true });
  } catch {
    // The next call's recovery removes it.
  }
}

/** Makes renames durable. Windows cannot sync folders. */
function syncFolder(folder: string, operations: FileOperations): void {
  if (process.platform === 'win32') return;
  const descriptor = operations.openSync(folder, 'r');
  try {
    operations.fsyncSync(descriptor);
  } finally {
    operations.closeSync(descriptor);
  }
}

/** Our own leftovers are from an attempt that has ended. */
function isAnothers(pid: number): boolean {
  return pid !== process.pid && isRunning(pid);
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

function explain(error: unknown, target: string): unknown {
  if (error instanceof UserError || errorCode(error) === undefined) return error;
  return new UserError(
    `The sources cannot be written: ${fileErrorReason(error)}. What was there before is unchanged.`,
    { file: target, cause: error },
  );
}
