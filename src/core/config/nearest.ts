import { closest, distance } from 'fastest-levenshtein';

/** No key or value of a config is nearly as long, and comparing takes time. */
const LONGEST_WORD = 100;

/** The candidate that `word` is most likely a misspelling of (case aside), or undefined when none is near. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (candidates.length === 0 || word.length > LONGEST_WORD) return undefined;
  const lower = word.toLowerCase();
  const best = closest(
    lower,
    candidates.map((candidate) => candidate.toLowerCase()),
  );
  const found = candidates.find((candidate) => candidate.toLowerCase() === best);
  const contained =
    Math.min(best.length, lower.length) >= 4 && (best.includes(lower) || lower.includes(best));
  return contained ||
    distance(lower, best) <= Math.max(word.length > 3 ? 2 : 1, Math.floor(word.length / 3))
    ? found
    : undefined;
}

/** The candidates that are spelled most like `word`, the most alike first, however far they are. */
export function mostAlike(word: string, candidates: readonly string[], most: number): string[] {
  const lower = word.slice(0, LONGEST_WORD).toLowerCase();
  const away = new Map(candidates.map((each) => [each, distance(lower, each.toLowerCase())]));
  return [...candidates].sort((a, b) => away.get(a)! - away.get(b)!).slice(0, most);
}
