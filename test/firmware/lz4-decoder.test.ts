import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runtimeFile } from '../../src/core/firmware/runtime-files';
import { HOST_COMPILER } from '../../src/core/firmware/toolchain';
import { encodeBlock } from '../../src/core/codecs/lz4/encode';
import { createRandom } from '../../src/core/util/random';
import type { Random } from '../../src/core/util/random';
import { linkCaseProgram } from './case-program';
import { buildRuntime } from './host-build';
import type { HostBuild } from './host-build';
import { haveTools } from './require-tools';

interface Case {
  readonly block: Uint8Array;
  readonly rawBytes: number;
}

/** The LZ4 block format, one byte at a time: what the fast decoder must accept, refuse and produce. */
function reference({ block, rawBytes }: Case): Uint8Array | undefined {
  const out: number[] = [];
  let at = 0;
  const extended = (nibble: number): number => {
    let length = nibble;
    if (nibble < 15) return length;
    for (;;) {
      const byte = block[at++];
      if (byte === undefined) return Infinity;
      length += byte;
      if (byte < 255) return length;
    }
  };
  for (;;) {
    const token = block[at++];
    if (token === undefined) return undefined;
    const literals = extended(token >> 4);
    if (at + literals > block.length || out.length + literals > rawBytes) return undefined;
    for (let i = 0; i < literals; i++) out.push(block[at++]!);
    if (at === block.length) return out.length === rawBytes ? Uint8Array.from(out) : undefined;
    if (at + 2 > block.length) return undefined;
    const offset = block[at]! + 256 * block[at + 1]!;
    at += 2;
    if (offset === 0 || offset > out.length) return undefined;
    const match = extended(token & 15) + 4;
    if (out.length + match > rawBytes) return undefined;
    for (let i = 0; i < match; i++) out.push(out[out.length - offset]!);
  }
}

/** int8 weights: random, pruned to some degree, with runs, with short periods, or tiny. */
function weights(random: Random): Uint8Array {
  const count = random.int(random.int(4) === 0 ? 40 : 3000);
  const zeros = random.next();
  const period = 1 + random.int(9);
  const kind = random.int(4);
  const data = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    if (kind === 0) data[i] = random.int(256);
    else if (kind === 1)
      data[i] = random.next() < zeros ? 0 : Math.round(random.normal() * 3) & 255;
    else if (kind === 2)
      data[i] = i >= period && random.next() < 0.97 ? data[i - period]! : random.int(256);
    else data[i] = i > 0 && random.next() < 0.98 ? data[i - 1]! : random.int(4);
  }
  return data;
}

describe.runIf(haveTools(HOST_COMPILER))('the C LZ4 decoder, under sanitizers', () => {
  let build: HostBuild;
  let run: Awaited<ReturnType<typeof linkCaseProgram>>;
  beforeAll(async () => {
    build = await buildRuntime('east', new Map(), ['east_lz4']);
    run = await linkCaseProgram(build, 'lz4_cases.c');
  });
  afterAll(() => {
    build.dispose();
  });

  async function decodeInC(cases: readonly Case[]): Promise<(Uint8Array | undefined)[]> {
    const results = await run(
      cases.map(({ block, rawBytes }) => ({ header: [block.length, rawBytes], content: block })),
    );
    let at = 0;
    return cases.map(({ rawBytes }) => {
      if (results[at++] !== 1) return undefined;
      at += rawBytes;
      return new Uint8Array(results.subarray(at - rawBytes, at));
    });
  }

  it.each(['optimal', 'greedy'] as const)(
    'decodes every %s block to the original bytes',
    async (encoder) => {
      const random = createRandom(1);
      const raws: Uint8Array[] = [new Uint8Array(0), new Uint8Array(1), new Uint8Array(100_000)];
      for (let i = 0; i < 300; i++) raws.push(weights(random));
      const cases = raws.map((raw) => ({ block: encodeBlock(raw, encoder), rawBytes: raw.length }));
      const decoded = await decodeInC(cases);
      raws.forEach((raw, i) => {
        expect(decoded[i] !== undefined && Buffer.compare(decoded[i]!, raw) === 0).toBe(true);
      });
    },
  );

  it('decodes every offset and length near the ends of the buffers', async () => {
    const cases: Case[] = [];
    for (let offset = 1; offset <= 9; offset++) {
      for (let match = 4; match <= 24; match++) {
        for (let tail = 0; tail <= 6; tail++) {
          const nibble = Math.min(15, match - 4);
          const literals = Array.from({ length: offset }, (_, i) => 17 * (i + 1));
          const token = (offset << 4) | nibble;
          const more = nibble === 15 ? [match - 19] : [];
          const end = Array.from({ length: tail }, (_, i) => i);
          const block = Uint8Array.from([
            token,
            ...literals,
            offset,
            0,
            ...more,
            tail << 4,
            ...end,
          ]);
          cases.push({ block, rawBytes: offset + match + tail });
        }
      }
    }
    const decoded = await decodeInC(cases);
    cases.forEach((c, i) => {
      const expected = reference(c);
      expect(expected).toBeDefined();
      expect(decoded[i]).toEqual(expected);
    });
  });

  it('does with hostile blocks what the format says, and touches nothing outside', async () => {
    const random = createRandom(2);
    const cases: Case[] = [];
    for (let i = 0; i < 120; i++) {
      const raw = weights(random);
      const block = encodeBlock(raw);
      const rawBytes = raw.length;
      for (let n = 0; n < 6; n++) {
        const changed = block.slice();
        changed[random.int(block.length)]! ^= 1 << random.int(8);
        cases.push({ block: changed, rawBytes });
      }
      cases.push({ block: block.subarray(0, random.int(block.length)), rawBytes });
      cases.push({ block, rawBytes: Math.max(0, rawBytes + random.int(9) - 4) });
      const noise = Uint8Array.from({ length: random.int(64) }, () => random.int(256));
      cases.push({ block: noise, rawBytes: random.int(400) });
      // Mostly small bytes: literals and matches that are often in range.
      const plausible = Uint8Array.from({ length: random.int(64) }, () =>
        random.int(random.int(2) ? 40 : 3),
      );
      for (let r = 0; r < 20; r++) cases.push({ block: plausible, rawBytes: random.int(120) });
    }
    const decoded = await decodeInC(cases);
    let accepted = 0;
    const wrong = cases.filter((c, i) => {
      const expected = reference(c);
      const actual = decoded[i];
      if (expected !== undefined) accepted++;
      return expected === undefined || actual === undefined
        ? expected !== actual
        : Buffer.compare(expected, actual) !== 0;
    });
    expect(wrong).toEqual([]);
    expect(accepted).toBeGreaterThan(50);
    expect(accepted).toBeLessThan(cases.length / 2);
  });

  it('does not fail on lengths that never end', async () => {
    const endless = new Uint8Array(5000).fill(255);
    const [a, b] = await decodeInC([
      { block: endless, rawBytes: 100 },
      { block: Uint8Array.from([0x1f, 7, 1, 0, ...endless]), rawBytes: 100 },
    ]);
    expect([a, b]).toEqual([undefined, undefined]);
  });

  it('is written for machines of any byte order and alignment: no cast of a byte pointer', () => {
    expect(runtimeFile('east_lz4.c')).not.toMatch(/\(\s*(const\s+)?uint(16|32|64)_t\s*\*\s*\)/);
  });
});
