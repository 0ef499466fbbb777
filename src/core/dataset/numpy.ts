/**
 * Format `numpy`: a .npz with examples and labels, or .npy (or .npz) files for each. In an archive the examples are the
 * array `x_train` (or `x_test`), `x`, `X` or `images`, the labels `y_train` (`y_test`), `y`, `Y` or `labels`, the first
 * of these that is there; an archive with one array needs no such name. Names of the classes may be in it as well.
 */
import { UserError } from '../util/errors';
import type { LabelledArrays, NamedClasses } from './labelled-array';
import { isTextData, type Accept, type ArrayHeader, type StoredArray } from './stored-array';
import { npyHeader } from './npy';
import {
  checkLength,
  checkLoadable,
  HEADER_BYTES,
  readContent,
  readSized,
  readStart,
} from './unpack';
import { ZipArchive } from './zip-archive';

export type SetName = 'train' | 'test';

const CLASS_NAMES = ['class_names', 'classes', 'label_names', 'target_names', 'names'];

/**
 * @param labelsFile undefined: the labels are in the same archive
 * @param key config key of the labels, for the message when they are missing
 * @param accept looks at what is there before the examples are read, and then before their labels are
 */
export async function readNumpy(
  file: string,
  labelsFile: string | undefined,
  set: SetName,
  key: string,
  accept: { readonly examples: Accept; readonly labels: Accept } = {
    examples: () => undefined,
    labels: () => undefined,
  },
): Promise<LabelledArrays> {
  if (labelsFile !== undefined) {
    const examples = await readOne(file, exampleNames(set), accept.examples);
    return { examples, labels: await readOne(labelsFile, labelNames(set), accept.labels) };
  }
  const archive = await openBoth(file, key);
  const examples = fromArchive(archive, exampleNames(set), false, accept.examples);
  const labels = fromArchive(archive, labelNames(set), false, accept.labels);
  return { examples, labels, ...classNames(archive) };
}

/** The examples alone, where neither a file of labels is named nor the archive has an array of them; else undefined. */
export async function readNumpyExamples(
  file: string,
  labelsFile: string | undefined,
  set: SetName,
  accept: Accept,
): Promise<StoredArray | undefined> {
  if (labelsFile !== undefined) return undefined;
  if (isZip(readStart(file, 4))) {
    const names = arrayNames(await openArchive(file));
    if (labelNames(set).some((name) => names.includes(name))) return undefined;
  }
  return readOne(file, exampleNames(set), accept);
}

/** As readNumpy, but of the examples only the header is read. */
export async function readNumpyLabels(
  file: string,
  labelsFile: string | undefined,
  set: SetName,
  key: string,
  accept: { readonly examples: Accept; readonly labels: Accept },
): Promise<StoredArray> {
  if (labelsFile === undefined) {
    const archive = await openBoth(file, key);
    accept.examples(headerOf(archive, wantedName(archive, exampleNames(set), false)));
    return fromArchive(archive, labelNames(set), false, accept.labels);
  }
  const start = readStart(file, HEADER_BYTES);
  if (isZip(start)) {
    const archive = await openArchive(file);
    accept.examples(headerOf(archive, wantedName(archive, exampleNames(set), true)));
  } else {
    accept.examples(npyHeader(start, file));
  }
  return readOne(labelsFile, labelNames(set), accept.labels);
}

/** An archive of examples and labels. */
async function openBoth(file: string, key: string): Promise<Archive> {
  if (isZip(readStart(file, 4))) return openArchive(file);
  throw new UserError(`a .npy file holds one array: name the file of the labels in ${key}`, {
    file,
  });
}

/** Names and headers of the arrays in an archive that can be read. Throws UserError where it is damaged. */
export async function numpyArchive(
  file: string,
): Promise<{ readonly name: string; readonly header: ArrayHeader }[]> {
  const archive = await openArchive(file);
  return arrayNames(archive).flatMap((name) => {
    const header = readableHeader(archive, name);
    return header === undefined ? [] : [{ name, header }];
  });
}

/** As readNumpy finds them: the first of these names that is there. */
export const exampleNames = (set: SetName) => [`x_${set}`, 'x', 'X', 'images'];
export const labelNames = (set: SetName) => [`y_${set}`, 'y', 'Y', 'labels'];

async function readOne(
  file: string,
  names: readonly string[],
  accept: Accept,
): Promise<StoredArray> {
  if (isZip(readStart(file, 4))) return fromArchive(await openArchive(file), names, true, accept);
  const { header, bytes } = await readSized(file, (start) => {
    const found = npyHeader(start, file);
    accept(found);
    return found;
  });
  return header.read(bytes);
}

function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b;
}

interface Archive {
  readonly file: string;
  readonly zip: ZipArchive;
}

async function openArchive(file: string): Promise<Archive> {
  return { file, zip: new ZipArchive(await readContent(file), file) };
}

function arrayNames({ zip }: Archive): string[] {
  return zip.entries
    .filter(({ name }) => name.endsWith('.npy'))
    .map(({ name }) => name.replace(/\.npy$/, ''));
}

function fromArchive(
  archive: Archive,
  names: readonly string[],
  single: boolean,
  accept: Accept,
): StoredArray {
  const wanted = wantedName(archive, names, single);
  const header = headerOf(archive, wanted);
  accept(header);
  return readArray(archive, wanted, header);
}

/** @param single whether the only array needs no such name */
function wantedName(archive: Archive, names: readonly string[], single: boolean): string {
  const found = arrayNames(archive);
  const wanted =
    names.find((name) => found.includes(name)) ??
    (single && found.length === 1 ? found[0] : undefined);
  if (wanted !== undefined) return wanted;
  throw new UserError(
    `the archive has no array named ${names.join(', ')}; it has ${listed(found)}; save it under one of these names`,
    { file: archive.file },
  );
}

function listed(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  return names.slice(0, 20).join(', ') + (names.length > 20 ? ', …' : '');
}

function entryOf({ zip }: Archive, name: string) {
  const entry = zip.entries.find((each) => each.name === `${name}.npy`);
  if (entry === undefined) throw new RangeError(`no array "${name}"`);
  return entry;
}

function headerOf(archive: Archive, name: string): ArrayHeader {
  const label = `array "${name}" `;
  const entry = entryOf(archive, name);
  const header = npyHeader(archive.zip.start(entry, HEADER_BYTES), archive.file, label);
  checkLoadable(header, label, archive.file);
  checkLength(header, entry.size, label, archive.file);
  return header;
}

function readArray(archive: Archive, name: string, header: ArrayHeader): StoredArray {
  return header.read(archive.zip.unpack(entryOf(archive, name)));
}

/** A list of texts under one of the names that people give it; nothing else of these names is one. */
function classNames(archive: Archive): NamedClasses {
  const name = CLASS_NAMES.find((each) => arrayNames(archive).includes(each));
  if (name === undefined) return {};
  const header = readableHeader(archive, name);
  if (header === undefined) {
    return {
      namesProblem: `array "${name}" of ${archive.file} cannot be read, so that classes are called by their labels; save it as text: numpy.array([...], dtype=str)`,
    };
  }
  if (header.dimensions.length !== 1) return {};
  const { data } = readArray(archive, name, header);
  return isTextData(data) ? { classNames: data.map((text) => text.normalize('NFC')) } : {};
}

/** Undefined for arrays of what cannot be read, such as Python objects. */
function readableHeader(archive: Archive, name: string): ArrayHeader | undefined {
  try {
    return headerOf(archive, name);
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}
