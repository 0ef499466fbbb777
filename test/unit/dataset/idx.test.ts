import { gzipSync } from 'node:zlib';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { DatasetModel } from '../../../src/core/dataset/source';
import { readIdx } from '../../../src/core/dataset/idx';
import {
  bytesOf,
  counting,
  cycle,
  datasetConfig,
  idx,
  TemporaryFolder,
  userErrorOf,
} from './files-for-tests';

const folder = new TemporaryFolder();
afterAll(() => folder.remove());

const MODEL = { input: [4, 3, 1], classes: 2 } as const;
const images = counting(8 * 12);
folder.write('images', idx([8, 4, 3], images));
folder.write('labels', idx([8], cycle(8, 2)));
folder.write('images.gz', gzipSync(idx([8, 4, 3], images)));
folder.write('labels.gz', gzipSync(idx([8], cycle(8, 2))));

const config = (name: string, labels: string | undefined, more = {}) =>
  datasetConfig({
    format: 'idx',
    train: path.join(folder.path, name),
    test: path.join(folder.path, 'images'),
    testLabels: path.join(folder.path, 'labels'),
    ...(labels === undefined ? {} : { trainLabels: path.join(folder.path, labels) }),
    ...more,
  });
const load = (name: string, labels: string | undefined, model: DatasetModel = MODEL) =>
  folder.load(config(name, labels), model, 1);
const messageOf = async (...args: Parameters<typeof load>) =>
  folder.relative(await userErrorOf(() => load(...args)));

describe('format idx', () => {
  it('reads plain and gzipped files alike, as bytes', async () => {
    const plain = await load('images', 'labels');
    expect(await load('images.gz', 'labels.gz')).toEqual(plain);
    expect(plain.test.data).toEqual(images);
    expect([...plain.test.targets]).toEqual([0, 1, 0, 1, 0, 1, 0, 1]);
    expect(plain.outputNames).toEqual(['0', '1']);
    expect(plain.normalization.kind).toBe('uint8');
    expect([plain.train.count, plain.validation.count]).toEqual([6, 2]);
  });

  it('joins several files in the order of their names', async () => {
    folder.write('part/x2', idx([2, 4, 3], images.subarray(72)));
    folder.write('part/x1', idx([6, 4, 3], images.subarray(0, 72)));
    folder.write('part/y1', idx([6], cycle(6, 2)));
    folder.write('part/y2', idx([2], cycle(2, 2)));
    expect(await load('part/x*', 'part/y*')).toEqual(await load('images', 'labels'));
    expect(await messageOf('part/x*', 'part/y1')).toBe(
      '$/part/y1: dataset.trainLabels matches 1 files but dataset.train matches 2',
    );
  });

  it('repeats grey for a colour model', async () => {
    const { test } = await load('images', 'labels', { input: [4, 3, 3], classes: 2 });
    expect(test.data).toEqual(repeat3());
  });

  it.each([
    ['int8', 0x09, bytesOf(Int8Array.of(-128, 127)), [-128, 127]],
    ['int16', 0x0b, Uint8Array.of(0x80, 0, 0x01, 0x02), [-32768, 258]],
    ['int32', 0x0c, Uint8Array.of(0xff, 0xff, 0xff, 0xfe, 0, 1, 0, 0), [-2, 65536]],
    ['float32', 0x0d, Uint8Array.of(0x3f, 0x80, 0, 0, 0xc0, 0x20, 0, 0), [1, -2.5]],
    [
      'float64',
      0x0e,
      Uint8Array.of(0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 0xc0, 4, 0, 0, 0, 0, 0, 0),
      [1, -2.5],
    ],
  ])('reads big-endian %s', async (_, type, bytes, expected) => {
    const array = await readIdx(folder.write('typed', idx([2], bytes, type)));
    expect([...array.data]).toEqual(expected);
    expect(array.offsetOf(1)).toBe(8 + bytes.length / 2);
  });

  it('names what is wrong', async () => {
    expect(await messageOf('images', undefined)).toBe(
      '$/images: name the file of the labels in dataset.trainLabels',
    );
    folder.write('short', idx([8, 4, 3], images.subarray(0, 90)));
    expect(await messageOf('short', 'labels')).toBe(
      '$/short: is cut off: the IDX header says 8×4×3 values, 112 bytes with the header, but there are 106',
    );
    folder.write('long', idx([8, 4, 3], counting(97)));
    expect(await messageOf('long', 'labels')).toBe(
      '$/long: has bytes left over: the IDX header says 8×4×3 values, 112 bytes with the header, but there are more',
    );
    folder.write('header', Uint8Array.of(0, 0, 8, 3, 0, 0));
    expect(await messageOf('header', 'labels')).toBe(
      '$/header: the IDX header is cut off after 6 of 16 bytes',
    );
    folder.write('tiny', Uint8Array.of(0, 0));
    expect(await messageOf('tiny', 'labels')).toBe(
      '$/tiny: the IDX header is cut off after 2 bytes',
    );
    folder.write('png', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10));
    expect(await messageOf('png', 'labels')).toBe(
      '$/png: is no IDX file: it starts with 89504e47, not with 0000 and a type',
    );
    folder.write('labels9', idx([9], cycle(9, 2)));
    expect(await messageOf('images', 'labels9')).toBe(
      '$/labels9: holds 9 labels for the 8 examples of $/images',
    );
    folder.write('label2', idx([8], Uint8Array.of(0, 1, 0, 2, 0, 1, 0, 1)));
    expect(await messageOf('images', 'label2')).toBe(
      '$/label2: the training set has 3 different labels (0, 1, 2) but model.classes is 2; set model.classes to 3, or mend label 2, which is there only once (at byte 11, example 3)',
    );
    expect(await messageOf('images', 'images')).toBe(
      '$/images: holds labels of 8×4×3; give one class per example, not one-hot rows; where several may hold at once, the task is "multi-label"',
    );
    expect(await messageOf('images', 'labels', { input: [3, 4, 1], classes: 2 })).toBe(
      '$/images: holds examples of 4×3 but the network takes 3×4×1',
    );
    expect(await messageOf('images', 'labels', { input: [4, 3, 2], classes: 2 })).toBe(
      '$/images: holds examples of 4×3 but the network takes 4×3×2',
    );
    folder.write('none', idx([0, 4, 3], new Uint8Array(0)));
    expect(await messageOf('none', 'labels')).toBe('$/none: holds no examples');
    expect(await messageOf('images', 'labels', { input: [4, 3, 1], classes: 3 })).toBe(
      '$/labels: the training set has 2 different labels (0, 1) but model.classes is 3; set model.classes to 2',
    );
    folder.write('float', idx([8, 4, 3], floats(NaN), 0x0d));
    expect(await messageOf('float', 'labels')).toBe(
      '$/float: holds NaN at byte 184 (example 3, value 6); every value must be a finite float32',
    );
  });
});

function repeat3(): Uint8Array {
  return Uint8Array.from({ length: 3 * images.length }, (_, i) => images[Math.floor(i / 3)]!);
}

/** 96 big-endian float32 with `odd` at index 42. */
function floats(odd: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * 96));
  for (let i = 0; i < 96; i++) view.setFloat32(4 * i, i === 42 ? odd : i);
  return bytesOf(view);
}
