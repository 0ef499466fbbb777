/** Data as tasks other than classification take it. */
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { DatasetConfig } from '../../../src/core/config/config';
import { classWeights } from '../../../src/core/dataset/class-weights';
import { dataWarnings } from '../../../src/core/dataset/data-warnings';
import type { DatasetModel } from '../../../src/core/dataset/source';
import { datasetConfig, TemporaryFolder, userErrorOf } from './files-for-tests';

const folder = new TemporaryFolder();
afterAll(() => folder.remove());

function config(text: string, more: Partial<DatasetConfig> = {}): DatasetConfig {
  folder.write('table.csv', text);
  const file = path.join(folder.path, 'table.csv');
  return datasetConfig({ format: 'csv', train: file, test: file, ...more });
}

const load = (text: string, more: Partial<DatasetConfig>, model: DatasetModel) =>
  folder.load(config(text, more), model, 1);

describe('target columns', () => {
  const TABLE = 'a,t,b,u\n1,10,2,-1\n3,20,4,-2\n5,30,6,-3\n7,40,8,-4\n';
  const model: DatasetModel = {
    input: [1, 1, 2],
    classes: 2,
    outputs: 2,
    task: { kind: 'regression' },
  };

  it('are the targets of each row, in their order, and no inputs', async () => {
    const read = await load(TABLE, { target: ['u', 't'] }, model);
    expect(read.task).toBe('regression');
    expect(read.outputNames).toEqual(['u', 't']);
    expect([...read.test.data]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect([...read.test.targets]).toEqual([-1, 10, -2, 20, -3, 30, -4, 40]);
    const kept = [...read.train.targets].filter((_, i) => i % 2 === 1);
    const held = [...read.validation.targets].filter((_, i) => i % 2 === 1);
    expect([...kept, ...held].sort((a, b) => a - b)).toEqual([10, 20, 30, 40]);
  });

  it('count as in the last row of a window', async () => {
    const shape = { ...model, input: [1, 2, 2] } as const;
    const read = await load(TABLE, { target: ['u', 't'], window: 2, step: 1 }, shape);
    expect([...read.test.targets]).toEqual([-2, 20, -3, 30, -4, 40]);
  });

  it('are refused with a place where they hold text, and where they are not there', async () => {
    const message = async (text: string, target: string[]): Promise<string> =>
      folder.relative(await userErrorOf(() => load(text, { target }, model)));
    expect(await message(TABLE.replace('30', 'warm'), ['u', 't'])).toBe(
      '$/table.csv:4:1: column "t" holds "warm", which is no finite number, as dataset.target must; mend it, or name a column of classes in dataset.label and leave the task out',
    );
    expect(await message(TABLE, ['x', 't'])).toMatch(/dataset\.target: there is no column "x"/);
  });
});

describe('binary data', () => {
  const model: DatasetModel = {
    input: [1, 1, 1],
    classes: 2,
    outputs: 1,
    task: { kind: 'binary' },
  };
  const TABLE = 'a,l\n1,no\n2,no\n3,no\n4,yes\n5,no\n6,yes\n';

  it('has 1 for what is to be found: the second class, or the one that is named', async () => {
    const read = await load(TABLE, { label: 'l' }, model);
    expect(read.outputNames).toEqual(['yes']);
    expect([...read.test.targets]).toEqual([0, 0, 0, 1, 0, 1]);
    expect(read.facts).toEqual({ falseAlarms: 0.05 });
    const task = { kind: 'binary', positive: 'no', falseAlarms: 0.5 } as const;
    const turned = await load(TABLE, { label: 'l' }, { ...model, task });
    expect(turned.outputNames).toEqual(['no']);
    expect([...turned.test.targets]).toEqual([1, 1, 1, 0, 1, 0]);
    const odd = { ...model, task: { kind: 'binary', positive: 'maybe' } } as const;
    expect(await userErrorOf(() => load(TABLE, { label: 'l' }, odd))).toMatch(
      /task\.positive is "maybe", but the classes are no and yes/,
    );
    const three = TABLE.replace('3,no', '3,perhaps');
    expect(folder.relative(await userErrorOf(() => load(three, { label: 'l' }, model)))).toMatch(
      /the training set has 3 classes \(no, perhaps, yes\), but the task "binary" tells two apart; put those that are not to be found into one, or set "task" to "classification"$/,
    );
  });

  it('weighs classes so that they count the same, 1 on average', () => {
    const targets = Float32Array.of(0, 0, 0, 1);
    const balanced = classWeights({ kind: 'binary', classWeights: 'balanced' }, { targets })!;
    expect(3 * balanced[0]!).toBeCloseTo(balanced[1]!, 12);
    expect((3 * balanced[0]! + balanced[1]!) / 4).toBeCloseTo(1, 12);
    const given = classWeights({ kind: 'binary', classWeights: [1, 2] }, { targets })!;
    expect(given[1]! / given[0]!).toBeCloseTo(2, 12);
    expect(classWeights({ kind: 'binary' }, { targets })).toBeUndefined();
  });
});

describe('data of an autoencoder', () => {
  const model: DatasetModel = {
    input: [1, 1, 1],
    classes: 1,
    outputs: 1,
    task: { kind: 'anomaly' },
  };
  const TABLE = 'a,l\n1,ok\n2,ok\n3,broken\n4,ok\n5,ok\n6,worn\n';

  it('trains on what is normal alone; known anomalies help to choose and to measure', async () => {
    const read = await load(TABLE, { label: 'l' }, model);
    expect([...read.train.targets]).toEqual([0, 0, 0]);
    expect([...read.validation.targets]).toEqual([0, 1, 1]);
    expect([...read.test.targets]).toEqual([0, 0, 1, 0, 0, 1]);
    expect(read.facts).toEqual({ falseAlarms: 0.01, anomalies: 'validation and test' });
    expect(read.notes?.[0]).toMatch(/^2 anomalies of the training set are not trained on/);
  });

  it('takes all for normal where there are no labels, and asks where none is known for normal', async () => {
    const read = await load('a\n1\n2\n3\n', {}, model);
    expect([...read.test.targets]).toEqual([0, 0, 0]);
    expect(read.facts).toEqual({ falseAlarms: 0.01 });
    const worn = TABLE.replaceAll(',ok', ',fine');
    expect(await userErrorOf(() => load(worn, { label: 'l' }, model))).toMatch(
      /the labels are fine, broken, worn; say in task\.normal which of them are normal/,
    );
    const task = { kind: 'anomaly', normal: ['fine'] } as const;
    expect((await load(worn, { label: 'l' }, { ...model, task })).train.count).toBe(3);
  });
});

describe('warnings about data', () => {
  const samples = (data: number[], targets: number[]) => ({
    count: data.length,
    shape: [1, 1, 1] as const,
    data: Float32Array.from(data),
    targets: Float32Array.from(targets),
  });
  const sets = (train: number[], test: number[], targets = test.map((_, i) => i % 2)) =>
    dataWarnings({
      task: 'classification',
      outputNames: ['a', 'b'],
      train: samples(
        train,
        train.map(() => 0),
      ),
      validation: samples([1000], [0]),
      test: samples(test, targets),
    });

  it('tell of a test set that is the training set, wholly or in part', () => {
    expect(sets([1, 2, 3, 4], [4, 3, 2, 1])[0]).toMatch(
      /^every test example is in the training set/,
    );
    expect(sets([1, 2, 3], [3, 2, 8, 9])[0]).toMatch(/^2 of 4 test examples are/);
    expect(sets([1, 2, 3], [5, 6, 7, 8])).toEqual([]);
  });

  it('count what was held back for validation among the examples of training', () => {
    expect(sets([1, 2, 3], [3, 2, 1, 1000])[0]).toMatch(/^every test example is/);
  });

  it('tell of a class of which the test set has none', () => {
    expect(sets([1], [5, 6], [0, 0])).toEqual([
      'class "b" has no example in the test set, so nothing tells how well it would be found; add some to dataset.test',
    ]);
  });

  it.each([
    [
      'multi-label',
      [0, 1, 1, 1],
      'the test set has nothing but examples with label "b", so nothing tells how well it is told; add some to dataset.test with it and without it',
    ],
    [
      'multi-label',
      [0, 1, 0, 0],
      'the test set has no example with label "a", so nothing tells how well it is told; add some to dataset.test with it and without it',
    ],
    [
      'regression',
      [7, 1, 7, 2],
      'target "a" is 7 in every test example, so nothing tells whether the network follows it; add some to dataset.test of other values',
    ],
  ] as const)('tell of a %s test set that cannot measure an output', (task, targets, warning) => {
    const warnings = dataWarnings({
      task,
      outputNames: ['a', 'b'],
      train: samples([1], [0, 1]),
      validation: samples([2], [0, 1]),
      test: samples([5, 6], [...targets]),
    });
    expect(warnings).toEqual([warning]);
  });

  it('tell of a test set without anything normal, and of one of but one of two classes', () => {
    const rest = {
      outputNames: ['a'],
      train: samples([1], [0]),
      validation: samples([2], [0]),
      test: samples([5, 6], [1, 1]),
    };
    expect(dataWarnings({ task: 'anomaly', ...rest })).toEqual([
      'the test set has no normal example, so nothing tells how often the network alarms for nothing; add some to dataset.test',
    ]);
    expect(dataWarnings({ task: 'binary', ...rest })).toEqual([
      'the test set has nothing but "a", so nothing tells how well it is told from the rest; add some to dataset.test of both',
    ]);
  });
});
