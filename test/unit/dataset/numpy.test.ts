import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { DatasetModel } from '../../../src/core/dataset/source';
import { halfToNumber, npyHeader } from '../../../src/core/dataset/npy';
import {
  bytesOf,
  counting,
  cycle,
  datasetConfig,
  npy,
  npz,
  TemporaryFolder,
  userErrorOf,
} from './files-for-tests';

const folder = new TemporaryFolder();
afterAll(() => folder.remove());

const MODEL = { input: [2, 3, 1], classes: 2 } as const;
const values = Float32Array.from({ length: 48 }, (_, i) => i / 4 - 3);
const x = npy('<f4', [8, 2, 3], bytesOf(values));
const y = npy('|u1', [8], cycle(8, 2));
folder.write('good.npz', npz({ x, y }));
folder.write('x.npy', x);
folder.write('y.npy', y);

const config = (name: string, labels?: string) =>
  datasetConfig({
    format: 'numpy',
    train: path.join(folder.path, name),
    test: path.join(folder.path, 'good.npz'),
    ...(labels === undefined ? {} : { trainLabels: path.join(folder.path, labels) }),
  });
const load = (name: string, labels?: string, model: DatasetModel = MODEL) =>
  folder.load(config(name, labels), model, 1);
const messageOf = async (...args: Parameters<typeof load>) =>
  folder.relative(await userErrorOf(() => load(...args)));

const npyArray = (bytes: Uint8Array, file: string) => npyHeader(bytes, file).read(bytes);

