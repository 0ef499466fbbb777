/** How much an example of each class counts in training, where classes are not of the same size. */
import type { TaskConfig } from '../config/config';
import type { Samples } from './dataset';

/**
 * 1 on average over the training examples, so that the learning rate means what it always does. Undefined where all count
 * the same.
 */
export function classWeights(
  { classWeights: wanted = 'none' }: TaskConfig,
  { targets }: Pick<Samples, 'targets'>,
): number[] | undefined {
  if (wanted === 'none') return undefined;
  const counts: number[] = typeof wanted === 'string' ? [] : wanted.map(() => 0);
  for (const label of targets) counts[label] = (counts[label] ?? 0) + 1;
  const weights = Array.from(counts, (count = 0, label) =>
    typeof wanted === 'string' ? 1 / Math.max(count, 1) : wanted[label]!,
  );
  const sum = weights.reduce((total, weight, label) => total + weight * (counts[label] ?? 0), 0);
  return weights.map((weight) => (weight * targets.length) / sum);
}
