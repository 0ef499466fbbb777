import { afterAll, describe, expect, it } from 'vitest';
import type { DatasetConfig } from '../../../src/core/config/config';
import type { FrontendConfig } from '../../../src/core/frontends/config';
import type { Dataset } from '../../../src/core/dataset/dataset';
import { datasetConfig, TemporaryFolder, userErrorOf } from './files-for-tests';

const folder = new TemporaryFolder();
afterAll(() => folder.remove());

const at = (name: string) => `${folder.path}/${name}`;

interface Row {
  readonly subject: string;
  readonly time: string;
  readonly x: number;
  readonly y: number;
  readonly label: string;
}

const table = (rows: readonly Row[]) =>
  ['subject,time,x,y,label', ...rows.map((row) => Object.values(row).join(','))].join('\n');

/** `count` rows of each label for each subject, a hundredth of a second apart; x says whose they are. */
function rowsOf(subjects: readonly number[], count = 8): Row[] {
  return subjects.flatMap((subject) =>
    ['a', 'b'].flatMap((label, c) =>
      Array.from({ length: count }, (_, i) => ({
        subject: `s${subject}`,
        time: (c * 10 + i / 100).toFixed(2),
        x: subject,
        y: c + i / 16,
        label,
      })),
    ),
  );
}

const plain = (changes: Partial<DatasetConfig> = {}) =>
  datasetConfig({
    format: 'csv',
    train: at('train.csv'),
    test: at('test.csv'),
    label: 'label',
    columns: ['x', 'y'],
    ...changes,
  });
const config = (changes: Partial<DatasetConfig> = {}) =>
  plain({ window: 4, subject: 'subject', ...changes });
const WINDOWED = { input: [1, 4, 2], classes: 2 } as const;

folder.write('train.csv', table(rowsOf([1, 2, 3, 4, 5])));
folder.write('test.csv', table(rowsOf([9])));

/** Whose the examples of a set are. */
const whose = ({ data, count }: Dataset['train']) =>
  new Set(Array.from({ length: count }, (_, i) => data[(i * data.length) / count]));

describe('a table with subjects', () => {
  it('is split by whole subjects', async () => {
    for (let seed = 1; seed < 8; seed++) {
      const { train, validation } = await folder.load(config(), WINDOWED, seed);
      expect(train.count + validation.count).toBe(20);
      // A quarter is more than one subject's 4 windows of 20.
      expect(whose(validation).size).toBe(2);
      const trained = whose(train);
      for (const subject of whose(validation)) expect(trained).not.toContain(subject);
    }
  });

  it('without a word of them is not', async () => {
    const { train, validation } = await folder.load(plain({ window: 4 }), WINDOWED, 1);
    expect(whose(train).size + whose(validation).size).toBeGreaterThan(5);
  });

  it('is refused where somebody is tested who was trained on, or where there is but one', async () => {
    folder.write('again.csv', table(rowsOf([9, 3])));
    const both = await userErrorOf(() =>
      folder.load(config({ test: at('again.csv') }), WINDOWED, 1),
    );
    expect(folder.relative(both)).toBe(
      '$/again.csv: subject "s3" is in train.csv, too, which is trained on, so the test would say nothing about new ones; move all of its rows into one of the two',
    );
    folder.write('one.csv', table(rowsOf([1])));
    const one = await userErrorOf(() => folder.load(config({ train: at('one.csv') }), WINDOWED, 1));
    expect(one).toBe(
      'dataset.validation: the training examples are of one subject or recording alone, so none can be held back for validation; give at least two',
    );
  });
});

describe('a table with times', () => {
  const rows = rowsOf([1, 2]);

  it('has no window across a gap, and says where the gap is', async () => {
    folder.write(
      'gap.csv',
      table(
        rowsOf([1, 2]).map((row, i) =>
          i === 6 || i === 7 ? { ...row, time: String(Number(row.time) + 1) } : row,
        ),
      ),
    );
    const timed = config({ train: at('gap.csv'), timestamp: 'time' });
    const { train, validation, notes } = await folder.load(timed, WINDOWED, 1);
    // Rows 0 … 5 hold one window, rows 6 and 7 none, all else two each.
    expect(train.count + validation.count).toBe(7);
    expect(notes).toContain(
      'gap.csv, line 8: the time in column "time" goes from 0.05 to 1.06, where rows are 0.01 apart; no window lies across such a gap',
    );
  });

  it('says which time is none', async () => {
    folder.write('late.csv', table([{ ...rows[0]!, time: 'noon' }, ...rows.slice(1)]));
    const text = await userErrorOf(() =>
      folder.load(config({ train: at('late.csv'), timestamp: 'time' }), WINDOWED, 1),
    );
    expect(folder.relative(text)).toBe(
      '$/late.csv:2:1: column "time" (the time) holds "noon", which is neither a number nor a date; mend it or remove the row',
    );
  });
});

