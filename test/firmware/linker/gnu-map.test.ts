/** Maps of the real linker against the sizes that arm-none-eabi-size tells, and what of them is the model's. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/core/config/load-config';
import { codeBytes } from '../../../src/core/firmware/code-size';
import { flashUsage } from '../../../src/core/plan/usage';
import { parseGnuMap } from '../../../src/core/firmware/linker/gnu-map';
import { layoutOf, usedOf } from '../../../src/core/firmware/linker/layout';
import type { MemoryRegion } from '../../../src/core/firmware/linker/linker-script';
import { ownShare, type OwnFiles } from '../../../src/core/firmware/linker/own-share';
import { parseMap } from '../../../src/core/firmware/linker/read-map';
import { ownIn } from '../../../src/core/firmware/linker/rooms';
import { firmwareTarget } from '../../../src/core/firmware/targets/targets';
import { writeSources } from '../../../src/core/firmware/write-sources';
import { emitRandom } from '../../unit/firmware/random-model';
import type { EmittedModel } from '../../unit/firmware/random-model';
import { haveTools } from '../require-tools';
import { loadModel } from '../../../src/core/models/models';

const TARGET = firmwareTarget();

const example = 'examples/meter/firmware';
const folder = mkdtempSync(join(tmpdir(), 'east-map-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const C_FLAGS = [
  ...['-mcpu=cortex-m4', '-mthumb', '-std=c99', '-O2', '-g'],
  ...['-ffunction-sections', '-fdata-sections', '-I', join(folder, 'east')],
];

function cc(...options: string[]): void {
  execFileSync('arm-none-eabi-gcc', [...C_FLAGS, ...options], { stdio: 'pipe' });
}

/** Links the example's application; `sources` are compiled on the way or are objects and archives already. */
function link(name: string, sources: readonly string[]): string {
  const elf = join(folder, `${name}.elf`);
  const own = ['main.c', 'samples.c', 'startup.c'].map((file) => join(example, file));
  cc(
    ...[...own, ...sources, '--specs=rdimon.specs', '-nostartfiles', '-Wl,--gc-sections'],
    ...['-T', join(example, 'mps2-an386.ld'), `-Wl,-Map=${join(folder, `${name}.map`)}`],
    ...['-o', elf],
  );
  return elf;
}

interface Usage extends MemoryRegion {
  readonly used: number;
  readonly own: number;
}

function usageIn(text: string, own: OwnFiles): Record<string, Usage> {
  const layout = layoutOf(parseGnuMap(text), undefined);
  const share = ownShare(layout.map, own);
  const usage = layout.regions.map((region) => ({
    ...region,
    used: usedOf(layout, region),
    own: ownIn(layout, share, region, undefined).least,
  }));
  return Object.fromEntries(usage.map((region) => [region.name, region]));
}

function usageOf(name: string, files?: ReadonlySet<string>): Record<string, Usage> {
  const text = readFileSync(join(folder, `${name}.map`), 'utf8');
  return usageIn(text, { name: 'meter', ...(files ? { files, words: new Set() } : {}) });
}

/** [text, data, bss] as Berkeley's format sums them. */
function sizes(elf: string): number[] {
  const line = execFileSync('arm-none-eabi-size', [elf], { encoding: 'utf8' }).split('\n')[1] ?? '';
  return line.trim().split(/\s+/).slice(0, 3).map(Number);
}

