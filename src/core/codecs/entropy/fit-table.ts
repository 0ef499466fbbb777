/** The table by which symbols take the fewest bits: shares near the real ones, within what the scale can say. */
import { LARGEST_STEP, shareOf, SLOTS, type LevelShares } from './table';

/** How often each symbol occurs. */
export function histogram(symbols: Uint8Array): Float64Array {
  const counts = new Float64Array(256);
  for (let i = 0; i < symbols.length; i++) counts[symbols[i]!]!++;
  return counts;
}

/** @param counts by symbol, of at least one. Deterministic; of equals the lower level comes first. */
export function fitTable(counts: Float64Array): LevelShares {
  const levels = [...counts.keys()].map((i) => i - 128).filter((level) => counts[level & 255]! > 0);
  const lowest = levels[0]!;
  const occurs = new Float64Array(2 * Math.ceil((levels.at(-1)! - lowest + 1) / 2));
  for (const level of levels) occurs[level - lowest] = counts[level & 255]!;
  const total = occurs.reduce((sum, n) => sum + n, 0);
  const most = occurs.indexOf(Math.max(...occurs));
  const others = levels.map((level) => level - lowest).filter((level) => level !== most);
  const steps = new Array<number>(occurs.length).fill(0);
  for (const level of others) steps[level] = nearestStep((occurs[level]! / total) * SLOTS);
  let rest = others.reduce((left, level) => left - shareOf(steps[level]!), SLOTS);
  const set = (level: number, step: number): void => {
    rest += shareOf(steps[level]!) - shareOf(step);
    steps[level] = step;
  };
  /** Bits more that a level takes with another step. */
  const own = (level: number, step: number): number =>
    occurs[level]! * (LOG2[shareOf(steps[level]!)]! - LOG2[shareOf(step)]!);
  while (rest < 1) {
    // Where a slot less costs the least.
    let cheapest = -1;
    let price = Infinity;
    for (const level of others) {
      const step = steps[level]!;
      if (step < 2) continue;
      const each = own(level, step - 1) / (shareOf(step) - shareOf(step - 1));
      if (each >= price) continue;
      cheapest = level;
      price = each;
    }
    set(cheapest, steps[cheapest]! - 1);
  }
  /** Bits more that all take. */
  const change = (level: number, step: number): number => {
    const left = rest + shareOf(steps[level]!) - shareOf(step);
    if (step < 1 || step > LARGEST_STEP || left < 1) return Infinity;
    return own(level, step) + occurs[most]! * (LOG2[rest]! - LOG2[left]!);
  };
  for (let changed = true; changed;) {
    changed = false;
    for (const level of others) {
      const step = steps[level]!;
      const [up, down] = [change(level, step + 1), change(level, step - 1)];
      if (Math.min(up, down) > -1e-6) continue;
      set(level, up < down ? step + 1 : step - 1);
      changed = true;
    }
  }
  // A level that takes the rest needs no step, and pairs of levels without are not written at the end.
  while (steps.length > 0 && steps.at(-1) === 0 && steps.at(-2) === 0) steps.length -= 2;
  return { lowest, rest: most, steps };
}

const LOG2 = Float64Array.from({ length: SLOTS + 1 }, (_, n) => Math.log2(n));

/** By the ratio. */
function nearestStep(share: number): number {
  let step = 1;
  while (step < LARGEST_STEP && shareOf(step) * shareOf(step + 1) < share * share) step++;
  return step;
}
