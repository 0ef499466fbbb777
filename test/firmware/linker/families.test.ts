/**
 * What is said of firmware against the linker itself, for scripts of the usual families: what it prints with
 * --print-memory-usage, and that a model as large as what is left links while a larger one does not.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { usedOf } from '../../../src/core/firmware/linker/layout';
import { readLinker } from '../../../src/core/firmware/linker/read-linker';
import {
  KERNEL_CONSTANTS,
  needOf,
  roomsOf,
  verdictOn,
  type Room,
  type Verdict,
} from '../../../src/core/firmware/linker/rooms';
import { firmwareTarget } from '../../../src/core/firmware/targets/targets';
import { haveTools } from '../require-tools';
import { FAMILIES, type Family } from './families';

const top = mkdtempSync(join(tmpdir(), 'east-families-'));
afterAll(() => {
  rmSync(top, { recursive: true, force: true });
});

const APPLICATION = `.syntax unified
.thumb
.section .isr_vector,"a",%progbits
.globl vector_table
vector_table: .space 64
.section .text.Reset_Handler,"ax",%progbits
.globl Reset_Handler
Reset_Handler: b Reset_Handler
.space 900
.section .rodata.tables,"a",%progbits
.space 2001
.section .data.state,"aw",%progbits
.space 101
.section .bss.buffers,"aw",%nobits
.space 701
.comm shared, 50, 4
`;

/** Bytes of each part of a model. */
interface Sizes {
  readonly constants: number;
  readonly code: number;
  readonly variables: number;
}

const model = ({ constants, code, variables }: Sizes): Record<string, string> => ({
  meter_weights: `.section .rodata.meter_weights_blob,"a",%progbits\n.globl meter_weights_blob\nmeter_weights_blob: .space ${constants}\n`,
  meter_run: `.section .text.meter_run,"ax",%progbits\n.globl meter_run\nmeter_run: .space ${code}\n`,
  meter_model: `.section .bss.meter_arena,"aw",%nobits\n.space ${variables}\n`,
});

class Firmware {
  readonly folder: string;
  /** Of the last link. */
  said = '';

  constructor(private readonly family: Family) {
    this.folder = join(top, family.name.replaceAll(' ', '-'));
    mkdirSync(join(this.folder, 'build'), { recursive: true });
    writeFileSync(join(this.folder, 'app.ld'), family.script);
    for (const [name, text] of Object.entries(family.files ?? {})) {
      writeFileSync(join(this.folder, name), text);
    }
    this.assemble('main', `${APPLICATION}${family.extra ?? ''}\n`);
  }

  /** Returns what the linker printed, or undefined where it failed. */
  link(sizes?: Sizes): Map<string, number> | undefined {
    const parts = sizes === undefined ? {} : model(sizes);
    for (const [name, text] of Object.entries(parts)) this.assemble(name, text);
    const { options = [] } = this.family;
    const result = spawnSync(
      'arm-none-eabi-ld',
      [
        ...options,
        ...['-L', '.', '-T', 'app.ld', 'build/main.o'],
        ...Object.keys(parts).map((name) => `build/${name}.o`),
        ...['-Map=build/app.map', '--print-memory-usage', '-o', 'build/app.elf'],
      ],
      { cwd: this.folder, encoding: 'utf8' },
    );
    this.said = result.stderr;
    return result.status === 0 ? printed(result.stdout) : undefined;
  }

  async rooms(): Promise<Room[]> {
    return roomsOf(await this.facts(), {});
  }

  facts(): ReturnType<typeof readLinker> {
    const firmware = {
      directory: join(this.folder, 'east'),
      linkerScript: join(this.folder, 'app.ld'),
      target: 'cortex-m4',
      selfTestVectors: 1,
    } as const;
    return readLinker({ name: 'meter', firmware, workspace: this.folder });
  }

