/** Small projects of other people's, where somebody keeps them beside the repository; each says what is right. */
import { execFileSync } from 'node:child_process';
import { readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/core/config/load-config';
import { readLinker } from '../../../src/core/firmware/linker/read-linker';
import { roomsOf, type Room } from '../../../src/core/firmware/linker/rooms';
import { firmwareTarget } from '../../../src/core/firmware/targets/targets';
import { haveTools } from '../require-tools';
import { caseCopies, haveSharedCases } from '../../shared-cases';

const there = haveSharedCases();
const ready = there && haveTools(firmwareTarget().compiler);
const copied = caseCopies();

async function roomsIn(project: string, script?: string): Promise<Record<string, Room>> {
  const config = loadConfig(join(project, 'gesture.east.json'));
  const named = script === undefined ? {} : { linkerScript: join(project, 'firmware/app', script) };
  const facts = await readLinker({ ...config, firmware: { ...config.firmware, ...named } });
  const rooms = roomsOf(facts, {}, { flash: 3835, ram: 624 });
  return Object.fromEntries(rooms.map((room) => [room.region.name, room]));
}

const built = (number: string): string => {
  const project = copied(number);
  execFileSync(join(project, 'firmware/app/build.sh'), { stdio: 'ignore' });
  return project;
};

describe.runIf(ready)('the shared cases', () => {
  it.each([
    ['01', { FLASH: 32768 - 30784, RAM: 8192 - 7900 }],
    ['02', { FLASH: 65536 - 30784, RAM: 16384 - 2000 - 1024 }],
    ['03', { FLASH: 65536 - 30800, RAM: 32768 - 10192 }],
    ['04', { FLASH: 65536 - 30784, RAM: 16384 - 2000 }],
    ['05', { FLASH: 65536 - 30784, RAM: 16384 - 2000 }],
    ['08', { FLASH: 32768 - 30784, RAM: 16384 - 2000 }],
  ])('%s leaves what the linker leaves', async (number, left) => {
    const rooms = await roomsIn(built(number));
    const found = Object.entries(rooms).map(([name, room]) => [name, room.left.least]);
    expect(Object.fromEntries(found)).toEqual(left);
    expect(Object.values(rooms).every((room) => room.left.least === room.left.most)).toBe(true);
  });

  it.each([
    ['04', 'b.ld', { FLASH: 65536, RAM: 16384 }],
    ['04', 'c.ld', { FLASH: 65536, RAM: 16384 }],
    ['05', 'second.ld', { FLASH: 65536, RAM: 16384 }],
    ['06', 'app.ld.S', { FLASH: 65536, RAM: 16384 }],
  ])('%s %s has the regions that the linker sees', async (number, script, lengths) => {
    const rooms = await roomsIn(copied(number), script);
    const found = Object.entries(rooms).map(([name, { region }]) => [name, region.length]);
    expect(Object.fromEntries(found)).toEqual(lengths);
  });

  it('08 keeps to the map of the image, whatever is newer', async () => {
    const project = built('08');
    for (const newer of ['web/page.js.map', 'boot/build/boot.map']) {
      utimesSync(join(project, 'firmware/app', newer), 4_000_000_000, 4_000_000_000);
      const { FLASH } = await roomsIn(project);
      expect(FLASH?.left.least).toBe(32768 - 30784);
      expect(FLASH?.file).toBe(join(project, 'firmware/app/build/app.map'));
    }
  });

  it('10 tells the two models apart, with temporary files and with link-time optimisation', async () => {
    const project = copied('10');
    const sources = ['east', 'east2'].flatMap((name) =>
      readdirSync(join(project, 'firmware', name))
        .filter((file) => file.endsWith('.c') && !file.endsWith('_selftest.c'))
        .map((file) => join('firmware', name, file)),
    );
    const options = [
      ...['-mcpu=cortex-m4', '-mthumb', '-O2', '-ffunction-sections', '-fdata-sections'],
      ...['-Ifirmware/east', '-Ifirmware/east2', 'firmware/app/main.c', ...sources],
      ...['-nostartfiles', '--specs=nosys.specs', '-Wl,--gc-sections', '-T', 'firmware/app/app.ld'],
      ...['-Wl,-Map=firmware/app/build/app.map', '-o', 'app.elf'],
    ];
    execFileSync('arm-none-eabi-gcc', options, { cwd: project, stdio: 'ignore' });
    const { FLASH, RAM } = await roomsIn(project);
    // 3615 bytes are in sections named after the model, 128 more in its static function.
    expect(FLASH!.region.length - FLASH!.left.least).toBe(7804 - 3615 - 128);
    expect(RAM!.region.length - RAM!.left.least).toBe(1248 - 624);
    execFileSync('arm-none-eabi-gcc', ['-flto', ...options], { cwd: project, stdio: 'ignore' });
    const optimised = await roomsIn(project);
    expect(optimised['RAM']!.left).toEqual(RAM!.left);
    expect(optimised['FLASH']!.left.most).toBeGreaterThan(optimised['FLASH']!.left.least);
    expect(optimised['FLASH']!.notes.join()).toMatch(/link-time optimisation/);
  });
});
