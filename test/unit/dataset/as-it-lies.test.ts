/** Data as they lie on people's disks: exports of spreadsheets, links to a collection, arrays of old programs. */
import { encode as encodePng } from 'fast-png';
import { mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DatasetConfig } from '../../../src/core/config/config';
import type { Dataset } from '../../../src/core/dataset/dataset';
import { findDatasets } from '../../../src/core/dataset/find-datasets';
import type { DatasetModel } from '../../../src/core/dataset/source';
import * as files from './files-for-tests';
import { counting, cycle, datasetConfig, TemporaryFolder, userErrorOf } from './files-for-tests';

let folder: TemporaryFolder;
beforeEach(() => {
  folder = new TemporaryFolder();
});
afterEach(() => folder.remove());

const at = (name: string): string => path.join(folder.path, name);

function load(
  sets: Pick<DatasetConfig, 'format' | 'train' | 'test'> & Partial<DatasetConfig>,
  model: DatasetModel,
): Promise<Dataset> {
  const absolute = { ...sets, train: at(sets.train), test: at(sets.test) };
  return folder.load(datasetConfig(absolute), model, 1);
}

describe('tables', () => {
  const CSV = { format: 'csv', train: 'data.csv', test: 'data.csv', label: 'label' } as const;
  const COUNT = 24;

  /** Both examples of each table: [1.5, -2, i]. */
  async function values(content: string | Uint8Array): Promise<Dataset> {
    folder.write('data.csv', content);
    return load(CSV, { input: [1, 1, 3], classes: 2 });
  }

  const rows = (separator: string, number = (value: number) => String(value)): string =>
    Array.from({ length: COUNT }, (_, i) =>
      [number(1.5), number(-2), number(i), i % 2 === 0 ? 'idle' : 'move'].join(separator),
    ).join('\n');

  const german = (value: number): string => String(value).replace('.', ',');

  it.each<[string, string | Uint8Array]>([
    [
      'are separated by what stands outside quotes',
      `"x, m/s2";"y, m/s2";"z, m/s2";label\n${rows(';')}\n`,
    ],
    ['have quoted names over several lines', `"x\n(m,s)","y\n,,","z",label\n${rows(',')}\n`],
    ["begin with Excel's line on the separator", `sep=;\r\nx;y;z;label\r\n${rows(';')}\r\n`],
    ['have decimal commas', `x;y;z;label\n${rows(';', german)}\n`],
    [
      'have decimal commas, separated by commas, in quotes',
      `x,y,z,label\n${rows(',', (value) => `"${german(value)}"`)}\n`,
    ],
    ['are separated by tabs, with a byte order mark', `\ufeffx\ty\tz\tlabel\n${rows('\t')}\n`],
    [
      'are UTF-16, as Excel saves "Unicode text"',
      Buffer.from(`\ufeffx\ty\tz\tlabel\r\n${rows('\t')}\r\n`, 'utf16le'),
    ],
    [
      'are UTF-16 of the other byte order',
      Buffer.from(`\ufeffx\ty\tz\tlabel\n${rows('\t')}\n`, 'utf16le').swap16(),
    ],
    ['have line ends of several kinds', `x,y,z,label\r\n${rows(',')}\r`],
    ['end without a line end', `x|y|z|label\n${rows('|')}`],
  ])('%s', async (_, content) => {
    const { test, outputNames } = await values(content);
    expect(outputNames).toEqual(['idle', 'move']);
    expect(test.count).toBe(COUNT);
    const table = Array.from({ length: COUNT }, (_row, i) => [1.5, -2, i]).flat();
    expect([...test.data]).toEqual(table);
    expect([...test.targets]).toEqual([...cycle(COUNT, 2)]);
  });

  it('of two decimal marks are refused', async () => {
    const mixed = `x;y;z;label\n${rows(';', german)}\n1.25;1;1;idle\n`;
    folder.write('data.csv', mixed);
    const message = await userErrorOf(() => load(CSV, { input: [1, 1, 3], classes: 2 }));
    expect(folder.relative(message)).toBe(
      `$/data.csv:${COUNT + 2}:1: column "x" holds "1.25", but the table has decimal commas elsewhere ("1,5"); use one of the two`,
    );
  });
});

