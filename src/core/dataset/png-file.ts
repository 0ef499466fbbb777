/**
 * PNG (W3C, third edition) as far as a picture's pixels need it. The chunks are looked through here, before the library
 * decodes them: there is one header, its size is the one expected, the image data unpacks to no more than that, and
 * what is no pixel (profiles, texts, thumbnails, further frames) is never unpacked at all.
 */
import { convertIndexedToRgb, decode } from 'fast-png';
import { deflateSync, inflateSync } from 'node:zlib';
import { crc32 } from '../util/crc32';
import { UserError } from '../util/errors';
import { exifOrientation } from './exif';
import { errorCode } from '../util/file-errors';

export interface PngHeader {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colourType: number;
  readonly interlaced: boolean;
}

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const HEADER_LENGTH = 13;
/** Bytes up to the end of the header chunk, which is the first. */
const START = 8 + 12 + HEADER_LENGTH;
/** Samples of a pixel by colour type: grey, RGB, palette, grey and alpha, RGBA. */
const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const PASSED_ON = new Set(['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND']);

export function isPng(bytes: Uint8Array): boolean {
  return SIGNATURE.every((byte, i) => bytes[i] === byte);
}

/** From the file's first bytes. */
export function pngHeader(bytes: Uint8Array, file: string): PngHeader {
  if (bytes.length < START) {
    throw new UserError(`the PNG is cut off after ${bytes.length} bytes`, { file });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(8) !== HEADER_LENGTH || nameAt(bytes, 12) !== 'IHDR') {
    throw new UserError('the PNG is damaged: it does not begin with its header', { file });
  }
  return {
    width: view.getUint32(16),
    height: view.getUint32(20),
    depth: bytes[24]!,
    colourType: bytes[25]!,
    interlaced: bytes[28] === 1,
  };
}

/** Whether the pixels are grey, with or without alpha. */
export function isGrey({ colourType }: PngHeader): boolean {
  return colourType === 0 || colourType === 4;
}

/** How the picture is to be turned, EXIF's 1 … 8, as far as the file's first bytes tell. */
export function pngOrientation(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 8; at + 12 <= bytes.length; at += 12 + view.getUint32(at)) {
    if (nameAt(bytes, at + 4) !== 'eXIf') continue;
    return exifOrientation(bytes.subarray(at + 8, at + 8 + view.getUint32(at)));
  }
  return 1;
}

interface Chunks {
  /** The picture's own chunks but for its data. */
  readonly kept: readonly { readonly name: string; readonly data: Uint8Array }[];
  readonly imageData: Uint8Array;
}

function readChunks(bytes: Uint8Array, file: string): Chunks {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kept: { name: string; data: Uint8Array }[] = [];
  const imageData: Uint8Array[] = [];
  for (let at = 8; ;) {
    if (at + 12 > bytes.length) {
      throw new UserError(`the PNG is cut off after ${bytes.length} bytes`, { file });
    }
    const length = view.getUint32(at);
    const name = nameAt(bytes, at + 4);
    const end = at + 8 + length;
    if (end + 4 > bytes.length) {
      throw new UserError(`the PNG is cut off after ${bytes.length} bytes, in chunk ${name}`, {
        file,
      });
    }
    if (crc32(bytes.subarray(at + 4, end)) !== view.getUint32(end)) {
      throw damaged(`the checksum of chunk ${name} at byte ${at} is wrong`, file);
    }
    const data = bytes.subarray(at + 8, end);
    if (name === 'IHDR' && at !== 8) throw damaged(`it has a second header at byte ${at}`, file);
    if (name === 'IDAT') imageData.push(data);
    else if (PASSED_ON.has(name)) kept.push({ name, data });
    else if (/^[A-Z]/.test(name)) throw damaged(`it has a chunk ${name}, which is unknown`, file);
    if (name === 'IEND') return { kept, imageData: Buffer.concat(imageData) };
    at = end + 4;
  }
}

/** Pixels as stored. Throws UserError where they are damaged, deep or transparent. */
export function decodePng(
  bytes: Uint8Array,
  header: PngHeader,
  file: string,
): { readonly channels: 1 | 3; readonly data: Uint8Array } {
  if (header.depth === 16) {
    throw new UserError('the PNG has 16 bits a channel; save it with 8', { file });
  }
  const { kept, imageData } = readChunks(bytes, file);
  return decodeRows(kept, unpack(imageData, header, file), header, file);
}

