import { gzipSync } from 'node:zlib';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { DatasetConfig } from '../../../src/core/config/config';
import { windowStarts } from '../../../src/core/dataset/csv';
import type { DatasetModel } from '../../../src/core/dataset/source';
import { createRandom } from '../../../src/core/util/random';
import { datasetConfig, TemporaryFolder, userErrorOf } from './files-for-tests';

const folder = new TemporaryFolder();
afterAll(() => folder.remove());

const MODEL = { input: [1, 1, 2], classes: 2 } as const;
const TABLE = 'a,label,b\n1,0,2\n3,1,4\n5,0,-6e-1\n7,1,8\n';
folder.write('good.csv', TABLE);

function config(train: string, more: Partial<DatasetConfig> = {}): DatasetConfig {
  return datasetConfig({
    format: 'csv',
    train: path.join(folder.path, train),
    test: path.join(folder.path, train),
    label: 'label',
    ...more,
  });
}
const messageOf = async (
  content: string,
  more: Partial<DatasetConfig> = {},
  model: DatasetModel = MODEL,
) => {
  folder.write('bad.csv', content);
  return folder.relative(
    await userErrorOf(() =>
      folder.load(
        config('bad.csv', { test: path.join(folder.path, 'good.csv'), ...more }),
        model,
        1,
      ),
    ),
  );
};

