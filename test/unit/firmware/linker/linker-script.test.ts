import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseLinkerScript } from '../../../../src/core/firmware/linker/linker-script';
import { candidateRegions } from '../../../../src/core/firmware/linker/memory-regions';

const KIB = 1024;
const regions = (text: string) => parseLinkerScript(text).regions;
const lengths = (text: string) => regions(text).map(({ length }) => length);
const region = (entry: string) => regions(`MEMORY { ${entry} }`)[0];

describe('parseLinkerScript', () => {
  it("reads the example's own script", () => {
    const text = readFileSync('examples/meter/firmware/mps2-an386.ld', 'utf8');
    expect(regions(text)).toEqual([
      { name: 'FLASH', attributes: 'rx', origin: 0, length: 256 * KIB },
      { name: 'RAM', attributes: 'rwx', origin: 0x2000_0000, length: 64 * KIB },
    ]);
  });

  it('reads an STM32CubeIDE script', () => {
    const text = `/* Entry Point */
ENTRY(Reset_Handler)
_estack = ORIGIN(RAM) + LENGTH(RAM); /* end of "RAM" Ram type memory */
_Min_Heap_Size = 0x200; /* required amount of heap */
_Min_Stack_Size = 0x400 ;
MEMORY
{
  CCMRAM    (xrw)    : ORIGIN = 0x10000000,   LENGTH = 64K
  RAM    (xrw)    : ORIGIN = 0x20000000,   LENGTH = 128K
  FLASH    (rx)    : ORIGIN = 0x8000000,   LENGTH = 1024K
}
SECTIONS { .isr_vector : { . = ALIGN(4); KEEP(*(.isr_vector)) } >FLASH
  .x : { *(.text*) *crtbegin?.o(.y) EXCLUDE_FILE(*[a-z]~x.o) "q" } }
/DISCARD/ : { libc.a ( * ) }`;
    expect(lengths(text)).toEqual([64 * KIB, 128 * KIB, 1024 * KIB]);
  });

  it.each<[string, number, number]>([
    ['R : ORIGIN = 0x10, LENGTH = 010', 16, 8],
    ['R (rx) : org = 1M, len = 1k', 1024 * KIB, KIB],
    ['R : o = 0, l = 3', 0, 3],
    ['R (!w) : ORIGIN = 0X20 LENGTH = 0x40', 32, 64],
    ['R : ORIGIN = 2 + 3 * 4, LENGTH = (2 + 3) * 4', 14, 20],
    ['R : ORIGIN = 1 << 4 | 1, LENGTH = 100 / 7 % 5', 17, 4],
    ['R : ORIGIN = 0 ? 1 : 2, LENGTH = 1 ? 3 : 4', 2, 3],
    ['R : ORIGIN = 10 - 2 - 3, LENGTH = ~0 & 0xff', 5, 255],
    ['R : ORIGIN = MAX(3, 5), LENGTH = MIN(7, 9)', 5, 7],
    ['R : ORIGIN = DEFINED(x), LENGTH = 0x1K', 0, KIB],
  ])('reads %s', (entry, origin, length) => {
    expect(region(entry)).toMatchObject({ origin, length });
  });

  it('knows symbols and regions that came before', () => {
    const text = `__flash = 512K; PROVIDE(__boot = 0x4000);
MEMORY {
  BOOT (rx) : ORIGIN = 0, LENGTH = __boot
  FLASH (rx) : ORIGIN = ORIGIN(BOOT) + LENGTH(BOOT), LENGTH = __flash - LENGTH(BOOT)
}`;
    expect(regions(text)[1]).toMatchObject({ origin: 0x4000, length: 496 * KIB });
  });

  it('passes over comments and preprocessor lines', () => {
    const text = `#include "memory.h"
// LENGTH = 1
MEMORY { /* A (r) : ORIGIN = 0, LENGTH = 1 */
# 3 "x.h"
  B : ORIGIN = 0, LENGTH = 2 }`;
    expect(lengths(text)).toEqual([2]);
  });

  it('follows includes where it may, and says which it did not', () => {
    const text = 'INCLUDE common/memory-a.ld\nMEMORY { INCLUDE "ram.ld" INCLUDE gone.ld }';
    const files: Record<string, string> = {
      'common/memory-a.ld': 'MEMORY { FLASH : ORIGIN = 0, LENGTH = 1K }',
      'ram.ld': 'RAM : ORIGIN = LENGTH(FLASH), LENGTH = 2K',
    };
    const script = parseLinkerScript(text, (name) => files[name]);
    expect(script.regions.map(({ name }) => name)).toEqual(['FLASH', 'RAM']);
    expect(script.notFollowed).toEqual(['gone.ld']);
    expect(parseLinkerScript(text).notFollowed).toHaveLength(3);
  });

  it('does not follow a script that includes itself for ever', () => {
    const text = 'INCLUDE self.ld\nMEMORY { A : ORIGIN = 0, LENGTH = 1 }';
    expect(parseLinkerScript(text, () => text).regions).toHaveLength(1);
  });

  it.each([
    ['MEMORY {\n A (rx : ORIGIN = 0\n', /"\(" is not closed/, 3],
    ['MEMORY { A : ORIGIN = 0, LENGTH = 1', /MEMORY is not closed/, 1],
    ['MEMORY { A ORIGIN = 0 }', /expected ":" behind the region's name "A", found "ORIGIN"/, 1],
    ['MEMORY { A : LENGTH = 0 }', /expected ORIGIN of region "A", found "LENGTH"/, 1],
    ['\n/* MEMORY', /comment is not closed/, 2],
    [`MEMORY { A : ORIGIN = ${'('.repeat(5000)}`, /nested too deeply/, 1],
    [`MEMORY { A : ORIGIN = ${'-'.repeat(5000)}1`, /nested too deeply/, 1],
    [`MEMORY { A : ORIGIN = 1${'+1'.repeat(5000)}`, /too long/, 1],
    [`MEMORY { A : ORIGIN = constructor(1), LENGTH = 1 }`, /expected LENGTH.* found "\("/, 1],
  ])('says what is wrong with %s', (text, message, line) => {
    expect(() => regions(text)).toThrow(message);
    expect(() => regions(text)).toThrow(expect.objectContaining({ line }));
  });

  it.each([
    ['LENGTH = SIZE', /the value of "SIZE" is not known here/],
    ['LENGTH = 1 / 0', /division by zero/],
    ['LENGTH = -1', /no size a chip has/],
    ['LENGTH = LENGTH(B)', /no region "B"/],
    ['LENGTH = LENGTH(A)', /needs itself/],
    ['LENGTH = SIZEOF(.text)', /"SIZEOF" gives no constant/],
    ['LENGTH = SIZE || 1', /the value of "SIZE"/],
    ['LENGTH = .', /the place where the linker is/],
  ])('names a region with %s and why it is unknown', (length, why) => {
    const script = parseLinkerScript(`MEMORY {\n A : ORIGIN = 0, ${length}\n B2 : o = 1, l = 2 }`);
    expect(script.regions.map(({ name }) => name)).toEqual(['B2']);
    expect(script.unknown).toEqual([{ name: 'A', line: 2, why: expect.stringMatching(why) }]);
  });

  it('passes over an empty MEMORY', () => {
    expect(regions('MEMORY { } }')).toEqual([]);
  });

  it('takes a number without digits for none, as strtoul does', () => {
    const { regions } = parseLinkerScript(
      'MEMORY { A (rx) : ORIGIN = 0x, LENGTH = 0x10 B (rw) : ORIGIN = $, LENGTH = 0X20K }',
    );
    expect(regions.map(({ origin, length }) => [origin, length])).toContainEqual([0, 16]);
  });

  it('gets through hostile text', () => {
    expect(regions('a = b = c = ('.repeat(20_000))).toEqual([]);
    expect(regions(`x = 1 << 99999999999;${' '.repeat(100_000)}#`)).toEqual([]);
    expect(() => regions('x'.repeat(1_000_001))).toThrow('too large');
    expect(() => regions('\0ELF')).toThrow('no text');
  });
});

describe('candidateRegions', () => {
  const choose = (text: string, kind: 'flash' | 'ram') =>
    candidateRegions(regions(`MEMORY { ${text} }`), kind).map(({ name }) => name);
  const of = (name: string, length: string, origin = '0') =>
    `${name} : ORIGIN = ${origin}, LENGTH = ${length}\n`;

  it('puts the ordinary ones first, the largest of them first', () => {
    const text =
      of('CCMRAM (xrw)', '64K') +
      of('RAM (xrw)', '32K') +
      of('RAM2 (rw)', '8K') +
      of('FLASH', '1M');
    expect(choose(text, 'ram')).toEqual(['RAM', 'RAM2', 'CCMRAM']);
    expect(choose(text, 'flash')).toEqual(['FLASH']);
  });

  it('takes no external memory for RAM because it is (xrw)', () => {
    const text = of('RAM (xrw)', '8K', '0x20000000') + of('QSPI (xrw)', '16M', '0x90000000');
    expect(choose(text, 'ram')).toEqual(['RAM']);
    const hyper = of('RAM (xrw)', '8K', '0x20000000') + of('SDRAM (xrw)', '16M', '0xC0000000');
    expect(choose(hyper, 'ram')).toEqual(['RAM', 'SDRAM']);
    expect(choose(of('FLASH (rx)', '32K') + of('QSPI_FLASH (rx)', '16M'), 'flash')).toEqual([
      'FLASH',
      'QSPI_FLASH',
    ]);
  });

  it('goes by the name, then by the attributes', () => {
    const text = of('m_text (RX)', '1M') + of('m_data (RW)', '64K') + of('iram_seg (rx)', '32K');
    expect(choose(text, 'flash')).toEqual(['m_text']);
    expect(choose(text, 'ram')).toEqual(['m_data', 'iram_seg']);
    const plain = of('A (rx)', '2K') + of('B (!rx)', '1K') + of('C (rwx)', '3K') + of('D', '9K');
    expect(choose(plain, 'flash')).toEqual(['A']);
    expect(choose(plain, 'ram')).toEqual(['C']);
    expect(choose(of('FLASH (rwx)', '1K') + of('EEPROM (r)', '9K'), 'flash')).toEqual(['FLASH']);
    expect(choose(of('FLASH', '1K'), 'ram')).toEqual([]);
  });
});
