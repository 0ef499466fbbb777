/**
 * The choice of formats where decoding may take so many instructions and no more: an instruction gets a price beside that of a
 * byte, the lowest at which the limit is kept.
 */
import { chooseCandidates, type FormatCandidate, type FormatChoice } from './choose-formats';
import type { LayerMask } from './selection';

/** A candidate, and what decoding all of its tiles takes. */
export interface TimedCandidate extends FormatCandidate {
  readonly instructions: number;
}

/** Prices that are tried beyond those that find a bracket. */
const STEPS = 5;
/** Factor between prices until the limit is kept, and how often at most. */
const STRIDE = 8;
const STRIDES = 8;

/**
 * As chooseCandidates. `layers(plain)` are the candidates; with `plain` also those that store tiles as they are, which nobody would
 * choose for their bytes. Where no price keeps the limit, because the bytes do not allow it, the choice that decodes the least.
 */
export function chooseWithin(
  layers: (plain: boolean) => readonly (readonly TimedCandidate[])[],
  budgetBytes: number,
  layerMask: LayerMask,
  limit: number,
): FormatChoice {
  const usual = layers(false);
  const free = chooseCandidates(usual, budgetBytes, layerMask);
  if (instructionsOf(usual, free) <= limit) return free;

  const all = layers(true);
  const nats = all.length;
  const at = (price: number): { readonly choice: FormatChoice; readonly instructions: number } => {
    const choice = chooseCandidates(
      all.map((candidates) =>
        candidates.map((each) => ({ ...each, loss: each.loss + price * each.instructions })),
      ),
      budgetBytes,
      layerMask,
    );
    const instructions = instructionsOf(all, choice);
    const distortion = choice.distortion - price * instructions;
    return { choice: { ...choice, distortion }, instructions };
  };
  let low = 0;
  let high = nats / Math.max(1, instructionsOf(usual, free)) / STRIDE;
  let best = at(high);
  for (let i = 0; i < STRIDES && best.instructions > limit; i++) {
    low = high;
    high *= STRIDE;
    const next = at(high);
    if (next.instructions <= best.instructions) best = next;
  }
  for (let i = 0; i < STEPS && best.instructions <= limit; i++) {
    const middle = low === 0 ? high / STRIDE : Math.sqrt(low * high);
    const next = at(middle);
    if (next.instructions > limit) low = middle;
    else {
      best = next;
      high = middle;
    }
  }
  return best.choice;
}

function instructionsOf(
  layers: readonly (readonly TimedCandidate[])[],
  { picks }: FormatChoice,
): number {
  return picks.reduce((sum, pick, l) => sum + layers[l]![pick]!.instructions, 0);
}
