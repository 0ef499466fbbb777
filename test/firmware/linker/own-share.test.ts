/** Which bytes of an image are the model's, for the ways in which compilers and linkers lose the names of files. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MemoryRegion } from '../../../src/core/firmware/linker/linker-script';
import { readLinker } from '../../../src/core/firmware/linker/read-linker';
import { roomsOf, type Need, type Room } from '../../../src/core/firmware/linker/rooms';
import { firmwareTarget } from '../../../src/core/firmware/targets/targets';
import { writeSources } from '../../../src/core/firmware/write-sources';
import { usedOf } from '../../../src/core/firmware/linker/layout';
import { buildGraph } from '../../../src/core/graph/build';
import { emitRandom } from '../../unit/firmware/random-model';
import { haveTools } from '../require-tools';

const folder = mkdtempSync(join(tmpdir(), 'east-own-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** One name begins with the other. */
const MODELS = ['gesture', 'gesture_v2'] as const;
type Model = (typeof MODELS)[number];

const SCRIPT = `MEMORY { FLASH (rx) : ORIGIN = 0x08000000, LENGTH = 64K  RAM (rwx) : ORIGIN = 0x20000000, LENGTH = 32K }
ENTRY(reset_handler)
SECTIONS
{
  .text : { KEEP(*(.vectors)) *(.text*) *(.rodata*) . = ALIGN(4); } > FLASH
  .ARM.exidx : { *(.ARM.exidx*) } > FLASH
  .data : { *(.data*) . = ALIGN(4); } > RAM AT > FLASH
  .bss : { *(.bss*) *(COMMON) . = ALIGN(8); } > RAM
}`;

