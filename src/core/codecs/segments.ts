/** What takes a codec's blocks apart, for the dashboard's weight map. */
import type { CodecId } from './codecs';
import type { StoredTile } from './coding';
import { codeLengths, segments as entropy } from './entropy/segments';
import { segments as lz4 } from './lz4/segments';
import { segments as raw } from './raw/segments';
import type { CodeLengths, Segment, Segmenter } from './segment';

export type Segmenters = Readonly<Record<string, Segmenter>>;

const SEGMENTERS = { raw, lz4, entropy } satisfies Record<CodecId, Segmenter>;
/** Of codecs of which a symbol's bits can be told. */
const CODE_LENGTHS: Readonly<Partial<Record<string, CodeLengths>>> = {
  entropy: codeLengths,
} satisfies Partial<Record<CodecId, CodeLengths>>;

export function segmentsOf(
  { codec, stored, table }: StoredTile,
  count: number,
  segmenters: Segmenters = SEGMENTERS,
): Segment[] {
  const segmenter = segmenters[codec];
  if (segmenter === undefined) throw new Error(`nothing takes blocks of the codec ${codec} apart`);
  return segmenter(stored, count, table);
}

/** Bits by symbol of a tile; undefined where its codec has no codes of single symbols, or it has no symbols. */
export function codeLengthsOf({
  codec,
  stored,
  table,
}: StoredTile): Float32Array<ArrayBuffer> | undefined {
  return stored.length === 0 ? undefined : CODE_LENGTHS[codec]?.(stored, table);
}
