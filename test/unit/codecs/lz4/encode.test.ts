import lz4js from 'lz4js';
import { afterEach, describe, expect, it } from 'vitest';
import { decodeBlock } from '../../../../src/core/codecs/lz4/decode';
import { encodeBlock, encodedSize, maxEncodedSize } from '../../../../src/core/codecs/lz4/encode';
import { literalLengthBytes, matchLengthBytes } from '../../../../src/core/codecs/lz4/format';
import { createRandom } from '../../../../src/core/util/random';
import { sparseWeights, testBlocks } from './blocks';
import { hasLz4Tool, toolDecode, toolSize } from './lz4-tool';

// These tests never wait for anything; let the runner's messages through, or it gives up on a slow machine.
afterEach(() => new Promise((resolve) => setImmediate(resolve)));

/** The smallest possible block by trying every literal run and every match at every position: O(n³), plainly right. */
function smallestBlock(src: Uint8Array): number {
  const n = src.length;
  const longest = new Array<number>(n).fill(0);
  for (let i = 0; i <= n - 12; i++) {
    for (let from = 0; from < i; from++) {
      let length = 0;
      while (i + length < n - 5 && src[from + length] === src[i + length]) length++;
      longest[i] = Math.max(longest[i]!, length);
    }
  }
  const boundary = new Array<number>(n + 1).fill(Infinity); // cheapest with a match, or nothing, ending here
  boundary[0] = 0;
  let best = Infinity;
  for (let j = 0; j <= n; j++) {
    best = Math.min(best, boundary[j]! + 1 + (n - j) + literalLengthBytes(n - j));
    for (let i = j; i <= n - 12; i++) {
      const before = boundary[j]! + 1 + (i - j) + literalLengthBytes(i - j) + 2;
      for (let length = 4; length <= longest[i]!; length++) {
        boundary[i + length] = Math.min(boundary[i + length]!, before + matchLengthBytes(length));
      }
    }
  }
  return best;
}

describe('encodeBlock', () => {
  const blocks = testBlocks();

  it.each(blocks)('round-trips $name in our decoder and in lz4js', ({ bytes }) => {
    const block = encodeBlock(bytes);
    expect(block.length).toBe(encodedSize(bytes));
    expect(block.length).toBeLessThanOrEqual(maxEncodedSize(bytes.length));
    expect(Buffer.compare(decodeBlock(block, bytes.length), bytes)).toBe(0);
    const out = new Uint8Array(bytes.length);
    expect(lz4js.decompressBlock(block, out, 0, block.length, 0)).toBe(bytes.length);
    expect(Buffer.compare(out, bytes)).toBe(0);
  });

  it.runIf(hasLz4Tool).each(blocks)(
    'is read by the lz4 tool and no larger than lz4 -12: $name',
    ({ bytes }) => {
      const block = encodeBlock(bytes);
      expect(Buffer.compare(toolDecode(block), bytes)).toBe(0);
      // The tool stores a block raw where it would grow.
      expect(Math.min(block.length, Math.max(1, bytes.length))).toBeLessThanOrEqual(
        toolSize(bytes),
      );
    },
  );
  if (!hasLz4Tool)
    it.skip('compares with the lz4 tool, which is not installed: apt-get install lz4');
  it('is exactly as small as exhaustive search finds', () => {
    const random = createRandom(3);
    for (let round = 0; round < 60; round++) {
      const symbols = [1, 2, 3, 8, 256][round % 5]!;
      const src = Uint8Array.from({ length: random.int(90) }, () => random.int(symbols));
      expect(encodedSize(src)).toBe(smallestBlock(src));
    }
    for (let round = 0; round < 3; round++) {
      // Literal and zero runs long enough for two length bytes, in random order.
      const pieces: number[] = [];
      while (pieces.length < 500) {
        const length = random.int(300);
        for (let k = 0; k < length; k++) pieces.push(round % 2 === 0 ? 0 : random.int(256));
        pieces.push(...pieces.slice(0, 4), random.int(256));
      }
      const src = Uint8Array.from(pieces.slice(0, 620));
      expect(encodedSize(src)).toBe(smallestBlock(src));
    }
  });

  it('gives the same bytes each time, and matches zero runs at distance 1', () => {
    const src = sparseWeights(4_096, 0.8, 8, 5);
    expect(encodeBlock(src)).toEqual(encodeBlock(src.slice()));
    expect(encodeBlock(new Uint8Array(30))).toEqual(
      Uint8Array.of(0x1f, 0, 1, 0, 5, 0x50, 0, 0, 0, 0, 0),
    );
    expect(encodeBlock(new Uint8Array(0))).toEqual(Uint8Array.of(0));
  });

  it('copes with a mebibyte of zeros, of one pattern and of two very long runs', () => {
    const n = 1 << 20;
    const twoRuns = new Uint8Array(n);
    twoRuns[n >> 1] = 1;
    for (const src of [new Uint8Array(n), new Uint8Array(n).fill(1), twoRuns]) {
      const block = encodeBlock(src);
      expect(block.length).toBeLessThan(n / 240);
      expect(Buffer.compare(decodeBlock(block, n), src)).toBe(0);
    }
  });
});
