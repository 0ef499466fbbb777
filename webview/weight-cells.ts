/** A layer's weights from its tiles: every value, and how the part of a tile that each one lies in is stored. */
import { SEGMENT_KINDS, type ChannelOrder, type WeightTile } from '../src/protocol/dashboard';

export type Kind = (typeof SEGMENT_KINDS)[number];

export interface Segment {
  /** First weight and the one behind the last, counted over the layer. */
  readonly start: number;
  readonly end: number;
  readonly kind: Kind;
  /** Distance in weights back to what a match repeats; 0 for all else. */
  readonly offset: number;
  readonly tile: number;
}

export interface Cells {
  readonly values: Int8Array;
  /** Segments of packed weights are of whole bytes, so they begin at a multiple of this within a tile. */
  readonly weightsPerByte: number;
  /** Index into SEGMENT_KINDS for each weight. */
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
  /** Bytes that are written out, in LZ4 blocks or raw. */
  readonly literalBytes: number;
  /** Weights of entropy-coded tiles, and the bytes that these take. */
  readonly codedWeights: number;
  readonly codedBytes: number;
  /** Bits of each weight of an entropy-coded tile; 0 for all others. */
  readonly bits: Float32Array;
  /** The shortest and the longest code of those; undefined where no tile has any. */
  readonly bitsRange: readonly [shortest: number, longest: number] | undefined;
}

/** `values`: the codes of all weights. Undefined where the tiles contradict themselves. */
export function expand(
  tiles: readonly WeightTile[],
  values: Int8Array,
  weightsPerByte: number,
): Cells | undefined {
  const total = tiles.reduce((sum, { weights }) => sum + weights, 0);
  if (total !== values.length || weightsPerByte === 0) return undefined;
  const most = tiles.reduce((sum, { segments }) => sum + segments.length / 3, 0);
  if (!Number.isInteger(most)) return undefined;
  const kinds = new Uint8Array(total);
  const starts = new Uint32Array(most);
  const offsets = new Uint32Array(most);
  const bits = new Float32Array(total);
  let [shortest, longest] = [Infinity, 0];
  const tileStarts: number[] = [];
  const counts = { literal: 0, zeros: 0, match: 0, raw: 0, coded: 0 };
  let found = 0;
  let tileStart = 0;
  let matches = 0;
  let literalBytes = 0;
  let codedWeights = 0;
  let codedBytes = 0;
  for (const { weights, segments, storedBytes, bits: lengths } of tiles) {
    tileStarts.push(tileStart);
    const tileEnd = tileStart + weights;
    let at = tileStart;
    let codedHere = 0;
    for (let s = 0; s < segments.length; s += 3) {
      const [index, length, offset] = [segments[s]!, segments[s + 1]!, segments[s + 2]!];
      const kind = SEGMENT_KINDS[index];
      if (kind === undefined || length === 0 || length > tileEnd - at) return undefined;
      const repeats = kind === 'match' || kind === 'zeros';
      // Zeros of an entropy coder repeat nothing.
      const coded = kind === 'coded' || (kind === 'zeros' && offset === 0);
      if ((repeats && !coded) !== offset > 0 || offset > at - tileStart) return undefined;
      starts[found] = at;
      offsets[found++] = offset;
      kinds.fill(index, at, at + length);
      counts[kind] += length;
      at += length;
      if (coded) codedHere += length;
      else if (repeats) matches++;
      else literalBytes += Math.ceil(length / weightsPerByte);
    }
    if (at !== tileEnd || (codedHere > 0 && codedHere < weights)) return undefined;
    if (codedHere > 0) {
      codedWeights += weights;
      codedBytes += storedBytes;
      if (lengths?.length !== 256) return undefined;
      for (let i = tileStart; i < tileEnd; i++) {
        const length = lengths[values[i]! & 255]!;
        bits[i] = length;
        shortest = Math.min(shortest, length);
        longest = Math.max(longest, length);
      }
    }
    tileStart = tileEnd;
  }
  return {
    values,
    weightsPerByte,
    kinds,
    segments: { count: found, starts, offsets },
    tileStarts,
    counts,
    storedBytes: tiles.reduce((sum, { storedBytes }) => sum + storedBytes, 0),
    matches,
    literalBytes,
    codedWeights,
    codedBytes,
    bits,
    bitsRange: codedWeights === 0 ? undefined : [shortest, longest],
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
  return { start, end, kind: SEGMENT_KINDS[kinds[start]!]!, offset: offsets[low]!, tile };
}

/** Weights that lie together: of a channel, or one of each where the channels' weights alternate. */
export function naturalLength({ channels, channelStep }: ChannelOrder): number {
  return channelStep === 1 ? channels : channelStep;
}

/** Output channel of the weight at `index`. */
export function channelOf({ channels, channelStep }: ChannelOrder, index: number): number {
  return Math.floor(index / channelStep) % channels;
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
