/** The C decoder of entropy-coded tiles: damaged tiles by the hundred thousand, and what a weight costs on the target. */
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeTile, sharedTable } from '../../src/core/codecs/entropy/encode';
import {
  CODE_OPTIONS,
  compileObjects,
  runProgram,
  WARNINGS,
} from '../../src/core/firmware/compile';
import { runtimePath } from '../../src/core/firmware/runtime-files';
import { withTemporaryFolder } from '../../src/core/firmware/temporary-folder';
import { firmwareTarget } from '../../src/core/firmware/targets/targets';
import { findTool, HOST_COMPILER } from '../../src/core/firmware/toolchain';
import { createRandom, type Random } from '../../src/core/util/random';
import { linkCaseProgram } from './case-program';
import { buildRuntime } from './host-build';
import { haveTools } from './require-tools';

/** Ten million with EAST_FUZZ_TRIES=10000000; that takes minutes. */
const TRIES = Number(process.env['EAST_FUZZ_TRIES'] ?? 100_000);
const TARGET = firmwareTarget();

/** So many weights of at most so large codes, so many of them zero. */
function weightsOf(count: number, largest: number, zeros: number, random: Random): Uint8Array {
  return Uint8Array.from({ length: count }, () => {
    if (random.next() < zeros) return 0;
    return Math.max(-largest, Math.min(largest, Math.round(random.normal() * largest * 0.4))) & 255;
  });
}

describe.runIf(haveTools(HOST_COMPILER))('entropy-coded tiles, under sanitizers', () => {
  it(`answer ${TRIES} damages with a status and no access outside`, async () => {
    const random = createRandom(11);
    const tiles = Array.from({ length: 400 }, (_, i) => {
      const symbols = weightsOf(random.int(200), [1, 2, 7, 127][i % 4]!, random.next(), random);
      const other = weightsOf(200, [1, 2, 7, 127][i % 4]!, random.next(), random);
      const table = i % 2 === 0 ? sharedTable([symbols, other])! : new Uint8Array(0);
      return { stored: encodeTile(symbols, table), table, weights: symbols.length };
    });
    const build = await buildRuntime('east', new Map(), ['east_read_entropy', 'east_entropy']);
    try {
      const run = await linkCaseProgram(build, 'entropy_fuzz.c');
      const results = await run([
        { header: [TRIES, 1, tiles.length], content: new Uint8Array(0) },
        ...tiles.map(({ stored, table, weights }) => ({
          header: [stored.length, table.length, weights],
          content: Uint8Array.of(...stored, ...table),
        })),
      ]);
      const [accepted, refused] = [results.readUInt32LE(0), results.readUInt32LE(4)];
      expect(accepted + refused).toBe(TRIES);
      // What is left as it was, and changes of what is not looked at.
      expect(accepted).toBeGreaterThan(TRIES / 50);
      expect(refused).toBeGreaterThan(TRIES / 2);
    } finally {
      build.dispose();
    }
  });
});

describe.runIf(haveTools(TARGET.compiler, TARGET.simulator.tool))(
  'the entropy decoder on the target',
  () => {
    it('takes at most 500 bytes of code', () => {
      const { files } = TARGET.codeSizes;
      expect(files['east_entropy']! + files['east_read_entropy']!).toBeLessThanOrEqual(500);
    });

    it.each([
      ['three levels, most of them zero', 1, 0.8],
      ['three levels', 1, 0.3],
      ['fifteen levels', 7, 0.1],
      ['255 levels', 127, 0],
    ])('takes at most 12 instructions a weight of %s', async (_, largest, zeros) => {
      const count = 8192;
      const stored = encodeTile(weightsOf(count, largest, zeros, createRandom(2)));
      const { decode, slots } = await measure(stored, count);
      expect(decode / count).toBeLessThanOrEqual(12);
      // Once for each tile.
      expect(slots).toBeLessThan(largest > 7 ? 9_000 : 2_500);
    });
  },
);

async function measure(stored: Uint8Array, count: number): Promise<Record<string, number>> {
  return withTemporaryFolder('east-entropy-', async (folder) => {
    const { simulator } = TARGET;
    const files = [
      ...['east_entropy.c', 'east_entropy.h', 'east_hot.h', 'platform.h'],
      ...[simulator.platform, simulator.linkerScript],
    ];
    for (const file of files) copyFileSync(runtimePath(file), join(folder, file));
    copyFileSync(new URL('entropy_cost.c', import.meta.url), join(folder, 'entropy_cost.c'));
    const input = Buffer.alloc(8 + stored.length);
    input.writeUInt32LE(stored.length, 0);
    input.writeUInt32LE(count, 4);
    input.set(stored, 8);
    writeFileSync(join(folder, 'vectors.bin'), input);
    const options = [...WARNINGS, ...TARGET.options, ...CODE_OPTIONS, '-I', folder];
    const sources = ['east_entropy.c', 'entropy_cost.c', simulator.platform];
    const compiler = findTool(TARGET.compiler)!;
    const paths = sources.map((file) => join(folder, file));
    const compiled = await compileObjects(compiler, options, paths, folder);
    if ('error' in compiled) throw new Error(compiled.error);
    const image = join(folder, 'image.elf');
    const script = join(folder, simulator.linkerScript);
    const linked = await runProgram(compiler, [
      ...[...TARGET.options, ...simulator.linkOptions, '-T', script],
      ...[...compiled.objects, '-o', image],
    ]);
    if (linked.code !== 0) throw new Error(linked.stderr);
    const { code, stdout, stderr } = await runProgram(
      findTool(simulator.tool)!,
      [...simulator.arguments, image],
      { cwd: folder },
    );
    if (code !== 0) throw new Error(stdout + stderr);
    const lines = [...`${stdout}\n${stderr}`.matchAll(/^(decode|slots) (\d+)$/gm)];
    return Object.fromEntries(lines.map(([, key, value]) => [key!, Number(value)]));
  });
}