/** An application that calls some of the models, and has tables and buffers of its own. */
function application(models: readonly Model[], way: Way): string {
  const calls = models.map((name) => {
    const upper = name.toUpperCase();
    return `  { static int8_t out[${upper}_OUTPUT_BYTES]; s += (unsigned)${name}_invoke(${name}_input(), out) + (unsigned)out[0]; }`;
  });
  return `#include <stdint.h>
${models.map((name) => `#include "${name}_model.h"`).join('\n')}
static const uint8_t tables[3000] = {1, 2, 3};
static volatile uint8_t buffers[900];
static unsigned ${way === 'one file' ? 'keep' : 'store'}(unsigned n) { return buffers[n % sizeof buffers] + 1u; }
int main(void)
{
  unsigned s = 0;
  for (unsigned i = 0; i < sizeof buffers; i++) { buffers[i] = tables[i]; s += ${way === 'one file' ? 'keep' : 'store'}(i); }
${calls.join('\n')}
  return (int)s;
}
void reset_handler(void) { for (;;) (void)main(); }
__attribute__((section(".vectors"), used)) static void (*const vectors[2])(void) = {0, reset_handler};
`;
}

const SECTIONS = ['-ffunction-sections', '-fdata-sections'];
type Way = 'named' | 'anonymous' | 'archive' | 'one file';

/** Links the application with the models; returns the room of each region for `gesture`. */
async function rooms(
  models: readonly Model[],
  way: Way,
  flags: readonly string[],
  need: Need,
): Promise<{ rooms: Room[]; used: (region: MemoryRegion) => number }> {
  const build = join(folder, 'build');
  rmSync(build, { recursive: true, force: true });
  mkdirSync(build, { recursive: true });
  const options = ['-mcpu=cortex-m4', '-mthumb', '-O2', ...flags];
  options.push(...MODELS.flatMap((name) => ['-I', join(folder, name)]));
  const cc = (...more: readonly string[]): void => {
    execFileSync('arm-none-eabi-gcc', [...options, ...more], { cwd: folder, stdio: 'pipe' });
  };
  const sources = models.flatMap((name) => files[name].map((file) => join(name, file)));
  let main = application(models, way);
  if (way === 'one file') main = `${sources.map((s) => `#include "${s}"\n`).join('')}${main}`;
  writeFileSync(join(folder, 'main.c'), main);
  let inputs: string[] = ['main.c'];
  if (way === 'anonymous') inputs.push(...sources);
  if (way === 'named' || way === 'archive') {
    const objects = sources.map((file) => join(build, `${file.replace(/^.*\//, '')}.o`));
    sources.forEach((file, i) => {
      cc('-c', file, '-o', objects[i]!);
    });
    const archive = join(build, 'libmodels.a');
    if (way === 'archive' && objects.length > 0) {
      execFileSync('arm-none-eabi-ar', ['rcs', archive, ...objects]);
    }
    inputs.push(...(way === 'named' ? objects : objects.length > 0 ? [archive] : []));
  }
  inputs = [...inputs, '-nostartfiles', '--specs=nosys.specs', '-Wl,--gc-sections', '-T', 'app.ld'];
  cc(...inputs, `-Wl,-Map=${join(build, 'app.map')}`, '-o', join(build, 'app.elf'));
  const facts = await readLinker({
    name: 'gesture',
    firmware: {
      directory: join(folder, 'gesture'),
      linkerScript: join(folder, 'app.ld'),
      target: 'cortex-m4',
      selfTestVectors: 1,
    },
    workspace: folder,
  });
  const { map } = facts;
  if (map === undefined || !('value' in map)) throw new Error('there is no map');
  const used = (region: MemoryRegion): number => usedOf(map.value, region);
  return { rooms: roomsOf(facts, {}, need), used };
}

const files: Record<Model, string[]> = { gesture: [], gesture_v2: [] };

describe.runIf(haveTools(firmwareTarget().compiler))('the own share of an image', () => {
  const need = { flash: 0, ram: 0 };
  beforeAll(() => {
    writeFileSync(join(folder, 'app.ld'), SCRIPT);
    for (const name of MODELS) {
      const graph = buildGraph({
        layers: [
          { type: 'dense', units: 24, activation: 'relu' },
          { type: 'dense', units: 3 },
        ],
        input: [1, 1, 16],
        classes: 3,
      });
      const emitted = emitRandom(graph, { name, ram: 4096 });
      writeSources(join(folder, name), emitted.files);
      files[name] = [...emitted.files.keys()].filter(
        (file) => file.endsWith('.c') && !file.endsWith('_selftest.c'),
      );
      if (name === 'gesture') {
        need.ram = emitted.plan.ram.total;
        need.flash = 8000;
      }
    }
  });

  it.each<[string, Way, readonly string[], number]>([
    ['named objects', 'named', SECTIONS, 0],
    ['an archive', 'archive', SECTIONS, 0],
    ["the compiler's temporary files", 'anonymous', SECTIONS, 0],
    ['named objects without a section for each function', 'named', [], 0],
    ['temporary files without a section for each function', 'anonymous', [], 0],
    ['one file that includes all', 'one file', SECTIONS, 8000],
    ['one file without a section for each function', 'one file', [], 8000],
    ['link-time optimisation', 'named', [...SECTIONS, '-flto'], 8000],
    ['link-time optimisation of temporary files', 'anonymous', [...SECTIONS, '-flto'], 8000],
    ['link-time optimisation without sections', 'named', ['-flto'], 8000],
  ])('of %s', async (_, way, flags, unsure) => {
    // What there is for the model is what the image without it leaves, alone or beside another model.
    // (Files with names tell models apart; the files of two cannot be one, as static functions have the same names.)
    const two = way === 'anonymous' || flags.includes('-flto');
    const beside: Model[][] = two ? [[], ['gesture_v2']] : [[]];
    for (const others of beside) {
      const without = await rooms(others, way, flags, need);
      const withIt = await rooms(['gesture', ...others], way, flags, need);
      for (const room of withIt.rooms) {
        const truth = room.region.length - without.used(room.region);
        // The application's calls and what the C library brings along (memmove) are not the model's.
        const calls = 420;
        expect(room.left.least).toBeLessThanOrEqual(truth + 8);
        expect(room.left.most).toBeGreaterThanOrEqual(truth - calls);
        expect(room.left.most - room.left.least).toBeLessThanOrEqual(unsure);
        if (unsure > 0 && room.kind === 'flash')
          expect(room.notes.join()).toMatch(/are the model's/);
      }
      const bounds = without.rooms.map(({ left }) => left.most - left.least);
      if (way !== 'one file' && !flags.includes('-flto')) expect(bounds).toEqual([0, 0]);
    }
  });

  it('is that of the model alone where another has a name that begins with its own', async () => {
    const { rooms: both } = await rooms(['gesture', 'gesture_v2'], 'anonymous', SECTIONS, need);
    const { rooms: one } = await rooms(['gesture'], 'anonymous', SECTIONS, need);
    const { used } = await rooms(['gesture_v2'], 'anonymous', SECTIONS, need);
    const [flash] = both;
    expect(Math.abs(flash!.left.least - (flash!.region.length - used(flash!.region)))).toBeLessThan(
      420,
    );
    expect(one[0]!.left.least - flash!.left.least).toBeGreaterThan(2000);
    expect(readFileSync(join(folder, 'build/app.map'), 'utf8')).not.toContain('gesture_invoke');
  });
});
