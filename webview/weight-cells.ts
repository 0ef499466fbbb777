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
  /** Distance in weights back to what a match repeats; 0 for literals. */
  readonly offset: number;
  readonly tile: number;
}

export interface Cells {
  readonly values: Int8Array;
  /** Sequences are of whole bytes, so they begin at a multiple of this within a tile. */
  readonly weightsPerByte: number;
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

/** `codes`: the weights in a byte of every value. Undefined where the tiles contradict themselves. */
export function expand(tiles: readonly WeightTile[], codes: Int8Array): Cells | undefined {
  const perByte = codes.length / 256;
  if (!Number.isInteger(perByte) || perByte === 0) return undefined;
  const total = tiles.reduce((sum, { weights }) => sum + weights, 0);
  const most = tiles.reduce((sum, { sequences }) => sum + (2 * sequences.length) / 3, 0);
  const values = new Int8Array(total);
  const kinds = new Uint8Array(total);
  const starts = new Uint32Array(Math.ceil(most));
  const offsets = new Uint32Array(Math.ceil(most));
  const tileStarts: number[] = [];
  const counts = { literal: 0, zeros: 0, match: 0, raw: 0 };
  let segments = 0;
  let tileStart = 0;
  let matches = 0;
  let literalBytes = 0;
  for (const { weights, packedBytes, sequences, literals, storage } of tiles) {
    if (packedBytes !== Math.ceil(weights / perByte)) return undefined;
    tileStarts.push(tileStart);
    const bytes = new Uint8Array(packedBytes);
    let at = 0;
    let literal = 0;
    // The last byte of a tile may hold fewer weights than fit.
    const weightAt = (byte: number): number => tileStart + Math.min(weights, byte * perByte);
    const addSegment = (length: number, kind: Kind, offset: number): void => {
      const [start, end] = [weightAt(at), weightAt(at + length)];
      starts[segments] = start;
      offsets[segments++] = offset * perByte;
      kinds.fill(KINDS.indexOf(kind), start, end);
      counts[kind] += end - start;
      at += length;
    };
    for (let k = 0; k + 2 < sequences.length; k += 3) {
      const [count, length, offset] = [sequences[k]!, sequences[k + 1]!, sequences[k + 2]!];
      if (count > packedBytes - at || count > literals.length - literal) return undefined;
      if (count > 0) {
        bytes.set(literals.subarray(literal, literal + count), at);
        addSegment(count, storage === 'raw' ? 'raw' : 'literal', 0);
        literal += count;
      }
      if (length === 0) continue;
      if (length > packedBytes - at || offset === 0 || offset > at) return undefined;
      let zeros = true;
      for (let i = at; i < at + length; i++) {
        const byte = bytes[i - offset]!;
        bytes[i] = byte;
        if (byte !== 0) zeros = false;
      }
      addSegment(length, zeros ? 'zeros' : 'match', offset);
      matches++;
    }
    if (at !== packedBytes) return undefined;
    for (let byte = 0, w = tileStart; byte < packedBytes; byte++) {
      const end = weightAt(byte + 1);
      for (let code = bytes[byte]! * perByte; w < end; code++, w++) values[w] = codes[code]!;
    }
    literalBytes += literals.length;
    tileStart += weights;
  }
  return {
    values,
    weightsPerByte: perByte,
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