describe('format csv, tables', () => {
  it('reads rows as examples, every column but the label', async () => {
    const { test, train, outputNames, normalization } = await folder.load(
      config('good.csv'),
      MODEL,
      1,
    );
    expect(test.data).toEqual(Float32Array.of(1, 2, 3, 4, 5, -0.6, 7, 8));
    expect([...test.targets]).toEqual([0, 1, 0, 1]);
    expect(train.count).toBe(2);
    expect(outputNames).toEqual(['0', '1']);
    expect(normalization.mean).toHaveLength(2);
  });

  it('takes chosen columns in the order given', async () => {
    const { test } = await folder.load(config('good.csv', { columns: ['b', 'a'] }), MODEL, 1);
    expect(test.data).toEqual(Float32Array.of(2, 1, 4, 3, -0.6, 5, 8, 7));
  });

  describe('of several files', () => {
    const at = (name: string): string => path.join(folder.path, name);
    const load = (train: string, test: string, more: Partial<DatasetConfig> = {}) =>
      folder.load(config(train, { test: at(test), ...more }), MODEL, 1);
    const P1 = 'a,b,label\n1,2,0\n3,4,1\n5,6,0\n7,8,1\n';
    const SWAPPED = 'b,label,a\n2,0,1\n4,1,3\n';

    it('finds columns by name, in the order of the first training file', async () => {
      folder.write('order/p1.csv', P1);
      folder.write('order/p2.csv', SWAPPED);
      folder.write('order/test.csv', 'label;b;a\n0;2;1\n1;4;3\n');
      const { train, validation, test } = await load('order/p*.csv', 'order/test.csv');
      expect(test.data).toEqual(Float32Array.of(1, 2, 3, 4));
      const pairs = [train, validation].flatMap(({ data, count }) =>
        Array.from({ length: count }, (_, i) => [...data.subarray(2 * i, 2 * i + 2)].join()),
      );
      expect(pairs.sort()).toEqual(['1,2', '1,2', '3,4', '3,4', '5,6', '7,8']);
    });

    it('finds them so for windows, beside a column of recordings', async () => {
      const rows = (line: (i: number, label: number) => string): string =>
        Array.from({ length: 12 }, (_, i) => line(i, Math.floor(i / 6))).join('\n');
      folder.write(
        'w1/train.csv',
        `a,b,session,label\n${rows((i, c) => `${i},${5 - i},s,${c}`)}\n`,
      );
      folder.write('w1/test.csv', `session,label,b,a\n${rows((i, c) => `s,${c},${5 - i},${i}`)}\n`);
      const { test } = await folder.load(
        config('w1/train.csv', { test: at('w1/test.csv'), window: 3, recording: 'session' }),
        { input: [1, 3, 2], classes: 2 },
        1,
      );
      expect(test.data.slice(0, 6)).toEqual(Float32Array.of(0, 5, 1, 4, 2, 3));
    });

    it.each([
      ['b,label,q', 'it lacks a and has q besides'],
      ['q,z,label', 'it lacks a, b and has q, z besides'],
      ['A,B,label', 'it lacks a, b and has A, B besides'],
      ['a,b,q,label', 'it has q besides'],
      ['label,b', 'it lacks a'],
    ])('refuses columns %s', async (header, difference) => {
      const line = header.replaceAll(/[a-z]+/gi, '0');
      folder.write('other/p1.csv', P1);
      folder.write('other/p2.csv', `${header}\n${line}\n`);
      folder.write('other/good.csv', SWAPPED);
      const message = `$/other/p2.csv:1:1: the columns are not those of p1.csv, the first training file: ${difference}; give every file the same columns, in any order, or name in dataset.columns those to use, which all files must have`;
      for (const [train, test] of [
        ['other/p*.csv', 'other/good.csv'],
        ['other/p1.csv', 'other/p2.csv'],
      ] as const) {
        expect(folder.relative(await userErrorOf(() => load(train, test)))).toBe(message);
      }
    });

    it('reads files that have more than the columns named', async () => {
      folder.write('more/p1.csv', P1);
      folder.write('more/test.csv', 'q,b,label,a\nx,2,0,1\ny,4,1,3\n');
      const { test } = await load('more/p1.csv', 'more/test.csv', { columns: ['b', 'a'] });
      expect(test.data).toEqual(Float32Array.of(2, 1, 4, 3));
    });
  });

  it.each([
    ['semicolons', TABLE.replaceAll(',', ';')],
    ['tabs', TABLE.replaceAll(',', '\t')],
    ['CRLF, blank lines and spaces', TABLE.replaceAll('\n', '\r\n\r\n').replaceAll(',', ' , ')],
    ['a byte order mark', `\uFEFF${TABLE}`],
    ['quotes', TABLE.replaceAll(/(\w)/g, '$1').replace('label', '"label"').replace('7', '"7"')],
    ['no newline at the end', TABLE.trimEnd()],
    ['gzip', gzipSync(TABLE)],
  ])('reads %s', async (_, content) => {
    folder.write('variant.csv', content);
    const { test } = await folder.load(config('variant.csv'), MODEL, 1);
    expect(test.data).toEqual(Float32Array.of(1, 2, 3, 4, 5, -0.6, 7, 8));
  });

  it('numbers names of classes in the order of their code units', async () => {
    folder.write('names.csv', 'a,b,label\n1,2,walk\n1,2,Run\n1,2,walk\n1,3,Run\n');
    const { test, outputNames } = await folder.load(config('names.csv'), MODEL, 1);
    expect(outputNames).toEqual(['Run', 'walk']);
    expect([...test.targets]).toEqual([1, 0, 1, 0]);
  });

  it('reads larger tables in chunks as they are', async () => {
    const random = createRandom(4);
    const rows = Array.from({ length: 6_000 }, (_, i) => [random.normal(), random.normal(), i % 2]);
    const lines = rows.map((row) => `${row.map((value) => value.toFixed(90)).join(',')}`);
    folder.write(
      'large.csv',
      `a,b,label\n${lines.join('\n').replaceAll(/([01])\.0{90}/g, '$1')}\n`,
    );
    const { test } = await folder.load(config('large.csv'), MODEL, 1);
    expect(test.count).toBe(6_000);
    for (let i = 0; i < rows.length; i += 997) {
      expect(test.data[2 * i]).toBeCloseTo(rows[i]![0]!, 6);
      expect(test.targets[i]).toBe(i % 2);
    }
  });

  it('takes many blank lines, but not as many as a bomb is made of', async () => {
    const [head, ...rows] = TABLE.split('\n');
    const spread = (blank: number) => `${head}\n${'\n'.repeat(blank)}${rows.join('\n')}`;
    folder.write('blank.csv', spread(200_000));
    const { test } = await folder.load(config('blank.csv'), MODEL, 1);
    expect(test.count).toBe(4);
    folder.write('bad.csv', spread(1_300_000).replace('\n\n', '\n \t\r\n'));
    await expect(folder.load(config('bad.csv'), MODEL, 1)).rejects.toThrow(
      /more than 1048576 bytes of blank lines on end: this is no table/,
    );
  });

  it.each([
    ['in which the label is found by chance', '0.3,1.2,0\n', '0'],
    ['in which it is not', '0.3,1.2,0\n', 'label'],
    ['with a value twice', '0,1.2,0\n', '0'],
    ['with a value missing', '0.3,,0\n', '0'],
    ['with decimal commas', '0,3;1,2;0;1\n', '0'],
  ])('refuses a first line of numbers %s', async (_, line, label) => {
    const message =
      '1:1: the first line holds numbers, not the names of the columns; put a header line in front';
    const rows = line.repeat(4);
    expect(await messageOf(rows, { label })).toBe(`$/bad.csv:${message}`);
    const good = `a,${label},b\n1,0,2\n2,1,3\n`;
    folder.write('named.csv', good);
    expect(
      await messageOf(rows, {
        label,
        train: path.join(folder.path, 'named.csv'),
        test: path.join(folder.path, 'bad.csv'),
      }),
    ).toBe(`$/bad.csv:${message}`);
  });

  it('names what is wrong', async () => {
    expect(await messageOf('a,label,b\n1,0,2\n3,1,x4\n')).toBe(
      '$/bad.csv:3:1: column "b" holds "x4", which is no finite number; mend it, or name in dataset.columns the columns to learn from',
    );
    expect(await messageOf('a,label,b\n1,0,2\n\n,1,4\n')).toBe(
      '$/bad.csv:4:1: column "a" is empty; fill it in or remove the row',
    );
    expect(await messageOf('a,label,b\nNaN,0,2\n')).toBe(
      '$/bad.csv:2:1: column "a" holds "NaN", which is no finite number; fill it in or remove the row',
    );
    expect(await messageOf('a,label,b\n1e39,0,2\n')).toBe(
      '$/bad.csv:2:1: column "a" holds "1e39", which is no finite number; fill it in or remove the row',
    );
    expect(await messageOf('a,label,b\n1,,2\n')).toBe(
      '$/bad.csv:2:1: column "label" (the label) is empty',
    );
    expect(await messageOf('a,label,b\n1,0,2\n1,0\n')).toMatch(
      /^\$\/bad\.csv:3:1: the row has \d values where the header line has \d columns; mend the row or remove it/,
    );
    expect(await messageOf('a,label,b\n1,0,"2\n1,0,3\n')).toMatch(
      /^\$\/bad\.csv:\d+:1: the table is damaged: Quote Not Closed/,
    );
    expect(await messageOf('a,class,b\n1,0,2\n')).toBe(
      '$/bad.csv:1:1: dataset.label: there is no column "label"; the header line has a, class, b',
    );
    expect(await messageOf('a,label,b\n1,0,2\n', { columns: ['a', 'c'] })).toBe(
      '$/bad.csv:1:1: dataset.columns: there is no column "c"; the header line has a, label, b',
    );
    expect(await messageOf('a,label,b\n1,0,2\n', { columns: ['a', 'label'] })).toBe(
      '$/bad.csv:1:1: dataset.columns contains the label column "label"',
    );
    expect(await messageOf('a,label,a\n1,0,2\n')).toBe(
      '$/bad.csv:1:1: the header line has column "a" twice',
    );
    expect(await messageOf('label\n1\n')).toBe(
      '$/bad.csv:1:1: the table has no column but the label',
    );
    expect(await messageOf('')).toBe('$/bad.csv: the file is empty');
    expect(await messageOf('a,label,b\n')).toBe(
      '$/bad.csv: the table has a header line but no rows',
    );
    expect(await messageOf('a,label,b\n1,0,2\n1,2,3\n')).toBe(
      `$/good.csv:3:1: label "1" is none of the training set's 2 (0, 2)`,
    );
    expect(await messageOf('a,label,b\n1,x,2\n1,y,3\n1,z,3\n')).toBe(
      '$/bad.csv: the training set has 3 different labels (x, y, z) but model.classes is 2; set model.classes to 3',
    );
    expect(await messageOf('a,label,b\n1,x,2\n1,y,3\n')).toBe(
      `$/good.csv:2:1: label "0" is none of the training set's 2 (x, y)`,
    );
    expect(await messageOf('a,label,b\n1,0,2\n', {}, { input: [1, 1, 3], classes: 2 })).toBe(
      '$/bad.csv:1:1: a row has 2 columns (a, b) but model.input says 1×1×3',
    );
    const good = path.join(folder.path, 'good.csv');
    const unlabelled = datasetConfig({ format: 'csv', train: good, test: good });
    expect(folder.relative(await userErrorOf(() => folder.load(unlabelled, MODEL, 1)))).toBe(
      '$/good.csv: format "csv" needs dataset.label, the name of the label column',
    );
  });
});

