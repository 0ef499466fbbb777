import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encode } from 'fast-png';
import { gzipSync } from 'node:zlib';
import { findDatasets } from '../../../src/core/dataset/find-datasets';
import * as files from './files-for-tests';
import { counting, npz, TemporaryFolder } from './files-for-tests';

/** Some values or others, unless they are given. */
function idx(dimensions: readonly number[], values?: readonly number[]): Uint8Array {
  return files.idx(dimensions, values ? Uint8Array.from(values) : some(dimensions));
}

function npy(dimensions: readonly number[], type: 'u1' | 'f4', values?: readonly number[]) {
  const bytes = values ? Uint8Array.from(values) : some([...dimensions, type === 'f4' ? 4 : 1]);
  return files.npy(type === 'f4' ? '<f4' : '|u1', dimensions, bytes);
}

function some(dimensions: readonly number[]): Uint8Array {
  return counting(dimensions.reduce((product, n) => product * n, 1));
}

let folder: TemporaryFolder;
beforeEach(() => {
  folder = new TemporaryFolder();
});
afterEach(() => folder.remove());

function png(height: number, width: number, channels: 1 | 3): Uint8Array {
  return encode({
    width,
    height,
    channels,
    depth: 8,
    data: counting(width * height * channels),
  });
}

function pictures(
  path: string,
  classes: readonly string[],
  each = 2,
  size: readonly [number, number, 1 | 3] = [12, 8, 3],
): void {
  for (const name of classes) {
    for (let i = 0; i < each; i++) folder.write(`${path}/${name}/${i}.png`, png(...size));
  }
}

