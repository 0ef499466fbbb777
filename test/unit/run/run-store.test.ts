import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { acquireLock, lockHolder } from '../../../src/core/run/lock';
import { compareRunIds } from '../../../src/core/run/run-paths';
import { RunStore } from '../../../src/core/run/run-store';
import { UserError } from '../../../src/core/util/errors';
import { resolvedConfig, scratchFolders } from './fixtures';

const scratch = scratchFolders();
const now = new Date('2026-02-03T04:05:06.789Z');
const content = (value: number) => ({
  meta: { value },
  arrays: { w: new Float32Array([value, 2, 3]) },
});

describe('run store', () => {
  it('creates folders with sortable ids that never collide', () => {
    const workspace = scratch();
    const store = new RunStore(workspace);
    const config = resolvedConfig(workspace);
    const ids = [now, now, new Date('2026-02-03T04:05:07Z')].map(
      (date) => store.create(config, '// mine\n{}', date).id,
    );
    expect(ids).toEqual([
      'meter-20260203-040506-00',
      'meter-20260203-040506-01',
      'meter-20260203-040507-00',
    ]);
    expect(store.list().map((run) => run.id)).toEqual(ids);
    expect(store.open(ids[1]!).loadConfig()).toEqual(config);
    expect(store.open(store.open(ids[1]!).path).loadConfigText()).toBe('// mine\n{}');
    expect(readFileSync(join(workspace, '.east', '.gitignore'), 'utf8')).toBe('*\n');
  });

  it('names runs in the order they began in, also when the clock is set back, and beyond a hundred of a second', () => {
    const workspace = scratch();
    const store = new RunStore(workspace);
    const create = (name: string, hours: number): string =>
      store.create(resolvedConfig(workspace, name), '{}', new Date(+now + hours * 3_600_000)).id;
    const ids = [0, -24, -23, 1, -1000].map((hours) => create('meter', hours));
    expect(new Set(ids).size).toBe(5);
    expect(store.runsOf(join(workspace, 'meter.east.json')).map(({ id }) => id)).toEqual(ids);
    // Another config's runs have no say in it.
    expect(create('other', -24)).toBe('other-20260202-040506-00');
    const many = Array.from({ length: 120 }, () => create('many', 0));
    expect([...many].reverse().sort(compareRunIds)).toEqual(many);
    expect(store.latest(join(workspace, 'many.east.json'))?.id).toBe(many.at(-1));
  });

  it('finds the latest run of each config, also after the workspace was moved', () => {
    const parent = scratch();
    const old = join(parent, 'old');
    mkdirSync(old);
    const store = new RunStore(old);
    store.create(resolvedConfig(old, 'zebra'), '{}', now);
    store.create(resolvedConfig(old, 'zebra'), '{}', new Date(+now + 60_000));
    store.create(resolvedConfig(old, 'ant'), '{}', new Date(+now + 5_000));
    const moved = join(parent, 'new');
    renameSync(old, moved);
    const found = new RunStore(moved);
    expect(found.latest(join(moved, 'zebra.east.json'))?.id).toBe('zebra-20260203-040606-00');
    expect(found.latest(join(moved, 'ant.east.json'))?.id).toBe('ant-20260203-040511-00');
    expect(found.latest(join(moved, 'other.east.json'))).toBeUndefined();
  });

  it('names the runs there are when one is not found, and never leaves the runs folder by id', () => {
    const workspace = scratch();
    const store = new RunStore(workspace);
    expect(() => store.open('meter-1')).toThrow(/there are none yet/);
    store.create(resolvedConfig(workspace), '{}', now);
    expect(() => store.open('../x')).toThrow(/meter-20260203-040506-00/);
  });

  it('leaves no folder behind when it cannot write the config', () => {
    const workspace = scratch();
    writeFileSync(join(workspace, '.east'), 'in the way');
    const store = new RunStore(workspace);
    expect(() => store.create(resolvedConfig(workspace), '{}')).toThrow(UserError);
    expect(readdirSync(workspace)).toEqual(['.east']);
  });
});

