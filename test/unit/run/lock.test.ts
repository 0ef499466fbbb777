import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { acquireLock, lockHolder, lockOwner } from '../../../src/core/run/lock';
import { beat } from '../../../src/core/run/lock-beat';
import { currentOwner, type OwnerRecord } from '../../../src/core/run/lock-owner';
import { LockWatch } from '../../../src/core/run/lock-watch';
import type { Clock } from '../../../src/core/util/clock';
import { scratchFolders } from './fixtures';

const scratch = scratchFolders();
const newLock = (): string => join(scratch(), 'a.lock');
const linux = process.platform === 'linux';

/** Seconds since 1970 that forged files bear. */
const TIME = 1_700_000_000;

/** Time passes when somebody waits; `meanwhile` is then told how many milliseconds are gone. */
class FakeClock implements Clock {
  now = 0;
  /** Of files, by the system's clock. */
  age = 0;
  constructor(private readonly meanwhile: (now: number) => void = () => undefined) {}
  readonly elapsedMs = (): number => this.now;
  readonly ageMs = (): number => this.age;
  readonly delay = async (milliseconds: number): Promise<void> => {
    this.now += milliseconds;
    this.meanwhile(this.now);
  };
}

/** A lock of somebody else: of this process, but for what is given. */
function forge(file: string, changes: Partial<OwnerRecord>): void {
  writeFileSync(file, JSON.stringify({ ...currentOwner(3000), ...changes }));
  utimesSync(file, TIME, TIME);
}

/** Of another process that lives. */
const living: Partial<OwnerRecord> = { pid: process.ppid, start: '' };
const deadPid = (): number => spawnSync(process.execPath, ['-e', '']).pid;

/** Owners whose processes cannot be looked at from here. */
const ELSEWHERE: readonly [string, Partial<OwnerRecord>][] = [
  [
    'another computer',
    { host: 'other', boot: 'another', start: 'another/1', namespace: 'pid:[1]' },
  ],
  ['a computer of the same name', { boot: 'another', start: 'another/1' }],
  ['another container with a name of its own', { host: 'other', namespace: 'pid:[1]' }],
  ['another container of the same name', { namespace: 'pid:[1]' }],
];

