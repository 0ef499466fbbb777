/**
 * Walks a JPEG's marker segments (ITU-T T.81 annex B) without decoding it: size and number of components before any
 * memory is spent, how it is to be turned, and whether the file ends as it should, which decoders are lenient about.
 */
import { UserError } from '../util/errors';
import { exifOrientation, isTurned } from './exif';

export interface JpegHeader {
  /** As the picture is to be seen, turned by `orientation`. */
  readonly width: number;
  readonly height: number;
  /** 1 grey, 3 colour (YCbCr or RGB), 4 CMYK or YCCK. */
  readonly components: number;
  /** EXIF's, 1 … 8; 1: as stored. */
  readonly orientation: number;
  /** What Adobe's marker says of the colours: 0 RGB or CMYK, 1 YCbCr, 2 YCCK. Undefined without the marker. */
  readonly adobeTransform: number | undefined;
}

/** Progressive files have a dozen; each is a pass over the whole picture, so thousands would take for ever. */
const MOST_SCANS = 100;

const START_OF_IMAGE_DATA = 0xda;
const END = 0xd9;
const APP1 = 0xe1;
const APP14 = 0xee;

/**
 * Throws UserError with the byte offset where the structure breaks off.
 * @param whole false: `bytes` are the first of the file, and what stands in front of the image data is enough
 */
export function inspectJpeg(bytes: Uint8Array, file: string, whole = true): JpegHeader {
  let frame: Frame | undefined;
  let orientation = 1;
  let adobeTransform: number | undefined;
  let scans = 0;
  let at = 2;
  for (;;) {
    if (bytes[at] !== 0xff) {
      if (at >= bytes.length) throw cutOff(bytes, file);
      throw new UserError(`the JPEG is damaged: no marker at byte ${at}`, { file });
    }
    while (bytes[at] === 0xff) at++;
    const marker = bytes[at++];
    if (marker === undefined) throw cutOff(bytes, file);
    if (marker === END) break;
    if (marker >= 0xd0 && marker <= 0xd7) continue;
    const length = at + 1 < bytes.length ? bytes[at]! * 256 + bytes[at + 1]! : 0;
    if (length < 2 || at + length > bytes.length) throw cutOff(bytes, file);
    const segment = bytes.subarray(at + 2, at + length);
    if (isFrame(marker)) {
      if (frame !== undefined) throw new UserError('the JPEG holds two images', { file });
      frame = readFrame(marker, segment, at, file);
    } else if (marker === APP1 && startsWith(segment, 'Exif\0\0')) {
      orientation = exifOrientation(segment.subarray(6));
    } else if (marker === APP14 && startsWith(segment, 'Adobe') && segment.length >= 12) {
      adobeTransform = segment[11];
    }
    at += length;
    if (marker !== START_OF_IMAGE_DATA) continue;
    if (!whole) break;
    if (++scans > MOST_SCANS) {
      throw new UserError(`the JPEG has more than ${MOST_SCANS} scans; save it anew`, { file });
    }
    at = endOfScan(bytes, at);
  }
  if (frame === undefined) throw new UserError('the JPEG holds no image', { file });
  const { width, height, components } = frame;
  return {
    ...(isTurned(orientation) ? { width: height, height: width } : { width, height }),
    components,
    orientation,
    adobeTransform,
  };
}

interface Frame {
  readonly width: number;
  readonly height: number;
  readonly components: number;
}

/** SOF0 … SOF15 except DHT (C4), JPG (C8) and DAC (CC), which share their range. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

function readFrame(marker: number, segment: Uint8Array, at: number, file: string): Frame {
  const [precision, h1, h0, w1, w0, components] = segment;
  if (
    precision === undefined ||
    h1 === undefined ||
    h0 === undefined ||
    w1 === undefined ||
    w0 === undefined ||
    components === undefined
  ) {
    throw new UserError(`the JPEG is damaged: short frame header at byte ${at}`, { file });
  }
  // Baseline, extended and progressive, with Huffman codes.
  if (marker > 0xc2) {
    throw new UserError(
      `the JPEG is packed in a way that is hardly used (SOF${marker - 0xc0}); save it as a baseline or progressive JPEG`,
      { file },
    );
  }
  if (precision !== 8) {
    throw new UserError(`the JPEG has ${precision} bits a channel; save it with 8`, { file });
  }
  return { height: h1 * 256 + h0, width: w1 * 256 + w0, components };
}

function startsWith(segment: Uint8Array, text: string): boolean {
  return Buffer.from(segment.subarray(0, text.length)).toString('latin1') === text;
}

/** Offset of the first marker after entropy-coded data: 0xFF followed by neither 0 (stuffing) nor RST0 … RST7. */
function endOfScan(bytes: Uint8Array, from: number): number {
  for (let at = from; at + 1 < bytes.length; at++) {
    if (bytes[at] !== 0xff) continue;
    const next = bytes[at + 1]!;
    if (next !== 0 && next !== 0xff && !(next >= 0xd0 && next <= 0xd7)) return at;
  }
  return bytes.length;
}

function cutOff(bytes: Uint8Array, file: string): UserError {
  return new UserError(`the JPEG is cut off after ${bytes.length} bytes`, { file });
}