describe('checkpoints', () => {
  const open = () => {
    const workspace = scratch();
    return new RunStore(workspace).create(resolvedConfig(workspace), '{}', now);
  };

  it('keeps the last two', () => {
    const { checkpoints } = open();
    expect(checkpoints.load()).toBeUndefined();
    for (const step of [5, 10, 1000]) checkpoints.save(step, content(step));
    expect(checkpoints.steps()).toEqual([1000, 10]);
    expect(checkpoints.load()).toMatchObject({ ...content(1000), step: 1000, warnings: [] });
  });

  it('falls back to the one before a damaged one and says so', () => {
    const { checkpoints } = open();
    checkpoints.save(1, content(1));
    checkpoints.save(2, content(2));
    const newest = checkpoints.load()!.file;
    writeFileSync(newest, readFileSync(newest).subarray(0, 70));
    const loaded = checkpoints.load()!;
    expect(loaded).toMatchObject({ ...content(1), step: 1 });
    expect(loaded.warnings).toEqual([expect.stringContaining(newest)]);
    writeFileSync(loaded.file, 'gone');
    expect(() => checkpoints.load()).toThrow(/no checkpoint of the run can be read/);
  });

  it('removes what a killed writer left', () => {
    const run = open();
    run.checkpoints.save(1, content(1));
    const folder = join(run.path, 'checkpoints');
    writeFileSync(join(folder, '.step-000000002.ckpt.123.tmp'), 'half');
    run.repair();
    expect(readdirSync(folder)).toEqual(['step-000000001.ckpt']);
  });
});

describe('lock', () => {
  it('lets one owner in and the next one after it', () => {
    const file = join(scratch(), 'locks', 'a.lock');
    const lock = acquireLock(file, 'meter.east.json');
    expect(lockHolder(file)).toBe(process.pid);
    expect(() => acquireLock(file, 'meter.east.json')).toThrow(
      new RegExp(`meter.east.json is already being run by process ${process.pid}`),
    );
    lock.release();
    expect(lockHolder(file)).toBeUndefined();
    acquireLock(file, 'meter.east.json').release();
    expect(readdirSync(join(file, '..'))).toEqual([]);
  });

  it('is taken over from a process that was killed with SIGKILL', async () => {
    const folder = scratch();
    const file = join(folder, 'a.lock');
    const script = join(folder, 'hold.mjs');
    await build({
      stdin: {
        contents: `import { acquireLock } from './src/core/run/lock';
          acquireLock(process.argv[2], 'x'); console.log('locked'); setInterval(() => {}, 1000);`,
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
    expect(() => acquireLock(file, 'x')).toThrow(`process ${child.pid}`);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const lock = acquireLock(file, 'x');
    expect(lockHolder(file)).toBe(process.pid);
    lock.release();
    expect(readdirSync(folder)).toEqual(['hold.mjs']);
  });

  it('is not fooled by a reused process id', () => {
    const file = join(scratch(), 'a.lock');
    writeFileSync(file, JSON.stringify({ pid: process.pid, host: hostname(), start: 'boot/1' }));
    if (process.platform !== 'linux') return;
    expect(lockHolder(file)).toBeUndefined();
    acquireLock(file, 'x').release();
  });

  it('respects an owner on another machine', () => {
    const file = join(scratch(), 'a.lock');
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    writeFileSync(file, JSON.stringify({ pid: dead, host: `${hostname()}-other`, start: '' }));
    expect(() => acquireLock(file, 'x')).toThrow(/on .*-other; stop that one first/);
  });

  it('waits for nobody who was killed while creating it, but spares one who is writing it', () => {
    const file = join(scratch(), 'a.lock');
    writeFileSync(file, '');
    expect(() => acquireLock(file, 'x')).toThrow(/another process/);
    spawnSync('touch', ['-d', '1 minute ago', file]);
    acquireLock(file, 'x').release();
  });

  it.skipIf(process.platform === 'win32')(
    'leaves no file behind when its owner cannot be written',
    async () => {
      const folder = scratch();
      const file = join(folder, 'locks', 'a.lock');
      const script = join(folder, 'hold.mjs');
      await build({
        stdin: {
          contents: `import { acquireLock } from './src/core/run/lock';
            try { acquireLock(process.argv[2], 'x'); } catch (error) { console.log(error.name + ': ' + error.message); }`,
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

  it('does not remove a lock that is no longer its own', () => {
    const file = join(scratch(), 'a.lock');
    const lock = acquireLock(file, 'x');
    writeFileSync(file, 'somebody else');
    lock.release();
    expect(readFileSync(file, 'utf8')).toBe('somebody else');
  });
});
