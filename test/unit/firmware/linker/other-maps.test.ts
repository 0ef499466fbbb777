/** Maps of armlink and IAR, which carry the totals of their regions; written for the tests in the documented forms. */
import { describe, expect, it } from 'vitest';
import { parseMap } from '../../../../src/core/firmware/linker/read-map';
import { roomsOf } from '../../../../src/core/firmware/linker/rooms';
import { factsOf } from './linker-text';
import { ARMLINK, IAR } from './other-maps-texts';

const lefts = (text: string) =>
  roomsOf(factsOf({ map: { file: '/ws/app.map', text } }), {}, { flash: 4000, ram: 600 }).map(
    ({ region, parts, left, basis }) => [region.name, parts.join(), left.least, left.most, basis],
  );

describe('maps of other linkers', () => {
  it("reads armlink's regions, after compression, and what of them is the model's", () => {
    const map = parseMap(ARMLINK);
    expect(map.linker).toBe('armlink');
    expect(map.regions.map(({ name, origin, length }) => [name, origin, length])).toEqual([
      ['LR_IROM1', 0x0800_0000, 0x10000],
      ['RW_IRAM1', 0x2000_0000, 0x4000],
    ]);
    const [flash, ram] = [0x10000 - 0x48bc + 0x600, 0x4000 - 0xc00 + 0x240];
    expect(lefts(ARMLINK)).toEqual([
      ['LR_IROM1', 'constants,code', flash, flash, 'own'],
      ['RW_IRAM1', 'variables', ram, ram, 'own'],
    ]);
  });

  it('reads Arm Compiler 5, which has no load addresses', () => {
    const old = ARMLINK.replace(/Exec base: (0x\w+), Load base: 0x\w+/g, 'Base: $1').replace(
      /^( +0x\w{8}) +(?:0x\w{8}|-|COMPRESSED) +(0x\w{8} +(?:Code|Data|Zero))/gm,
      '$1   $2',
    );
    expect(lefts(old)).toEqual(lefts(ARMLINK));
  });

  it('gives no verdict on a region that the scatter file gives no size', () => {
    const open = ARMLINK.replace(
      'Size: 0x00000c00, Max: 0x00004000',
      'Size: 0x00000c00, Max: 0xffffffff',
    );
    expect(lefts(open)[1]).toEqual(['RW_IRAM1', 'variables', 0, Infinity, 'own']);
  });

  it('counts what follows in the same range as the limit, and as unsure where it may move', () => {
    const heap = `    Execution Region ARM_LIB_HEAP (Exec base: 0x20002000, Load base: 0x08004970, Size: 0x00000800, Max: 0x00000800, ABSOLUTE, EMPTY)\n\n    **** No section assigned to this execution region ****\n\n`;
    const text = ARMLINK.replace('====\n\nImage component', `====\n\nImage component`).replace(
      /(STACK +startup\.o\n\n)/,
      `$1${heap}`,
    );
    expect(lefts(text)[1]).toEqual([
      'RW_IRAM1',
      'variables',
      0x2000 - 0xc00 + 0x240,
      0x4000 - 0xc00 + 0x240,
      'own',
    ]);
  });

  it("reads IAR's placements: those at an address share the range they lie in", () => {
    const map = parseMap(IAR);
    expect(map.regions.map(({ name, length }) => [name, length])).toEqual([
      ['P1', 0x10000],
      ['P2', 0x4000],
      ['P3', 0x1000000],
    ]);
    const [flash, ram] = [0x10000 - 0x1150 + 0xc00, 0x4000 - 0x844 + 0x240];
    expect(lefts(IAR)).toEqual([
      ['P1', 'constants,code', flash, flash, 'own'],
      ['P2', 'variables', ram, ram, 'own'],
    ]);
  });

  describe('without constants as yet', () => {
    const bare = IAR.replace(/^ +\.rodata.*\n.*const.*\n/m, '');
    const parts = (text: string) =>
      lefts(text).map(([region, ...rest]) => [region, rest[0], rest[3]]);

    it('puts them where code lies, and where no other region could be', () => {
      expect(bare).not.toContain('const ');
      const alone = bare.replace(/^"P3":[^}]*\};\n/m, '').replace('meter_run.o', 'app.o');
      expect(parts(alone)).toEqual([
        ['P1', 'constants,code', 'kin'],
        ['P2', 'variables', 'own'],
      ]);
      const [[, , least, most]] = lefts(alone) as [[string, string, number, number]];
      expect([least, most]).toEqual([0x10000 - 0x1150, 0x10000 - 0x1150]);
      const [room] = roomsOf(factsOf({ map: { file: '/ws/app.map', text: alone } }), {});
      expect(room?.why).toBe('the map has no .rodata, and most .text lies there');
    });

    it('gives no verdict that another region would change', () => {
      const [[region, , least, most], ...others] = lefts(bare);
      expect([region, least, most]).toEqual(['P1', 0x10000 - 0x1150 + 0x800, 0x1000000]);
      expect(others).toHaveLength(1);
      const facts = factsOf({ map: { file: '/ws/app.map', text: bare } });
      const [room] = roomsOf(facts, {});
      expect(room?.why).toMatch(/may as well be P3; say it with firmware\.flashRegion/);
      expect(roomsOf(facts, { flashRegion: 'P1' })[0]?.left.most).toBe(0x10000 - 0x1150 + 0x800);
    });

    it('does so with maps of armlink, whose regions may have any name', () => {
      const text = ARMLINK.replace(/^.*meter_weights\.o\n/m, '')
        .replace(/^.*RESET.*\n/m, '')
        .replaceAll('LR_IROM1', 'LR_A')
        .replaceAll('ER_IROM1', 'ER_A')
        .replaceAll('RW_IRAM1', 'ER_B');
      expect(parts(text)).toEqual([
        ['LR_A', 'constants,code', 'kin'],
        ['ER_B', 'variables', 'own'],
      ]);
    });
  });
});
