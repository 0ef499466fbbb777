/**
 * The table of the coder (asymmetric numeral systems; Duda 2013) in few bytes: which levels there are and how large a share
 * each has of 256 slots. The C reader makes the same of them (east_entropy.c); docs/blob-format.md has the format.
 *
 * Shares lie on a scale of 14 steps a factor of 4/3 to 3/2 apart, half a byte each; one level, the most frequent, takes
 * what the others leave.
 */
import { UserError } from '../../util/errors';

export const SLOTS = 256;
/** The largest step of the scale. */
export const LARGEST_STEP = 15;

const HEAD_BYTES = 3;
const MAX_PAIRS = 128;

export interface LevelShares {
  /** As a signed code; the others follow it. */
  readonly lowest: number;
  /** Of the levels from the lowest on, the one that takes the rest. */
  readonly rest: number;
  /** On the scale, 0 for none; an even number of them. */
  readonly steps: readonly number[];
}

/** Slots of a step. */
export function shareOf(step: number): number {
  return step === 0 ? 0 : ((2 | (step & 1)) << (step >> 1)) >> 1;
}

export function tableBytes(levels: number): number {
  return HEAD_BYTES + Math.ceil(levels / 2);
}

export function writeTable({ lowest, rest, steps }: LevelShares): Uint8Array {
  const bytes = new Uint8Array(tableBytes(steps.length));
  bytes[0] = steps.length / 2;
  bytes[1] = lowest & 255;
  bytes[2] = rest;
  steps.forEach((step, i) => (bytes[HEAD_BYTES + (i >> 1)]! |= step << (4 * (i & 1))));
  return bytes;
}

/** The table that `bytes` begins with, and how many it takes. Throws UserError where they hold none. */
export function readTable(bytes: Uint8Array): {
  readonly shares: LevelShares;
  readonly taken: number;
} {
  const pairs = bytes[0] ?? MAX_PAIRS + 1;
  const taken = HEAD_BYTES + pairs;
  if (pairs > MAX_PAIRS || taken > bytes.length) throw damaged('it has no table');
  const steps = Array.from(
    { length: 2 * pairs },
    (_, i) => (bytes[HEAD_BYTES + (i >> 1)]! >> (4 * (i & 1))) & 15,
  );
  const shares = { lowest: (bytes[1]! << 24) >> 24, rest: bytes[2]!, steps };
  if (restOf(shares) < 1) throw damaged('the shares of its levels leave no rest');
  return { shares, taken };
}

/** Slots that the other levels leave. */
function restOf({ steps }: LevelShares): number {
  return steps.reduce((left, step) => left - shareOf(step), SLOTS);
}

/** What the table says, laid out. */
export interface Slots {
  /** By slot: its symbol, the slots that this has, and how many of them lie before. */
  readonly symbols: Uint8Array;
  readonly shares: Uint16Array;
  readonly places: Uint8Array;
  /** By symbol: the first of its slots; −1 for none. */
  readonly firsts: Int16Array;
}

/** The levels' slots in their order, those of the one that takes the rest at the end. */
export function slotsOf({ lowest, rest, steps }: LevelShares): Slots {
  const symbols = new Uint8Array(SLOTS);
  const shares = new Uint16Array(SLOTS);
  const places = new Uint8Array(SLOTS);
  const firsts = new Int16Array(256).fill(-1);
  let at = 0;
  const give = (level: number, share: number): void => {
    const symbol = (lowest + level) & 255;
    if (share > 0) firsts[symbol] = at;
    for (let place = 0; place < share; place++, at++) {
      symbols[at] = symbol;
      shares[at] = share;
      places[at] = place;
    }
  };
  steps.forEach((step, level) => give(level, shareOf(step)));
  give(rest, SLOTS - at);
  return { symbols, shares, places, firsts };
}

export function damaged(what: string): UserError {
  return new UserError(`damaged entropy-coded tile: ${what}; write it again from its source`);
}
