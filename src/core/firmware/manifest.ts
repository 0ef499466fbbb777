/** manifest.json beside the generated sources: how staleness and hand edits are noticed. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../util/errors';

export const MANIFEST = 'manifest.json';

/** What --force does without a manifest that tells which files were edited. */
const FORCE =
  'generate with --force, which replaces all generated files, those edited by hand included.';

/** What the sources were made from, e.g. { config: sha256, checkpoint: sha256 }. */
export type ManifestInputs = Readonly<Record<string, string>>;

export interface Manifest {
  readonly version: 1;
  readonly name: string;
  /** Of the network's input and output tensors. */
  readonly inputBytes: number;
  readonly outputBytes: number;
  readonly inputs: ManifestInputs;
  /** SHA-256 of every file but the manifest, by name. */
  readonly files: Readonly<Record<string, string>>;
}

export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/**
 * SHA-256 of a generated text as it was generated: git may have turned its line ends into those of Windows, which
 * changes nothing that a compiler sees.
 */
export function sourceHash(text: string): string {
  return sha256(asGenerated(text));
}

/** Generated files have line feeds alone. */
export function asGenerated(text: string): string {
  return text.replaceAll('\r\n', '\n');
}

/** Text of the manifest of `files` (name → text). */
export function manifestFile(
  model: Pick<Manifest, 'name' | 'inputBytes' | 'outputBytes'>,
  inputs: ManifestInputs,
  files: ReadonlyMap<string, string>,
): string {
  const sorted = (entries: [string, string][]): Record<string, string> =>
    Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  const manifest: Manifest = {
    version: 1,
    ...model,
    inputs: sorted(Object.entries(inputs)),
    files: sorted([...files].map(([file, text]) => [file, sha256(text)])),
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** Throws UserError (about `file`) for anything that is not a manifest of ours. */
export function parseManifest(text: string, file: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new UserError(
      `The manifest is damaged: it is not JSON. Restore it from version control, or ${FORCE}`,
      { file, cause },
    );
  }
  if (!isManifest(value)) {
    throw new UserError(
      `This is not a manifest of EAST, or of a newer version. Move it away, or ${FORCE}`,
      { file },
    );
  }
  return value;
}

function isManifest(value: unknown): value is Manifest {
  return (
    isRecord(value) &&
    value['version'] === 1 &&
    typeof value['name'] === 'string' &&
    typeof value['inputBytes'] === 'number' &&
    typeof value['outputBytes'] === 'number' &&
    isStrings(value['inputs']) &&
    isStrings(value['files']) &&
    Object.keys(value['files']).every((name) => name !== '' && !/[/\\]|^\.\.?$/.test(name))
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isStrings(value: unknown): value is Record<string, string> {
  return isRecord(value) && Object.values(value).every((entry) => typeof entry === 'string');
}

/** The manifest of a folder of generated sources; undefined where there is none. Throws UserError for a foreign one. */
export function readManifest(directory: string): Manifest | undefined {
  const file = join(directory, MANIFEST);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw new UserError(`The manifest cannot be read: ${fileErrorReason(error)}.`, {
      file,
      cause: error,
    });
  }
  return parseManifest(text, file);
}

/** ENOENT, or ENOTDIR on the way there. */
export function isMissing(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    (error.code === 'ENOENT' || error.code === 'ENOTDIR')
  );
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied; check who owns the folder and the one around it',
  EPERM: 'permission denied; check who owns the folder and the one around it',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space is left on the disk',
  EDQUOT: 'the disk quota is used up',
  ENOTDIR: 'a part of the path is a file',
  EISDIR: 'it is a folder',
  EBUSY: 'it is in use by another program',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'the path is too long',
  ELOOP: 'the path leads through too many links',
  EIO: 'the disk reports an error',
};

/** Why a file operation failed, in words for a user; the system's error stays the cause. */
export function fileErrorReason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  return REASONS[code] ?? `the system reports error ${code}`;
}
