/** manifest.json beside the generated sources: how staleness and hand edits are noticed. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import * as v from 'valibot';
import { UserError } from '../util/errors';
import { textIfThere } from '../util/read-file';
import { checkStored, identifier, sha256 as sha256Digits, size, type Every } from '../util/stored';

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
  /** What whoever builds with the sources should know, a sentence each. */
  readonly notes?: readonly string[];
  /** Values of a raw example; absent without a front end. */
  readonly samples?: number;
  readonly inputs: ManifestInputs;
  /** SHA-256 of every file but the manifest, by name. */
  readonly files: Readonly<Record<string, string>>;
}

export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/**
 * Text of a generated file as it was generated; undefined where there is none. Git may have turned its line ends into
 * those of Windows, which changes nothing that a compiler sees: generated files have line feeds alone. Throws UserError
 * for what is no plain file.
 */
export function generatedText(file: string): string | undefined {
  return textIfThere(file, 'source')?.replaceAll('\r\n', '\n');
}

/** Text of the manifest of `files` (name → text). */
export function manifestFile(
  model: Pick<Manifest, 'name' | 'inputBytes' | 'outputBytes' | 'samples' | 'notes'>,
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

/** More than any layout has; a manifest that named a million files would have all of them read. */
const MOST_FILES = 1000;
const MOST_NOTE = 1000;

const manifestSchema: v.GenericSchema<unknown, Manifest> = v.object({
  version: v.literal(1),
  name: identifier,
  inputBytes: size,
  outputBytes: size,
  notes: v.exactOptional(v.array(v.pipe(v.string(), v.maxLength(MOST_NOTE)))),
  samples: v.exactOptional(size),
  inputs: v.record(v.string(), v.string()),
  files: v.pipe(
    v.record(
      v.pipe(v.string(), v.regex(/^(?!\.\.?$)[^/\\]{1,255}$/, 'Expected the name of a file')),
      sha256Digits,
    ),
    v.check(
      (files) => Object.keys(files).length <= MOST_FILES,
      `Expected at most ${MOST_FILES} files`,
    ),
  ),
} satisfies Every<Manifest>);

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
  const checked = checkStored(manifestSchema, value);
  if ('value' in checked) return checked.value;
  throw new UserError(
    `This is not a manifest of EAST, or of a newer version (${checked.problem}). Move it away, or ${FORCE}`,
    { file },
  );
}

/** The manifest of a folder of generated sources; undefined where there is none. Throws UserError for a foreign one. */
export function readManifest(directory: string): Manifest | undefined {
  const file = join(directory, MANIFEST);
  const text = textIfThere(file, 'manifest');
  return text === undefined ? undefined : parseManifest(text, file);
}
