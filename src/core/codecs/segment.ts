/** The contract of a codec's segments: what each part of a stored tile is, as the dashboard's weight map shows it. */

/**
 * `literal`: written out; `match`: repeats what lies before it; `zeros`: such a match of zeros alone, or a run of zeros of
 * an entropy coder; `raw`: not encoded; `coded`: each symbol by its code.
 */
export type SegmentKind = 'literal' | 'zeros' | 'match' | 'raw' | 'coded';

/** Consecutive symbols that are stored alike. */
export interface Segment {
  readonly kind: SegmentKind;
  readonly symbols: number;
  /** Distance in symbols back to what a match repeats; else 0. */
  readonly offset: number;
}

/**
 * Bits that each symbol takes in a stored tile, by symbol, 0 for those that it has no code for; of codecs that give a symbol
 * the same code wherever it stands. Throws UserError for damaged bytes.
 */
export type CodeLengths = (stored: Uint8Array, table?: Uint8Array) => Float32Array<ArrayBuffer>;

/** Segments of a stored tile of `count` symbols, from its first symbol to its last. Throws UserError for damaged bytes. */
export type Segmenter = (stored: Uint8Array, count: number, table?: Uint8Array) => Segment[];
