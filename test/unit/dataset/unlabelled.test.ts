import { encode as encodePng } from 'fast-png';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { DatasetConfig } from '../../../src/core/config/config';
import { fingerprintData } from '../../../src/core/dataset/fingerprint';
import type { DatasetModel } from '../../../src/core/dataset/source';
import {
  bytesOf,
  counting,
  cycle,
  datasetConfig,
  idx,
  npy,
  npz,
  TemporaryFolder,
  userErrorOf,
} from './files-for-tests';

const folder = new TemporaryFolder();
afterAll(() => folder.remove());

const values = Float32Array.from({ length: 48 }, (_, i) => i / 4 - 3);
const x = npy('<f4', [8, 2, 3], bytesOf(values));
const y = npy('|u1', [8], cycle(8, 2));
folder.write('x.npy', x);
folder.write('x.npz', npz({ x }));
folder.write('both.npz', npz({ x, y }));
folder.write('x.idx', idx([8, 2, 3], counting(48)));
folder.write(
  'x.csv',
  `a,b,c,d,e,f\n${Array.from({ length: 8 }, (_, i) => [i % 3, i, i, i, i, 2 * i].join(',')).join('\n')}\n`,
);
for (let i = 0; i < 8; i++) {
  const data = counting(18).map((v) => v + i);
  folder.write(`flat/${i}.png`, encodePng({ width: 3, height: 2, data, channels: 3 }));
  folder.write(
    `sorted/${'ab'[i % 2]}/${i}.png`,
    encodePng({ width: 3, height: 2, data, channels: 3 }),
  );
}

const file = (name: string): string => path.join(folder.path, name);
const MODEL: DatasetModel = { input: [2, 3, 1], classes: 2, labels: 'optional' };
const COLOURED: DatasetModel = { ...MODEL, input: [2, 3, 3] };

const config = (format: DatasetConfig['format'], train: string, test = train): DatasetConfig =>
  datasetConfig({ format, train: file(train), test: file(test) });

const SETS = [
  ['numpy, an array', config('numpy', 'x.npy'), MODEL],
  ['numpy, an archive', config('numpy', 'x.npz'), MODEL],
  ['idx', config('idx', 'x.idx'), MODEL],
  ['csv', config('csv', 'x.csv'), { ...MODEL, input: [1, 1, 6] }],
  ['images', config('images', 'flat'), COLOURED],
] as const;

describe('data without labels', () => {
  it.each(SETS)('%s: is read where labels are optional', async (_, data, model) => {
    const dataset = await folder.load(data, model, 1);
    expect(dataset.unlabelled).toBe(true);
    expect(dataset.train.count).toBe(6);
    expect(dataset.validation.count).toBe(2);
    expect(dataset.test.count).toBe(8);
    for (const { targets, data, count, shape } of [
      dataset.train,
      dataset.validation,
      dataset.test,
    ]) {
      expect(targets.length).toBe(0);
      expect(data.length).toBe(count * shape[0] * shape[1] * shape[2]);
    }
    expect(dataset.outputNames).toEqual(['0', '1']);
    expect(dataset.notes).toEqual([]);
  });

  it.each(SETS)('%s: is refused where they are needed', async (_, data, model) => {
    const message = await userErrorOf(() => folder.load(data, { ...model, labels: 'needed' }, 1));
    expect(message).toMatch(/label|class/);
  });

  it('counts labels only where both sets have them, and says so', async () => {
    const whole = await folder.load(config('numpy', 'both.npz'), MODEL, 1);
    expect(whole.unlabelled).toBeUndefined();
    expect(whole.test.targets.length).toBe(8);
    for (const [train, test] of [
      ['both.npz', 'x.npz'],
      ['x.npy', 'both.npz'],
    ] as const) {
      const half = await folder.load(config('numpy', train, test), MODEL, 1);
      expect(half.unlabelled).toBe(true);
      expect(half.notes?.[0]).toMatch(/only some of the examples have labels/);
    }
    const pictures = await folder.load(config('images', 'sorted', 'flat'), COLOURED, 1);
    expect(pictures.unlabelled).toBe(true);
    expect(pictures.notes?.[0]).toMatch(/only some/);
  });

  it.each([
    [config('numpy', 'x.npz'), MODEL.input, 'give their labels, too'],
    [config('images', 'flat'), COLOURED.input, 'put them into one folder per class'],
  ])(
    'takes none for normal where somebody says which labels are: %j',
    async (data, input, advice) => {
      const model: DatasetModel = { input, classes: 1, outputs: 6, task: { kind: 'anomaly' } };
      const named: DatasetModel = { ...model, task: { kind: 'anomaly', normal: ['a', 'ok'] } };
      expect(await userErrorOf(() => folder.load(data, named, 1))).toContain(
        `task.normal is a, ok, but the examples have no labels; ${advice}, or leave task.normal out if all are normal`,
      );
      expect((await folder.load(data, model, 1)).train.count).toBe(6);
    },
  );

  it('takes none for normal where only some archives say what is', async () => {
    const ok = npz({ x, y: npy('|u1', [8], cycle(8, 2)) });
    folder.write('some/1.npz', ok);
    folder.write('some/2.npz', npz({ x }));
    folder.write('all.npz', ok);
    const model: DatasetModel = {
      ...{ input: MODEL.input, classes: 1, outputs: 6 },
      task: { kind: 'anomaly', normal: ['0'] },
    };
    for (const [train, test] of [
      ['some/*.npz', 'all.npz'],
      ['all.npz', 'some/*.npz'],
    ] as const) {
      const load = () => folder.load(config('numpy', train, test), model, 1);
      expect(await userErrorOf(load)).toContain(
        'only 1 of 2 files have labels; give those of all, or of none',
      );
    }
  });

  it('makes windows of rows, and takes the names of the outputs that it is given', async () => {
    const data = datasetConfig({
      format: 'csv',
      train: file('x.csv'),
      test: file('x.csv'),
      window: 4,
      step: 2,
    });
    const model: DatasetModel = { ...MODEL, input: [1, 4, 6], outputNames: ['on', 'off'] };
    const dataset = await folder.load(data, model, 1);
    expect(dataset.test.count).toBe(3);
    expect(dataset.outputNames).toEqual(['on', 'off']);
  });

  it('keeps labels that are outputs of the network what they are, also where some have no example', async () => {
    const labels = npy('|u1', [8], Uint8Array.of(1, 3, 1, 3, 1, 3, 1, 3));
    folder.write('odd.npz', npz({ x, y: labels }));
    const model: DatasetModel = { ...MODEL, classes: 5 };
    const dataset = await folder.load(config('numpy', 'odd.npz'), model, 1);
    expect([...dataset.test.targets]).toEqual([1, 3, 1, 3, 1, 3, 1, 3]);
    expect(dataset.outputNames).toEqual(['0', '1', '2', '3', '4']);
    const named: DatasetModel = { ...COLOURED, classes: 3, outputNames: ['b', 'c', 'a'] };
    const pictures = await folder.load(config('images', 'sorted'), named, 1);
    expect([...pictures.test.targets]).toEqual([2, 2, 2, 2, 0, 0, 0, 0]);
    expect(pictures.outputNames).toEqual(['b', 'c', 'a']);
  });

  it('counts pictures without folders among the files of a run', async () => {
    const found = await fingerprintData(config('images', 'flat'), folder.path);
    expect(found).toHaveLength(8);
  });
});
