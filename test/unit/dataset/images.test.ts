import { encode as encodePng } from 'fast-png';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { convertPixels, luma } from '../../../src/core/dataset/channels';
import { readPicture } from '../../../src/core/dataset/image-file';
import { inspectJpeg } from '../../../src/core/dataset/jpeg-markers';
import type { DatasetModel } from '../../../src/core/dataset/source';
import { UserError } from '../../../src/core/util/errors';
import { createRandom } from '../../../src/core/util/random';
import { datasetConfig, TemporaryFolder, userErrorOf } from './files-for-tests';

const folder = new TemporaryFolder();
afterAll(() => folder.remove());

const [HEIGHT, WIDTH] = [6, 9];
const SIZE = { height: HEIGHT, width: WIDTH };
const random = createRandom(3);

function pixels(channels: number): Uint8Array {
  return Uint8Array.from({ length: HEIGHT * WIDTH * channels }, () => random.int(256));
}
function png(data: Uint8Array | Uint16Array, channels: number, more = {}): Uint8Array {
  return encodePng({ width: WIDTH, height: HEIGHT, data, channels, depth: 8, ...more });
}
const photo = new Uint8Array(readFileSync('test/fixtures/jpeg/baseline-420.jpg'));
const PHOTO_SIZE = { height: 17, width: 23 };

const messageOf = async (content: Uint8Array | string, size = SIZE) => {
  const file = folder.write('one/picture', content);
  return folder.relative(await userErrorOf(() => readPicture(file, size)));
};

