/**
 * How the int8 codes of a layer lie in bytes, by the name of their format. Codecs that store bytes work on what is packed
 * here; the C file beside each format unpacks it on the chip.
 */
import { FORMATS, type WeightFormat } from './formats';

export function weightsPerByte(format: WeightFormat): number {
  return FORMATS[format].weightsPerByte;
}

/** Codes are −largest … largest: all whole numbers between, or the odd ones (`hasZero`). */
export function largestCode(format: WeightFormat): number {
  return FORMATS[format].largestCode;
}

/** Whether a single weight can be zero. Else codes are odd, and only all weights of a byte can be zero together. */
export function hasZero(format: WeightFormat): boolean {
  return FORMATS[format].hasZero;
}

/** Bytes that `count` weights take: whole bytes, the last one filled up. */
export function packedBytes(count: number, format: WeightFormat): number {
  return Math.ceil(count / weightsPerByte(format));
}

/**
 * Makes codes storable, in place: where a whole byte of kept weights would be 0x00, all being −largest, the first of them
 * becomes the next level. Places left over in a tile's last byte are filled so that it never is. `tileWeights`: weights
 * of each piece that is packed by itself; they sum to the codes. Nothing to do in formats with a zero.
 */
export function avoidZeroBytes(
  codes: Int8Array,
  tileWeights: readonly number[],
  format: WeightFormat,
): void {
  if (hasZero(format)) return;
  const perByte = weightsPerByte(format);
  const lowest = -largestCode(format);
  let tile = 0;
  for (const count of tileWeights) {
    for (let i = tile; i + perByte <= tile + count; i += perByte) {
      let k = 0;
      while (k < perByte && codes[i + k] === lowest) k++;
      if (k === perByte) codes[i] = lowest + 2;
    }
    tile += count;
  }
}

/** Throws Error where a code is not one of the format's, or where a byte cannot say which of its weights are zero. */
export function packWeights(codes: Int8Array, format: WeightFormat): Uint8Array<ArrayBuffer> {
  const largest = largestCode(format);
  for (let i = 0; i < codes.length; i++) {
    if (Math.abs(codes[i]!) > largest) {
      throw new Error(`weight ${i} has code ${codes[i]!}, beyond the ±${largest} of ${format}`);
    }
  }
  return FORMATS[format].pack(codes);
}

/**
 * The first `count` codes that `packed` holds, whatever its bytes are. Throws Error when there are not exactly as many
 * bytes as needed.
 */
export function unpackWeights(
  packed: Uint8Array,
  count: number,
  format: WeightFormat,
): Int8Array<ArrayBuffer> {
  if (packed.length !== packedBytes(count, format)) {
    throw new Error(`${packed.length} bytes do not hold ${count} weights as ${format}`);
  }
  return FORMATS[format].unpack(packed, count);
}