/** The filtered rows, of exactly the length that the header asks for. */
function unpack(imageData: Uint8Array, header: PngHeader, file: string): Uint8Array {
  const expected = rowBytes(header);
  let rows: Uint8Array;
  try {
    rows = inflateSync(imageData, { maxOutputLength: expected });
  } catch (error) {
    const code = errorCode(error);
    const reason =
      code === 'ERR_BUFFER_TOO_LARGE'
        ? `it unpacks to more than the ${expected} bytes that its size asks for`
        : error instanceof Error
          ? error.message
          : String(error);
    throw damaged(reason, file, error);
  }
  if (rows.length === expected) return rows;
  throw damaged(`it unpacks to ${rows.length} bytes where its size asks for ${expected}`, file);
}

/** Column and row of an interlaced image's passes: first pixel, and steps (section 8.2). */
const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** Every row has a filter byte in front. */
function rowBytes({ width, height, depth, colourType, interlaced }: PngHeader): number {
  const bits = depth * (SAMPLES[colourType] ?? 1);
  const size = (columns: number, rows: number): number =>
    columns === 0 ? 0 : rows * (1 + Math.ceil((columns * bits) / 8));
  if (!interlaced) return size(width, height);
  return PASSES.reduce(
    (sum, [x, y, dx, dy]) =>
      sum + size(Math.ceil(Math.max(0, width - x) / dx), Math.ceil(Math.max(0, height - y) / dy)),
    0,
  );
}

/** Through the library, which is given the rows as they are, packed without being made smaller. */
function decodeRows(
  kept: Chunks['kept'],
  rows: Uint8Array,
  { width, height }: PngHeader,
  file: string,
): { readonly channels: 1 | 3; readonly data: Uint8Array } {
  const stored = deflateSync(rows, { level: 0 });
  const chunks = kept.flatMap(({ name, data }) =>
    name === 'IEND' ? [chunk('IDAT', stored), chunk('IEND', data)] : [chunk(name, data)],
  );
  let png: ReturnType<typeof decode>;
  let colours: Uint8Array | undefined;
  try {
    png = decode(Buffer.concat([SIGNATURE, ...chunks]));
    colours = png.palette === undefined ? undefined : convertIndexedToRgb(png);
  } catch (error) {
    throw damaged(error instanceof Error ? error.message : String(error), file, error);
  }
  const pixels = width * height;
  if (colours !== undefined) return { channels: 3, data: opaque(colours, pixels, file) };
  if (png.transparency !== undefined) {
    throw new UserError('the PNG has a transparent colour; save it without', { file });
  }
  const { depth } = png;
  if (depth < 8) return { channels: 1, data: widen(png.data, depth, width, height) };
  const data = new Uint8Array(png.data.buffer, png.data.byteOffset, png.data.byteLength);
  const flat = png.channels === 2 || png.channels === 4 ? opaque(data, pixels, file) : data;
  return { channels: png.channels <= 2 ? 1 : 3, data: flat };
}

function chunk(name: string, data: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(12 + data.length);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(name, 4, 'latin1');
  bytes.set(data, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length);
  return bytes;
}

function nameAt(bytes: Uint8Array, at: number): string {
  return Buffer.from(bytes.subarray(at, at + 4))
    .toString('latin1')
    .replace(/[^A-Za-z]/g, '?');
}

function damaged(reason: string, file: string, cause?: unknown): UserError {
  return new UserError(
    `the PNG data is damaged (${reason})`,
    cause === undefined ? { file } : { file, cause },
  );
}

/** Removes an alpha channel that is opaque everywhere; data without one is returned as it is. */
function opaque(data: Uint8Array, pixels: number, file: string): Uint8Array {
  const channels = data.length / pixels;
  if (channels === 1 || channels === 3) return data;
  const kept = channels - 1;
  const out = new Uint8Array(pixels * kept);
  for (let i = 0; i < pixels; i++) {
    if (data[i * channels + kept] !== 255) {
      throw new UserError('the PNG has transparent pixels; save it without an alpha channel', {
        file,
      });
    }
    for (let c = 0; c < kept; c++) out[i * kept + c] = data[i * channels + c]!;
  }
  return out;
}

/** Grey levels of 1, 2 or 4 bits, packed from the high bit with rows padded to bytes, as 0 … 255. */
function widen(
  packed: ArrayLike<number>,
  depth: number,
  width: number,
  height: number,
): Uint8Array {
  const out = new Uint8Array(width * height);
  const bytes = Math.ceil((width * depth) / 8);
  const top = 2 ** depth - 1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const bit = x * depth;
      const byte = packed[y * bytes + (bit >> 3)]!;
      out[y * width + x] = (((byte >> (8 - depth - (bit & 7))) & top) * 255) / top;
    }
  }
  return out;
}
