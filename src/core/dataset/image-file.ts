/**
 * One JPEG or PNG file as 8-bit pixels, upright. Strict: a damaged or cut-off file is an error, never a half-grey
 * picture.
 */
import { UserError } from '../util/errors';
import { readBytes } from '../util/read-file';
import { isTurned, turnUpright } from './exif';
import { inspectJpeg } from './jpeg-markers';
import { decodePng, isGrey, isPng, pngHeader, pngOrientation } from './png-file';
import { readStart } from './unpack';

/** Interleaved rows from the top; `channels` is 1 (grey) or 3 (RGB). */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly data: Uint8Array;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** In front of a picture's data; metadata of cameras has some tens of KiB. */
const HEADER_BYTES = 1 << 20;

/**
 * Decodes `file` by its content, not its name. Palettes and printer's inks become RGB, an opaque alpha channel is
 * removed, 1-, 2- and 4-bit grey is widened to 8 bits, and the picture is turned as its metadata says. Throws UserError
 * when it is neither JPEG nor PNG, damaged, not of `expected` size, deeper than 8 bits or really transparent.
 */
export async function readPicture(file: string, expected: Size): Promise<Picture> {
  const bytes = readBytes(file, 'picture');
  if (bytes.length === 0) throw new UserError('the image file is empty', { file });
  const { width, height } = expected;
  if (isJpeg(bytes)) {
    const header = inspectJpeg(bytes, file);
    checkSize(file, header, expected);
    checkChannels(header.components, file);
    // The library is loaded only where there is a JPEG.
    const { decodeJpeg } = await import('./jpeg-decoder');
    const { channels, data } = await decodeJpeg(bytes, header, file);
    return { width, height, channels, data };
  }
  if (!isPng(bytes)) throw unknown(file);
  const header = pngHeader(bytes, file);
  const orientation = pngOrientation(bytes);
  checkSize(file, turned(header, orientation), expected);
  const { channels, data } = decodePng(bytes, header, file);
  const upright = turnUpright(data, header.width, header.height, channels, orientation);
  return { width, height, channels, data: upright };
}

/** Size and channels of a JPEG or PNG from its header alone. Throws UserError as readPicture does. */
export function inspectPicture(file: string): Omit<Picture, 'data'> {
  const bytes = readStart(file, HEADER_BYTES);
  if (isJpeg(bytes)) {
    const { width, height, components } = inspectJpeg(bytes, file, false);
    return { width, height, channels: components === 1 ? 1 : 3 };
  }
  if (!isPng(bytes)) throw unknown(file);
  const header = pngHeader(bytes, file);
  return { ...turned(header, pngOrientation(bytes)), channels: isGrey(header) ? 1 : 3 };
}

function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8;
}

function unknown(file: string): UserError {
  return new UserError('the content is neither JPEG nor PNG', { file });
}

function turned({ width, height }: Size, orientation: number): Size {
  return isTurned(orientation) ? { width: height, height: width } : { width, height };
}

function checkChannels(components: number, file: string): void {
  if (components === 1 || components === 3 || components === 4) return;
  throw new UserError(
    `the JPEG has ${components} channels; grey (1), colour (3) and inks (4) can be read`,
    { file },
  );
}

function checkSize(file: string, { width, height }: Size, expected: Size): void {
  if (width === expected.width && height === expected.height) return;
  throw new UserError(
    `the image is ${height}×${width} (height × width) but model.input says ${expected.height}×${expected.width}; ` +
      'resize the images or change model.input',
    { file },
  );
}
