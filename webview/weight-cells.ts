/** A layer's weights from its tiles: every value, and which sequence of the LZ4 blocks each one comes from. */
import type { WeightTile } from '../src/protocol/dashboard';

export const KINDS = ['literal', 'zeros', 'match', 'raw'] as const;
/** `zeros` is a match that yields nothing but zeros; `raw` is a literal of a tile that is not compressed. */
export type Kind = (typeof KINDS)[number];

export interface Segment {
  /** First weight and the one behind the last, counted over the layer. */
  readonly start: number;
  readonly end: number;
  readonly kind: Kind;
  /** Distance back to what a match repeats; 0 for literals. */
  readonly offset: number;
  readonly tile: number;
}

export interface Cells {
  readonly values: Int8Array;
  /** Index into KINDS for each weight. */
  readonly kinds: Uint8Array;
  readonly segments: {
    readonly count: number;
    readonly starts: Uint32Array;
    readonly offsets: Uint32Array;
  };
  /** First weight of each tile. */
  readonly tileStarts: readonly number[];
  /** Weights of each kind. */
  readonly counts: Readonly<Record<Kind, number>>;
  readonly storedBytes: number;
  readonly matches: number;
  readonly literalBytes: number;
}

/** Undefined where the tiles contradict themselves. */
export function expand(tiles: readonly WeightTile[]): Cells | undefined {
  const total = tiles.reduce((sum, { rawBytes }) => sum + rawBytes, 0);
  const most = tiles.reduce((sum, { sequences }) => sum + (2 * sequences.length) / 3, 0);
  const values = new Int8Array(total);
  const kinds = new Uint8Array(total);
  const starts = new Uint32Array(Math.ceil(most));
  const offsets = new Uint32Array(Math.ceil(most));
  const tileStarts: number[] = [];
  const counts = { literal: 0, zeros: 0, match: 0, raw: 0 };
  let segments = 0;
  let at = 0;
  let matches = 0;
  let literalBytes = 0;
  for (const { rawBytes, sequences, literals, storage } of tiles) {
    const tileStart = at;
    const end = at + rawBytes;
    tileStarts.push(tileStart);
    let literal = 0;
    for (let k = 0; k + 2 < sequences.length; k += 3) {
      const [count, length, offset] = [sequences[k]!, sequences[k + 1]!, sequences[k + 2]!];
      if (count > end - at || count > literals.length - literal) return undefined;
      if (count > 0) {
        starts[segments++] = at;
        values.set(new Int8Array(literals.buffer, literals.byteOffset + literal, count), at);
        const kind = storage === 'raw' ? 'raw' : 'literal';
        kinds.fill(KINDS.indexOf(kind), at, at + count);
        counts[kind] += count;
        literal += count;
        at += count;
      }
      if (length === 0) continue;
      if (length > end - at || offset === 0 || offset > at - tileStart) return undefined;
      starts[segments] = at;
      offsets[segments++] = offset;
      let zeros = true;
      for (let i = 0; i < length; i++) {
        const value = values[at + i - offset]!;
        values[at + i] = value;
        if (value !== 0) zeros = false;
      }
      const kind = zeros ? 'zeros' : 'match';
      kinds.fill(KINDS.indexOf(kind), at, at + length);
      counts[kind] += length;
      at += length;
      matches++;
    }
    if (at !== end) return undefined;
    literalBytes += literals.length;
  }
  return {
    values,
    kinds,
    segments: { count: segments, starts, offsets },
    tileStarts,
    counts,
    storedBytes: tiles.reduce((sum, { storedBytes }) => sum + storedBytes, 0),
    matches,
    literalBytes,
  };
}

/** Of the weight at `index`, which must be one of the layer's. */
export function segmentAt({ segments, values, kinds, tileStarts }: Cells, index: number): Segment {
  const { starts, offsets, count } = segments;
  let [low, high] = [0, count - 1];
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (starts[middle]! <= index) low = middle;
    else high = middle - 1;
  }
  const start = starts[low]!;
  const end = low + 1 < count ? starts[low + 1]! : values.length;
  const tile = tileStarts.findLastIndex((first) => first <= start);
  return { start, end, kind: KINDS[kinds[start]!]!, offset: offsets[low]!, tile };
}

/**
 * Weights in a row of the map: a whole number of channels or a whole part of one where that gives a handy shape, at
 * most `most`. `natural` is the length of what belongs together in memory.
 */
export function columnsFor(total: number, natural: number, most: number, aspect: number): number {
  const wanted = Math.max(1, Math.min(most, total, Math.round(Math.sqrt(total * aspect))));
  const candidates: number[] = [];
  for (let m = 1; natural * m <= Math.min(most, total); m++) candidates.push(natural * m);
  for (let d = 2; d <= natural; d++) {
    if (natural % d === 0 && natural / d <= most) candidates.push(natural / d);
  }
  const distance = (columns: number): number => Math.abs(Math.log(columns / wanted));
  const best = candidates.sort((a, b) => distance(a) - distance(b))[0];
  // Prime lengths have no handy part.
  return best !== undefined && distance(best) < Math.log(2.2) ? best : wanted;
}
