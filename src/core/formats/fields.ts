/** Codes as bit fields of equal width, several a byte, the first in the lowest bits. */

/** Fields in two's complement. Places left over in the last byte are zero. */
export function packFields(codes: Int8Array, bits: number): Uint8Array<ArrayBuffer> {
  const perByte = 8 / bits;
  const field = (1 << bits) - 1;
  const packed = new Uint8Array(Math.ceil(codes.length / perByte));
  for (let byte = 0, i = 0; byte < packed.length; byte++, i += perByte) {
    let value = 0;
    for (let k = 0; k < perByte; k++) value |= ((codes[i + k] ?? 0) & field) << (bits * k);
    packed[byte] = value;
  }
  return packed;
}

export function unpackFields(
  packed: Uint8Array,
  count: number,
  bits: number,
): Int8Array<ArrayBuffer> {
  const perByte = 8 / bits;
  const codes = new Int8Array(count);
  for (let byte = 0, i = 0; byte < packed.length; byte++) {
    let rest = packed[byte]!;
    for (const end = Math.min(count, i + perByte); i < end; i++) {
      codes[i] = (rest << (32 - bits)) >> (32 - bits);
      rest >>= bits;
    }
  }
  return codes;
}

/**
 * Odd codes −largest … largest as fields 0, 1, 2 …, and a byte 0x00 for weights that are all zero. Places left over in the
 * last byte hold the largest code, unless the byte is 0x00. Throws Error for an even code, for a byte of which only some
 * weights are zero, and for one whose codes would read as zeros; `name`: of the format, for these.
 */
export function packOddFields(
  codes: Int8Array,
  bits: number,
  name: string,
): Uint8Array<ArrayBuffer> {
  const perByte = 8 / bits;
  const largest = (1 << bits) - 1;
  const packed = new Uint8Array(Math.ceil(codes.length / perByte));
  for (let byte = 0, i = 0; byte < packed.length; byte++, i += perByte) {
    const end = Math.min(codes.length, i + perByte);
    let zeros = 0;
    // Places beyond the end: the largest code.
    let value = 255;
    for (let k = i; k < end; k++) {
      const code = codes[k]!;
      if (code === 0) zeros++;
      else if ((code & 1) === 0) throw new Error(`weight ${k} has code ${code}, even in ${name}`);
      value ^= ((largest - code) >> 1) << (bits * (k - i));
    }
    if (zeros === end - i) continue;
    if (zeros > 0) {
      throw new Error(`some but not all of the weights ${i} to ${end - 1} are zero, in ${name}`);
    }
    if (value === 0) {
      throw new Error(`the weights ${i} to ${end - 1} would be a byte of zeros in ${name}`);
    }
    packed[byte] = value;
  }
  return packed;
}

export function unpackOddFields(
  packed: Uint8Array,
  count: number,
  bits: number,
): Int8Array<ArrayBuffer> {
  const perByte = 8 / bits;
  const largest = (1 << bits) - 1;
  const codes = new Int8Array(count);
  for (let byte = 0, i = 0; byte < packed.length; byte++) {
    let rest = packed[byte]!;
    if (rest === 0) {
      i += perByte;
      continue;
    }
    for (const end = Math.min(count, i + perByte); i < end; i++) {
      codes[i] = 2 * (rest & largest) - largest;
      rest >>= bits;
    }
  }
  return codes;
}
