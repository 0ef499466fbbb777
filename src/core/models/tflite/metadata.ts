/**
 * What some files say of themselves beside the network: TFLite's metadata (metadata_schema.fbs), with the names of classes in
 * text files that a zip archive at the file's end holds. All of it is a hint; what of it is damaged is passed over.
 */
import { ZipArchive } from '../../dataset/zip-archive';
import { defined } from '../../util/defined';
import { UserError } from '../../util/errors';
import type { NormalizationHint } from '../model';
import { FlatTable } from './flatbuffer';

export interface Metadata {
  readonly classNames?: readonly string[];
  readonly normalization?: NormalizationHint;
}

/** AssociatedFileType.TENSOR_AXIS_LABELS: a name a line. */
const AXIS_LABELS = 2;
/** ProcessUnitOptions.NormalizationOptions */
const NORMALIZATION = 1;
const MOST_LABEL_BYTES = 1 << 20;

/**
 * @param metadata the file's own, by name
 * @param file all of it: the archive lies behind the network
 */
export function readMetadata(
  metadata: ReadonlyMap<string, Uint8Array>,
  file: Uint8Array,
): Metadata {
  const bytes = metadata.get('TFLITE_METADATA');
  if (bytes === undefined) return {};
  try {
    const [subgraph] = FlatTable.root(bytes, 'M001').tables(3);
    const [input] = subgraph?.tables(2) ?? [];
    const [output] = subgraph?.tables(3) ?? [];
    const normalization = input && normalizationOf(input);
    const classNames = output && classNamesOf(output, file);
    return defined({ normalization, classNames });
  } catch (error) {
    if (error instanceof UserError) return {};
    throw error;
  }
}

function normalizationOf(input: FlatTable): NormalizationHint | undefined {
  const unit = input.tables(4).find((each) => each.int8(0) === NORMALIZATION);
  const options = unit?.table(1);
  const [mean, std] = [options?.float32s(0) ?? [], options?.float32s(1) ?? []];
  const whole = [...mean, ...std].every(Number.isFinite) && std.every((value) => value > 0);
  if (mean.length === 0 || mean.length !== std.length || !whole) return undefined;
  return { mean, std, from: "the file's metadata" };
}

function classNamesOf(output: FlatTable, file: Uint8Array): readonly string[] | undefined {
  const labels = output.tables(6).find((each) => each.int8(2) === AXIS_LABELS);
  if (labels === undefined) return undefined;
  const text = unpacked(file, labels.string(0));
  const lines = text?.split(/\r?\n/).map((line) => line.trim());
  while (lines?.at(-1) === '') lines.pop();
  return lines === undefined || lines.length === 0 ? undefined : lines;
}

/** Text of a file in the archive. */
function unpacked(file: Uint8Array, wanted: string): string | undefined {
  const archive = new ZipArchive(Buffer.from(file.buffer, file.byteOffset, file.length));
  const entry = archive.entries.find(({ name }) => name === wanted);
  if (entry === undefined || entry.size > MOST_LABEL_BYTES) return undefined;
  return new TextDecoder().decode(archive.unpack(entry));
}