describe('a lock of this machine', () => {
  it('lets one owner in and the next one after it', async () => {
    const file = join(scratch(), 'locks', 'a.lock');
    const lock = await acquireLock(file, 'meter.east.json');
    expect(lockOwner(file)).toEqual({ pid: process.pid, host: hostname(), here: true });
    await expect(acquireLock(file, 'meter.east.json')).rejects.toThrow(
      new RegExp(`meter.east.json is already being run by process ${process.pid}`),
    );
    lock.requireHeld();
    lock.release();
    expect(lockHolder(file)).toBeUndefined();
    (await acquireLock(file, 'meter.east.json')).release();
    expect(readdirSync(join(file, '..'))).toEqual([]);
  });

  it('is taken over from a process that was killed with SIGKILL', async () => {
    const folder = scratch();
    const file = join(folder, 'a.lock');
    const script = join(folder, 'hold.mjs');
    await build({
      stdin: {
        contents: `import { acquireLock } from './src/core/run/lock';
          await acquireLock(process.argv[2], 'x'); console.log('locked'); setInterval(() => {}, 1000);`,
        resolveDir: process.cwd(),
      },
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile: script,
      logLevel: 'silent',
    });
    const child = spawn(process.execPath, [script, file], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    expect(lockHolder(file)).toBe(child.pid);
    await expect(acquireLock(file, 'x')).rejects.toThrow(`process ${child.pid}`);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const lock = await acquireLock(file, 'x');
    expect(lockHolder(file)).toBe(process.pid);
    lock.release();
    expect(readdirSync(folder)).toEqual(['hold.mjs']);
  });

  it.runIf(linux)('is not fooled by a reused process id', async () => {
    const file = newLock();
    const boot = currentOwner(1).boot ?? '';
    for (const owner of [
      { start: `${boot}/1` },
      // Of an earlier version.
      { start: `${boot}/1`, boot: undefined, namespace: undefined, beatMs: undefined },
    ]) {
      forge(file, JSON.parse(JSON.stringify(owner)));
      expect(lockHolder(file)).toBeUndefined();
      (await acquireLock(file, 'x')).release();
    }
  });

  it('is looked at by its process alone, however long it lies untouched: training may be suspended', async () => {
    const file = newLock();
    forge(file, living);
    const clock = new FakeClock();
    const watch = new LockWatch(clock);
    clock.age = 1e9;
    for (; clock.now < 1e6; clock.now += 1e5) expect(lockHolder(file, watch)).toBe(process.ppid);
    await expect(acquireLock(file, 'x', { clock })).rejects.toThrow(/already being run/);
  });

  it.runIf(linux)(
    'is that of its process also where the computer was given another name',
    async () => {
      const file = newLock();
      forge(file, { host: 'renamed' });
      expect(lockOwner(file)).toEqual({ pid: process.pid, host: 'renamed', here: true });
      forge(file, { host: 'renamed', pid: deadPid() });
      expect(lockOwner(file)).toBeUndefined();
      (await acquireLock(file, 'x')).release();
    },
  );
});

describe.runIf(linux)('a lock whose owner cannot be looked at', () => {
  it.each(ELSEWHERE)('is respected while it beats: %s', async (_, changes) => {
    const file = newLock();
    // Here, its number is nobody's.
    forge(file, { ...changes, pid: deadPid() });
    let beats = TIME;
    const clock = new FakeClock((now) => {
      if (now % 3000 === 0) utimesSync(file, ++beats, beats);
    });
    const notes: string[] = [];
    const onWait = (note: string): number => notes.push(note);
    await expect(acquireLock(file, 'x', { clock, onWait })).rejects.toThrow(
      /x is already being run by process \d+ on \S+; stop that one first$/,
    );
    expect(clock.now).toBe(3000);
    expect(notes).toEqual([expect.stringMatching(/^waiting to see whether process \d+ on /)]);
  });

  it.each(ELSEWHERE)(
    'is taken over when it has not beaten for ten intervals: %s',
    async (_, changes) => {
      const file = newLock();
      // Here, its number is somebody's: that says nothing.
      forge(file, changes);
      const clock = new FakeClock();
      const lock = await acquireLock(file, 'x', { clock });
      expect(clock.now).toBe(30_000);
      expect(lockHolder(file)).toBe(process.pid);
      lock.release();
      expect(readdirSync(join(file, '..'))).toEqual([]);
    },
  );

  it.each(ELSEWHERE)('is shown as held as long as it is seen to beat: %s', (_, changes) => {
    const file = newLock();
    forge(file, { ...changes, pid: 7 });
    const clock = new FakeClock();
    const watch = new LockWatch(clock);
    const held = { pid: 7, host: changes.host ?? hostname(), here: false };
    for (let i = 1; i < 20; i++) {
      expect(lockOwner(file, watch)).toEqual(held);
      // The two clocks are hours apart: after the first look, only what is seen counts.
      clock.age = 1e8;
      clock.now += 29_000;
      utimesSync(file, TIME - i, TIME - i);
    }
    expect(lockOwner(file, watch)).toEqual(held);
    clock.now += 29_999;
    expect(lockOwner(file, watch)).toEqual(held);
    clock.now += 1;
    expect(lockOwner(file, watch)).toBeUndefined();
    utimesSync(file, TIME, TIME);
    expect(lockOwner(file, watch)).toEqual(held);
  });

  it('is shown as held at the first look where its last beat is recent', () => {
    const file = newLock();
    forge(file, { namespace: 'pid:[1]' });
    const clock = new FakeClock();
    clock.age = 29_999;
    expect(lockHolder(file, new LockWatch(clock))).toBe(process.pid);
    clock.age = 30_000;
    expect(lockHolder(file, new LockWatch(clock))).toBeUndefined();
  });

  it('is nobody’s at once after the machine was started again', async () => {
    const file = newLock();
    forge(file, { boot: 'before', start: 'before/1' });
    const clock = new FakeClock();
    clock.age = 60_000;
    (await acquireLock(file, 'x', { clock })).release();
    expect(clock.now).toBe(0);
  });

  it('is left to its owner who beats just as it is taken', async () => {
    const file = newLock();
    forge(file, { namespace: 'pid:[1]' });
    const clock = new FakeClock((now) => {
      if (now === 29_800) utimesSync(file, TIME + 1, TIME + 1);
    });
    const before = readFileSync(file, 'utf8');
    await expect(acquireLock(file, 'x', { clock })).rejects.toThrow(/already being run/);
    expect(readFileSync(file, 'utf8')).toBe(before);
  });
});

describe('a lock of an earlier version', () => {
  const old = { boot: undefined, namespace: undefined, beatMs: undefined };
  const forgeOld = (file: string, owner: Partial<OwnerRecord>): void => {
    const record = { ...currentOwner(1), ...owner, ...old };
    writeFileSync(file, JSON.stringify(record));
  };

  it('is respected where its owner is on another machine, and says how to get rid of it', async () => {
    const file = newLock();
    forgeOld(file, { pid: deadPid(), host: `${hostname()}-other`, start: '' });
    await expect(acquireLock(file, 'x')).rejects.toThrow(
      /on .*-other; stop that one first \(if there is none, delete this file\)/,
    );
  });

  it('is taken over where its owner was of this one, and lives where that lives', async () => {
    const file = newLock();
    forgeOld(file, {});
    expect(lockHolder(file)).toBe(process.pid);
    for (const owner of [{ start: 'before/1' }, { pid: deadPid() }]) {
      forgeOld(file, owner);
      if (linux || 'pid' in owner) (await acquireLock(file, 'x')).release();
    }
  });
});

describe('a lock’s file', () => {
  it('is taken from this very process where it holds it no more: it could not be removed', async () => {
    const file = newLock();
    forge(file, {});
    (await acquireLock(file, 'x')).release();
    const lock = await acquireLock(file, 'x');
    await expect(acquireLock(file, 'x')).rejects.toThrow(/already being run/);
    lock.release();
  });

  it('is waited for while it is being written, and taken where its writer was killed doing so', async () => {
    const file = newLock();
    writeFileSync(file, '');
    const written = new FakeClock((now) => {
      if (now === 1800) forge(file, living);
    });
    await expect(acquireLock(file, 'x', { clock: written })).rejects.toThrow(/already being run/);
    writeFileSync(file, '{"pid":');
    const clock = new FakeClock();
    (await acquireLock(file, 'x', { clock })).release();
    expect(clock.now).toBe(2000);
  });

  it('is rid of what a process left that was killed while it took one over', async () => {
    const file = newLock();
    writeFileSync(`${file}.${deadPid()}.stale`, '{}');
    writeFileSync(`${file}.${process.ppid}.stale`, '{}');
    (await acquireLock(file, 'x')).release();
    expect(readdirSync(join(file, '..'))).toEqual([`a.lock.${process.ppid}.stale`]);
  });

  it.skipIf(process.platform === 'win32')(
    'is not left behind when its owner cannot be written',
    async () => {
      const folder = scratch();
      const file = join(folder, 'locks', 'a.lock');
      const script = join(folder, 'hold.mjs');
      await build({
        stdin: {
          contents: `import { acquireLock } from './src/core/run/lock';
            try { await acquireLock(process.argv[2], 'x'); } catch (error) { console.log(error.name + ': ' + error.message); }`,
          resolveDir: process.cwd(),
        },
        bundle: true,
        platform: 'node',
        format: 'esm',
        outfile: script,
        logLevel: 'silent',
      });
      // No file may have a byte, which fails like a full disk: the file is made, the content refused.
      const { stdout } = spawnSync(
        'bash',
        ['-c', 'ulimit -f 0; exec "$@"', 'bash', process.execPath, script, file],
        { encoding: 'utf8' },
      );
      expect(stdout).toMatch(/^UserError: cannot create the lock: /);
      expect(readdirSync(join(folder, 'locks'))).toEqual([]);
    },
  );

  it('is not removed by whom it was taken from, who is told', async () => {
    const file = newLock();
    const lock = await acquireLock(file, 'x');
    writeFileSync(file, 'somebody else');
    expect(() => lock.requireHeld()).toThrow(/another process has taken the lock over/);
    lock.release();
    expect(readFileSync(file, 'utf8')).toBe('somebody else');
  });

  it('beats as long as it is its owner’s', () => {
    const file = newLock();
    writeFileSync(file, 'mine');
    utimesSync(file, TIME, TIME);
    expect(beat(file, 'mine')).toBe(true);
    const { mtimeMs } = statSync(file);
    expect(mtimeMs).toBeGreaterThan(TIME * 1000);
    writeFileSync(file, 'theirs');
    utimesSync(file, TIME, TIME);
    expect(beat(file, 'mine')).toBe(false);
    expect(statSync(file).mtimeMs).toBe(TIME * 1000);
  });

  it('beats from a thread, also while the event loop is blocked', async () => {
    const file = newLock();
    const lock = await acquireLock(file, 'x');
    utimesSync(file, TIME, TIME);
    // Waits for the thread to have begun, and then, without a turn of the event loop, for the beats after that.
    while (statSync(file).mtimeMs === TIME * 1000) await delay(5);
    for (let beats = 0; beats < 2; beats++) {
      utimesSync(file, TIME, TIME);
      const word = new Int32Array(new SharedArrayBuffer(4));
      while (statSync(file).mtimeMs === TIME * 1000) Atomics.wait(word, 0, 0, 5);
    }
    lock.release();
  });
});