describe('readPicture', () => {
  const read = (content: Uint8Array, size = SIZE) =>
    readPicture(folder.write('one/picture', content), size);

  it('reads grey and colour PNG exactly', async () => {
    for (const channels of [1, 3] as const) {
      const data = pixels(channels);
      const picture = { width: WIDTH, height: HEIGHT, channels, data };
      expect(await read(png(data, channels))).toEqual(picture);
    }
  });

  it('reads interlaced PNG', async () => {
    const data = pixels(3);
    const file = encodePng(
      { width: WIDTH, height: HEIGHT, data, channels: 3, depth: 8 },
      { interlace: 'Adam7' },
    );
    expect((await read(file)).data).toEqual(data);
  });

  it('removes an opaque alpha channel', async () => {
    for (const kept of [1, 3]) {
      const data = pixels(kept + 1);
      for (let i = kept; i < data.length; i += kept + 1) data[i] = 255;
      const picture = await read(png(data, kept + 1));
      expect(picture.channels).toBe(kept);
      expect(picture.data).toEqual(data.filter((_, i) => i % (kept + 1) !== kept));
    }
  });

  it('names what is wrong', async () => {
    expect(await messageOf('')).toBe('$/one/picture: the image file is empty');
    expect(await messageOf('GIF89a')).toBe('$/one/picture: the content is neither JPEG nor PNG');
    const wrong = 'but model.input says 32×32; resize the images or change model.input';
    const size = { width: 32, height: 32 };
    expect(await messageOf(photo, size)).toBe(
      `$/one/picture: the image is 17×23 (height × width) ${wrong}`,
    );
    expect(await messageOf(png(pixels(1), 1), size)).toBe(
      `$/one/picture: the image is 6×9 (height × width) ${wrong}`,
    );
    expect(await messageOf(png(pixels(4), 4))).toBe(
      '$/one/picture: the PNG has transparent pixels; save it without an alpha channel',
    );
    const deep = Uint16Array.from(pixels(1), (value) => value * 257);
    expect(await messageOf(png(deep, 1, { depth: 16 }))).toBe(
      '$/one/picture: the PNG has 16 bits a channel; save it with 8',
    );
    const flipped = png(pixels(3), 3);
    flipped[60]! ^= 0x10;
    expect(await messageOf(flipped)).toMatch(/^\$\/one\/picture: the PNG data is damaged \(/);
  });

  it('refuses truncations', async () => {
    const grey = png(pixels(1), 1);
    for (let length = 1; length < grey.length; length += 3) {
      expect(await messageOf(grey.subarray(0, length)), `PNG ${length}`).toMatch(
        /cut off|damaged|neither/,
      );
    }
    for (let length = 1; length < photo.length; length += length < photo.length - 20 ? 11 : 1) {
      expect(await messageOf(photo.subarray(0, length), PHOTO_SIZE), `JPEG ${length}`).toMatch(
        /cut off|damaged|neither/,
      );
    }
  });

  it('never fails but with a UserError, whatever byte of a JPEG is damaged', async () => {
    for (let round = 0; round < 150; round++) {
      const damaged = photo.slice();
      damaged[random.int(photo.length)] = random.int(256);
      try {
        expect((await read(damaged, PHOTO_SIZE)).data.length % (17 * 23)).toBe(0);
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
      }
    }
  });
});

describe('inspectJpeg', () => {
  it('finds size and components', () => {
    expect(inspectJpeg(photo, 'f')).toEqual({
      height: 17,
      width: 23,
      components: 3,
      orientation: 1,
      adobeTransform: undefined,
    });
  });

  it('says where the structure breaks off', () => {
    expect(() => inspectJpeg(photo.subarray(0, 100), 'f')).toThrow(
      'the JPEG is cut off after 100 bytes',
    );
    const gap = photo.slice();
    gap[2] = 0;
    expect(() => inspectJpeg(gap, 'f')).toThrow('the JPEG is damaged: no marker at byte 2');
    expect(() => inspectJpeg(Uint8Array.of(0xff, 0xd8, 0xff, 0xd9), 'f')).toThrow(
      'the JPEG holds no image',
    );
  });
});

describe('channels', () => {
  it('keeps grey levels in luma and weighs green most', () => {
    for (let value = 0; value < 256; value++) expect(luma(value, value, value)).toBe(value);
    expect([luma(255, 0, 0), luma(0, 255, 0), luma(0, 0, 255)]).toEqual([76, 150, 29]);
  });

  it('is the rounded sum for random colours', () => {
    for (let i = 0; i < 5000; i++) {
      const [r, g, b] = [random.int(256), random.int(256), random.int(256)];
      const exact = 0.299 * r + 0.587 * g + 0.114 * b;
      expect(Math.abs(luma(r, g, b) - exact)).toBeLessThan(0.51);
    }
  });

  it('repeats grey', () => {
    const out = new Uint8Array(7);
    convertPixels(Uint8Array.of(5, 9), 1, out, 1, 3, 2);
    expect([...out]).toEqual([0, 5, 5, 5, 9, 9, 9]);
  });
});

describe('format images', () => {
  const MODEL = { input: [HEIGHT, WIDTH, 3], classes: 2 } as const;
  const pictures = new Map<string, Uint8Array>();
  for (const set of ['train', 'test']) {
    for (const name of ['cat/b.png', 'cat/a.PNG', 'Dog/1.png', 'Dog/2.png', 'Dog/10.png']) {
      pictures.set(`${set}/${name}`, pixels(3));
      folder.write(`${set}/${name}`, png(pictures.get(`${set}/${name}`)!, 3));
    }
  }
  folder.write('train/.hidden', 'skipped');
  folder.write('train/cat/.thumbs', 'skipped');

  const config = (train = 'train', more = {}) =>
    datasetConfig({
      format: 'images',
      train: path.join(folder.path, train),
      test: path.join(folder.path, 'test'),
      validation: 0.5,
      ...more,
    });
  const failure = async (train: string, model: DatasetModel = MODEL) =>
    folder.relative(await userErrorOf(() => folder.load(config(train), model, 1)));

  it('reads classes and files in the order of their code units', async () => {
    const { test, train, validation, outputNames } = await folder.load(config(), MODEL, 1);
    expect(outputNames).toEqual(['Dog', 'cat']);
    expect([...test.targets]).toEqual([0, 0, 0, 1, 1]);
    const order = ['Dog/1.png', 'Dog/10.png', 'Dog/2.png', 'cat/a.PNG', 'cat/b.png'];
    order.forEach((name, i) => {
      const read = test.data.slice(i * 162, (i + 1) * 162);
      expect(read).toEqual(pictures.get(`test/${name}`));
    });
    expect([train.count, validation.count]).toEqual([2, 3]);
  });

  it('converts between grey and colour as the model asks', async () => {
    const grey = await folder.load(config(), { input: [HEIGHT, WIDTH, 1], classes: 2 }, 1);
    const [r, g, b] = pictures.get('test/Dog/1.png')!;
    expect(grey.test.data[0]).toBe(luma(r!, g!, b!));
  });

  it('reports progress to the end', async () => {
    const seen: string[] = [];
    await folder.load(config(), MODEL, 1, ({ what, done, total }) => {
      seen.push(`${what} ${done}/${total}`);
    });
    expect(seen).toEqual(['training set 5/5', 'test set 5/5']);
  });

  it('decodes only the chosen files of a limit', async () => {
    folder.write('broken/cat/1.png', png(pixels(3), 3));
    folder.write('broken/cat/2.png', png(pixels(3), 3));
    folder.write('broken/Dog/1.png', png(pixels(3), 3));
    folder.write('broken/Dog/2.png', png(pixels(3), 3));
    const { train, validation } = await folder.load(config('broken', { limit: 3 }), MODEL, 1);
    expect(train.count + validation.count).toBe(3);
  });

  it('names what is wrong', async () => {
    expect(await failure('nowhere')).toMatch(
      /^\$\/nowhere: dataset\.train: no such folder; it must hold one folder/,
    );
    expect(await failure('train', { ...MODEL, classes: 3 })).toBe(
      '$/train: dataset.train has 2 class folders but model.classes is 3',
    );
    expect(await failure('train', { input: [HEIGHT, WIDTH, 2], classes: 2 })).toBe(
      '$/train/Dog/1.png: the image has 3 channels but model.input says 2; images give 1 (grey) or 3 (RGB)',
    );
    folder.write('loose/readme.txt', 'x');
    expect(await failure('loose')).toBe(
      '$/loose/readme.txt: dataset.train must hold one folder per class and nothing else, but this is a file',
    );
    folder.write('vacant/.keep', '');
    expect(await failure('vacant')).toBe(
      '$/vacant: dataset.train must hold one folder per class, but it has none',
    );
    folder.write('hollow/cat/.keep', '');
    expect(await failure('hollow')).toBe(
      '$/hollow/cat: class "cat" has no images (.jpg, .jpeg, .png)',
    );
    folder.write('mixed/cat/notes.txt', 'x');
    expect(await failure('mixed')).toBe(
      '$/mixed/cat/notes.txt: is no image file (.jpg, .jpeg, .png); remove it from the class folder',
    );
    folder.write('other/cat/1.png', png(pixels(3), 3));
    folder.write('other/bird/1.png', png(pixels(3), 3));
    expect(await failure('other')).toBe('$/test: dataset.test lacks class "bird" of dataset.train');
  });
});
