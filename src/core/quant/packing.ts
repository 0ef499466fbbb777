/**
 * How the int8 codes of a layer lie in bytes: one a byte, or codes of few levels several a byte. LZ4 works on what is
 * packed here; runtime/east_int4.c, east_int2.c and east_ternary.c unpack it on the chip.
 */

export const WEIGHT_FORMATS = ['int8', 'int4', 'int2', 'ternary'] as const;

/**
 * `int8`: codes −127 … 127. `int4`: −7 … 7, two's complement, two a byte, the first in the low bits. `int2`: −1, 0, 1,
 * two's complement, four a byte, the first in the lowest bits. `ternary`: −1, 0, 1, five a byte: with digits 0, 1 and 2
 * for 0, 1 and −1, the first the most significant, v = Σ digit · 3^(4 − i), the byte is ⌈v · 256 / 243⌉, so that a digit is
 * what tripling the byte carries over 256.
 *
 * In every format a byte of zero codes is 0x00, and turning the signs of codes round permutes bytes one to one.
 */
export type WeightFormat = (typeof WEIGHT_FORMATS)[number];

const WEIGHTS_PER_BYTE = { int8: 1, int4: 2, int2: 4, ternary: 5 } as const;
const LARGEST_CODE = { int8: 127, int4: 7, int2: 1, ternary: 1 } as const;

export function weightsPerByte(format: WeightFormat): number {
  return WEIGHTS_PER_BYTE[format];
}

/** Codes are −largest … largest. */
export function largestCode(format: WeightFormat): number {
  return LARGEST_CODE[format];
}

/** Bytes that `count` weights take: whole bytes, the last one filled up with zeros. */
export function packedBytes(count: number, format: WeightFormat): number {
  return Math.ceil(count / WEIGHTS_PER_BYTE[format]);
}

/** Throws Error where a code is not one of the format's. */
export function packWeights(codes: Int8Array, format: WeightFormat): Uint8Array<ArrayBuffer> {
  const largest = LARGEST_CODE[format];
  for (let i = 0; i < codes.length; i++) {
    if (Math.abs(codes[i]!) > largest) {
      throw new Error(`weight ${i} has code ${codes[i]!}, beyond the ±${largest} of ${format}`);
    }
  }
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
  const codes = new Int8Array(count);
  for (let byte = 0, i = 0; byte < packed.length; byte++) {
    let rest = packed[byte]!;
    for (const end = Math.min(count, i + perByte); i < end; i++) {
      if (format === 'ternary') {
        rest *= 3;
        const digit = rest >> 8;
        codes[i] = digit === 2 ? -1 : digit;
        rest &= 255;
      } else {
        const unused = 32 - 8 / perByte;
        codes[i] = (rest << unused) >> unused;
        rest >>= 8 / perByte;
      }
    }
  }
  return codes;
}

function digitOf(code: number): number {
  return code < 0 ? 2 : code;
}