describe('format numpy', () => {
  it('reads one archive, separate arrays and archives of one array alike', async () => {
    const whole = await load('good.npz');
    expect(whole.test.data).toEqual(values);
    expect([...whole.test.targets]).toEqual([0, 1, 0, 1, 0, 1, 0, 1]);
    expect(whole.normalization.kind).toBe('float');
    expect(await load('x.npy', 'y.npy')).toEqual(whole);
    folder.write('only-x.npz', npz({ anything: x }));
    folder.write('only-y.npz', npz({ other: y }));
    expect(await load('only-x.npz', 'only-y.npz')).toEqual(whole);
  });

  it('finds both sets in one archive by their names', async () => {
    const other = npy('<f4', [8, 2, 3], bytesOf(values.map((value) => value + 1)));
    const file = folder.write(
      'mnist.npz',
      npz({ x_train: x, y_train: y, x_test: other, y_test: npy('<i8', [8, 1], longs(8)) }),
    );
    const dataset = await folder.load(
      datasetConfig({ format: 'numpy', train: file, test: file }),
      MODEL,
      1,
    );
    expect(dataset.test.data).toEqual(values.map((value) => value + 1));
    expect([...dataset.test.targets]).toEqual([0, 1, 0, 1, 0, 1, 0, 1]);
    expect(Math.max(...dataset.train.data)).toBeLessThanOrEqual(values[47]!);
  });

  it('keeps uint8 as bytes', async () => {
    folder.write('bytes.npz', npz({ x: npy('|u1', [8, 2, 3], counting(48)), y }));
    const { train, normalization } = await folder.load(
      datasetConfig({
        format: 'numpy',
        train: path.join(folder.path, 'bytes.npz'),
        test: path.join(folder.path, 'bytes.npz'),
      }),
      MODEL,
      1,
    );
    expect(train.data).toBeInstanceOf(Uint8Array);
    expect(normalization.kind).toBe('uint8');
  });

  it.each([
    ['|b1', Uint8Array.of(0, 1), [0, 1]],
    ['|u1', Uint8Array.of(0, 255), [0, 255]],
    ['|i1', Uint8Array.of(0x80, 0x7f), [-128, 127]],
    ['<i2', Uint8Array.of(0, 0x80, 2, 1), [-32768, 258]],
    ['>i2', Uint8Array.of(0x80, 0, 1, 2), [-32768, 258]],
    ['<u2', Uint8Array.of(0, 0x80, 2, 1), [32768, 258]],
    ['<i4', bytesOf(Int32Array.of(-7, 2 ** 30)), [-7, 2 ** 30]],
    ['<u4', bytesOf(Uint32Array.of(7, 2 ** 32 - 1)), [7, 2 ** 32 - 1]],
    ['<i8', bytesOf(BigInt64Array.of(-3n, 2n ** 40n)), [-3, 2 ** 40]],
    ['<u8', bytesOf(BigUint64Array.of(3n, 2n ** 40n)), [3, 2 ** 40]],
    ['<f2', Uint8Array.of(0, 0x3c, 0, 0xc1), [1, -2.5]],
    ['<f4', bytesOf(Float32Array.of(1.5, -0.25)), [1.5, -0.25]],
    ['<f8', bytesOf(Float64Array.of(0.1, -1e-30)), [0.1, -1e-30]],
    ['>f8', Uint8Array.of(0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), [1, 0]],
  ])('reads %s', (descr, bytes, expected) => {
    expect([...npyArray(npy(descr, [2], bytes), 'f').data]).toEqual(expected);
  });

  it('reads versions 2 and 3, whose header length has four bytes', () => {
    const old = npy('<f4', [8, 2, 3], bytesOf(values));
    for (const version of [2, 3]) {
      const header = Buffer.alloc(12);
      header.write('\x93NUMPY', 'latin1');
      header[6] = version;
      header.writeUInt32LE(Buffer.from(old).readUInt16LE(8), 8);
      const array = npyArray(Buffer.concat([header, old.subarray(10)]), 'f');
      expect(Float32Array.from(array.data, Number)).toEqual(values);
    }
  });

  it.each(['|u1', '<i2', '<f8'])('reorders Fortran arrays (%s)', (descr) => {
    // Element [i, j, k] holds 100 i + 10 j + k, the first index running fastest.
    const [n, h, w] = [2, 3, 4];
    const stored: number[] = [];
    const expected: number[] = [];
    for (let k = 0; k < w; k++)
      for (let j = 0; j < h; j++) for (let i = 0; i < n; i++) stored.push(100 * i + 10 * j + k);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < h; j++) for (let k = 0; k < w; k++) expected.push(100 * i + 10 * j + k);
    const typed = { '|u1': Uint8Array, '<i2': Int16Array, '<f8': Float64Array }[descr];
    const bytes = bytesOf((typed ?? Uint8Array).from(stored));
    const array = npyArray(npy(descr, [n, h, w], bytes, true), 'f');
    expect([...array.data]).toEqual(expected);
    // The place of [1, 2, 3], the last of the row-major ones, is also the last stored.
    const size = bytes.length / 24;
    expect(array.offsetOf(23)).toBe(array.offsetOf(0) + 23 * size);
    expect(array.offsetOf(1)).toBe(array.offsetOf(0) + 6 * size);
  });

  it('decodes every kind of binary16', () => {
    const cases: [number, number][] = [
      [0x0000, 0],
      [0x0001, 2 ** -24],
      [0x03ff, 1023 * 2 ** -24],
      [0x0400, 2 ** -14],
      [0x3555, 0.333251953125],
      [0x7bff, 65504],
      [0xfbff, -65504],
      [0x7c00, Infinity],
      [0xfc00, -Infinity],
      [0x7e00, NaN],
    ];
    for (const [bits, value] of cases) expect(halfToNumber(bits)).toBe(value);
  });

  it('names what is wrong', async () => {
    expect(await messageOf('x.npy')).toBe(
      '$/x.npy: a .npy file holds one array: name the file of the labels in dataset.trainLabels',
    );
    folder.write('names.npz', npz({ features: x, y }));
    expect(await messageOf('names.npz')).toBe(
      '$/names.npz: the archive has no array named x_train, x, X, images; it has features, y; save it under one of these names',
    );
    const good = npz({ x, y });
    folder.write('cut.npz', good.subarray(0, good.length - 30));
    expect(await messageOf('cut.npz')).toMatch(
      /^\$\/cut\.npz: the \.npz archive is damaged or cut off at \d+ bytes \(/,
    );
    folder.write('cut.npy', x.subarray(0, x.length - 3));
    expect(await messageOf('cut.npy', 'y.npy')).toBe(
      '$/cut.npy: is cut off: the .npy header says 8×2×3 values of 4 bytes, 320 bytes with the header, but there are 317',
    );
    folder.write('long.npy', Buffer.concat([x, Buffer.of(1)]));
    expect(await messageOf('long.npy', 'y.npy')).toContain('has bytes left over');
    folder.write('header.npy', x.subarray(0, 40));
    expect(await messageOf('header.npy', 'y.npy')).toBe(
      '$/header.npy: is cut off: the .npy header does not end in its 40 bytes',
    );
    folder.write('magic.npy', 'hello, numbers');
    expect(await messageOf('magic.npy', 'y.npy')).toBe(
      '$/magic.npy: is no .npy file: the first six bytes are not \\x93NUMPY',
    );
    folder.write('complex.npz', npz({ x: npy('<c8', [1], new Uint8Array(8)), y }));
    expect(await messageOf('complex.npz')).toMatch(
      /^\$\/complex\.npz: array "x" has the \.npy header \{'descr': '<c8'.*\}; only plain arrays of b1, u1, .*, or text, can be read$/,
    );
    const labels = (name: string, array: Uint8Array) => folder.write(name, npz({ x, y: array }));
    labels('many.npz', npy('<f8', [8], bytesOf(Float64Array.of(0, 1, 0, 1, 0, 2, 0, 1))));
    expect(await messageOf('many.npz')).toBe(
      '$/many.npz: the training set has 3 different labels (0, 1, 2) but model.classes is 2; set model.classes to 3, or mend label 2, which is there only once (array "y" at byte 168, example 5)',
    );
    labels('half.npz', npy('<f4', [8], bytesOf(Float32Array.of(0, 1, 0.5, 1, 0, 1, 0, 1))));
    expect(await messageOf('half.npz')).toBe(
      '$/half.npz: label 0.5 (array "y" at byte 136, example 2) is neither a whole number nor a name; set "task" to "regression" to have the network tell them, or sort the values into classes and give those as labels',
    );
    labels('seven.npz', npy('|u1', [7], cycle(7, 2)));
    expect(await messageOf('seven.npz')).toBe(
      '$/seven.npz: array "y" holds 7 labels for the 8 examples of $/seven.npz',
    );
    labels('onehot.npz', npy('|u1', [8, 2], cycle(16, 2)));
    expect(await messageOf('onehot.npz')).toBe(
      '$/onehot.npz: array "y" holds labels of 8×2; give one class per example, not one-hot rows; where several may hold at once, the task is "multi-label"',
    );
    const odd = values.slice();
    odd[20] = Infinity;
    folder.write('inf.npz', npz({ x: npy('<f4', [8, 2, 3], bytesOf(odd)), y }));
    expect(await messageOf('inf.npz')).toBe(
      '$/inf.npz: array "x" holds Infinity at byte 208 (example 3, value 2); every value must be a finite float32',
    );
    const large = Float64Array.from(values);
    large[1] = 1e39;
    folder.write('large.npz', npz({ x: npy('<f8', [8, 2, 3], bytesOf(large)), y }));
    expect(await messageOf('large.npz')).toContain('holds 1e+39 at byte 136 (example 0, value 1)');
    expect(await messageOf('good.npz', undefined, { input: [1, 1, 6], classes: 2 })).toBe(
      '$/good.npz: array "x" holds examples of 2×3 but the network takes 1×1×6',
    );
    expect(await messageOf('good.npz', undefined, { input: [2, 3, 3], classes: 2 })).toBe(
      '$/good.npz: array "x" holds examples of 2×3 but the network takes 2×3×3',
    );
    expect(await messageOf('good.npz', undefined, { input: [1, 3, 2], classes: 2 })).toBe(
      '$/good.npz: array "x" holds examples of 2×3 but the network takes 1×3×2; channels come last here: move them behind the ' +
        'others, in Python x = numpy.moveaxis(x, 1, -1)',
    );
  });

  it('fits sensor windows and tables, where sizes of 1 do not matter', async () => {
    expect((await load('good.npz', undefined, { input: [1, 2, 3], classes: 2 })).shape).toEqual([
      1, 2, 3,
    ]);
    const file = folder.write(
      'table.npz',
      npz({ x: npy('<f4', [8, 6], bytesOf(values)), y: npy('|i1', [8], cycle(8, 2)) }),
    );
    const table = await folder.load(
      datasetConfig({ format: 'numpy', train: file, test: file }),
      { input: [1, 1, 6], classes: 2 },
      1,
    );
    expect(table.normalization.mean).toHaveLength(6);
  });
});

/** Labels 0, 1, 0, … as int64. */
function longs(count: number): Uint8Array {
  return bytesOf(BigInt64Array.from({ length: count }, (_, i) => BigInt(i % 2)));
}
