/**
 * What a selection asks a codec before anything is really encoded: which zeros pay. All in bytes. It chooses masks by
 * these prices and judges what it chose by `Codec.size`, so prices may be rough; they decide how good the masks are, never
 * whether they fit. All may depend on the tiles' shared table, which is among the options.
 */
import type { CodecOptions } from './options';

/**
 * Bytes that each symbol costs by the number of zeros directly before it in the tile, capped at the tables' last index.
 * Two tables of equal length.
 */
export interface RunCosts {
  /** Of one more zero. */
  readonly zero: Float64Array;
  /** Of a symbol that is kept. */
  readonly keep: Float64Array;
  /** Of keeping this very symbol, on top of `keep`; by symbol, 256 of them. Without it all symbols cost the same. */
  readonly level?: Float64Array;
}

/** Ways of pricing zeros, by name: which is best for a layer is found by trying each. */
export type PriceModels = Readonly<Record<string, RunCosts>>;

export interface CodecPrices {
  /** @param symbols of the layer, which is to be pruned */
  models(options: CodecOptions, symbols: Uint8Array): PriceModels;
  /** The model that a search starts with. */
  defaultModel(options: CodecOptions): string;
  /** Of a symbol that is kept, about, whatever and wherever it is. */
  kept(options: CodecOptions): number;
  /** Bytes that a tile of `count` zeros takes, without encoding them. */
  zeros(count: number, options: CodecOptions): number;
}
