import { encode } from 'fast-png';
import { deflateSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { inspectPicture, readPicture } from '../../../src/core/dataset/image-file';
import { UserError } from '../../../src/core/util/errors';
import { crc32 } from '../../../src/core/util/crc32';
import { createRandom } from '../../../src/core/util/random';
import { TemporaryFolder, userErrorOf } from './files-for-tests';

const folder = new TemporaryFolder();
afterAll(() => folder.remove());

const [WIDTH, HEIGHT] = [7, 5];
const SIZE = { width: WIDTH, height: HEIGHT };
const grey = Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) => 7 * i);

function chunk(name: string, data: Uint8Array = new Uint8Array(0)): Buffer {
  const bytes = Buffer.alloc(12 + data.length);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(name, 4, 'latin1');
  bytes.set(data, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length);
  return bytes;
}

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

function header(width = WIDTH, height = HEIGHT, depth = 8, type = 0, interlace = 0): Buffer {
  const data = Buffer.alloc(13);
  data.writeUInt32BE(width, 0);
  data.writeUInt32BE(height, 4);
  data.set([depth, type, 0, 0, interlace], 8);
  return chunk('IHDR', data);
}

/** Rows without a filter. */
function rows(pixels = grey, width = WIDTH): Buffer {
  const count = pixels.length / width;
  return Buffer.concat(
    Array.from({ length: count }, (_, y) =>
      Buffer.concat([Uint8Array.of(0), pixels.subarray(y * width, (y + 1) * width)]),
    ),
  );
}

const data = (content: Uint8Array = rows()) => chunk('IDAT', deflateSync(content));
const file = (...chunks: Uint8Array[]) => Buffer.concat([SIGNATURE, ...chunks]);
const read = (content: Uint8Array, size = SIZE) =>
  readPicture(folder.write('p.png', content), size);
const messageOf = async (content: Uint8Array) =>
  folder.relative(await userErrorOf(() => read(content)));