describe('recordings in one table', () => {
  /** Rows of one label: `time`, `who` and a value that counts them. */
  const table = (rows: readonly (readonly [time: string | number, who: string])[]): string =>
    `time,subject,a,label\n${rows
      .flatMap(([time, who], i) =>
        ['walk', 'run'].map((label, k) => [k, `${time},${who},${i},${label}`] as const),
      )
      .sort(([a], [b]) => a - b)
      .map(([, row]) => row)
      .join('\n')}\n`;

  async function windowsOf(
    rows: readonly (readonly [string | number, string])[],
    more: Partial<DatasetConfig> = {},
  ) {
    folder.write('data.csv', table(rows));
    const config = { format: 'csv', train: 'data.csv', test: 'data.csv', label: 'label' } as const;
    const windows = { ...config, columns: ['a'], window: 4, step: 4, ...more };
    const { test, notes } = await load(windows, { input: [1, 4, 1], classes: 2 });
    return { first: [...test.data.slice(0, 4)], count: test.count, notes: notes ?? [] };
  }

  const steady = (n: number, from = 0): [number, string][] =>
    Array.from({ length: n }, (_, i) => [from + 20 * i, 'ann']);

  it('that follow one another without a gap are nothing to speak of', async () => {
    expect(await windowsOf(steady(12))).toEqual({ first: [0, 1, 2, 3], count: 6, notes: [] });
  });

  it('are told where the time goes back', async () => {
    const { notes } = await windowsOf([...steady(6), ...steady(6)]);
    expect(notes.join('\n')).toMatch(
      /data\.csv, line 8: the time in column "time" goes back from 100 to 0, and 1 more times, within rows of one label; windows there lie across two recordings\. Name the column that tells them apart in dataset\.recording/,
    );
  });

  it('are told where the time jumps, in numbers and in dates', async () => {
    const jump = await windowsOf([...steady(6), ...steady(6, 5000)]);
    expect(jump.notes.join('\n')).toContain(
      'line 8: the time in column "time" jumps from 100 to 5000',
    );
    const date = (n: number): string => new Date(Date.UTC(2026, 10, 1) + 1000 * n).toISOString();
    const dates = await windowsOf([
      ...steady(6).map(([time]): [string, string] => [date(time), 'ann']),
      ...steady(6).map(([time]): [string, string] => [date(time + 9000), 'ann']),
    ]);
    expect(dates.notes.join('\n')).toMatch(/line 8: the time in column "time" jumps from 2026/);
  });

  it('are told where somebody else begins, and are kept apart by the column that says so', async () => {
    const rows = [...steady(6), ...steady(6, 120).map(([time]): [number, string] => [time, 'bo'])];
    const told = await windowsOf(rows);
    expect(told.count).toBe(6);
    expect(told.notes.join('\n')).toContain('line 8: column "subject" changes from ann to bo');
    const apart = await windowsOf(rows, { recording: 'subject' });
    expect(apart.count).toBe(4);
    expect(apart.notes).toEqual([
      expect.stringContaining('rows of the training set are in no window'),
      expect.stringContaining('rows of the test set are in no window'),
    ]);
  });
});

describe('arrays', () => {
  const model = { input: [1, 1, 2], classes: 2 } as const;
  const COUNT = 60;

  /** With the shape as NumPy under Python 2 wrote it where a number had been a `long`. */
  function oldArray(dimensions: readonly number[], bytes: Uint8Array, suffix: string): Uint8Array {
    const old = Buffer.from(files.npy('|u1', dimensions, bytes));
    const header = old.toString('latin1', 0, old.length - bytes.length);
    const shape = /\(([^)]*)\)/.exec(header)![1]!;
    const longs = shape.replace(/\d+/g, `$&${suffix}`);
    const added = longs.length - shape.length;
    // Padding makes room for the letters.
    const written = header.replace(shape, longs).replace(new RegExp(` {${added}}\n$`), '\n');
    return Buffer.concat([Buffer.from(written, 'latin1'), bytes]);
  }

  it.each(['', 'L'])('whose shape has numbers that end in "%s" are read', async (suffix) => {
    folder.write('x.npy', oldArray([COUNT, 2], counting(2 * COUNT), suffix));
    folder.write('y.npy', oldArray([COUNT], cycle(COUNT, 2), suffix));
    const labels = { trainLabels: at('y.npy'), testLabels: at('y.npy') };
    const { test } = await load(
      { format: 'numpy', train: 'x.npy', test: 'x.npy', ...labels },
      model,
    );
    expect([...test.data]).toEqual([...counting(2 * COUNT)]);
    expect([...test.targets]).toEqual([...cycle(COUNT, 2)]);
  });

  it.each(['60l', '0x3c', '60LL', '6 0', '-60'])('of the shape (%s, 2) are refused', async (n) => {
    const array = Buffer.from(files.npy('|u1', [COUNT, 2], counting(2 * COUNT)));
    const text = array.toString('latin1').replace('(60, 2), }', `(${n}, 2), }`);
    folder.write('x.npy', Buffer.from(text, 'latin1'));
    folder.write('y.npy', files.npy('|u1', [COUNT], cycle(COUNT, 2)));
    const labels = { trainLabels: at('y.npy'), testLabels: at('y.npy') };
    const message = await userErrorOf(() =>
      load({ format: 'numpy', train: 'x.npy', test: 'x.npy', ...labels }, model),
    );
    expect(message).toMatch(/only plain arrays|cut off|\.npy header/);
  });

  it('of letters, whose labels begin at 1, have the classes that the wizard says', async () => {
    for (const [set, count] of [
      ['train', 130],
      ['test', 52],
    ] as const) {
      folder.write(
        `letters-${set}-images-idx3-ubyte`,
        files.idx([count, 4, 4], counting(16 * count)),
      );
      const labels = cycle(count, 26).map((label) => label + 1);
      folder.write(`letters-${set}-labels-idx1-ubyte`, files.idx([count], labels));
    }
    const [found] = await findDatasets(folder.path);
    expect(found).toMatchObject({ format: 'idx', input: [4, 4, 1], classes: 26 });
    expect(found?.problem).toBeUndefined();
    const { train = '', test = '', trainLabels = '', testLabels = '' } = found ?? {};
    const { outputNames, notes } = await load(
      { format: 'idx', train, test, trainLabels: at(trainLabels), testLabels: at(testLabels) },
      { input: [4, 4, 1], classes: 26 },
    );
    expect(outputNames.at(0)).toBe('1');
    expect(outputNames.at(-1)).toBe('26');
    expect(notes?.join()).toContain('are classes 0 … 25, in that order');
  });
});

