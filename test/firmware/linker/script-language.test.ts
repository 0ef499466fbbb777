/** The language of MEMORY against the linker itself: what it prints as "Memory Configuration" is what we must read. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseGnuMap } from '../../../src/core/firmware/linker/gnu-map';
import { parseLinkerScript } from '../../../src/core/firmware/linker/linker-script';
import { firmwareTarget } from '../../../src/core/firmware/targets/targets';
import { createRandom, type Random } from '../../../src/core/util/random';
import { haveTools } from '../require-tools';

const folder = mkdtempSync(join(tmpdir(), 'east-script-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Regions as the linker sees them, by name. */
function linked(script: string, options: readonly string[] = []): Record<string, number[]> {
  writeFileSync(join(folder, 'a.ld'), script);
  const result = spawnSync(
    'arm-none-eabi-ld',
    [...options, '-T', 'a.ld', 'a.o', '-Map=a.map', '-o', 'a.elf'],
    { cwd: folder, encoding: 'utf8' },
  );
  if (result.status !== 0) throw new Error(result.stderr);
  return byName(parseGnuMap(readFileSync(join(folder, 'a.map'), 'latin1')).regions);
}

function byName(
  regions: readonly { name: string; origin: number; length: number }[],
): Record<string, number[]> {
  return Object.fromEntries(regions.map(({ name, origin, length }) => [name, [origin, length]]));
}

const REST = 'R (rwx) : ORIGIN = 0x20000000, LENGTH = 16K';
const SECTIONS = 'SECTIONS { .text : { *(.text*) } > F .data : { *(.data*) *(.bss*) } > R }';

