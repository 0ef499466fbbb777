/** Runs the reference `lz4` tool on single blocks, which it knows only inside frames (lz4_Frame_format.md). */
import { execFileSync } from 'node:child_process';

export const hasLz4Tool = ((): boolean => {
  try {
    execFileSync('lz4', ['--version'], { stdio: 'pipe' });
    return true;
  } catch {
    if (process.env['CI'] === 'true')
      throw new Error('the lz4 tool is missing: apt-get install lz4');
    return false;
  }
})();

/** xxHash32 of at most 15 bytes, seed 0: all that a frame's header needs. */
function xxHash32Short(data: Uint8Array): number {
  const rotl = (x: number, r: number): number => (x << r) | (x >>> (32 - r));
  let h = (0x165667b1 + data.length) | 0;
  let i = 0;
  for (; i + 4 <= data.length; i += 4) {
    const word = new DataView(data.buffer, data.byteOffset).getUint32(i, true);
    h = Math.imul(rotl((h + Math.imul(word, 0xc2b2ae3d)) | 0, 17), 0x27d4eb2f);
  }
  for (; i < data.length; i++) {
    h = Math.imul(rotl((h + Math.imul(data[i]!, 0x165667b1)) | 0, 11), 0x9e3779b1);
  }
  h = Math.imul(h ^ (h >>> 15), 0x85ebca77);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae3d);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Decodes one block of up to 4 MiB of content with the tool; throws where the tool rejects it. */
export function toolDecode(block: Uint8Array): Buffer {
  const descriptor = Uint8Array.of(0x60, 0x70); // version 1, independent blocks, no checksums; blocks of up to 4 MiB
  const frame = Buffer.alloc(4 + 3 + 4 + block.length + 4);
  frame.writeUInt32LE(0x184d2204, 0);
  frame.set(descriptor, 4);
  frame[6] = (xxHash32Short(descriptor) >>> 8) & 255;
  frame.writeUInt32LE(block.length, 7);
  frame.set(block, 11);
  return execFileSync('lz4', ['-d', '-c'], {
    input: frame,
    maxBuffer: 1 << 26,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** Bytes of the block that `lz4 -12` makes of `src` (≤ 4 MiB), or the raw length where it stores it raw. */
export function toolSize(src: Uint8Array): number {
  return toolBlock(src, 12).length;
}

/** The block that `lz4 -<level>` makes of `src` (≤ 4 MiB); `src` itself where it stores it raw. */
export function toolBlock(src: Uint8Array, level: number): Uint8Array {
  const frame = execFileSync('lz4', [`-${level}`, '-B7', '-BI', '--no-frame-crc', '-c'], {
    input: src,
    maxBuffer: 1 << 26,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const hasContentSize = (frame[4]! & 8) !== 0;
  const hasDictionary = (frame[4]! & 1) !== 0;
  const header = 4 + 2 + (hasContentSize ? 8 : 0) + (hasDictionary ? 4 : 0) + 1;
  if (frame.readUInt32LE(header) === 0) return Uint8Array.of(0); // an empty frame has no block; an empty block is one token
  const size = frame.readUInt32LE(header) & 0x7fffffff;
  if (frame.readUInt32LE(header + 4 + size) !== 0)
    throw new Error('the lz4 tool wrote more than one block');
  return new Uint8Array(frame.subarray(header + 4, header + 4 + size));
}
