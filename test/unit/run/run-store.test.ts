import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
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

  it('removes what processes left that were killed while they created a run, and nothing of those that live', () => {
    const workspace = scratch();
    const store = new RunStore(workspace);
    const config = resolvedConfig(workspace);
    const kept = store.create(config, '{}', now);
    kept.checkpoints.save(1, content(1));
    const runs = join(workspace, '.east/runs');
    const put = (path: string): void => {
      mkdirSync(join(runs, path, '..'), { recursive: true });
      writeFileSync(join(runs, path), 'x');
    };
    // As the first version made folders, killed at each of its steps.
    mkdirSync(join(runs, 'meter-20260101-000000-00'));
    put('meter-20260101-000000-01/.config.east.json.999999999.tmp');
    put('meter-20260101-000000-02/config.east.json');
    put('.meter.999999999.01234567.new/config.east.json');
    put(`${kept.id}/.summary.json.999999999.tmp`);
    put(`${kept.id}/checkpoints/.step-000000002.ckpt.999999999.tmp`);
    put('../.queue.json.999999999.tmp');
    put('../float/.x.ckpt.999999999.tmp');
    // Of a living process, of the user, and of a run whose config is lost.
    put(`.meter.${process.ppid}.01234567.new/config.east.json`);
    put(`${kept.id}/.report.json.${process.ppid}.tmp`);
    put('notes.txt');
    put('meter-20260101-000000-03/checkpoints/step-000000001.ckpt');
    const next = store.create(config, '{}', now);
    expect(readdirSync(runs).sort()).toEqual(
      [
        `.meter.${process.ppid}.01234567.new`,
        kept.id,
        next.id,
        'meter-20260101-000000-03',
        'notes.txt',
      ].sort(),
    );
    expect(readdirSync(kept.path).sort()).toEqual([
      `.report.json.${process.ppid}.tmp`,
      'checkpoints',
      'config.east.json',
      'config.resolved.json',
    ]);
    expect(readdirSync(kept.file('checkpoints'))).toEqual(['step-000000001.ckpt']);
    expect(readdirSync(join(workspace, '.east')).sort()).toEqual(['.gitignore', 'float', 'runs']);
    expect(readdirSync(join(workspace, '.east/float'))).toEqual([]);
  });

  it('has the whole of a new run under its name, or nothing', () => {
    const workspace = scratch();
    const store = new RunStore(workspace);
    // An empty folder that a killed process left where the next id points.
    const runs = join(workspace, '.east/runs');
    mkdirSync(join(runs, 'meter-20260203-040506-00', 'checkpoints'), { recursive: true });
    const run = store.create(resolvedConfig(workspace), '{}', now);
    expect(run.id).toBe('meter-20260203-040506-01');
    expect(readdirSync(run.path).sort()).toEqual(['config.east.json', 'config.resolved.json']);
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
