/** Data of an autoencoder: only what is normal is trained on; known anomalies help to choose and to measure. */
import { UserError } from '../util/errors';
import type { Classes, Label } from './classes';
import { show } from './classes';
import type { Samples } from './dataset';
import { copySamples, joinSamples, keepSamples, remainingIndices } from './split';

/** Labels of what is normal, where a config names none. */
const USUAL = ['normal', 'ok', 'good', 'healthy', '0'];

export const NORMAL = 'normal';
export const ANOMALY = 'anomaly';

/**
 * Every label as 0, for what is normal, or 1.
 * @param labels of all examples, of the training set and the test set
 * @param wanted task.normal
 * @throws UserError where none of them is normal
 */
export function anomalyClasses(
  labels: Iterable<Label>,
  wanted: readonly string[] | undefined,
  file: string,
): Classes {
  const all = [...new Set(labels)];
  const isNormal = (label: Label): boolean =>
    wanted === undefined
      ? USUAL.includes(String(label).toLowerCase())
      : wanted.includes(String(label));
  if (!all.some(isNormal)) {
    const found = `the labels are ${show(all)}`;
    throw new UserError(
      wanted === undefined
        ? `${found}; say in task.normal which of them are normal`
        : `task.normal is ${wanted.join(', ')}, but ${found}`,
      { file },
    );
  }
  return {
    names: [NORMAL, ANOMALY],
    indexOf: new Map(all.map((label) => [label, isNormal(label) ? 0 : 1])),
    notes: [],
  };
}

/** @throws UserError where somebody says which labels are normal, and there are none: anomalies would be trained on */
export function requireNoNormal(
  wanted: readonly string[] | undefined,
  advice: string,
  file: string,
): void {
  if (wanted === undefined) return;
  throw new UserError(
    `task.normal is ${wanted.join(', ')}, but the examples have no labels; ${advice}, or leave task.normal out if all are normal`,
    { file },
  );
}

/** The training set without its anomalies, and these. */
export function withoutAnomalies(train: Samples): {
  readonly normal: Samples;
  readonly anomalies: Samples;
} {
  const indices = Uint32Array.from(train.targets.keys()).filter((i) => train.targets[i]! > 0);
  const anomalies = copySamples(train, indices);
  return { normal: keepSamples(train, remainingIndices(train.count, indices)), anomalies };
}

/** What the sets know of anomalies; undefined where none can be told from what is normal. */
export function knownAnomalies(
  validation: Samples,
  test: Samples,
): 'test' | 'validation and test' | undefined {
  const both = ({ targets }: Samples): boolean => targets.includes(0) && targets.includes(1);
  if (!both(test)) return undefined;
  return both(validation) ? 'validation and test' : 'test';
}

/** @param held normal examples that are held back */
export function withAnomalies(held: Samples, anomalies: Samples): Samples {
  return anomalies.count === 0 ? held : joinSamples(held, anomalies);
}
