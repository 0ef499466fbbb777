import { decode } from 'fast-png';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { exifOrientation, turnUpright } from '../../../src/core/dataset/exif';
import { inspectPicture, readPicture } from '../../../src/core/dataset/image-file';
import { inspectJpeg } from '../../../src/core/dataset/jpeg-markers';
import { decodePlainJpeg } from '../../../src/core/dataset/jpeg-plain';
import { UserError } from '../../../src/core/util/errors';
import { createRandom } from '../../../src/core/util/random';
import { TemporaryFolder, userErrorOf } from './files-for-tests';

const folder = new TemporaryFolder();
afterAll(() => folder.remove());

const FIXTURES = 'test/fixtures/jpeg';
const names = readdirSync(FIXTURES)
  .filter((name) => name.endsWith('.jpg'))
  .map((name) => path.basename(name, '.jpg'));
const jpeg = (name: string) => new Uint8Array(readFileSync(path.join(FIXTURES, `${name}.jpg`)));
/** What Pillow, which is libjpeg-turbo, decodes it to; see make.py there. */
const golden = (name: string) => decode(readFileSync(path.join(FIXTURES, `${name}.png`)));

describe('pixels of JPEG', () => {
  it.each(names)("%s are Pillow's", async (name) => {
    const { width, height, channels, data } = golden(name);
    const file = path.join(FIXTURES, `${name}.jpg`);
    expect(inspectPicture(file)).toEqual({ width, height, channels });
    const picture = await readPicture(file, { width, height });
    expect(picture.channels).toBe(channels);
    // Inks are multiplied by the black; everything else is the same to the last bit.
    expect(Buffer.compare(picture.data, new Uint8Array(data))).toBe(0);
  });

  it('are the same of the plain decoder, where no channel has fewer samples than another', async () => {
    for (const name of names.filter((each) => !/42|exif|cmyk|ycck/.test(each))) {
      const bytes = jpeg(name);
      const { data, channels } = decodePlainJpeg(bytes, name);
      const expected = golden(name).data;
      // The plain one does not convert colours.
      const converted = name === 'rgb' || channels === 1 ? data : toRgb(data);
      let largest = 0;
      expected.forEach((value, i) => {
        largest = Math.max(largest, Math.abs(value - converted[i]!));
      });
      expect(largest, name).toBeLessThanOrEqual(channels === 1 || name === 'rgb' ? 0 : 1);
    }
  });

  it('follow the metadata that say how the picture is held', async () => {
    const file = path.join(FIXTURES, 'exif-6.jpg');
    const stored = golden('exif-1');
    const upright = golden('exif-6');
    expect([upright.width, upright.height]).toEqual([stored.height, stored.width]);
    expect(folder.relative(await userErrorOf(() => readPicture(file, stored)))).toMatch(
      /the image is 12×7 \(height × width\) but model\.input says 7×12/,
    );
  });

  it('that say nothing of their four channels are refused, as are other numbers of them', async () => {
    const bytes = jpeg('cmyk');
    bytes.set(Buffer.from('Opera'), Buffer.from(bytes).indexOf('Adobe'));
    const read = (content: Uint8Array) =>
      readPicture(folder.write('picture', content), { width: 23, height: 17 });
    expect(folder.relative(await userErrorOf(() => read(bytes)))).toBe(
      '$/picture: the JPEG has four channels and does not say what they are; save it as RGB',
    );
    const frame = (name: string): number =>
      Buffer.from(jpeg(name)).indexOf(Uint8Array.of(0xff, 0xc0));
    const changed = (name: string, offset: number, value: number): Uint8Array => {
      const copy = jpeg(name);
      copy[frame(name) + offset] = value;
      return copy;
    };
    expect(await userErrorOf(() => read(changed('grey', 9, 2)))).toMatch(
      /the JPEG has 2 channels; grey \(1\), colour \(3\) and inks \(4\) can be read$/,
    );
    expect(await userErrorOf(() => read(changed('grey', 4, 12)))).toMatch(
      /the JPEG has 12 bits a channel; save it with 8$/,
    );
    expect(await userErrorOf(() => read(changed('grey', 1, 0xc9)))).toMatch(
      /packed in a way that is hardly used \(SOF9\); save it as a baseline or progressive JPEG$/,
    );
    const twice = Buffer.concat([jpeg('grey').subarray(0, 2), jpeg('grey').subarray(2)]);
    const at = frame('grey');
    const again = Buffer.concat([
      twice.subarray(0, at + 13),
      twice.subarray(at, at + 13),
      twice.subarray(at + 13),
    ]);
    expect(await userErrorOf(() => read(again))).toMatch(/the JPEG holds two images$/);
  });

  it('cannot be asked for by thousands of scans', () => {
    const bytes = Buffer.from(jpeg('grey'));
    const scan = bytes.indexOf(Uint8Array.of(0xff, 0xda));
    const scans = Array.from({ length: 200 }, () => bytes.subarray(scan, scan + 10));
    const many = Buffer.concat([bytes.subarray(0, scan), ...scans, bytes.subarray(-2)]);
    expect(() => inspectJpeg(many, 'f')).toThrow('the JPEG has more than 100 scans; save it anew');
  });
});