describe('the label that the wizard proposes', () => {
  const rows = (row: (i: number) => string, count = 90): string =>
    Array.from({ length: count }, (_, i) => row(i)).join('\n');
  const activity = (i: number): string => ['walk', 'run', 'sit'][Math.floor(i / 10) % 3]!;

  it('is the activity, not an axis that happens to be called y', async () => {
    const table = (count: number): string =>
      `timestamp,x,y,z,activity\n${rows((i) => `${20 * i},${i % 7},${i % 5},${i % 3},${activity(i)}`, count)}\n`;
    folder.write('data/train.csv', table(300));
    folder.write('data/test.csv', table(90));
    expect(await findDatasets(folder.path)).toEqual([
      {
        format: 'csv',
        train: 'data/train.csv',
        test: 'data/test.csv',
        label: 'activity',
        columns: ['x', 'y', 'z'],
        input: [1, 1, 3],
        classes: 3,
        examples: 300,
      },
    ]);
  });

  it('is asked for where two columns may be it', async () => {
    folder.write(
      'data/train.csv',
      `a,b,state,mode\n${rows((i) => `${(i % 7) / 3},${(i % 11) / 3},${activity(i)},${i % 4 < 2 ? 'on' : 'off'}`)}\n`,
    );
    const [found] = await findDatasets(folder.path);
    expect(found?.label).toBeUndefined();
    expect(found?.labelChoices?.map(({ label }) => label).sort()).toEqual(['mode', 'state']);
  });
});

describe('folders of pictures', () => {
  const model = { input: [4, 4, 1], classes: 2 } as const;
  const picture = encodePng({ width: 4, height: 4, channels: 1, depth: 8, data: counting(16) });
  const IMAGES = { format: 'images', train: 'data/train', test: 'data/test' } as const;

  function pictures(place: string, count = 4): void {
    for (let i = 0; i < count; i++) folder.write(`${place}/${i}.png`, picture);
  }

  it('that are links to a collection in the workspace are classes, for the wizard as well', async () => {
    for (const set of ['train', 'test']) {
      mkdirSync(at(`data/${set}`), { recursive: true });
      for (const name of ['cat', 'dog']) {
        pictures(`all/${set}-${name}`);
        symlinkSync(`../../all/${set}-${name}`, at(`data/${set}/${name}`));
      }
    }
    const { test, outputNames } = await load(IMAGES, model);
    expect(outputNames).toEqual(['cat', 'dog']);
    expect([...test.targets]).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
    expect(await findDatasets(folder.path)).toContainEqual(
      expect.objectContaining({ train: 'data/train', test: 'data/test', classes: 2 }),
    );
  });

  it('that are links out of the workspace are refused', async () => {
    const elsewhere = new TemporaryFolder();
    try {
      elsewhere.write('cat/0.png', picture);
      pictures('data/train/dog');
      symlinkSync(path.join(elsewhere.path, 'cat'), at('data/train/cat'));
      expect(await userErrorOf(() => load(IMAGES, model))).toMatch(/outside|leaves|workspace/);
    } finally {
      elsewhere.remove();
    }
  });

  it('whose names differ in their Unicode form alone are the same class', async () => {
    for (const [set, form] of [
      ['train', 'NFD'],
      ['test', 'NFC'],
    ] as const) {
      for (const name of ['Kette', 'Nüsse']) pictures(`data/${set}/${name.normalize(form)}`);
    }
    const { test, outputNames } = await load(IMAGES, model);
    expect(outputNames).toEqual(['Kette', 'Nüsse'.normalize('NFC')]);
    expect([...test.targets]).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
    expect(await findDatasets(folder.path)).toContainEqual(
      expect.objectContaining({ train: 'data/train', test: 'data/test', classes: 2 }),
    );
  });

  it('of both forms side by side are refused', async () => {
    for (const form of ['NFD', 'NFC']) pictures(`data/train/${'Nüsse'.normalize(form)}`);
    expect(await userErrorOf(() => load(IMAGES, model))).toMatch(
      /has two folders named "Nüsse", in two Unicode forms of the same letters/,
    );
  });
});