describe('format csv, a column that never changes', () => {
  const notesOf = async (train: string, test: string): Promise<readonly string[]> => {
    const [a, b] = [folder.write('train.csv', train), folder.write('test.csv', test)];
    const dataset = datasetConfig({ format: 'csv', train: a, test: b, label: 'label' });
    const { notes = [] } = await folder.load(dataset, { input: [1, 1, 2], classes: 2 }, 1);
    return notes;
  };
  const train = 'a,b,label\n1,0.1,0\n2,0.1,1\n3,0.1,0\n4,0.1,1\n';

  it('is named where nothing can be learnt from it', async () => {
    expect(await notesOf(train, 'a,b,label\n5,0.1,0\n6,0.1,1\n')).toEqual([
      'column "b" is 0.1 in every row, so it tells nothing; name the others in dataset.columns',
    ]);
    const same = 'a,b,label\n7,0.1,0\n7,0.1,1\n7,0.1,0\n7,0.1,1\n';
    expect(await notesOf(same, same)).toEqual([
      'columns "a" and "b" are the same in every row, so they tell nothing; name the others in dataset.columns',
    ]);
  });

  it('is named with the row of the test set in which it is another', async () => {
    expect(await notesOf(train, 'a,b,label\n5,0.1,0\n\n6,-7.25,1\n')).toEqual([
      'column "b" is 0.1 in every row of the training set, but -7.25 in test.csv, line 4: what a change of it means cannot be learnt; ' +
        'name the others in dataset.columns, or train on examples in which it changes',
    ]);
  });

  it('is none where one row of several files differs, and needs two rows', async () => {
    expect(await notesOf(train.replace('4,0.1', '4,0.2'), train)).toEqual([]);
    expect(await notesOf('a,b,label\n1,0.1,0\n', train).catch(String)).not.toContain('every row');
  });
});

