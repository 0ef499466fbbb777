/**
 * Decodes JPEG's pixels: grey and colour by libjpeg-turbo, compiled to WebAssembly, and four inks, which its wrapper does
 * not know, by the plain decoder beside. Both give the pixels that libjpeg gives elsewhere.
 */
import loadLibjpeg, {
  type JPEGDecoder,
} from '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserError } from '../util/errors';
import { readBytes } from '../util/read-file';
import { turnUpright } from './exif';
import type { JpegHeader } from './jpeg-markers';
import { decodePlainJpeg } from './jpeg-plain';

export interface Decoded {
  readonly channels: 1 | 3;
  readonly data: Uint8Array;
}

type Libjpeg = Awaited<ReturnType<typeof loadLibjpeg>>;

let library: Promise<Libjpeg> | undefined;

/** @param bytes whose structure and size inspectJpeg has found to be sound */
export async function decodeJpeg(
  bytes: Uint8Array,
  header: JpegHeader,
  file: string,
): Promise<Decoded> {
  const { components, orientation } = header;
  const stored =
    components === 4
      ? decodeInks(bytes, header, file)
      : decodeWith(await (library ??= openLibrary()), bytes, header, file);
  // The decoders see the picture as it is stored.
  const [width, height] =
    orientation >= 5 ? [header.height, header.width] : [header.width, header.height];
  const data = turnUpright(stored.data, width, height, stored.channels, orientation);
  return { channels: stored.channels, data };
}

const BINARY = 'libjpegturbowasm_decode.wasm';

/** The build copies the binary beside the bundle; a run from sources finds it in the package. */
function openLibrary(): Promise<Libjpeg> {
  const beside = join(dirname(fileURLToPath(import.meta.url)), BINARY);
  const file = existsSync(beside)
    ? beside
    : createRequire(import.meta.url).resolve('@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasm');
  return loadLibjpeg({
    wasmBinary: readBytes(file, 'program'),
    print: () => undefined,
    printErr: () => undefined,
  });
}

function decodeWith(
  { JPEGDecoder: Decoder }: Libjpeg,
  bytes: Uint8Array,
  { width, height, components }: JpegHeader,
  file: string,
): Decoded {
  let decoder: JPEGDecoder | undefined;
  try {
    decoder = new Decoder();
    decoder.getEncodedBuffer(bytes.length).set(bytes);
    decoder.decode();
    const channels = components === 1 ? 1 : 3;
    // A view of the library's own memory, which the next picture overwrites.
    const data = new Uint8Array(decoder.getDecodedBuffer());
    if (data.length === width * height * channels) return { channels, data };
  } catch (error) {
    // Whatever it throws has no text (a pointer, or a trap); after a trap its memory is not to be trusted.
    if (!(typeof error === 'number')) library = undefined;
    throw new UserError('the JPEG data is damaged', { file, cause: error });
  } finally {
    decoder?.delete();
  }
  throw new UserError('the JPEG data is damaged: its size is not that of its header', { file });
}

/**
 * Four inks as red, green and blue: (1 − ink) · (1 − black), as programs without the printer's profile do. Adobe, whose
 * marker says whether the inks are stored as they are or as luma and chroma, keeps them inverted.
 */
function decodeInks(bytes: Uint8Array, { adobeTransform }: JpegHeader, file: string): Decoded {
  if (adobeTransform === undefined) {
    throw new UserError(
      'the JPEG has four channels and does not say what they are; save it as RGB',
      { file },
    );
  }
  const { data } = decodePlainJpeg(bytes, file);
  const pixels = data.length / 4;
  const rgb = new Uint8Array(3 * pixels);
  for (let i = 0; i < pixels; i++) {
    const stored = data.subarray(4 * i, 4 * i + 4);
    // Luma and chroma are of the inverted inks' opposites.
    if (adobeTransform === 2) stored.set(toRgb(stored).map((value) => 255 - value));
    const white = stored[3]!;
    for (let c = 0; c < 3; c++) rgb[3 * i + c] = white - times(255 - stored[c]!, white);
  }
  return { channels: 3, data: rgb };
}

/** JFIF's conversion, in libjpeg's integers (jdcolor.c). */
function toRgb(pixel: Uint8Array): [number, number, number] {
  const [y, cb, cr] = [pixel[0]!, pixel[1]! - 128, pixel[2]! - 128];
  const limit = (value: number): number => Math.min(Math.max(value, 0), 255);
  return [
    limit(y + ((91881 * cr + 32768) >> 16)),
    limit(y + ((-22554 * cb - 46802 * cr + 32768) >> 16)),
    limit(y + ((116130 * cb + 32768) >> 16)),
  ];
}

/** a · b / 255, rounded. */
function times(a: number, b: number): number {
  const product = a * b + 128;
  return ((product >> 8) + product) >> 8;
}
