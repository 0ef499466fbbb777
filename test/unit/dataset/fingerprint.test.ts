import { mkdirSync, renameSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  contentHash,
  dataChanges,
  describeChanges,
  fingerprintData,
  type DataFingerprint,
} from '../../../src/core/dataset/fingerprint';
import { datasetConfig, TemporaryFolder } from './files-for-tests';

let folder: TemporaryFolder;
beforeEach(() => {
  folder = new TemporaryFolder();
});
afterEach(() => folder.remove());

const config = (format: 'csv' | 'images' = 'csv', train = 'train.csv', test = 'test.csv') =>
  datasetConfig({ format, train: join(folder.path, train), test: join(folder.path, test) });

const take = (known?: DataFingerprint, changed = config()): Promise<DataFingerprint> =>
  fingerprintData(changed, folder.path, known);

/** In seconds; fractions of them are not kept exactly. */
const TIME = 1_700_000_000;

function writeAtTime(name: string, content: string): void {
  utimesSync(folder.write(name, content), TIME, TIME);
}

describe('fingerprint of data', () => {
  beforeEach(() => {
    writeAtTime('train.csv', 'a,label\n1,x\n');
    folder.write('test.csv', 'a,label\n2,x\n');
  });

  it('is the same for the same content, whenever it was written and wherever it lies', async () => {
    const before = await take();
    expect(before).toHaveLength(2);
    utimesSync(join(folder.path, 'train.csv'), 1, 1);
    const touched = await take();
    expect(dataChanges(before, touched)).toEqual([]);
    expect(contentHash(touched)).toBe(contentHash(before));
    expect(touched).not.toEqual(before);
  });

  it.each([
    ['other content', () => folder.write('train.csv', 'a,label\n3,x\n'), 'has other content'],
    [
      'other content of the same time',
      () => writeAtTime('train.csv', 'a,label\n3,x\n'),
      'has other content',
    ],
    [
      'another size',
      () => folder.write('train.csv', 'a,label\n1,x\n2,x\n'),
      'has 16 bytes instead of 12',
    ],
    ['no file', () => rmSync(join(folder.path, 'train.csv')), 'is gone'],
  ])('tells %s', async (_, alter, clause) => {
    const before = await take();
    alter();
    const now = await take();
    expect(dataChanges(before, now)).toEqual([`train.csv ${clause}`]);
    expect(contentHash(now)).not.toBe(contentHash(before));
  });

  it('believes sizes and times where it is told to, and reads what differs in them', async () => {
    const before = await take();
    writeAtTime('train.csv', 'a,label\n3,x\n');
    expect(dataChanges(before, await take(before))).toEqual([]);
    utimesSync(join(folder.path, 'train.csv'), 1, 1);
    expect(dataChanges(before, await take(before))).toEqual(['train.csv has other content']);
  });

  it('tells new files of a pattern, and takes each file once', async () => {
    const pattern = config('csv', '*.csv', '*.csv');
    const before = await take([], pattern);
    expect(before.map(({ path }) => path)).toEqual(['test.csv', 'train.csv']);
    folder.write('more.csv', 'a,label\n');
    expect(dataChanges(before, await take([], pattern))).toEqual(['more.csv is new']);
  });

  it('leaves out what is not there or leads out of the workspace', async () => {
    const outside = new TemporaryFolder();
    try {
      rmSync(join(folder.path, 'test.csv'));
      symlinkSync(outside.write('secret.csv', 'a\n'), join(folder.path, 'test.csv'));
      expect((await take()).map(({ path }) => path)).toEqual(['train.csv']);
    } finally {
      outside.remove();
    }
  });
});

describe('fingerprint of folders', () => {
  const images = (): ReturnType<typeof config> => config('images', 'train', 'test');
  const fill = (set: string, name: string, count: number): void => {
    for (let i = 0; i < count; i++) folder.write(`${set}/${name}/${i}.png`, `picture ${i}`);
  };

  beforeEach(() => {
    fill('train', 'cat', 150);
    fill('train', 'dog', 3);
    fill('test', 'cat', 2);
    fill('test', 'dog', 2);
  });

  it('has one entry for a folder of many files, and tells what changed among them', async () => {
    const before = await take([], images());
    expect(before).toHaveLength(1 + 3 + 2 + 2);
    expect(before.find(({ path }) => path === 'train/cat/')).toMatchObject({ files: 150 });
    expect(await take(before, images())).toEqual(before);
    folder.write('train/cat/7.png', 'picture 9');
    folder.write('train/dog/2.png', 'another picture');
    for (const known of [[], before]) {
      expect(dataChanges(before, await take(known, images()))).toEqual([
        'train/cat/ has other content',
        'train/dog/2.png has 15 bytes instead of 9',
      ]);
    }
    rmSync(join(folder.path, 'train/cat/8.png'));
    expect(dataChanges(before, await take([], images()))).toContain(
      'train/cat/ has 149 files instead of 150',
    );
  });

  it('compares a folder with its files where it has become one entry, or is none any more', async () => {
    const many = await take([], images());
    fill('train', 'dog', 101);
    const grown = await take([], images());
    expect(dataChanges(many, grown)).toEqual(['train/dog/ has 101 files instead of 3']);
    expect(dataChanges(grown, many)).toEqual(['train/dog/ has 3 files instead of 101']);
  });

  it('notices a picture that changed its name or its class', async () => {
    const before = await take([], images());
    renameSync(join(folder.path, 'train/cat/9.png'), join(folder.path, 'train/cat/x.png'));
    expect(dataChanges(before, await take(before, images()))).toEqual([
      'train/cat/ has other content',
    ]);
    mkdirSync(join(folder.path, 'train/eel'));
    renameSync(join(folder.path, 'test/dog/1.png'), join(folder.path, 'test/cat/7.png'));
    const moved = dataChanges(before, await take(before, images()));
    expect(moved).toContain('test/cat/7.png is new');
    expect(moved).toContain('test/dog/1.png is gone');
  });
});

it('tells the first few changes and how many more there are', () => {
  expect(describeChanges(['a is gone', 'b is new'])).toBe('a is gone, b is new');
  expect(describeChanges(['1', '2', '3', '4', '5', '6', '7'])).toBe('1, 2, 3, 4, 5, and 2 more');
});
