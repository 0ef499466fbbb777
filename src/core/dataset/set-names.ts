/** Which of several files or folders is the training set and which the test set, by the names people give them. */
import { posix } from 'node:path';
import { escapePattern, unescapePattern } from '../config/glob';

export type SetGuess = 'train' | 'test' | 'validation';

const WORDS: readonly (readonly [SetGuess, RegExp])[] = [
  ['train', /(?<![a-z])(train(ing)?|trn)(?![a-z])/i],
  ['test', /(?<![a-z])(test(ing)?|t10k|tst)(?![a-z])/i],
  ['validation', /(?<![a-z])(val|valid|validation|eval|dev)(?![a-z])/i],
];

/** Of a path's last two parts, the name first: `x_train.npy`, `train/x.npy`. */
export function guessSet(path: string): SetGuess | undefined {
  for (const part of path.split('/').slice(-2).reverse()) {
    for (const [set, word] of WORDS) if (word.test(part)) return set;
  }
  return undefined;
}

/**
 * The path without the word that names the set, without the name's numbers, and packed or not: equal for the two halves
 * of a pair.
 */
export function pairKey(path: string): string {
  const parts = unescapePattern(path).replace(/\.gz$/i, '').split('/');
  const key = (): string => {
    const name = parts.pop() ?? '';
    return [...parts, name.replace(/\d+/g, '*')].join('/');
  };
  for (let i = parts.length - 1; i >= Math.max(0, parts.length - 2); i--) {
    for (const [, word] of WORDS) {
      if (!word.test(parts[i]!)) continue;
      parts[i] = parts[i]!.replace(word, '*');
      return key();
    }
  }
  return key();
}

export interface SetPair<T> {
  readonly train: T;
  readonly test: T | undefined;
}

/**
 * Pairs items (of one kind) by their paths. An item that is no part of a pair stands alone, unless it is by its name
 * only the test half of something that is not there.
 */
export function pairSets<T extends { readonly path: string }>(
  items: readonly T[],
  fit: (train: T, test: T) => boolean = () => true,
): SetPair<T>[] {
  const of = (set: SetGuess | undefined): T[] => items.filter(({ path }) => guessSet(path) === set);
  const tests = [...of('test'), ...of('validation')];
  const pairs = of('train').map((train) => ({
    train,
    test: tests.find((test) => pairKey(test.path) === pairKey(train.path) && fit(train, test)),
  }));
  return [...pairs, ...of(undefined).map((train) => ({ train, test: undefined }))];
}

/**
 * One path that names all of them: themselves if one, else a pattern with `*` where their numbers differ. Undefined
 * where there is none, or no pattern would do.
 */
export function patternOf(paths: readonly string[]): string | undefined {
  if (paths.length <= 1) return paths[0];
  const folders = new Set(paths.map((path) => posix.dirname(path)));
  // Brackets in names are no wildcards.
  const patterns = new Set(
    paths.map((path) => escapePattern(posix.basename(path)).replace(/\d+/g, '*')),
  );
  const [folder] = folders;
  const [pattern] = patterns;
  return folders.size === 1 && patterns.size === 1 && folder !== undefined && pattern !== undefined
    ? posix.join(escapePattern(folder), pattern)
    : undefined;
}