describe('PNG', () => {
  it('may have its data in pieces and any other chunks around it', async () => {
    const packed = deflateSync(rows());
    const content = file(
      header(),
      chunk('gAMA', Uint8Array.of(0, 0, 177, 143)),
      chunk('tEXt', Buffer.from('Comment\0hello')),
      chunk('IDAT', packed.subarray(0, 5)),
      chunk('IDAT', packed.subarray(5)),
      chunk('tIME', new Uint8Array(7)),
      chunk('IEND'),
    );
    expect((await read(content)).data).toEqual(grey);
  });

  it('has one header, of the size that is read', async () => {
    expect(await messageOf(file(header(), header(5, 7), data(), chunk('IEND')))).toBe(
      '$/p.png: the PNG data is damaged (it has a second header at byte 33)',
    );
    expect(
      await messageOf(file(chunk('gAMA', new Uint8Array(4)), header(), data(), chunk('IEND'))),
    ).toBe('$/p.png: the PNG is damaged: it does not begin with its header');
    expect(await messageOf(file(header(5, 7), data(), chunk('IEND')))).toContain(
      'the image is 7×5 (height × width) but model.input says 5×7',
    );
  });

  it('unpacks to what its header says and to no more', async () => {
    const more = data(Buffer.concat([rows(), Buffer.alloc(1)]));
    expect(await messageOf(file(header(), more, chunk('IEND')))).toBe(
      '$/p.png: the PNG data is damaged (it unpacks to more than the 40 bytes that its size asks for)',
    );
    const fewer = data(rows().subarray(0, 39));
    expect(await messageOf(file(header(), fewer, chunk('IEND')))).toBe(
      '$/p.png: the PNG data is damaged (it unpacks to 39 bytes where its size asks for 40)',
    );
    const packed = deflateSync(rows());
    const cut = chunk('IDAT', packed.subarray(0, packed.length - 6));
    expect(await messageOf(file(header(), cut, chunk('IEND')))).toMatch(
      /^\$\/p\.png: the PNG data is damaged \(.+\)$/,
    );
    expect(await messageOf(file(header(), chunk('IEND')))).toMatch(/damaged/);
  });

  it('is told by its chunk where it is damaged or cut off', async () => {
    const sound = file(header(), data(), chunk('IEND'));
    const wrong = Buffer.from(sound);
    wrong[45]! ^= 1;
    expect(await messageOf(wrong)).toBe(
      '$/p.png: the PNG data is damaged (the checksum of chunk IDAT at byte 33 is wrong)',
    );
    expect(await messageOf(sound.subarray(0, sound.length - 12))).toBe(
      `$/p.png: the PNG is cut off after ${sound.length - 12} bytes`,
    );
    expect(await messageOf(sound.subarray(0, 50))).toBe(
      '$/p.png: the PNG is cut off after 50 bytes, in chunk IDAT',
    );
    expect(await messageOf(file(header(), chunk('XYZW'), data(), chunk('IEND')))).toBe(
      '$/p.png: the PNG data is damaged (it has a chunk XYZW, which is unknown)',
    );
  });

  it('is read at every depth, interlaced or not, palettes and transparency told apart', async () => {
    const random = createRandom(5);
    for (const [channels, depth] of [
      [1, 8],
      [2, 8],
      [3, 8],
      [4, 8],
    ] as const) {
      for (const interlace of [undefined, 'Adam7'] as const) {
        for (const [width, height] of [
          [1, 1],
          [2, 9],
          [7, 5],
          [8, 8],
          [33, 17],
        ] as const) {
          const values = Uint8Array.from({ length: width * height * channels }, (_, i) =>
            channels % 2 === 0 && i % channels === channels - 1 ? 255 : random.int(256),
          );
          const content = encode(
            { width, height, data: values, channels, depth },
            interlace === undefined ? {} : { interlace },
          );
          const picture = await read(content, { width, height });
          const kept = channels - (channels % 2 === 0 ? 1 : 0);
          expect(picture.channels).toBe(kept);
          expect(picture.data).toEqual(values.filter((_, i) => i % channels < kept));
        }
      }
    }
    const palette = chunk('PLTE', Uint8Array.of(1, 2, 3, 4, 5, 6));
    const indexed = (index: number) =>
      file(
        header(WIDTH, HEIGHT, 8, 3),
        palette,
        data(rows(grey.map((_, i) => (i === 0 ? index : i % 2)))),
        chunk('IEND'),
      );
    expect((await read(indexed(1))).data.slice(0, 6)).toEqual(Uint8Array.of(4, 5, 6, 4, 5, 6));
    expect(await messageOf(indexed(2))).toMatch(/the PNG data is damaged/);
    const bits = file(
      header(WIDTH, HEIGHT, 1),
      chunk('tRNS', Uint8Array.of(0, 1)),
      data(Buffer.alloc(2 * HEIGHT)),
      chunk('IEND'),
    );
    expect(await messageOf(bits)).toBe(
      '$/p.png: the PNG has a transparent colour; save it without',
    );
  });

  it('is turned as its metadata say', async () => {
    const tiff = Buffer.alloc(26);
    tiff.write('II');
    tiff.writeUInt16LE(42, 2);
    tiff.writeUInt32LE(8, 4);
    tiff.writeUInt16LE(1, 8);
    tiff.writeUInt16LE(274, 10);
    tiff.writeUInt16LE(3, 12);
    tiff.writeUInt16LE(6, 18);
    for (const content of [
      file(header(), chunk('eXIf', tiff), data(), chunk('IEND')),
      file(header(), data(), chunk('eXIf', tiff), chunk('IEND')),
    ]) {
      const stored = folder.write('turned.png', content);
      expect(inspectPicture(stored)).toEqual({ width: HEIGHT, height: WIDTH, channels: 1 });
      const picture = await readPicture(stored, { width: HEIGHT, height: WIDTH });
      // A quarter to the right: the first row is the first column from below.
      expect([...picture.data.slice(0, 5)]).toEqual([28, 21, 14, 7, 0].map((row) => 7 * row));
    }
  });

  it('damaged anywhere is an error or the same picture', async () => {
    const random = createRandom(11);
    const sound = file(header(), chunk('tEXt', Buffer.from('a\0b')), data(), chunk('IEND'));
    for (let round = 0; round < 400; round++) {
      const bytes = Buffer.from(sound);
      bytes[random.int(bytes.length)]! ^= 1 + random.int(255);
      try {
        expect((await read(bytes)).data).toEqual(grey);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
      }
    }
  });
});