describe('format csv, windows', () => {
  const rows = (labels: string) =>
    `ax,ay,label\n${[...labels].map((label, i) => `${i},${i / 2},${label}`).join('\n')}\n`;

  it('cuts windows that never cross a change of label or the end of a file, and says what is left over', async () => {
    folder.write('w/1.csv', rows('0000011111110'));
    folder.write('w/2.csv', rows('001111'));
    const dataset = await folder.load(
      config('w/*.csv', { window: 3, step: 2 }),
      { input: [1, 3, 2], classes: 2 },
      1,
    );
    const starts = Array.from({ length: dataset.test.count }, (_, i) => dataset.test.data[6 * i]);
    expect(starts).toEqual([0, 2, 5, 7, 9, 2]);
    expect([...dataset.test.targets]).toEqual([0, 0, 1, 1, 1, 1]);
    expect(dataset.test.data.slice(0, 6)).toEqual(Float32Array.of(0, 0, 1, 0.5, 2, 1));
    // Row 12 of the first file; rows 0, 1 and 5 of the second.
    expect(dataset.notes).toEqual(
      ['training set', 'test set'].map(
        (set) =>
          `4 of the 19 rows of the ${set} are in no window: a window never crosses a change of label, of the recording or the end of a file`,
      ),
    );
  });

  it('equals a slow search for windows of one label', () => {
    const random = createRandom(2);
    for (let round = 0; round < 200; round++) {
      const labels = Array.from({ length: random.int(40) }, () => String(random.int(2)));
      const [size, step] = [1 + random.int(5), 1 + random.int(6)];
      const expected: number[] = [];
      for (let start = 0; start + size <= labels.length; start++) {
        let first = start;
        while (first > 0 && labels[first - 1] === labels[start]) first--;
        const window = labels.slice(start, start + size);
        if ((start - first) % step === 0 && window.every((label) => label === labels[start])) {
          expected.push(start);
        }
      }
      const table = { labels: Uint32Array.from(labels, Number), rows: labels.length, breaks: [] };
      expect(windowStarts(table, size, step)).toEqual(expected);
    }
  });

  it('has nothing to say when every row is used, also with gaps by choice of step', async () => {
    folder.write('even.csv', rows('000000111111'));
    const model = { input: [1, 3, 2], classes: 2 } as const;
    const dataset = await folder.load(config('even.csv', { window: 3 }), model, 1);
    expect([dataset.test.count, dataset.notes]).toEqual([4, []]);
  });

  it('names what is wrong', async () => {
    const window = { window: 3 };
    expect(await messageOf(rows('000111'), window, { input: [1, 4, 2], classes: 2 })).toBe(
      '$/bad.csv:1:1: a window has 3 rows of 2 columns but model.input says 1×4×2; make it [1, 3, 2]',
    );
    folder.write('good.csv', rows('000111'));
    expect(await messageOf(rows('000011'), window, { input: [1, 3, 2], classes: 2 })).toBe(
      'class "1" fills no window of 3 rows in the training set; make dataset.window smaller, or leave that label\'s rows out',
    );
    folder.write('good.csv', TABLE);
  });
});
