/** What of the sets makes a result mean less than it seems to, though nothing is wrong with either by itself. */
import { createHash } from 'node:crypto';
import type { Dataset, Samples } from './dataset';
import { targetSize } from './targets';

/** Share of the test examples that may be among the training examples before it is worth a word: some are by chance. */
const SHARED = 0.2;

/** A sentence each, with what to do; usually none. */
export function dataWarnings(
  dataset: Pick<Dataset, 'task' | 'outputNames' | 'unlabelled' | 'train' | 'validation' | 'test'>,
): string[] {
  return [...sharedExamples(dataset), ...missingFromTest(dataset)];
}

function sharedExamples({
  train,
  validation,
  test,
}: Pick<Dataset, 'train' | 'validation' | 'test'>): string[] {
  if (test.count === 0 || train.data.constructor !== test.data.constructor) return [];
  // What is held back for validation lies among the files of training, too.
  const known = new Set([...digests(train), ...digests(validation)]);
  const shared = digests(test).filter((digest) => known.has(digest)).length;
  if (shared < SHARED * test.count) return [];
  const which =
    shared === test.count
      ? 'every test example is'
      : `${shared} of ${test.count} test examples are`;
  return [
    `${which} in the training set, too, value for value: what is measured says little about new examples; ` +
      'keep examples for dataset.test that nothing is trained on',
  ];
}

function digests({ count, data }: Samples): string[] {
  const size = data.length / Math.max(count, 1);
  return Array.from({ length: count }, (_, i) => {
    const { buffer, byteOffset, byteLength } = data.subarray(i * size, (i + 1) * size);
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    return createHash('sha1').update(bytes).digest('base64');
  });
}

function missingFromTest({
  task,
  outputNames,
  unlabelled,
  test,
}: Parameters<typeof dataWarnings>[0]): string[] {
  if (unlabelled === true || test.count === 0) return [];
  const advice = 'add some to dataset.test';
  const size = targetSize(test);
  /** Of one output, in all examples. */
  const valuesOf = (output: number): Set<number> =>
    new Set(test.targets.filter((_, i) => i % size === output));
  if (task === 'multi-label') {
    return outputNames.flatMap((name, output) => {
      const values = valuesOf(output);
      if (values.size > 1) return [];
      const what = values.has(1) ? 'nothing but examples with' : 'no example with';
      return [
        `the test set has ${what} label "${name}", so nothing tells how well it is told; ${advice} with it and without it`,
      ];
    });
  }
  if (task === 'regression') {
    return outputNames.flatMap((name, output) => {
      const [only, ...more] = valuesOf(output);
      return more.length > 0 || test.count < 2
        ? []
        : [
            `target "${name}" is ${only} in every test example, so nothing tells whether the network follows it; ${advice} of other values`,
          ];
    });
  }
  if (task === 'anomaly' && !test.targets.includes(0)) {
    return [
      `the test set has no normal example, so nothing tells how often the network alarms for nothing; ${advice}`,
    ];
  }
  if (task === 'classification') {
    const there = new Set(test.targets);
    const missing = outputNames.filter((_, i) => !there.has(i));
    if (missing.length === 0) return [];
    const [which, them] =
      missing.length === 1
        ? [`class "${missing[0]}" has`, 'it']
        : [`${missing.length} classes, "${missing[0]}" first, have`, 'them'];
    return [
      `${which} no example in the test set, so nothing tells how well ${them} would be found; ${advice}`,
    ];
  }
  if (task === 'binary' && new Set(test.targets).size < 2) {
    const what = test.targets.includes(1) ? 'nothing but' : 'no';
    return [
      `the test set has ${what} "${outputNames[0]}", so nothing tells how well it is told from the rest; ${advice} of both`,
    ];
  }
  return [];
}