describe.runIf(haveTools(TARGET.compiler, TARGET.sizeProgram))('a map', () => {
  let emitted: EmittedModel;
  let sources: string[];
  beforeAll(() => {
    const { model } = loadConfig('examples/meter/meter.east.json');
    emitted = emitRandom(loadModel(model).graph, { name: 'meter', ram: 16 * 1024 });
    writeSources(join(folder, 'east'), emitted.files);
    sources = [...emitted.files.keys()]
      .filter((file) => file.endsWith('.c'))
      .map((file) => join(folder, 'east', file));
  });

  it.each([
    ['objects without names', (): readonly string[] => sources, 64],
    [
      'named objects',
      (): readonly string[] => {
        const objects = join(folder, 'objects');
        mkdirSync(objects, { recursive: true });
        return sources.map((file) => {
          const object = join(objects, `${file.split(/[\\/]/).at(-1) ?? ''}.obj`);
          cc('-c', file, '-o', object);
          return object;
        });
      },
      64,
    ],
    [
      'an archive',
      (): readonly string[] => {
        const objects = sources.map((file) => file.replace(/\.c$/, '.o'));
        sources.forEach((file, i) => {
          cc('-c', file, '-o', objects[i]!);
        });
        const archive = join(folder, 'libmodel.a');
        execFileSync('arm-none-eabi-ar', ['rcs', archive, ...objects]);
        return [archive];
      },
      64,
    ],
  ])(
    'adds up what lies in flash and RAM, and the share of the model, from %s',
    async (name, inputs, missed) => {
      const elf = link(name.replaceAll(' ', '-'), inputs());
      const [text = 0, data = 0, bss = 0] = sizes(elf);
      const usage = usageOf(name.replaceAll(' ', '-'));
      expect(usage['FLASH']).toMatchObject({ origin: 0, length: 256 * 1024, attributes: 'xr' });
      // Up to the gaps that the linker leaves in front of a section.
      expect(Math.abs(usage['FLASH']!.used - (text + data))).toBeLessThan(16);
      expect(Math.abs(usage['RAM']!.used - (data + bss))).toBeLessThan(16);

      const { encoded, plan } = emitted;
      const flash = flashUsage(encoded, await codeBytes(encoded.model.graph, {}, TARGET), TARGET);
      expect(usage['FLASH']!.own).toBeLessThan(flash.total + 64);
      expect(usage['FLASH']!.own).toBeGreaterThan(flash.total - missed);
      expect(usage['RAM']!.own).toBe(plan.ram.total);
    },
  );

  it('counts as its own only the files and words it is told of', () => {
    expect(usageOf('named-objects', new Set(['meter_run']))['RAM']?.own).toBe(0);
    const model = usageOf('named-objects', new Set(['meter_model']));
    expect(model['RAM']?.own).toBe(emitted.plan.ram.total);
    expect(usageOf('named-objects', new Set())['FLASH']?.own).toBe(0);
  });
});

describe('parseMap', () => {
  it.each([
    ['', /no map of a linker; maps of GNU ld/],
    ['Image component sizes', /no map of a linker/],
    ['{"version":3,"sources":["a.js"],"mappings":"AAAA"}', /JavaScript source map/],
    ['     VMA      LMA     Size Align Out     In      Symbol\n', /LLVM lld/],
    ['Archive member included to satisfy reference by file (symbol)\n', /cut off/],
    ['Component: Arm Compiler 6.19 Tool: armlink [5e73cb00]\n', /armlink has no "Memory Map/],
    ['Memory Configuration\n\nLinker script and memory map\n', /names no memory regions/],
    ['a\nMemory Configuration\n', /no map of the GNU linker/],
  ])('says what is wrong with %j', (text, message) => {
    expect(() => parseMap(text)).toThrow(message);
  });
});

describe('usage', () => {
  it('leaves out what is never loaded, and takes no copy in flash from what has no contents', () => {
    const text = `Memory Configuration

Name             Origin             Length             Attributes
FLASH            0x00000000         0x00001000         xr
RAM              0x20000000         0x00001000         xrw !x
*default*        0x00000000         0xffffffff

Linker script and memory map

.text           0x00000000      0x100
 *(.text*)
 .text.a_very_long_name_of_a_function
                0x00000000       0x40 C:\\fw\\build\\meter_run.c.obj
 *fill*         0x00000040        0x4
 .text.b        0x00000044       0x20 build/libx.a(other.o)
                0x00000044                b
.data           0x20000000       0x10 load address 0x00000100
 .data          0x20000000        0x8 meter_model.o
.a_section_with_a_long_name
                0x20000010       0x20 load address 0x00000110
 .tables        0x20000010       0x20 tables.o
.bss            0x20000030      0x200 load address 0x00000130
 COMMON         0x20000030        0x4 meter_model.o
._user_heap_stack
                0x20000230      0x600 load address 0x00000130
.debug_info     0x00000000     0x9999
.ARM.attributes
                0x00000000       0x30
`;
    const usage = usageIn(text.replaceAll('\n', '\r\n'), { name: 'meter' });
    expect(usage['FLASH']).toMatchObject({ used: 0x130, own: 0x48 });
    expect(usage['RAM']).toMatchObject({ used: 0x830, own: 0xc });
  });
});