describe.runIf(haveTools(firmwareTarget().compiler))(
  'MEMORY means what it means to the linker',
  () => {
    beforeAll(() => {
      const text = '.globl main\n.text\nmain: .space 16\n';
      execFileSync('arm-none-eabi-as', ['-o', join(folder, 'a.o'), '-'], { input: text });
    });

    it.each([
      // Symbols: what they are at the end counts, and each assignment sees what was before.
      `X = 1K; MEMORY { F : ORIGIN = 0, LENGTH = 8 * X ${REST} } X = 2K;`,
      `X = 64K; X = DEFINED(X) ? X : 32K; MEMORY { F : ORIGIN = 0, LENGTH = X ${REST} }`,
      `X = 64K; X = DEFINED(X) ? 48K : 32K; MEMORY { F : ORIGIN = 0, LENGTH = X ${REST} }`,
      `X = DEFINED(X) ? X + 1K : 64K; X = DEFINED(X) ? X + 1K : 64K; MEMORY { F : ORIGIN = 0, LENGTH = X ${REST} }`,
      `X = DEFINED(UNKNOWN) ? UNKNOWN : 16K; MEMORY { F : ORIGIN = 0, LENGTH = X ${REST} }`,
      `X = 4K; X += 4K; X *= 2; X <<= 1; X -= 1K; X |= 1; MEMORY { F (rx) : ORIGIN = 0, LENGTH = X ${REST} }`,
      `PROVIDE(Y = 16K); MEMORY { F : ORIGIN = 0, LENGTH = Y ${REST} } Y = 8K; PROVIDE(Y = 4K);`,
      `HIDDEN(H = 20K); PROVIDE_HIDDEN(P = 4K); MEMORY { F : ORIGIN = P, LENGTH = H ${REST} }`,
      // Only the chosen side of ?: is evaluated.
      `MEMORY { F : ORIGIN = 0, LENGTH = 1 ? 16K : UNKNOWN ${REST} }`,
      `MEMORY { F : ORIGIN = 0, LENGTH = 0 ? UNKNOWN : DEFINED(NO) ? 1K : 24K ${REST} }`,
      // Numbers.
      `MEMORY { F : ORIGIN = 010, LENGTH = 0x10K - 10H ${REST} }`,
      `MEMORY { F : org = 100000h, len = 0xFFK ${REST} }`,
      `MEMORY { F : o = 0X100, l = $FF00 ${REST} }`,
      `MEMORY { F : ORIGIN = 1M, LENGTH = 1000000b * 1m / 1M * 1k ${REST} }`,
      // Attributes, names, several commands, aliases.
      `MEMORY { F (rx!w) : ORIGIN = 0, LENGTH = 8K ${REST} "EXT 1" (rw!x) : ORIGIN = 1M, LENGTH = 7K }`,
      `MEMORY { F : ORIGIN = 0, LENGTH = LENGTH(R) / 2 } MEMORY { ${REST} G : o = 0x100, l = 0x40 }`.replace(
        'LENGTH(R) / 2',
        '8K',
      ),
      `MEMORY { F : ORIGIN = 0, LENGTH = 4K ${REST} } MEMORY { F : ORIGIN = 4, LENGTH = 9K }`,
      `MEMORY { ${REST} F : ORIGIN = ORIGIN(R) + LENGTH(R), LENGTH = LENGTH(R) - 1K } REGION_ALIAS("Z", F)`,
      `MEMORY { ${REST} F : ORIGIN = 0, LENGTH = MAX(LENGTH(R), 1K) + MIN(1, 2) + LOG2CEIL(9000) + ALIGN(5, 16) }`,
      // What looks like a comment and is none, and the other way round.
      `SECTIONS { .x : { *drivers/*(.text.x* .rodata.x*) *dsp/*(.y) } > F } /* c */ MEMORY { F : ORIGIN = 0, LENGTH = /* 4K */ 16K ${REST} }`,
      `SECTIONS { .x : { /* c */ *(.text.x /* d */ .text.y)/* e */ } > F } MEMORY { F : ORIGIN = 0, LENGTH = 16K ${REST} }`,
      `SECTIONS { .x : { KEEP(*(.x)) } > F =0xff
/DISCARD/ : { *(.nothing) } } MEMORY { F : ORIGIN = 0, LENGTH = 16K ${REST} }`,
    ])('%s', (memory) => {
      const script = `${memory}\n${SECTIONS}`;
      const read = parseLinkerScript(script);
      expect(read.sectionsProblem).toBeUndefined();
      expect(byName(read.regions)).toEqual(linked(script));
    });

    it.each([
      [`MEMORY { F : ORIGIN = 0, LENGTH = SIZE ${REST} }`, ['--defsym=SIZE=24K']],
      [
        `SIZE = DEFINED(SIZE) ? SIZE : 8K; MEMORY { F : ORIGIN = 0, LENGTH = SIZE ${REST} }`,
        ['--defsym=SIZE=24K'],
      ],
      [`MEMORY { F : ORIGIN = 0, LENGTH = DEFINED(main) ? 12K : 8K ${REST} }`, []],
    ])('%s with symbols from elsewhere', (memory, options) => {
      const script = `${memory}\n${SECTIONS}`;
      const regions = linked(script, options);
      const { symbols } = parseGnuMap(readFileSync(join(folder, 'a.map'), 'latin1'));
      expect(byName(parseLinkerScript(script, undefined, symbols).regions)).toEqual(regions);
    });

    it.each([1, 2, 3])('computes expressions as the linker does, seed %i', (seed) => {
      const random = createRandom(seed);
      const entries = Array.from(
        { length: 300 },
        (_, i) => `X${i} : ORIGIN = 0, LENGTH = ${expression(random, 4)}\n`,
      );
      const script = `A = 3; B = 0x1000;\nMEMORY { F : ORIGIN = 0, LENGTH = 8K ${REST}\n${entries.join('')}}\n${SECTIONS}`;
      const theirs = linked(script);
      const ours = parseLinkerScript(script);
      const unknown = new Map(ours.unknown.map(({ name, why }) => [name, why]));
      const read = byName(ours.regions);
      for (const [name, [, length = 0]] of Object.entries(theirs)) {
        // The map of a 32-bit image shows the lower half of 64 bits.
        if (unknown.has(name)) expect(unknown.get(name)).toMatch(/no size a chip has/);
        else
          expect([name, entries[Number(name.slice(1))], read[name]![1]! % 2 ** 32]).toEqual([
            name,
            entries[Number(name.slice(1))],
            length,
          ]);
      }
      expect(unknown.size).toBeLessThan(150);
    });
  },
);

const OPERATORS = ['+', '-', '*', '&', '|', '<', '<=', '>', '>=', '==', '!=', '&&', '||'];
const ATOMS = [
  '0',
  '1',
  '7',
  '12K',
  '0x40',
  '010',
  'A',
  'B',
  'LENGTH(F)',
  'ORIGIN(F)',
  'DEFINED(A)',
  'DEFINED(NO)',
];

function expression(random: Random, depth: number): string {
  const pick = <T>(list: readonly T[]): T => list[random.int(list.length)]!;
  if (depth === 0 || random.int(4) === 0) return pick(ATOMS);
  const part = (): string => expression(random, depth - 1);
  switch (random.int(7)) {
    case 0:
      return `(${part()})`;
    case 1:
      return `${pick(['-', '~', '!'])} ${pick(ATOMS)}`;
    case 2:
      return `(${part()} ? ${part()} : ${part()})`;
    case 3:
      return `${pick(['MAX', 'MIN'])}(${part()}, ${part()})`;
    case 4:
      // Beyond 63 it is up to the processor that the linker runs on.
      return `(${part()} ${pick(['<<', '>>'])} ${random.int(20)})`;
    default:
      return `${part()} ${pick(OPERATORS)} ${part()}`;
  }
}
