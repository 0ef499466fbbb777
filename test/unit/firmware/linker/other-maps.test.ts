/** Maps of armlink and IAR, which carry the totals of their regions; written for the tests in the documented forms. */
import { describe, expect, it } from 'vitest';
import { parseMap } from '../../../../src/core/firmware/linker/read-map';
import { roomsOf } from '../../../../src/core/firmware/linker/rooms';
import { factsOf } from './linker-text';

const ARMLINK = `Component: Arm Compiler for Embedded 6.19 Tool: armlink [5e73cb00]

==============================================================================

Memory Map of the image

  Image Entry point : 0x08000131

  Load Region LR_IROM1 (Base: 0x08000000, Size: 0x00004970, Max: 0x00010000, ABSOLUTE, COMPRESSED[0x000048bc])

    Execution Region ER_IROM1 (Exec base: 0x08000000, Load base: 0x08000000, Size: 0x000047ac, Max: 0x00010000, ABSOLUTE)

    Exec Addr    Load Addr    Size         Type   Attr      Idx    E Section Name        Object

    0x08000000   0x08000000   0x00000188   Data   RO            3    RESET               startup.o
    0x08000188   0x08000188   0x00000008   Code   RO          131  * !!!main             c_w.l(__main.o)
    0x08000190   0x08000190   0x00000200   Code   RO         3628    .text.meter_run     meter_run.o
    0x08000390   0x08000390   0x00000400   Data   RO         3630    .rodata.meter_weights_blob  meter_weights.o
    0x08000790   0x08000790   0x00000002   PAD

    Execution Region RW_IRAM1 (Exec base: 0x20000000, Load base: 0x080047ac, Size: 0x00000c00, Max: 0x00004000, ABSOLUTE)

    Exec Addr    Load Addr    Size         Type   Attr      Idx    E Section Name        Object

    0x20000000   COMPRESSED   0x000001c4   Data   RW          452    .data               main.o
    0x200001c4        -       0x00000240   Zero   RW         3715    .bss.meter_arena    meter_model.o
    0x20000404        -       0x00000400   Zero   RW            1    STACK               startup.o

==============================================================================

Image component sizes
`;

const IAR = `###############################################################################
#
# IAR ELF Linker V9.30.1 for ARM
#
###############################################################################

*******************************************************************************
*** PLACEMENT SUMMARY
***

"A0":  place at address 0x800'0000 { ro section .intvec };
"P1":  place in [from 0x800'0000 to 0x800'ffff] { ro };
define block CSTACK with size = 1K, alignment = 8 { };
"P2":  place in [from 0x2000'0000 to 0x2000'3fff] { rw, block CSTACK };
"P3":  place in [from 0x9000'0000 to 0x90ff'ffff] {
          section ExtFlashSection };

  Section              Kind         Address    Size  Object
  -------              ----         -------    ----  ------
"A0":                                         0x150
  .intvec              ro code   0x800'0000   0x150  startup.o [1]
                               - 0x800'0150   0x150

"P1":                                        0x1000
  .text                ro code   0x800'0150   0x800  meter_run.o [1]
  .rodata.a_very_long_name_indeed
                       const     0x800'0950   0x400  meter_weights.o [1]
  .text                ro code   0x800'0d50   0x400  main.o [1]
                               - 0x800'1150  0x1000

"P2", part 1 of 2:                            0x44
  P2-1                        0x2000'0000    0x44  <Init block>
    .data              inited  0x2000'0000    0x44  main.o [1]

"P2", part 2 of 2:                            0x800
  .bss                 zero   0x2000'0044   0x240  meter_model.o [1]
  CSTACK                      0x2000'0440   0x400  <Block>
    CSTACK             uninit 0x2000'0440   0x400  <Block tail>

*******************************************************************************
*** MODULE SUMMARY
***
`;

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
});
