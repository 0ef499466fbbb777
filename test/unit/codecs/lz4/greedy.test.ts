import lz4js from 'lz4js';
import { afterEach, describe, expect, it } from 'vitest';
import { decodeBlock } from '../../../../src/core/codecs/lz4/decode';
import { encodeBlock, encodedSize, maxEncodedSize } from '../../../../src/core/codecs/lz4/encode';
import { testBlocks } from './blocks';
import { hasLz4Tool, toolBlock, toolDecode } from './lz4-tool';

// These tests never wait for anything; let the runner's messages through, or it gives up on a slow machine.
afterEach(() => new Promise((resolve) => setImmediate(resolve)));

describe('the greedy encoder', () => {
  const blocks = testBlocks();

  it.each(blocks)('round-trips $name and is no smaller than the optimal one', ({ bytes }) => {
    const block = encodeBlock(bytes, 'greedy');
    expect(block.length).toBe(encodedSize(bytes, 'greedy'));
    expect(block.length).toBeLessThanOrEqual(maxEncodedSize(bytes.length));
    expect(block.length).toBeGreaterThanOrEqual(encodedSize(bytes));
    expect(Buffer.compare(decodeBlock(block, bytes.length), bytes)).toBe(0);
    const out = new Uint8Array(bytes.length);
    expect(lz4js.decompressBlock(block, out, 0, block.length, 0)).toBe(bytes.length);
    expect(Buffer.compare(out, bytes)).toBe(0);
  });

  it.runIf(hasLz4Tool).each(blocks)('writes the bytes of lz4 -1: $name', ({ bytes }) => {
    const block = encodeBlock(bytes, 'greedy');
    expect(Buffer.compare(toolDecode(block), bytes)).toBe(0);
    // An empty frame has no block. For larger ones the tool hashes five bytes on 64-bit machines and four on others. What grows it stores raw.
    if (bytes.length === 0 || bytes.length >= 65_536) return;
    const theirs = toolBlock(bytes, 1);
    expect(Buffer.compare(block.length < bytes.length ? block : bytes, theirs)).toBe(0);
  });
  if (!hasLz4Tool)
    it.skip('compares with the lz4 tool, which is not installed: apt-get install lz4');
});
