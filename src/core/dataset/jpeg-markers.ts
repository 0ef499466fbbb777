/**
 * Walks a JPEG's marker segments (ITU-T T.81 annex B) without decoding it: size and number of components before any
 * memory is spent, and whether the file ends as it should, which decoders for browsers are lenient about.
 */
import { UserError } from '../util/errors';

export interface JpegHeader {
  readonly width: number;
  readonly height: number;
  /** 1 grey, 3 colour (YCbCr or RGB), 4 CMYK. */
  readonly components: number;
}

/** Throws UserError with the byte offset where the structure breaks off. */
export function inspectJpeg(bytes: Uint8Array, file: string): JpegHeader {
  let header: JpegHeader | undefined;
  let at = 2;
  for (;;) {
    if (bytes[at] !== 0xff) {
      if (at >= bytes.length) throw cutOff(bytes, file);
      throw new UserError(`the JPEG is damaged: no marker at byte ${at}`, { file });
    }
    while (bytes[at] === 0xff) at++;
    const marker = bytes[at++];
    if (marker === undefined) throw cutOff(bytes, file);
    if (marker === 0xd9) break;
    if (marker >= 0xd0 && marker <= 0xd7) continue;
    const length = at + 1 < bytes.length ? bytes[at]! * 256 + bytes[at + 1]! : 0;
    if (length < 2 || at + length > bytes.length) throw cutOff(bytes, file);
    // SOF0 … SOF15 except DHT (C4), JPG (C8) and DAC (CC), which share their range.
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
      if (length < 8)
        throw new UserError(`the JPEG is damaged: short frame header at byte ${at}`, { file });
      header = {
        height: bytes[at + 3]! * 256 + bytes[at + 4]!,
        width: bytes[at + 5]! * 256 + bytes[at + 6]!,
        components: bytes[at + 7]!,
      };
    }
    at += length;
    if (marker === 0xda) at = endOfScan(bytes, at);
  }
  if (header === undefined) throw new UserError('the JPEG holds no image', { file });
  return header;
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
