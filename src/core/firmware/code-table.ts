/** Code sizes as measured once and committed: known at once and without a compiler, for as-you-type checks. */
import type { PossibleFormats } from '../formats/formats';
import type { FrontendConfig } from '../frontends/config';
import { outputTensors, type Graph } from '../graph/graph';
import type { BlobReader } from './blob-reader';
import { FIRST_READER } from './blob-reader';
import { runtimeSources } from './runtime-files';
import type { Target } from './targets/target';

export interface CodeSize {
  readonly bytes: number;
  readonly source: 'measured' | 'table';
  /** What `bytes` is the sum of, by file without ending. */
  readonly files: Readonly<Record<string, number>>;
}

/** The file with the three functions of the interface, in the table and when measuring. */
export const INTERFACE = 'east_model';
/** The same file of a network that runs along a stream. */
export const STREAM_INTERFACE = 'east_model_stream';

export function interfaceOf({ hop }: Graph): string {
  return hop === undefined ? INTERFACE : STREAM_INTERFACE;
}
/** What a front end adds to it. */
export const FRONTEND_INTERFACE = 'east_model_frontend';
export const STREAM_FRONTEND_INTERFACE = 'east_model_stream_frontend';

/** The one of them that the network needs. */
export function frontendInterface({ hop }: Graph): string {
  return hop === undefined ? FRONTEND_INTERFACE : STREAM_FRONTEND_INTERFACE;
}

/** Most bytes that copying an output behind the first takes in there; where it lies is known to the compiler, so the call is short. */
const FURTHER_OUTPUT = 32;

/**
 * Of code that was counted for all formats that layers might have and a blob of version 1: what a model links that has just
 * `formats` and this reader. Files that were not counted then are in the table.
 */
export function codeWith(
  counted: CodeSize,
  graph: Graph,
  formats: PossibleFormats,
  reader: BlobReader,
  target: Pick<Target, 'codeSizes'>,
  frontend?: FrontendConfig,
): CodeSize {
  return codeFrom(
    graph,
    formats,
    counted.source,
    (file) => counted.files[file] ?? tableSize(file, target),
    reader,
    frontend,
  );
}

/** Code of the network's kernels and its formats' unpackers, from the sizes of files. */
export function codeFrom(
  graph: Graph,
  formats: PossibleFormats,
  source: CodeSize['source'],
  sizeOf: (file: string) => number,
  reader = FIRST_READER,
  frontend?: FrontendConfig,
): CodeSize {
  const names = [
    ...runtimeSources(graph, formats, reader, frontend),
    interfaceOf(graph),
    ...(frontend === undefined ? [] : [frontendInterface(graph)]),
  ];
  const sizes = names.map((file): [string, number] => [file, sizeOf(file)]);
  const further = outputTensors(graph).length - 1;
  return {
    bytes: sizes.reduce((sum, [, bytes]) => sum + bytes, 0) + further * FURTHER_OUTPUT,
    source,
    files: Object.fromEntries(sizes),
  };
}

/** Bytes of code for the network on a target. `formats`: those that its layers may have. */
export function codeTable(
  graph: Graph,
  formats: PossibleFormats,
  target: Pick<Target, 'codeSizes'>,
  frontend?: FrontendConfig,
): CodeSize {
  const sizeOf = (file: string): number => tableSize(file, target);
  return codeFrom(graph, formats, 'table', sizeOf, FIRST_READER, frontend);
}

function tableSize(file: string, { codeSizes }: Pick<Target, 'codeSizes'>): number {
  const size = codeSizes.files[file];
  if (size === undefined) throw new Error(`The code size of ${file}.c is unknown.`);
  return size;
}
