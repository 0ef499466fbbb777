/** One JPEG or PNG file as 8-bit pixels. Strict: a damaged or cut-off file is an error, never a half-grey picture. */
import jpeg from 'jpeg-js';
import { convertIndexedToRgb, decode as decodePng } from 'fast-png';
import { UserError } from '../util/errors';
import { readBytes } from './files';
import { inspectJpeg } from './jpeg-markers';

/** Interleaved rows from the top; `channels` is 1 (grey) or 3 (RGB). */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly data: Uint8Array;
}

/**
 * Decodes `file` by its content, not its name. Palettes become RGB, an opaque alpha channel is removed, 1-, 2- and
 * 4-bit grey is widened to 8 bits. Throws UserError when it is neither JPEG nor PNG, damaged, not of `expected` size,
 * deeper than 8 bits or really transparent.
 */
export function readPicture(file: string, expected: { width: number; height: number }): Picture {
  const bytes = readBytes(file);
  if (bytes.length === 0) throw new UserError('the image file is empty', { file });
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return decodeJpeg(bytes, file, expected);
  if (bytes[0] === 0x89 && bytes[1] === 0x50) return decodePngFile(bytes, file, expected);
  throw new UserError('the content is neither JPEG nor PNG', { file });
}

/** Size and channels of a JPEG or PNG from its header alone. Throws UserError as readPicture does. */
export function inspectPicture(file: string): Omit<Picture, 'data'> {
  const bytes = readBytes(file);
  if (bytes[0] === 0xff && bytes[1] === 0xd8) {
    const { width, height, components } = inspectJpeg(bytes, file);
    return { width, height, channels: components === 1 ? 1 : 3 };
  }
  if (bytes[0] === 0x89 && bytes[1] === 0x50 && bytes.length >= 33) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    // Colour types 0 and 4 are grey; 2, 3 (palette) and 6 are colour.
    const grey = bytes[25] === 0 || bytes[25] === 4;
    return { width: view.getUint32(16), height: view.getUint32(20), channels: grey ? 1 : 3 };
  }
  throw new UserError('the content is neither JPEG nor PNG', { file });
}

function checkSize(
  file: string,
  width: number,
  height: number,
  expected: { width: number; height: number },
): void {
  if (width === expected.width && height === expected.height) return;
  throw new UserError(
    `the image is ${height}×${width} (height × width) but model.input says ${expected.height}×${expected.width}; ` +
      'resize the images or change model.input',
    { file },
  );
}

function damaged(kind: string, file: string, error: unknown): UserError {
  const reason = error instanceof Error ? error.message : String(error);
  return new UserError(`the ${kind} data is damaged (${reason})`, { file, cause: error });
}

function decodeJpeg(
  bytes: Uint8Array,
  file: string,
  expected: { width: number; height: number },
): Picture {
  const header = inspectJpeg(bytes, file);
  checkSize(file, header.width, header.height, expected);
  if (header.components !== 1 && header.components !== 3) {
    throw new UserError(
      `the JPEG has ${header.components} colour components; only grey and colour (3) can be read`,
      { file },
    );
  }
  let rgb: Uint8Array;
  try {
    rgb = jpeg.decode(bytes, {
      useTArray: true,
      formatAsRGBA: false,
      tolerantDecoding: false,
    }).data;
  } catch (error) {
    throw damaged('JPEG', file, error);
  }
  const { width, height } = header;
  if (rgb.length !== 3 * width * height) throw damaged('JPEG', file, 'two sizes in one file');
  if (header.components === 3) return { width, height, channels: 3, data: rgb };
  const grey = new Uint8Array(width * height);
  for (let i = 0; i < grey.length; i++) grey[i] = rgb[3 * i]!;
  return { width, height, channels: 1, data: grey };
}

function decodePngFile(
  bytes: Uint8Array,
  file: string,
  expected: { width: number; height: number },
): Picture {
  // Width and height stand at fixed places (IHDR is the first chunk): refuse a wrong size before unpacking it.
  if (bytes.length < 33)
    throw new UserError(`the PNG is cut off after ${bytes.length} bytes`, { file });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  checkSize(file, view.getUint32(16), view.getUint32(20), expected);
  let png: ReturnType<typeof decodePng>;
  try {
    png = decodePng(bytes, { checkCrc: true });
  } catch (error) {
    throw damaged('PNG', file, error);
  }
  const { width, height, depth } = png;
  const pixels = width * height;
  if (png.palette !== undefined) {
    return { width, height, channels: 3, data: opaque(convertIndexedToRgb(png), pixels, file) };
  }
  if (depth === 16 || png.data instanceof Uint16Array) {
    throw new UserError('the PNG has 16 bits a channel; save it with 8', { file });
  }
  if (depth < 8) return { width, height, channels: 1, data: widen(png.data, depth, width, height) };
  if (png.transparency !== undefined) {
    throw new UserError('the PNG has a transparent colour; save it without', { file });
  }
  const data = new Uint8Array(png.data.buffer, png.data.byteOffset, png.data.byteLength);
  const flat = png.channels === 2 || png.channels === 4 ? opaque(data, pixels, file) : data;
  return { width, height, channels: png.channels <= 2 ? 1 : 3, data: flat };
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
  const rowBytes = Math.ceil((width * depth) / 8);
  const top = 2 ** depth - 1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const bit = x * depth;
      const byte = packed[y * rowBytes + (bit >> 3)]!;
      out[y * width + x] = (((byte >> (8 - depth - (bit & 7))) & top) * 255) / top;
    }
  }
  return out;
}
