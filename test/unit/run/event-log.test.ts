import {
  appendFileSync,
  existsSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import type * as Fs from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { effectiveEvents, EventLog } from '../../../src/core/run/event-log';
import type { RunEvent } from '../../../src/core/run/events';
import { scratchFolders } from './fixtures';

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof Fs>();
  return { ...fs, writeFileSync: vi.fn(fs.writeFileSync) };
});

const scratch = scratchFolders();
const time = '2026-01-01T00:00:00.000Z';
const at = (step: number): RunEvent => ({ type: 'checkpoint', time, step });
const resumed = (step: number): RunEvent => ({
  type: 'resumed',
  time,
  step,
  totalSteps: 9,
  trainedWith: 'wasm',
  pid: 1,
});

describe('event log', () => {
  it('reads what was appended, over several openings', () => {
    const file = join(scratch(), 'events.jsonl');
    for (const step of [1, 2, 3]) {
      const log = new EventLog(file);
      log.append(at(step));
      log.close();
    }
    expect(new EventLog(file).read()).toEqual([at(1), at(2), at(3)]);
  });

  it('is empty before the first event', () => {
    expect(new EventLog(join(scratch(), 'events.jsonl')).read()).toEqual([]);
  });

  it('survives a kill at any byte of the last line', () => {
    const line = `${JSON.stringify(at(2))}\n`;
    for (let cut = 0; cut <= line.length; cut++) {
      const file = join(scratch(), 'events.jsonl');
      writeFileSync(file, `${JSON.stringify(at(1))}\n${line.slice(0, cut)}`);
      const log = new EventLog(file);
      const whole = cut === line.length ? [at(1), at(2)] : [at(1)];
      expect(log.read()).toEqual(whole);
      log.append(at(3));
      log.close();
      expect(new EventLog(file).read()).toEqual([...whole, at(3)]);
    }
  });

  it('does not change the file by reading it', () => {
    const file = join(scratch(), 'events.jsonl');
    writeFileSync(file, '{"torn');
    expect(new EventLog(file).read()).toEqual([]);
    expect(readFileSync(file, 'utf8')).toBe('{"torn');
  });

  it.each(['{"type":"st', '{"type":"unknown","step":1,"time":""}', '[]', '', '\0\0\0\0'])(
    'leaves out what cannot be read in the middle, and names its line: %j',
    (bad) => {
      const file = join(scratch(), 'events.jsonl');
      writeFileSync(file, `${JSON.stringify(at(1))}\n${bad}\n${JSON.stringify(at(2))}\n`);
      const log = new EventLog(file);
      expect(log.read()).toEqual([at(1), at(2)]);
      expect(log.skim()).toEqual([at(1), at(2)]);
      expect(log.summarise()?.unreadable).toEqual({ lines: 1, first: 2 });
      log.append(at(3));
      log.close();
      expect(log.read()).toEqual([at(1), at(2), at(3)]);
    },
  );

  it('reads what was written behind zeros that a power cut left', () => {
    const file = join(scratch(), 'events.jsonl');
    writeFileSync(file, `${JSON.stringify(at(1))}\n\0\0\0${JSON.stringify(at(2))}\n`);
    expect(new EventLog(file).read()).toEqual([at(1), at(2)]);
    // At the end they are no whole line, which the next writer removes.
    writeFileSync(file, `${JSON.stringify(at(1))}\n\0\0\0`);
    const log = new EventLog(file);
    expect(log.summarise()?.unreadable).toBeUndefined();
    log.append(at(2));
    log.close();
    expect(readFileSync(file, 'utf8')).not.toContain('\0');
    expect(log.read()).toEqual([at(1), at(2)]);
  });

  it('refuses NaN, which JSON would turn to null', () => {
    const log = new EventLog(join(scratch(), 'events.jsonl'));
    expect(() => log.append({ ...at(1), step: NaN })).toThrow(/step is NaN/);
  });

  it('says that the disk is full', () => {
    const log = new EventLog(join(scratch(), 'events.jsonl'));
    const full = Object.assign(new Error('no space'), { code: 'ENOSPC' });
    vi.mocked(writeFileSync).mockImplementationOnce(() => {
      throw full;
    });
    expect(() => log.append(at(1))).toThrow(/the disk is full/);
    log.append(at(2));
    expect(log.read()).toEqual([at(2)]);
    log.close();
  });

  it.runIf(existsSync('/dev/zero'))('neither reads nor writes through a link', () => {
    const folder = scratch();
    const elsewhere = join(folder, 'elsewhere');
    writeFileSync(elsewhere, 'half a line');
    for (const target of ['/dev/zero', elsewhere]) {
      const file = join(folder, 'events.jsonl');
      symlinkSync(target, file);
      const log = new EventLog(file);
      expect(() => log.read()).toThrow(/symbolic link/);
      expect(() => log.append(at(1))).toThrow(/symbolic link/);
      rmSync(file);
    }
    expect(readFileSync(elsewhere, 'utf8')).toBe('half a line');
  });

  it('skims however long a log in bounded memory, its first and its last event among what is told', () => {
    const file = join(scratch(), 'events.jsonl');
    const line = `${JSON.stringify({ ...at(1), more: 'x'.repeat(900_000) })}\n`;
    writeFileSync(file, `${JSON.stringify(at(0))}\n`);
    for (let i = 0; i < 150; i++) appendFileSync(file, line);
    appendFileSync(file, `${JSON.stringify(at(2))}\n`);
    const told = new EventLog(file).skim();
    expect(told.length).toBeLessThan(80);
    expect([told[0], told.at(-1)]).toEqual([at(0), at(2)]);
  });

  it('removes half a line of its own before the next one', () => {
    const file = join(scratch(), 'events.jsonl');
    const log = new EventLog(file);
    log.append(at(1));
    log.close();
    appendFileSync(file, '{"type":"check');
    log.append(at(2));
    log.close();
    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(3);
  });
});

describe('effectiveEvents', () => {
  it('drops what a resume took back and keeps the rest in order', () => {
    const events = [at(1), at(2), at(3), resumed(2), at(3), at(4), resumed(1), at(2)];
    expect(effectiveEvents(events)).toEqual([at(1), resumed(1), at(2)]);
    expect(effectiveEvents(events.slice(0, 6))).toEqual([at(1), at(2), resumed(2), at(3), at(4)]);
  });
});