it('damaged JPEG is an error or a picture for both decoders, never anything else', async () => {
  const random = createRandom(9);
  let pictures = 0;
  for (let round = 0; round < 400; round++) {
    const name = names[round % names.length]!;
    const { width, height } = golden(name);
    const bytes = jpeg(name);
    for (let n = random.int(3); n >= 0; n--) bytes[random.int(bytes.length)] = random.int(256);
    const file = folder.write(
      'damaged',
      random.int(8) === 0 ? bytes.subarray(0, random.int(bytes.length)) : bytes,
    );
    for (const read of [
      () => readPicture(file, { width, height }),
      () => {
        inspectJpeg(bytes, 'f');
        return decodePlainJpeg(bytes, 'f');
      },
    ]) {
      try {
        const { data } = await read();
        expect(data.length % (width * height)).toBe(0);
        pictures++;
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
      }
    }
  }
  expect(pictures).toBeGreaterThan(50);
  // The decoder still works after all that.
  const { width, height, data } = golden('baseline-420');
  const picture = await readPicture(path.join(FIXTURES, 'baseline-420.jpg'), { width, height });
  expect(Buffer.compare(picture.data, new Uint8Array(data))).toBe(0);
});

describe('EXIF', () => {
  const tiff = (little: boolean, tag: number, type: number, value: number): Uint8Array => {
    const bytes = Buffer.alloc(26);
    const short = (at: number, n: number) =>
      little ? bytes.writeUInt16LE(n, at) : bytes.writeUInt16BE(n, at);
    bytes.write(little ? 'II' : 'MM');
    short(2, 42);
    if (little) bytes.writeUInt32LE(8, 4);
    else bytes.writeUInt32BE(8, 4);
    short(8, 1);
    short(10, tag);
    short(12, type);
    short(18, value);
    return bytes;
  };

  it('tells the orientation in either byte order, and else none', () => {
    for (const little of [true, false]) {
      for (let value = 1; value <= 8; value++) {
        expect(exifOrientation(tiff(little, 274, 3, value))).toBe(value);
      }
      expect(exifOrientation(tiff(little, 274, 3, 9))).toBe(1);
      expect(exifOrientation(tiff(little, 274, 4, 6))).toBe(1);
      expect(exifOrientation(tiff(little, 275, 3, 6))).toBe(1);
    }
    const whole = tiff(true, 274, 3, 6);
    for (let length = 0; length < 22; length++) {
      expect(exifOrientation(whole.subarray(0, length))).toBe(1);
    }
    whole[4] = 200;
    expect(exifOrientation(whole)).toBe(1);
  });

  it('turns back to what was turned', () => {
    // Each way of turning and the one that undoes it.
    const data = Uint8Array.from({ length: 30 }, (_, i) => i);
    for (const [there, back] of [
      [1, 1],
      [2, 2],
      [3, 3],
      [4, 4],
      [5, 5],
      [6, 8],
      [7, 7],
      [8, 6],
    ] as const) {
      const [width, height] = there >= 5 ? [2, 5] : [5, 2];
      const once = turnUpright(data, 5, 2, 3, there);
      expect(turnUpright(once, width, height, 3, back)).toEqual(data);
    }
  });
});

/** JFIF's, in plain arithmetic. */
function toRgb(ycc: Uint8Array): Uint8Array {
  const rgb = new Uint8ClampedArray(ycc.length);
  for (let i = 0; i < ycc.length; i += 3) {
    const [y, cb, cr] = [ycc[i]!, ycc[i + 1]! - 128, ycc[i + 2]! - 128];
    rgb.set([y + 1.402 * cr, y - 0.344136 * cb - 0.714136 * cr, y + 1.772 * cb], i);
  }
  return new Uint8Array(rgb);
}
