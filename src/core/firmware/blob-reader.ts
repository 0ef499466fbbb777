/** Which of the C readers of the blob a model brings: the one of its version, with the codecs that its tiles name. */
import { CODECS, codecOf, type CodecId, type Codecs } from '../codecs/codecs';
import {
  RUNTIMES,
  VERSION_1_DECODERS,
  type CodecRuntime,
  type CodecRuntimes,
} from '../codecs/runtime';
import { blobVersion } from './blob';
import { representation, type EncodedModel } from './encoded-model';
import { structBytes } from './struct-bytes';
import type { Target } from './targets/target';

const COUNT_BYTES = 4;

/** A codec as the C reader of version 2 knows it. */
type ReaderCodec = CodecRuntime & { readonly number: number };

export type BlobReader =
  { readonly version: 1 } | { readonly version: 2; readonly codecs: readonly ReaderCodec[] };

/** What models have whose tiles are of the codecs of version 1. */
export const FIRST_READER: BlobReader = { version: 1 };

/** Codecs, and what decodes them: those of the product, or more of them in tests. */
export interface CodecSet {
  readonly codecs: Codecs;
  readonly runtimes: CodecRuntimes;
}

export const PRODUCT_CODECS: CodecSet = { codecs: CODECS, runtimes: RUNTIMES };

export function blobReaderOf(
  { layers }: Pick<EncodedModel, 'layers'>,
  { codecs, runtimes }: CodecSet = PRODUCT_CODECS,
): BlobReader {
  if (blobVersion(layers, codecs) === 1) return FIRST_READER;
  const ids = new Set(layers.flatMap(({ tiles }) => tiles.map(({ codec }) => codec)));
  const known = [...ids].map((id): ReaderCodec => {
    const runtime = runtimes[id];
    if (runtime === undefined) throw new Error(`nothing decodes the codec ${id} on the chip`);
    return { ...runtime, number: codecOf(id, codecs).number };
  });
  return { version: 2, codecs: known.sort((a, b) => a.number - b.number) };
}

/** Which a model may bring whose layers may be stored by these codecs: `raw` is always among them. */
export function readerOf(codecs: readonly CodecId[]): BlobReader {
  const layers = (['raw', ...codecs] as const).map((codec) => ({
    tiles: [{ codec, firstChannel: 0, channels: 0, weights: 0, stored: new Uint8Array(0) }],
    name: '',
    representation: representation('int8'),
  }));
  return blobReaderOf({ layers });
}

/** Of an inference without what a codec takes for itself: 380 bytes in the deepest chain of calls (docs/firmware.md). */
export const STACK_BYTES = 512;

/** Most bytes of stack that an inference takes. */
export function stackBytes(reader: BlobReader): number {
  if (reader.version === 1) return STACK_BYTES;
  return STACK_BYTES + Math.max(0, ...reader.codecs.map(({ stack = 0 }) => stack));
}

/** Its C files, without ending. */
export function readerSources(reader: BlobReader): string[] {
  if (reader.version === 1) return ['east_blob', ...VERSION_1_DECODERS];
  return ['east_blob_v2', ...reader.codecs.flatMap(filesOf)];
}

/** The headers of these, without ending. */
export function readerHeaders(reader: BlobReader): string[] {
  if (reader.version === 1) return ['east_blob', ...VERSION_1_DECODERS];
  return ['east_blob', 'east_codec', ...reader.codecs.flatMap(filesOf)];
}

function filesOf({ reader, decoders }: CodecRuntime): readonly string[] {
  return [reader, ...decoders];
}

/** What goes into <name>_model.c alone: headers, and C text of the table in which version 2 looks codecs up; empty for version 1. */
export function codecTable(reader: BlobReader): {
  readonly includes: readonly string[];
  readonly table: string;
} {
  if (reader.version === 1) return { includes: [], table: '' };
  const { codecs } = reader;
  return {
    includes: codecs.map(({ reader: name }) => `"${name}.h"`),
    table: `const struct east_codec east_codecs[${codecs.length}] = {
${codecs.map(({ reader: name, number }) => `    {${name}, ${number}},`).join('\n')}
};
const uint32_t east_codec_count = ${codecs.length};

`,
  };
}

/** Bytes of that table in flash: the codecs, and how many they are. */
export function codecTableBytes(reader: BlobReader, target: Pick<Target, 'codeSizes'>): number {
  if (reader.version === 1) return 0;
  return structBytes('east_codec', target) * reader.codecs.length + COUNT_BYTES;
}
