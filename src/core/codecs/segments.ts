/** What takes a codec's blocks apart, for the dashboard's weight map. */
import type { CodecId } from './codecs';
import type { StoredTile } from './coding';
import { segments as entropy } from './entropy/segments';
import { segments as lz4 } from './lz4/segments';
import { segments as raw } from './raw/segments';
import type { Segment, Segmenter } from './segment';

export type Segmenters = Readonly<Record<string, Segmenter>>;

const SEGMENTERS = { raw, lz4, entropy } satisfies Record<CodecId, Segmenter>;

export function segmentsOf(
  { codec, stored, table }: StoredTile,
  count: number,
  segmenters: Segmenters = SEGMENTERS,
): Segment[] {
  const segmenter = segmenters[codec];
  if (segmenter === undefined) throw new Error(`nothing takes blocks of the codec ${codec} apart`);
  return segmenter(stored, count, table);
}
