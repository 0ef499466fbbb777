/** Which map is taken, and that no file named in the config is passed over in silence. */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { readLinker, type LinkerOptions } from '../../../../src/core/firmware/linker/read-linker';
import { roomsOf } from '../../../../src/core/firmware/linker/rooms';
import { firmwareTarget } from '../../../../src/core/firmware/targets/targets';
import { findTool, HOST_COMPILER } from '../../../../src/core/firmware/toolchain';
import { gnuMap } from './linker-text';
import { ARMLINK } from './other-maps-texts';

let folder = '';
const folders: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'east-linker-'));
  folders.push(folder);
});
afterAll(() => {
  for (const path of folders) rmSync(path, { recursive: true, force: true });
});

/** Files written later are newer by a minute, so that no clock decides. */
let age = 1_700_000_000;
function write(name: string, text: string): void {
  const file = join(folder, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  age += 60;
  utimesSync(file, age, age);
}

const read = (linkerScript: string | undefined, mapFile?: string, options?: LinkerOptions) =>
  readLinker(
    {
      name: 'meter',
      firmware: {
        directory: join(folder, 'east'),
        target: 'cortex-m4',
        selfTestVectors: 1,
        ...(linkerScript === undefined ? {} : { linkerScript: join(folder, linkerScript) }),
        ...(mapFile === undefined ? {} : { mapFile: join(folder, mapFile) }),
      },
      workspace: folder,
    },
    options,
  );

const SCRIPT = `MEMORY { FLASH (rx) : ORIGIN = 0x08000000, LENGTH = 32K  RAM (rwx) : ORIGIN = 0x20000000, LENGTH = 16K }
SECTIONS { .text : { *(.text*) *(.rodata*) } > FLASH .bss : { *(.bss*) } > RAM }`;

function map(used: number, { flash = 0x8000, output = 'app.elf', own = false } = {}): string {
  const regions = [['FLASH', 0x0800_0000, flash] as const, ['RAM', 0x2000_0000, 0x4000] as const];
  const hex = (n: number): string => `0x${n.toString(16)}`;
  const text = gnuMap(regions, [
    `.text 0x8000000 ${hex(used)}`,
    ` .text 0x8000000 ${hex(used - 16)} main.o`,
    ` .rodata ${hex(0x0800_0000 + used - 16)} 0x10 ${own ? 'meter_weights.o' : 'other.o'}`,
  ]);
  return text.replace('app.elf', output);
}

const flashLeft = async (...asked: Parameters<typeof read>) => {
  const facts = await read(...asked);
  const room = roomsOf(facts, {}).find(({ kind }) => kind === 'flash');
  return { left: room?.left.least, file: room?.file.slice(folder.length + 1), facts };
};

describe('the map', () => {
  it('is the newest of a linker whose regions are those of the script', async () => {
    write('app.ld', SCRIPT);
    write('build/app.map', map(30_000));
    write('boot/build/boot.map', map(1000, { flash: 0x4000 }));
    write('web/page.js.map', '{"version":3,"sources":["a.js"],"mappings":"AAAA"}');
    const { left, file, facts } = await flashLeft('app.ld');
    expect([left, file]).toEqual([32768 - 30_000, 'build/app.map']);
    const why = facts.passedOver.map(({ file: path, why: text }) => [
      path.slice(folder.length + 1),
      text,
    ]);
    expect(why).toEqual([
      ['web/page.js.map', expect.stringContaining('JavaScript source map')],
      [
        'boot/build/boot.map',
        expect.stringMatching(/another image.*FLASH is 16384 bytes.*32768 bytes/),
      ],
    ]);
    write('build/app.map', map(20_000));
    expect((await flashLeft('app.ld')).left).toBe(32768 - 20_000);
  });

  it('is that of the image with the model, where another was linked with the same script', async () => {
    write('app.ld', SCRIPT);
    write('build/app.map', map(30_000, { own: true }));
    write('build/test.map', map(2000, { output: 'test.elf' }));
    const { left, file, facts } = await flashLeft('app.ld');
    expect([left, file]).toEqual([32768 - 30_000 + 16, 'build/app.map']);
    expect(facts.passedOver[0]?.why).toMatch(/the model is not in test\.elf/);
    // The same image, linked without the model since, is what counts.
    write('build/again.map', map(25_000));
    expect((await flashLeft('app.ld')).file).toBe('build/again.map');
  });

  it.each([
    ['app.map', '{"mappings":"AAAA"}', /JavaScript source map; maps of GNU ld/],
    ['app.map', 'x', /no map of a linker/],
    ['app.map', map(1000, { flash: 0x4000 }), /of another image/],
    ['gone.map', undefined, /no such file/],
    ['build/*.map', undefined, undefined],
    ['*.map', 'x', /no map of a linker/],
  ])('named as %s that is none is told of', async (name, text, why) => {
    write('app.ld', SCRIPT);
    if (text !== undefined) write(name.replace('*', 'a'), text);
    const { map: found } = await read('app.ld', name);
    if (why === undefined) expect(found).toBeUndefined();
    else expect(found).toEqual({ file: expect.any(String), problem: expect.stringMatching(why) });
  });

  it('tells values from the command line, and regions of files that were not found', async () => {
    write('app.ld', SCRIPT.replace('32K', 'FLASH_SIZE'));
    const alone = await read('app.ld');
    expect(alone.script).toHaveProperty(
      'problem',
      expect.stringMatching(/"FLASH_SIZE" is not known.*--defsym.*firmware\.mapFile/),
    );
    write(
      'app.map',
      map(1000).replace(
        'OUTPUT',
        '                0x00008000                FLASH_SIZE = 0x8000\nOUTPUT',
      ),
    );
    expect((await flashLeft('app.ld')).left).toBe(32768 - 1000);
    write(
      'app.ld',
      'INCLUDE "gone.ld"\nSECTIONS { .text : { *(.text*) *(.rodata*) } > FLASH .bss : { *(.bss*) } > RAM }',
    );
    const { left, facts } = await flashLeft('app.ld');
    expect(left).toBe(32768 - 1000);
    expect(facts.notes).toEqual([expect.stringContaining('gone.ld, which was not found')]);
    rmSync(join(folder, 'app.map'));
    expect((await read('app.ld')).script).toHaveProperty(
      'problem',
      expect.stringMatching(/no MEMORY command; it includes gone\.ld.*-L folders/),
    );
  });
});

describe('the script', () => {
  it.each([
    [
      'app.sct',
      'LR_IROM1 0x08000000 0x10000 { ER_IROM1 0x08000000 0x10000 { *.o (RESET, +First) } }',
      /scatter file of armlink.*firmware\.mapFile/,
    ],
    [
      'app.icf',
      'define symbol ROM_start = 0x0;\nplace in ROM_region { readonly };',
      /configuration of IAR's linker.*firmware\.mapFile/,
    ],
  ])('%s is refused with what to do', async (name, text, why) => {
    write(name, text);
    expect((await read(name)).script).toHaveProperty('problem', expect.stringMatching(why));
  });

  it.each([
    ['a.sct', 'LR_IROM1 0x08000000 0x10000 { ER_IROM1 0x08000000 0x10000 { *.o (+RO) } }'],
    ['a.icf', 'define symbol ROM_start = 0x0;\nplace in ROM_region { readonly };'],
    ['gone.ld', undefined],
    ['broken.ld', 'MEMORY { FLASH (rx : ORIGIN = 0'],
  ])(
    '%s is not called a script of GNU ld where a map of another linker lies',
    async (name, text) => {
      if (text !== undefined) write(name, text);
      write('gnu.map', map(1000));
      write('armlink.map', ARMLINK);
      const facts = await read(name, '*.map');
      expect(facts.script).toHaveProperty('problem');
      // The newest counts: nothing is known that speaks against it.
      expect(facts.map).toMatchObject({
        file: join(folder, 'armlink.map'),
        value: expect.anything(),
      });
      expect(facts.passedOver.map(({ why }) => why)).toEqual(['it is older than armlink.map']);
    },
  );

  it('includes files beside it and from folders around it', async () => {
    write('boards/a/app.ld', 'INCLUDE memory.ld\nINCLUDE "boards/common.ld"');
    write('boards/a/memory.ld', SCRIPT.split('\n')[0]!);
    write('boards/common.ld', SCRIPT.split('\n')[1]!);
    const { left, facts } = await flashLeft('boards/a/app.ld');
    expect([left, facts.notes]).toEqual([32768, []]);
    expect(roomsOf(facts, {}).map(({ basis }) => basis)).toEqual(['script', 'script']);
  });

  const BRANCHES = `/* for the preprocessor */
#define KIB(n) (n * 1024)
MEMORY
{
#ifdef WITH_BOOTLOADER
  FLASH (rx) : ORIGIN = 0x08004000, LENGTH = KIB(48)
#else
  FLASH (rx) : ORIGIN = 0x08000000, LENGTH = KIB(64)
#endif
#ifndef BIG_BOARD
  RAM (rwx) : ORIGIN = 0x20000000, LENGTH = KIB(16)
#else
  RAM (rwx) : ORIGIN = 0x20000000, LENGTH = KIB(64)
#endif
}
`;
  const compiler = findTool(firmwareTarget().compiler) ?? findTool(HOST_COMPILER);

  it.runIf(compiler !== undefined)(
    'goes through the preprocessor where it is written for it',
    async () => {
      write('app.ld.S', BRANCHES);
      const { script, notes } = await read('app.ld.S');
      const regions = script && 'value' in script ? script.value.regions : [];
      expect(regions.map(({ length }) => length)).toEqual([65536, 16384]);
      expect(notes).toEqual([expect.stringMatching(/preprocessor.*without any -D/)]);
      write('broken.ld', '#include "gone.h"\nMEMORY { }');
      expect((await read('broken.ld')).script).toHaveProperty(
        'problem',
        expect.stringMatching(
          /preprocessor \(#include in line 1\), which fails.*gone\.h.*firmware\.linkerScript/,
        ),
      );
      write('line.ld', '#define X\nMEMORY\n{\n  FLASH ORIGIN = 0\n}');
      expect((await read('line.ld')).script).toHaveProperty(
        'problem',
        expect.stringMatching(/^line 4: expected ":"/),
      );
    },
  );

  it.runIf(process.platform !== 'win32')(
    'does not go through it in a workspace that is not trusted',
    async () => {
      write('app.ld.S', BRANCHES);
      const ran = join(folder, 'ran');
      const path = process.env['PATH'];
      process.env['PATH'] = folder;
      try {
        for (const name of ['gcc', 'clang', 'cc', 'arm-none-eabi-gcc']) {
          writeFileSync(join(folder, name), `#!/bin/sh\n: > '${ran}'\n`, { mode: 0o755 });
        }
        const { script } = await read('app.ld.S', undefined, { trusted: false });
        expect(script).toHaveProperty('problem', expect.stringContaining('is not trusted'));
        expect(existsSync(ran)).toBe(false);
        await read('app.ld.S', undefined, { trusted: true });
        expect(existsSync(ran)).toBe(true);
      } finally {
        process.env['PATH'] = path;
      }
    },
  );

  it.runIf(process.platform !== 'win32')(
    'has no device, pipe or file of others included, however it is written',
    async () => {
      symlinkSync('/dev/zero', join(folder, 'zero.h'));
      symlinkSync('/etc/passwd', join(folder, 'passwd.h'));
      execFileSync('mkfifo', [join(folder, 'pipe.h')]);
      write('nested.h', '#include "zero.h"');
      for (const line of [
        '#include "zero.h"',
        '  #  include <pipe.h>',
        '#inc\\\nlude "passwd.h"',
        '%: include "zero.h"',
        '#/* */include "pipe.h"',
        '#include "nested.h"',
        '#include "/dev/zero"',
      ]) {
        write('app.ld', `#define X\n${line}\n${SCRIPT}`);
        const { script } = await read('app.ld');
        expect(script, line).toHaveProperty('problem', expect.stringMatching(/outside|pipe/));
      }
    },
  );

  it('says that it cannot be read where no compiler is', async () => {
    write('app.ld.S', BRANCHES);
    const path = process.env['PATH'];
    process.env['PATH'] = folder;
    try {
      expect((await read('app.ld.S')).script).toHaveProperty(
        'problem',
        expect.stringMatching(/preprocessor \(#define in line 2\), and no compiler is there/),
      );
    } finally {
      process.env['PATH'] = path;
    }
  });

  it.runIf(compiler !== undefined)('reads nothing from outside the workspace', async () => {
    write('inner/app.ld', '#include "../outside.h"\nMEMORY { }');
    write('outside.h', 'FLASH');
    const inner = join(folder, 'inner');
    const facts = await readLinker({
      name: 'meter',
      firmware: {
        directory: join(inner, 'east'),
        target: 'cortex-m4',
        selfTestVectors: 1,
        linkerScript: join(inner, 'app.ld'),
      },
      workspace: inner,
    });
    expect(facts.script).toHaveProperty(
      'problem',
      expect.stringMatching(/outside\.h, which lies outside the workspace/),
    );
  });
});

describe('regions that the config names', () => {
  it('count before all else, aliases too', async () => {
    write(
      'app.ld',
      `${SCRIPT}\nMEMORY { QSPI (rx) : ORIGIN = 0x90000000, LENGTH = 1M }\nREGION_ALIAS("ASSETS", QSPI)`,
    );
    const facts = await read('app.ld');
    const rooms = roomsOf(facts, { flashRegion: 'ASSETS' });
    expect(rooms.map(({ region, why }) => [region.name, why])).toEqual([
      ['QSPI', 'firmware.flashRegion says so'],
      ['RAM', expect.stringContaining('SECTIONS puts .bss there')],
    ]);
  });
});
