import { describe, expect, it } from 'vitest';
import { decodeBlock } from '../../../../src/core/codecs/lz4/decode';
import { encodeBlock } from '../../../../src/core/codecs/lz4/encode';
import { UserError } from '../../../../src/core/util/errors';
import { createRandom } from '../../../../src/core/util/random';
import { sparseWeights } from './blocks';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
// 0x44: 4 literals, a match of 8 at distance 4, then 5 literals.
const valid = bytes(0x44, 1, 2, 3, 4, 4, 0, 0x50, 5, 6, 7, 8, 9);

describe('decodeBlock', () => {
  it('decodes a block written by hand', () => {
    expect([...decodeBlock(valid, 17)]).toEqual([
      1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4, 5, 6, 7, 8, 9,
    ]);
    expect([...decodeBlock(bytes(0), 0)]).toEqual([]);
  });

  it.each([
    ['no bytes at all', bytes(), 0, /cut short/],
    ['an output shorter than the content', valid, 16, /overflow|close to the end/],
    ['an output longer than the content', valid, 18, /too few bytes/],
    ['bytes left over', bytes(0x10, 1, 0), 1, /cut short|offset/],
    ['offset 0', bytes(0x44, 1, 2, 3, 4, 0, 0, 0x50, 5, 6, 7, 8, 9), 17, /offset 0/],
    [
      'an offset before the start',
      bytes(0x44, 1, 2, 3, 4, 5, 0, 0x50, 5, 6, 7, 8, 9),
      17,
      /before the start/,
    ],
    ['a cut offset', valid.slice(0, 6), 17, /cut short/],
    ['cut literals', valid.slice(0, 10), 17, /cut short/],
    ['no last literals', valid.slice(0, 7), 12, /close to the end|cut short/],
    ['a cut length', bytes(0xf0, 255), 300, /cut short/],
    [
      'a huge length',
      bytes(0x1f, 1, 1, 0, ...new Array<number>(2_000).fill(255), 0),
      100,
      /close to the end/,
    ],
    ['a match in the last token', bytes(0x51, 1, 2, 3, 4, 5), 5, /announces a match/],
    [
      'a match less than 12 bytes before the end',
      bytes(0x10, 1, 1, 0, 0x60, 1, 2, 3, 4, 5, 6),
      11,
      /close to the end/,
    ],
  ])('rejects %s', (_, block, rawBytes, message) => {
    expect(() => decodeBlock(block, rawBytes)).toThrow(UserError);
    expect(() => decodeBlock(block, rawBytes)).toThrow(message);
  });

  it('rejects every truncation, and never throws anything but UserError on damage', () => {
    const raw = sparseWeights(600, 0.7, 1, 1);
    const block = encodeBlock(raw);
    for (let n = 0; n < block.length; n++)
      expect(() => decodeBlock(block.slice(0, n), 600)).toThrow(UserError);
    const random = createRandom(2);
    let rejected = 0;
    for (let round = 0; round < 3_000; round++) {
      const damaged =
        round % 2 === 0
          ? block.slice()
          : bytes(...Array.from({ length: 40 }, () => random.int(256)));
      if (round % 2 === 0) damaged[random.int(damaged.length)]! ^= 1 + random.int(255);
      try {
        expect(decodeBlock(damaged, 600).length).toBe(600);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        rejected++;
      }
    }
    expect(rejected).toBeGreaterThan(1_500);
  });
});