  private assemble(name: string, text: string): void {
    const object = join(this.folder, 'build', `${name}.o`);
    execFileSync('arm-none-eabi-as', ['-mcpu=cortex-m4', '-o', object, '-'], {
      input: text,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
  }
}

const UNITS: Readonly<Record<string, number>> = { B: 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 };

/** `           FLASH:       30784 B        64 KB     46.97%` */
function printed(text: string): Map<string, number> {
  const lines = [...text.matchAll(/^\s*(\S.*?):\s+(\d+) (B|KB|MB|GB)\s+\d+ (?:B|KB|MB|GB)\s/gm)];
  return new Map(lines.map(([, name, n, unit]) => [name!, Number(n) * UNITS[unit!]!]));
}

const SMALL: Sizes = { constants: 1000, code: 300, variables: 600 };
/** What alignment may cost or save. */
const SLACK = 40;

/** On a model as a whole, as its manifest tells of it. */
function verdicts(rooms: readonly Room[], { constants, code, variables }: Sizes): Set<Verdict> {
  const need = { flash: constants + code, ram: variables, weights: constants, code };
  return new Set(rooms.map((room) => verdictOn(room, needOf(room, need)!)));
}

describe.runIf(haveTools(firmwareTarget().compiler))('firmware in the style of', () => {
  it.each(FAMILIES.map((family) => [family.name, family] as const))('%s', async (_, family) => {
    const firmware = new Firmware(family);
    for (const sizes of [undefined, SMALL]) {
      const usage = firmware.link(sizes);
      expect(usage, firmware.said).toBeDefined();
      const { map } = await firmware.facts();
      if (map === undefined || !('value' in map)) throw new Error('there is no map');
      const found = map.value.regions.map((region) => [region.name, usedOf(map.value, region)]);
      expect(Object.fromEntries(found)).toEqual(Object.fromEntries(usage!));
    }
    // With the model in the image and without, the same is left for it.
    const rooms = await firmware.rooms();
    const found = rooms.map(({ region, parts }) => [region.name, parts.join()]);
    expect(Object.fromEntries(found)).toEqual(family.rooms);
    expect(new Set(rooms.map(({ basis }) => basis))).toEqual(new Set(['own']));
    expect(firmware.link()).toBeDefined();
    const before = await firmware.rooms();
    expect(new Set(before.map(({ basis }) => basis))).toEqual(new Set(['script']));
    for (const [i, { left, region }] of before.entries()) {
      expect(left.most, region.name).toBe(left.least);
      expect(Math.abs(left.least - rooms[i]!.left.least), region.name).toBeLessThan(SLACK);
    }
    // A model that takes what is left links, one that takes more does not.
    for (const part of ['constants', 'code', 'variables'] as const) {
      const limits = before.filter(({ parts }) => parts.includes(part));
      const left = Math.min(...limits.map((room) => room.left.least));
      const none: Sizes = { constants: 0, code: 0, variables: 0 };
      expect(firmware.link({ ...none, [part]: left - SLACK }), `${part} ${left}`).toBeDefined();
      expect(firmware.link({ ...none, [part]: left + SLACK }), `${part} ${left}`).toBeUndefined();
      const [fits, exceeds] = [-1, 1].map((sign) => {
        const sizes = { ...none, [part]: left + sign * (SLACK + KERNEL_CONSTANTS) };
        return [...verdicts(before, sizes)];
      });
      expect(fits, `${part} ${left}`).toEqual(['fits']);
      expect(exceeds, `${part} ${left}`).toContain('too-large');
    }
  });
});

const MEMORY =
  'MEMORY { FLASH (rx) : ORIGIN = 0x08000000, LENGTH = 64K RAM (rwx) : ORIGIN = 0x20000000, LENGTH = 16K }';
const VARIABLES =
  '.state : { *(.data .data.*) } > RAM AT > FLASH .zeroed : { *(.bss .bss.* COMMON) } > RAM';

describe.runIf(haveTools(firmwareTarget().compiler))('settings between code and constants', () => {
  it.each([
    [
      'inside a section',
      '.program : { KEEP(*(.isr_vector)) *(.text .text.*) . = 0x2000; KEEP(*(.settings)) *(.rodata .rodata.*) } > FLASH',
    ],
    [
      'as one of their own',
      '.program : { KEEP(*(.isr_vector)) *(.text .text.*) } > FLASH .settings 0x08002000 : { KEEP(*(.settings)) } > FLASH .constants : { *(.rodata .rodata.*) } > FLASH',
    ],
  ])('give each room of its own: %s', async (how, sections) => {
    const firmware = new Firmware({
      name: `between ${how}`,
      rooms: {},
      extra: '.section .settings,"a",%progbits\n.space 64',
      script: `${MEMORY} ENTRY(Reset_Handler) SECTIONS { ${sections} ${VARIABLES} }`,
    });
    for (const sizes of [undefined, SMALL]) {
      expect(firmware.link(sizes), firmware.said).toBeDefined();
      const rooms = await firmware.rooms();
      const flash = rooms.filter(({ kind }) => kind === 'flash');
      expect(flash.map(({ parts }) => parts.join()).sort()).toEqual(['code', 'constants']);
      const [code, constants] = (['code', 'constants'] as const).map(
        (part) => flash.find(({ parts }) => parts.includes(part))!.left.least,
      ) as [number, number];
      for (const over of [
        { code: -1, constants: -1 },
        { code: 1, constants: -1 },
        { code: -1, constants: 1 },
      ]) {
        const margin = SLACK + KERNEL_CONSTANTS;
        const whole: Sizes = {
          code: code + over.code * margin,
          constants: constants + over.constants * margin,
          variables: 100,
        };
        const links = over.code + over.constants === -2;
        const found = verdicts(rooms, whole);
        expect(found.has('too-large'), JSON.stringify(over)).toBe(!links);
        expect(found.has('unknown')).toBe(false);
        expect(firmware.link(whole) !== undefined, firmware.said).toBe(links);
      }
    }
  });
});

describe('the families', () => {
  it('are each read without their map, as far as the script alone tells', async () => {
    for (const family of FAMILIES) {
      if (family.options !== undefined) continue;
      const folder = join(top, `script-${family.name.replaceAll(' ', '-')}`);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'app.ld'), family.script);
      for (const [name, text] of Object.entries(family.files ?? {})) {
        writeFileSync(join(folder, name), text);
      }
      const facts = await readLinker({
        name: 'meter',
        firmware: {
          directory: join(folder, 'east'),
          linkerScript: join(folder, 'app.ld'),
          target: 'cortex-m4',
          selfTestVectors: 1,
        },
        workspace: folder,
      });
      expect(facts.script, readFileSync(join(folder, 'app.ld'), 'utf8')).toHaveProperty('value');
      const rooms = roomsOf(facts, {});
      const found = rooms.map(({ region, parts }) => [region.name, parts.join()]);
      expect(Object.fromEntries(found), family.name).toEqual(family.rooms);
    }
  });
});
