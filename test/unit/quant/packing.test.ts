import { describe, expect, it } from 'vitest';
import {
  largestCode,
  packedBytes,
  packWeights,
  unpackWeights,
  WEIGHT_FORMATS,
  weightsPerByte,
  type WeightFormat,
} from '../../../src/core/quant/packing';
import { createRandom } from '../../../src/core/util/random';

function randomCodes(count: number, format: WeightFormat, seed: number): Int8Array {
  const random = createRandom(seed);
  const largest = largestCode(format);
  const zeros = random.next();
  return Int8Array.from({ length: count }, () =>
    random.next() < zeros ? 0 : random.int(2 * largest + 1) - largest,
  );
}

/** The definition in words, digit by digit and bit by bit, in arithmetic that shares nothing with the packing. */
function slowCode(byte: number, position: number, format: WeightFormat): number {
  if (format === 'ternary') {
    const value = Math.floor((byte * 243) / 256);
    return [0, 1, -1][Math.floor(value / 3 ** (4 - position)) % 3]!;
  }
  const bits = { int8: 8, int4: 4, int2: 2 }[format];
  const text = byte.toString(2).padStart(8, '0');
  const field = text.slice(8 - bits * (position + 1), 8 - bits * position);
  return parseInt(field, 2) - (field.startsWith('1') ? 2 ** bits : 0);
}

describe.each(WEIGHT_FORMATS)('weights packed as %s', (format) => {
  const perByte = weightsPerByte(format);

  it('come back as they were, whatever their number', () => {
    for (let count = 0; count < 60; count++) {
      const codes = randomCodes(count, format, count + 1);
      const packed = packWeights(codes, format);
      expect(packed.length).toBe(packedBytes(count, format));
      expect(unpackWeights(packed, count, format)).toEqual(codes);
    }
    const many = randomCodes(10_007, format, 99);
    expect(unpackWeights(packWeights(many, format), many.length, format)).toEqual(many);
  });

  it('unpack every byte as the format says, also bytes that no encoder writes', () => {
    for (let byte = 0; byte < 256; byte++) {
      const codes = unpackWeights(Uint8Array.of(byte), perByte, format);
      expect([...codes], `byte ${byte}`).toEqual(
        Array.from({ length: perByte }, (_, k) => slowCode(byte, k, format)),
      );
    }
  });

  it('are zero bytes where all weights are zero, and no others', () => {
    const codes = randomCodes(5000, format, 3);
    packWeights(codes, format).forEach((byte, i) => {
      const all = codes.subarray(i * perByte, (i + 1) * perByte);
      expect(byte === 0).toBe(all.every((code) => code === 0));
    });
  });

  it('map one to one when all signs are turned', () => {
    const turned = new Map<number, number>();
    for (let seed = 0; seed < 300; seed++) {
      const codes = randomCodes(perByte, format, seed);
      const [there] = packWeights(codes, format);
      const [back] = packWeights(
        codes.map((code) => -code),
        format,
      );
      expect(turned.get(there!) ?? back).toBe(back);
      turned.set(there!, back!);
    }
    expect(new Set(turned.values()).size).toBe(turned.size);
  });

  it('are refused beyond the largest code, and with a byte too many or too few', () => {
    const largest = largestCode(format);
    for (const code of [largest + 1, -largest - 1]) {
      if (code === 128) continue; // no int8
      expect(() => packWeights(Int8Array.of(0, code), format)).toThrow(`weight 1 has code ${code}`);
    }
    expect(() => unpackWeights(new Uint8Array(3), perByte * 3 + 1, format)).toThrow(/do not hold/);
    expect(() => unpackWeights(new Uint8Array(3), perByte * 2, format)).toThrow(/do not hold/);
  });
});
