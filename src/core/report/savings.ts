/** Which part of making a network small saved what, layer by layer. */

/**
 * Bytes of a layer's weights. dense − levels − zeros − coding + entries = what the layer takes of the blob. A part that
 * costs more than it saves is negative.
 */
export interface Savings {
  /** A byte for each weight. */
  readonly dense: number;
  /** Saved by few levels: several weights packed in a byte. */
  readonly levels: number;
  /** Saved by the encoding on zeros, which pruning made: what they take less than packed. */
  readonly zeros: number;
  /** Saved by the encoding on all other weights. */
  readonly coding: number;
  /** Of the tile table. */
  readonly entries: number;
  /** Bytes that LZ4 would take more than the tiles that are stored as they are do; absent where there are none. */
  readonly lz4More?: number;
  /** Bytes that the entropy coder would take less than those tiles; absent where that is hardly any. */
  readonly entropyLess?: number;
}

export function addSavings(all: readonly Savings[]): Savings {
  const sum = (of: (savings: Savings) => number): number =>
    all.reduce((total, savings) => total + of(savings), 0);
  return {
    dense: sum(({ dense }) => dense),
    levels: sum(({ levels }) => levels),
    zeros: sum(({ zeros }) => zeros),
    coding: sum(({ coding }) => coding),
    entries: sum(({ entries }) => entries),
  };
}
