/** What a codec is given beside the symbols; each takes of it what concerns it. */
export interface CodecOptions {
  /** Which LZ4 block to write: the smallest, or the one that LZ4 gives by default elsewhere (`east.encoder`). */
  readonly encoder?: 'optimal' | 'greedy';
  /** The table that tiles of this codec share, as it lies in the blob; none where the codec has none. */
  readonly table?: Uint8Array;
}
