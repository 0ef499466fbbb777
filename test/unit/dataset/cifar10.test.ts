import { gzipSync } from 'node:zlib';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { luma } from '../../../src/core/dataset/channels';
import { createRandom } from '../../../src/core/util/random';
import {
  bytesOf,
  datasetConfig,
  type LoadArguments,
  TemporaryFolder,
  userErrorOf,
} from './files-for-tests';

const folder = new TemporaryFolder();
afterAll(() => folder.remove());

const random = createRandom(1);
/** `count` records, labels 0 … 9 in turn, random pixels. */
function records(count: number): Uint8Array {
  const bytes = new Uint8Array(count * 3073);
  for (let i = 0; i < bytes.length; i++) bytes[i] = random.int(256);
  for (let i = 0; i < count; i++) bytes[i * 3073] = i % 10;
  return bytes;
}
const first = records(20);
const second = records(30);
const test = records(10);
folder.write('good/data_batch_1.bin', first);
folder.write('good/data_batch_2.bin', gzipSync(second));
folder.write('good/test_batch.bin', test);

const MODEL = { input: [32, 32, 3], classes: 10 } as const;
const config = (train: string, more = {}) =>
  datasetConfig({
    format: 'cifar10',
    train: path.join(folder.path, train),
    test: path.join(folder.path, 'good/test_batch.bin'),
    ...more,
  });
const messageOf = async (...args: LoadArguments) =>
  folder.relative(await userErrorOf(() => folder.load(...args)));

describe('format cifar10', () => {
  it('reads the files of a glob in order, planes interleaved', async () => {
    const {
      test: read,
      train,
      validation,
    } = await folder.load(config('good/data_batch_*.bin'), MODEL, 1);
    expect([train.count + validation.count, validation.count, read.count]).toEqual([50, 10, 10]);
    for (let i = 0; i < 10; i++) {
      expect(read.targets[i]).toBe(i);
      for (let p = 0; p < 1024; p++) {
        for (let c = 0; c < 3; c++) {
          if (read.data[(i * 1024 + p) * 3 + c] !== test[i * 3073 + 1 + c * 1024 + p]) {
            expect.fail(`image ${i}, pixel ${p}, channel ${c}`);
          }
        }
      }
    }
  });

  it('splits into training and validation without loss, whichever thread memory is used', async () => {
    const { train, validation } = await folder.load(config('good/data_batch_*.bin'), MODEL, 1);
    const key = (data: ArrayLike<number>, at: number) =>
      Array.from({ length: 8 }, (_, i) => data[at + 3 * i]).join();
    const expected = [first, second].flatMap((bytes) =>
      Array.from({ length: bytes.length / 3073 }, (_, i) => key(redOf(bytes, i), 0)),
    );
    const found = [train, validation].flatMap(({ data, count }) =>
      Array.from({ length: count }, (_, i) => key(data, i * 3072)),
    );
    expect(found.sort()).toEqual(expected.sort());
    expect([...validation.targets].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(train.data).toBeInstanceOf(Uint8Array);
    expect(train.data.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  it('turns colour into luma for a one-channel model', async () => {
    const { test: read } = await folder.load(
      config('good/data_batch_*.bin'),
      { input: [32, 32, 1], classes: 10 },
      1,
    );
    expect(read.data.length).toBe(10 * 1024);
    for (const p of [0, 17, 1023]) {
      expect(read.data[p]).toBe(luma(test[1 + p]!, test[1025 + p]!, test[2049 + p]!));
    }
  });

  it('chooses the same examples for the same seed and limit, others for another', async () => {
    const load = async (seed: number) =>
      folder.load(config('good/data_batch_*.bin', { limit: 40 }), MODEL, seed);
    const [a, b, c] = [await load(1), await load(1), await load(2)];
    expect(a.train.count + a.validation.count).toBe(40);
    for (const set of ['train', 'validation', 'test'] as const) {
      expect(Buffer.compare(bytesOf(a[set].data), bytesOf(b[set].data))).toBe(0);
      expect(b[set].targets).toEqual(a[set].targets);
    }
    expect(Buffer.compare(bytesOf(c.train.data), bytesOf(a.train.data))).not.toBe(0);
  });

  it('names what is wrong', async () => {
    folder.write('short/a.bin', first.subarray(0, 5 * 3073 + 100));
    expect(await messageOf(config('short/a.bin'), MODEL, 1)).toBe(
      '$/short/a.bin: record 5, from byte 15365, is cut off: 15465 bytes are no multiple of 3073 (one label, 32×32×3 pixels)',
    );
    folder.write('empty/a.bin', '');
    expect(await messageOf(config('empty/a.bin'), MODEL, 1)).toBe(
      '$/empty/a.bin: the file is empty',
    );
    const bad = first.slice();
    bad[3 * 3073] = 10;
    folder.write('label/a.bin', bad);
    expect(await messageOf(config('label/a.bin'), MODEL, 1)).toBe(
      '$/label/a.bin: record 3 has label 10 at byte 9219; CIFAR-10 labels are 0 … 9',
    );
    const zipped = gzipSync(second);
    folder.write('gzip/a.bin', zipped.subarray(0, 5000));
    expect(await messageOf(config('gzip/a.bin'), MODEL, 1)).toMatch(
      /^\$\/gzip\/a\.bin: the gzip data is damaged or cut off after 5000 bytes \(/,
    );
    expect(await messageOf(config('none_*.bin'), MODEL, 1)).toBe(
      '$/none_*.bin: dataset.train: no file matches this pattern',
    );
    expect(await messageOf(config('none.bin'), MODEL, 1)).toBe(
      '$/none.bin: dataset.train: no such file',
    );
    expect(await messageOf(config('good'), MODEL, 1)).toBe(
      '$/good: dataset.train must name files, but this is a folder',
    );
    const good = config('good/data_batch_1.bin');
    expect(await messageOf(good, { ...MODEL, classes: 9 }, 1)).toBe(
      '$/good/data_batch_1.bin: CIFAR-10 has 10 classes but model.classes is 9',
    );
    expect(await messageOf(good, { ...MODEL, input: [28, 28, 1] }, 1)).toBe(
      '$/good/data_batch_1.bin: CIFAR-10 images are 32×32×3 but model.input says 28×28×1; use [32, 32, 3], or [32, 32, 1] for grey',
    );
    folder.write('few/a.bin', first.subarray(0, 8 * 3073));
    expect(await messageOf(config('few/a.bin'), MODEL, 1)).toBe(
      'class "ship" has no example in the training set; dataset.train must name the files of every class',
    );
    folder.write('single/a.bin', first.subarray(0, 10 * 3073));
    expect(await messageOf(config('single/a.bin'), MODEL, 1)).toBe(
      'dataset.validation: 10 training examples are too few to hold any back for validation; at least one class needs two',
    );
  });
});

/** Image `i` interleaved, its red bytes at every third place, which is all that `key` looks at. */
function redOf(bytes: Uint8Array, i: number): Uint8Array {
  const out = new Uint8Array(3 * 1024);
  for (let p = 0; p < 1024; p++) out[3 * p] = bytes[i * 3073 + 1 + p]!;
  return out;
}