describe('a table whose rows do not say what they belong to', () => {
  const messageOf = async (change: Partial<Row>, changes: Partial<DatasetConfig>) => {
    const [first, ...rest] = rowsOf([1, 2]);
    folder.write('odd.csv', table([first!, { ...first!, ...change }, ...rest]));
    return folder.relative(
      await userErrorOf(() =>
        folder.load(config({ train: at('odd.csv'), ...changes }), WINDOWED, 1),
      ),
    );
  };

  it('is refused with the line', async () => {
    expect(await messageOf({ subject: '' }, {})).toBe(
      '$/odd.csv:3:1: column "subject" is empty, so that nothing says what this row belongs to; fill it in or remove the row',
    );
    expect(await messageOf({ time: '' }, { timestamp: 'time' })).toBe(
      '$/odd.csv:3:1: column "time" (the time) is empty; fill it in or remove the row',
    );
  });

  it('says which label fills no window', async () => {
    const file = table(rowsOf([1, 2]).map((row, i) => ({ ...row, subject: `t${i}` })));
    folder.write('alone.csv', file);
    const text = await userErrorOf(() =>
      folder.load(config({ train: at('alone.csv') }), WINDOWED, 1),
    );
    expect(text).toBe(
      'class "a" fills no window of 4 rows in the training set; make dataset.window smaller, or leave that label\'s rows out',
    );
  });

  it('has times that rise', async () => {
    folder.write('still.csv', table(rowsOf([1, 2]).map((row) => ({ ...row, time: '5' }))));
    const { notes } = await folder.load(
      config({ train: at('still.csv'), timestamp: 'time' }),
      WINDOWED,
      1,
    );
    expect(notes).toContain(
      'still.csv: the time in column "time" never rises from one row to the next, so gaps cannot be told; ' +
        'name the column that holds the time in dataset.timestamp, and keep the rows in the order in which they were measured',
    );
  });
});

describe('a table before a front end', () => {
  const WINDOW: FrontendConfig = { kind: 'window', length: 4, channels: 2 };
  const model = { input: [1, 4, 2], classes: 2, frontend: WINDOW } as const;
  const unwindowed = plain({ subject: 'subject' });

  it('becomes counts of int16, by as many to a unit as fit', async () => {
    const { rawTest, frontend, test, normalization, shape } = await folder.load(
      unwindowed,
      model,
      1,
    );
    // x reaches 5, y 1.4375: 4096 and 16384 are the powers of two that keep them within 32767.
    expect(frontend!.counts).toEqual([4096, 16384]);
    expect([...rawTest!.data.subarray(0, 4)]).toEqual([32767, 0, 32767, 1024]);
    expect(test.data).toBeInstanceOf(Uint8Array);
    expect(test.count).toBe(4);
    expect(normalization.mean).toEqual([128]);
    expect(shape).toEqual([1, 4, 2]);
  });

  it('keeps counts that are whole already', async () => {
    const counted = table(
      rowsOf([1, 2, 3]).map((row) => ({ ...row, y: Math.round(1600 * row.y) })),
    );
    folder.write('counts.csv', counted);
    const { rawTest, frontend } = await folder.load(
      { ...unwindowed, train: at('counts.csv') },
      model,
      1,
    );
    expect(frontend!.counts).toBeUndefined();
    expect(rawTest!.data[0]).toBe(9);
  });

  it('needs as many columns as the front end has channels', async () => {
    const text = await userErrorOf(() => folder.load({ ...unwindowed, columns: ['x'] }, model, 1));
    expect(folder.relative(text)).toBe(
      '$/train.csv:1:1: the table has 1 columns to learn from (x), but the front end takes 2 channels; name those to use in dataset.columns, or set frontend.channels',
    );
  });

  it('is changed before it', async () => {
    const augment = {
      flip: false,
      shift: 0,
      noise: 0,
      gain: 6,
      speed: 0.2,
      timeShift: 1,
      variants: 5,
    };
    const unchanged = await folder.load(unwindowed, model, 1);
    const changed = await folder.load({ ...unwindowed, augment }, model, 1);
    expect(changed.train.count).toBe(5 * unchanged.train.count);
  });
});