describe('findDatasets', () => {
  it('finds nothing in an empty folder, a missing one, and one of code', async () => {
    expect(await findDatasets(folder.path)).toEqual([]);
    folder.write('src/main.c', 'int main(void) { return 0; }');
    folder.write('notes/readings.csv', 'a,b\n1,2\n3,4\n');
    expect(await findDatasets(folder.path)).toEqual([]);
    expect(await findDatasets(`${folder.path}/nothing`)).toEqual([]);
  });

  it('finds a folder of classes of pictures with its test set, shape and classes', async () => {
    pictures('data/train', ['cat', 'dog', 'owl'], 3);
    pictures('data/test', ['cat', 'dog', 'owl']);
    expect(await findDatasets(folder.path)).toEqual([
      {
        format: 'images',
        train: 'data/train',
        test: 'data/test',
        input: [12, 8, 3],
        classes: 3,
        examples: 9,
      },
    ]);
  });

  it('takes a validation set for the test where there is no other', async () => {
    pictures('train', ['a', 'b']);
    pictures('val', ['a', 'b']);
    expect(await findDatasets(folder.path)).toMatchObject([{ train: 'train', test: 'val' }]);
    pictures('test', ['a', 'b']);
    expect(await findDatasets(folder.path)).toMatchObject([{ train: 'train', test: 'test' }]);
  });

  it('takes no folders of pictures of many sizes, or of other files, for data', async () => {
    folder.write('docs/icons/a.png', png(16, 16, 3));
    folder.write('docs/icons/b.png', png(16, 16, 3));
    folder.write('docs/screens/a.png', png(300, 200, 3));
    folder.write('docs/screens/b.png', png(300, 200, 3));
    pictures('other', ['a', 'b']);
    folder.write('other/a/readme.txt', 'x');
    expect(await findDatasets(folder.path)).toEqual([]);
  });

  it('pairs IDX files with their labels and sets, packed or not', async () => {
    folder.write('mnist/train-images-idx3-ubyte.gz', gzipSync(idx([5, 28, 28])));
    folder.write('mnist/train-labels-idx1-ubyte.gz', gzipSync(idx([5], [0, 3, 1, 9, 0])));
    folder.write('mnist/t10k-images-idx3-ubyte', idx([2, 28, 28]));
    folder.write('mnist/t10k-labels-idx1-ubyte', idx([2], [0, 9]));
    expect(await findDatasets(folder.path)).toEqual([
      {
        format: 'idx',
        train: 'mnist/train-images-idx3-ubyte.gz',
        trainLabels: 'mnist/train-labels-idx1-ubyte.gz',
        test: 'mnist/t10k-images-idx3-ubyte',
        testLabels: 'mnist/t10k-labels-idx1-ubyte',
        input: [28, 28, 1],
        classes: 4,
        examples: 5,
      },
    ]);
  });

  it('pairs .npy files by folder and name, and takes no array without labels', async () => {
    folder.write('train/x.npy', npy([4, 20, 3], 'f4'));
    folder.write('train/y.npy', npy([4], 'u1', [0, 1, 2, 1]));
    folder.write('test/x.npy', npy([2, 20, 3], 'f4'));
    folder.write('test/y.npy', npy([2], 'u1', [0, 1]));
    folder.write('weights.npy', npy([4, 20, 3], 'f4'));
    expect(await findDatasets(folder.path)).toEqual([
      {
        format: 'numpy',
        train: 'train/x.npy',
        trainLabels: 'train/y.npy',
        test: 'test/x.npy',
        testLabels: 'test/y.npy',
        input: [1, 20, 3],
        classes: 3,
        examples: 4,
      },
    ]);
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['one-hot', npy([4, 3], 'u1'), /y\.npy: holds labels of 4×3; give one class per example/],
    ['objects', files.npy('|O', [4], new Uint8Array(32)), /y\.npy: holds Python objects/],
    ['measured', npy([4], 'f4'), /y\.npy: label .* is neither a whole number nor a name/],
  ])('says of labels that are %s why they cannot be trained', async (_, labels, problem) => {
    folder.write('train/x.npy', npy([4, 20, 3], 'f4'));
    folder.write('train/y.npy', labels);
    expect(await findDatasets(folder.path)).toMatchObject([
      {
        format: 'numpy',
        train: 'train/x.npy',
        trainLabels: 'train/y.npy',
        problem: expect.stringMatching(problem),
      },
    ]);
  });

  it('says so of labels in archives', async () => {
    const x = npy([4, 8, 8], 'u1');
    const y = npy([4, 3], 'u1', [1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0]);
    folder.write('a.npz', npz({ x, y }));
    folder.write('b.npz', npz({ x, y: npy([4], 'f4') }));
    expect((await findDatasets(folder.path)).map(({ problem }) => problem)).toEqual([
      expect.stringContaining('a.npz: array "y" holds labels of 4×3; give one class per example'),
      expect.stringContaining('is neither a whole number nor a name'),
    ]);
  });

  it('looks into archives', async () => {
    folder.write(
      'digits.npz',
      npz({
        x_train: npy([4, 8, 8], 'u1'),
        y_train: npy([4], 'u1', [0, 1, 3, 3]),
        x_test: npy([1, 8, 8], 'u1'),
        y_test: npy([1], 'u1', [0]),
      }),
    );
    folder.write('other.npz', npz({ weights: npy([3], 'u1') }));
    folder.write('broken.npz', 'PK');
    expect(await findDatasets(folder.path)).toEqual([
      {
        format: 'numpy',
        train: 'digits.npz',
        test: 'digits.npz',
        input: [8, 8, 1],
        classes: 3,
        examples: 4,
      },
    ]);
  });

  it('reads the label column, the columns to use and the classes of tables', async () => {
    const rows = 'time,ax,ay,activity\n0,1,2,walk\n1,1.5,2,run\n2,0,0,walk\n3,0,1,run\n';
    folder.write('motion/train_1.csv', rows);
    folder.write('motion/train_2.csv', rows);
    folder.write('motion/test_1.csv', rows);
    expect(await findDatasets(folder.path)).toEqual([
      {
        format: 'csv',
        train: 'motion/train_*.csv',
        test: 'motion/test_1.csv',
        label: 'activity',
        columns: ['ax', 'ay'],
        input: [1, 1, 2],
        classes: 2,
        examples: 8,
      },
    ]);
    folder.write('iris/train.csv', 'a,b,c\n1,2,0\n3,4,2\n5,6,0\n7,8,2\n');
    expect(await findDatasets(folder.path)).toContainEqual({
      format: 'csv',
      train: 'iris/train.csv',
      label: 'c',
      input: [1, 1, 2],
      classes: 2,
      examples: 4,
    });
  });

  it('knows the columns of tables that belong together by name', async () => {
    const labels = ['walk', 'run', 'walk', 'run'];
    const table = (header: string, row: (i: number, label: string) => string): string =>
      `${header}\n${labels.map((label, i) => row(i, label)).join('\n')}\n`;
    folder.write(
      'train_1.csv',
      table('ax,ay,activity', (i, label) => `${i % 3},${i % 2},${label}`),
    );
    folder.write(
      'train_2.csv',
      table('activity,ay,ax', (i, label) => `${label},${5 - i},${i % 3}`),
    );
    folder.write(
      'test_1.csv',
      table('ay,ax,activity', (i, label) => `${5 - i},${i % 3},${label}`),
    );
    expect(await findDatasets(folder.path)).toEqual([
      {
        format: 'csv',
        train: 'train_*.csv',
        test: 'test_1.csv',
        label: 'activity',
        input: [1, 1, 2],
        classes: 2,
        examples: 8,
      },
    ]);
  });

  it('says of a training set without a header line that it has none', async () => {
    folder.write('data/train.csv', '0.3,1.2,0\n0.4,1.1,1\n0.5,1.3,0\n0.6,1.4,1\n0.7,1,0\n');
    folder.write('log.csv', '0.3,1.2,0\n0.4,1.1,1\n0.5,1.3,0\n0.6,1.4,1\n0.7,1,0\n');
    expect(await findDatasets(folder.path)).toEqual([
      {
        format: 'csv',
        train: 'data/train.csv',
        problem:
          'data/train.csv:1: the first line holds numbers, not the names of the columns; put a header line in front',
      },
    ]);
  });

  it('knows CIFAR-10 by the length of its files', async () => {
    for (const name of ['data_batch_1.bin', 'data_batch_2.bin', 'test_batch.bin']) {
      const records = counting(20 * 3073);
      for (let i = 0; i < 20; i++) records[i * 3073] = i % 10;
      folder.write(`cifar/${name}`, records);
    }
    // Of the right length by chance.
    folder.write('build/out.bin', counting(2 * 3073));
    folder.write('firmware/zeros.bin', new Uint8Array(3073));
    folder.write('firmware/image.bin', new Uint8Array(4000));
    expect(await findDatasets(folder.path)).toEqual([
      {
        format: 'cifar10',
        train: 'cifar/data_batch_*.bin',
        test: 'cifar/test_batch.bin',
        input: [32, 32, 3],
        classes: 10,
        examples: 40,
      },
    ]);
  });

  it('keeps to its limits, and out of folders that hold no data of the user', async () => {
    pictures('a/b/train', ['x', 'y']);
    pictures('node_modules/p/train', ['x', 'y']);
    pictures('.git/train', ['x', 'y']);
    expect(await findDatasets(folder.path)).toHaveLength(1);
    expect(await findDatasets(folder.path, { maxDepth: 1 })).toEqual([]);
    expect(await findDatasets(folder.path, { maxEntries: 2 })).toEqual([]);
    expect(await findDatasets(folder.path, { signal: AbortSignal.abort() })).toEqual([]);
  });
});
