import { describe, expect, it } from 'vitest';
import { WEIGHT_FORMATS, type WeightFormat } from '../../../src/core/formats/formats';
import {
  avoidZeroBytes,
  hasZero,
  largestCode,
  packedBytes,
  packWeights,
  unpackWeights,
  weightsPerByte,
} from '../../../src/core/formats/packing';
import { randomCodes } from './random-codes';

/** The definition in words, digit by digit and bit by bit, in arithmetic that shares nothing with the packing. */
function slowCode(byte: number, position: number, format: WeightFormat): number {
  if (format === 'ternary') {
    const value = Math.floor((byte * 243) / 256);
    return [0, 1, -1][Math.floor(value / 3 ** (4 - position)) % 3]!;
  }
  const text = byte.toString(2).padStart(8, '0');
  const bits = { int8: 8, int4: 4, quaternary: 2, binary: 1 }[format];
  const field = text.slice(8 - bits * (position + 1), 8 - bits * position);
  if (format === 'quaternary') {
    return byte === 0 ? 0 : [-3, -1, 1, 3][['00', '01', '10', '11'].indexOf(field)]!;
  }
  if (format === 'binary') return byte === 0 ? 0 : field === '1' ? 1 : -1;
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

  it.runIf(hasZero(format))('map one to one when all signs are turned', () => {
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
      expect(() => packWeights(Int8Array.of(1, code), format)).toThrow(`weight 1 has code ${code}`);
    }
    expect(() => unpackWeights(new Uint8Array(3), perByte * 3 + 1, format)).toThrow(/do not hold/);
    expect(() => unpackWeights(new Uint8Array(3), perByte * 2, format)).toThrow(/do not hold/);
  });
});

describe.each(['quaternary', 'binary'] as const)('codes of %s, which has no zero', (format) => {
  const perByte = weightsPerByte(format);
  const lowest = -largestCode(format);

  it('lose a byte of lowest codes, which would read as zeros, and no other', () => {
    const seen = new Set<number>();
    for (let pattern = 0; pattern < 256; pattern++) {
      const codes = Int8Array.from(
        { length: perByte },
        (_, k) => lowest + 2 * (Math.floor(pattern / (1 - lowest) ** k) % (1 - lowest)),
      );
      const before = codes.slice();
      avoidZeroBytes(codes, [perByte], format);
      const changed = before.every((code) => code === lowest);
      expect([...codes]).toEqual([changed ? lowest + 2 : before[0], ...before.subarray(1)]);
      const [byte] = packWeights(codes, format);
      expect(byte).not.toBe(0);
      expect([...unpackWeights(Uint8Array.of(byte!), perByte, format)]).toEqual([...codes]);
      if (!changed) seen.add(byte!);
    }
    expect(seen.size).toBe(255);
  });

  it('are looked at by the bytes of each tile, and a byte that is not full can hold any', () => {
    for (const tiles of [[2 * perByte], [perByte + 1, perByte - 1], [1, perByte, perByte - 1]]) {
      const codes = new Int8Array(2 * perByte).fill(lowest);
      avoidZeroBytes(codes, tiles, format);
      let tile = 0;
      for (const count of tiles) {
        const stored = codes.subarray(tile, tile + count);
        stored.forEach((code, i) => {
          const full = i % perByte === 0 && i + perByte <= count;
          expect(code).toBe(full ? lowest + 2 : lowest);
        });
        expect(unpackWeights(packWeights(stored, format), count, format)).toEqual(stored.slice());
        tile += count;
      }
    }
  });

  it('are left alone where they are pruned', () => {
    const codes = new Int8Array(3 * perByte);
    avoidZeroBytes(codes, [2 * perByte, perByte], format);
    expect(codes).toEqual(new Int8Array(3 * perByte));
  });

  it('are refused where a byte cannot say what they are', () => {
    const codes = new Int8Array(perByte).fill(lowest);
    expect(() => packWeights(codes, format)).toThrow(/would be a byte of zeros/);
    codes[1] = 0;
    expect(() => packWeights(codes, format)).toThrow(/some but not all/);
    codes[1] = 2;
    expect(() => packWeights(codes, format)).toThrow(/weight 1 has code 2/);
  });
});
