/**
 * How the int8 codes of a layer lie in bytes: one a byte, or codes of few levels several a byte. LZ4 works on what is
 * packed here; int4/east_int4.c and its like unpack it on the chip.
 */

/** Those of more levels first. */
export const WEIGHT_FORMATS = ['int8', 'int4', 'quaternary', 'ternary', 'binary'] as const;

/**
 * `int8`: codes −127 … 127. `int4`: −7 … 7, two's complement, two a byte, the first in the low bits. `quaternary`: −3, −1,
 * 1, 3 as fields 0 to 3, four a byte, the first in the lowest bits. `ternary`: −1, 0, 1, five a byte: with digits 0, 1 and
 * 2 for 0, 1 and −1, the first the most significant, v = Σ digit · 3^(4 − i), the byte is ⌈v · 256 / 243⌉, so that a digit
 * is what tripling the byte carries over 256. `binary`: −1, 1 as bits 0 and 1, eight a byte, the first the lowest.
 *
 * In every format the byte 0x00 stands for zeros alone. Quaternary and binary have no zero besides: their weights are
 * zero by whole bytes, and the one pattern of codes that would be 0x00 must not occur (`avoidZeroBytes`). (There was an
 * `int2` of codes −1, 0, 1; what is left of it in files is refused by its name.)
 */
export type WeightFormat = (typeof WEIGHT_FORMATS)[number];

const WEIGHTS_PER_BYTE = { int8: 1, int4: 2, quaternary: 4, ternary: 5, binary: 8 } as const;
const LARGEST_CODE = { int8: 127, int4: 7, quaternary: 3, ternary: 1, binary: 1 } as const;

export function weightsPerByte(format: WeightFormat): number {
  return WEIGHTS_PER_BYTE[format];
}

/** Codes are −largest … largest: all whole numbers between, or the odd ones (`hasZero`). */
export function largestCode(format: WeightFormat): number {
  return LARGEST_CODE[format];
}

/** Whether a single weight can be zero. Else codes are odd, and only all weights of a byte can be zero together. */
export function hasZero(format: WeightFormat): boolean {
  return format !== 'quaternary' && format !== 'binary';
}

/** Bytes that `count` weights take: whole bytes, the last one filled up. */
export function packedBytes(count: number, format: WeightFormat): number {
  return Math.ceil(count / WEIGHTS_PER_BYTE[format]);
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
  const perByte = WEIGHTS_PER_BYTE[format];
  const lowest = -LARGEST_CODE[format];
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
  const largest = LARGEST_CODE[format];
  for (let i = 0; i < codes.length; i++) {
    if (Math.abs(codes[i]!) > largest) {
      throw new Error(`weight ${i} has code ${codes[i]!}, beyond the ±${largest} of ${format}`);
    }
  }
  if (!hasZero(format)) return packOddCodes(codes, format);
  const perByte = WEIGHTS_PER_BYTE[format];
  const packed = new Uint8Array(packedBytes(codes.length, format));
  for (let byte = 0, i = 0; byte < packed.length; byte++, i += perByte) {
    if (format === 'ternary') {
      let value = 0;
      for (let k = i; k < i + perByte; k++) value = 3 * value + digitOf(codes[k] ?? 0);
      packed[byte] = Math.ceil((value * 256) / 243);
    } else {
      const bits = 8 / perByte;
      const field = (1 << bits) - 1;
      let value = 0;
      for (let k = 0; k < perByte; k++) value |= ((codes[i + k] ?? 0) & field) << (bits * k);
      packed[byte] = value;
    }
  }
  return packed;
}

function packOddCodes(codes: Int8Array, format: WeightFormat): Uint8Array<ArrayBuffer> {
  const perByte = WEIGHTS_PER_BYTE[format];
  const largest = LARGEST_CODE[format];
  const bits = 8 / perByte;
  const packed = new Uint8Array(packedBytes(codes.length, format));
  for (let byte = 0, i = 0; byte < packed.length; byte++, i += perByte) {
    const end = Math.min(codes.length, i + perByte);
    let zeros = 0;
    // Places beyond the end: the largest code.
    let value = 255;
    for (let k = i; k < end; k++) {
      const code = codes[k]!;
      if (code === 0) zeros++;
      else if ((code & 1) === 0) throw new Error(`weight ${k} has code ${code}, even in ${format}`);
      value ^= ((largest - code) >> 1) << (bits * (k - i));
    }
    if (zeros === end - i) continue;
    if (zeros > 0) {
      throw new Error(`some but not all of the weights ${i} to ${end - 1} are zero, in ${format}`);
    }
    if (value === 0) {
      throw new Error(`the weights ${i} to ${end - 1} would be a byte of zeros in ${format}`);
    }
    packed[byte] = value;
  }
  return packed;
}

/**
 * The first `count` codes that `packed` holds, whatever its bytes are: as on the chip, fields that no encoder writes
 * give some code of at most one beyond the format's. Throws Error when there are not exactly as many bytes as needed.
 */
export function unpackWeights(
  packed: Uint8Array,
  count: number,
  format: WeightFormat,
): Int8Array<ArrayBuffer> {
  if (packed.length !== packedBytes(count, format)) {
    throw new Error(`${packed.length} bytes do not hold ${count} weights as ${format}`);
  }
  const perByte = WEIGHTS_PER_BYTE[format];
  const bits = 8 / perByte;
  const odd = !hasZero(format);
  const largest = LARGEST_CODE[format];
  const codes = new Int8Array(count);
  for (let byte = 0, i = 0; byte < packed.length; byte++) {
    let rest = packed[byte]!;
    if (odd && rest === 0) {
      i += perByte;
      continue;
    }
    for (const end = Math.min(count, i + perByte); i < end; i++) {
      if (format === 'ternary') {
        rest *= 3;
        const digit = rest >> 8;
        codes[i] = digit === 2 ? -1 : digit;
        rest &= 255;
      } else if (odd) {
        codes[i] = 2 * (rest & ((1 << bits) - 1)) - largest;
        rest >>= bits;
      } else {
        codes[i] = (rest << (32 - bits)) >> (32 - bits);
        rest >>= bits;
      }
    }
  }
  return codes;
}

function digitOf(code: number): number {
  return code < 0 ? 2 : code;
}
