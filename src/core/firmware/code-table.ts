/** Code sizes as measured once and committed: known at once and without a compiler, for as-you-type checks. */
import type { Graph } from '../graph/graph';
import { WEIGHT_FORMATS, type WeightFormat } from '../formats/formats';
import type { BlobReader } from './blob-reader';
import { FIRST_READER, readerSources } from './blob-reader';
import { packingOf, runtimeSources } from './runtime-files';
import type { Target } from './targets/target';

export interface CodeSize {
  readonly bytes: number;
  readonly source: 'measured' | 'table';
  /** What of `bytes` unpacks a format; absent in runs from before formats could be left open. */
  readonly unpacking?: Readonly<Partial<Record<WeightFormat, number>>>;
}

/**
 * Of code that was counted for several formats and for a blob of version 1, what a model with just these links. What another
 * reader of the blob takes instead is in the table.
 */
export function codeWith(
  code: CodeSize,
  formats: readonly WeightFormat[],
  reader: BlobReader,
  target: Pick<Target, 'codeSizes'>,
): CodeSize {
  const unused = WEIGHT_FORMATS.filter((format) => !formats.includes(format));
  const spared = unused.reduce((sum, format) => sum + (code.unpacking?.[format] ?? 0), 0);
  const other = readerBytes(reader, target) - readerBytes(FIRST_READER, target);
  return { ...code, bytes: code.bytes - spared + other };
}

function readerBytes(reader: BlobReader, target: Pick<Target, 'codeSizes'>): number {
  return readerSources(reader).reduce((sum, file) => sum + tableSize(file, target), 0);
}

/** Code of the network's kernels and these formats' unpackers, from the sizes of files. */
export function codeFrom(
  graph: Graph,
  formats: readonly WeightFormat[],
  source: CodeSize['source'],
  sizeOf: (file: string) => number,
): CodeSize {
  const files = [...runtimeSources(graph, formats), INTERFACE];
  const unpackers = WEIGHT_FORMATS.flatMap((format) => {
    const file = formats.includes(format) ? packingOf(format) : undefined;
    return file === undefined ? [] : [[format, sizeOf(file)] as const];
  });
  return {
    bytes: files.reduce((sum, file) => sum + sizeOf(file), 0),
    source,
    ...(unpackers.length > 0 ? { unpacking: Object.fromEntries(unpackers) } : {}),
  };
}

/** The file with the three functions of the interface, in the table and when measuring. */
export const INTERFACE = 'east_model';

/** Bytes of code for the network on a target. `formats`: those of its layers' weights. */
export function codeTable(
  graph: Graph,
  formats: readonly WeightFormat[],
  target: Pick<Target, 'codeSizes'>,
): CodeSize {
  return codeFrom(graph, formats, 'table', (file) => tableSize(file, target));
}

function tableSize(file: string, { codeSizes }: Pick<Target, 'codeSizes'>): number {
  const size = codeSizes.files[file];
  if (size === undefined) throw new Error(`The code size of ${file}.c is unknown.`);
  return size;
}
