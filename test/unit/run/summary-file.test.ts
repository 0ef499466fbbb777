/** Notes beside logs: what they spare those who list runs, and when they are not believed. */
import {
  existsSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import type * as Fs from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { parseEvent } from '../../../src/core/run/event-log';
import { ASKED_TO_STOP, type RunEvent } from '../../../src/core/run/events';
import type { RunFolder } from '../../../src/core/run/run-folder';
import { RunStore } from '../../../src/core/run/run-store';
import { curvesOf } from '../../../src/extension/dashboard/curves';
import { thinned } from '../../../src/extension/dashboard/thin-curves';
import { RunTracker } from '../../../src/extension/runs/run-tracker';
import { east, writeConfig } from '../cli/fixtures';
import { resolvedConfig, scratchFolders, stepEvent } from './fixtures';
import { loadConfig } from '../../../src/core/config/load-config';

const read = vi.hoisted(() => ({ bytes: 0 }));
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof Fs>();
  const readSync = (...args: Parameters<typeof fs.readSync>): number => {
    const bytes = fs.readSync(...args);
    read.bytes += bytes;
    return bytes;
  };
  return { ...fs, default: { ...fs, readSync }, readSync };
});

const scratch = scratchFolders();
const time = (step: number): string => new Date(Date.UTC(2026, 0, 1) + step * 1000).toISOString();
const started: RunEvent = {
  type: 'started',
  time: time(0),
  step: 0,
  totalSteps: 9,
  trainedWith: 'wasm',
  pid: 1,
};
const step = (n: number): RunEvent => stepEvent(n, time(n));
const finished = (n: number): RunEvent => ({ type: 'finished', time: time(n), step: n });

let second = 0;
function run(store: RunStore, ...events: RunEvent[]): RunFolder {
  const now = new Date(Date.UTC(2026, 0, 1, 12, 0, second++));
  const folder = store.create(resolvedConfig(store.workspace), '{}', now);
  for (const event of events) folder.appendEvent(event);
  folder.close();
  return folder;
}

/** A time of change that can be set again. */
const CHANGED = 1_800_000_000;

function settle(file: string): void {
  utimesSync(file, CHANGED, CHANGED);
}

/** Other bytes in a file of the same size and time of change: whoever reads it finds it damaged. */
function spoil(file: string): void {
  writeFileSync(file, Buffer.alloc(statSync(file).size, '?\n'));
  settle(file);
}

function tracked(store: RunStore): Promise<RunTracker> {
  const errors: unknown[] = [];
  const tracker = new RunTracker(store.workspace, {
    onChange: () => undefined,
    onRemove: () => undefined,
    onError: (error) => errors.push(error),
  });
  return tracker.refresh().then(() => {
    tracker.dispose();
    expect(errors).toEqual([]);
    return tracker;
  });
}

describe('many runs', () => {
  it('are listed a second time without reading a log or checking a config', async () => {
    const workspace = scratch();
    const file = writeConfig(workspace);
    const store = new RunStore(workspace);
    const runs = Array.from({ length: 50 }, (_, i) => {
      const now = new Date(Date.UTC(2026, 0, 1, 0, 0, i));
      const folder = store.create(loadConfig(file), '{}', now);
      const steps = Array.from({ length: 200 }, (_unused, n) => step(n + 1));
      const lines = [started, ...steps, finished(200)].map((event) => `${JSON.stringify(event)}\n`);
      writeFileSync(folder.file('events.jsonl'), lines.join(''));
      for (const name of ['events.jsonl', 'config.resolved.json']) {
        settle(folder.file(name));
      }
      return folder;
    });
    const first = await east(workspace, ['status']);
    expect(first.code).toBe(0);
    for (const folder of runs) {
      spoil(folder.file('events.jsonl'));
      spoil(folder.file('config.resolved.json'));
    }
    read.bytes = 0;
    expect(await east(workspace, ['status'])).toEqual(first);
    expect(first.out.split('\n').filter((line) => line.includes('finished'))).toHaveLength(50);
    expect(read.bytes).toBeGreaterThan(0);
    expect(read.bytes).toBeLessThan(50 * 4096);
  });

  it('are known to a window that opens without reading a log', async () => {
    const store = new RunStore(scratch());
    const folder = run(store, started, step(1), step(7), finished(7));
    settle(folder.file('events.jsonl'));
    folder.note();
    spoil(folder.file('events.jsonl'));
    const tracker = await tracked(store);
    expect(tracker.get(folder.id)).toMatchObject({
      activity: 'finished',
      startedAt: time(0),
      updatedAt: time(7),
      lastStep: { step: 7 },
    });
  });

  it('of a window cost the disk nothing', async () => {
    const store = new RunStore(scratch());
    const folder = run(store, started, step(1), finished(1));
    await tracked(store);
    expect(existsSync(folder.file('summary.json'))).toBe(false);
  });
});

describe('the note of a log', () => {
  it('gives what reading it gives, also once it was gone on with', async () => {
    const store = new RunStore(scratch());
    const stopped: RunEvent = { type: 'stopped', time: time(5), step: 5, reason: ASKED_TO_STOP };
    const folder = run(store, started, step(1), step(5), stopped);
    const before = folder.summary();
    folder.note();
    const again = new RunStore(store.workspace).open(folder.id);
    expect(again.notedLog()).toBeDefined();
    expect(again.summary()).toEqual(before);
    expect(again.state()).toBe('stopped');

    const resumed: RunEvent = { ...started, type: 'resumed', step: 3, time: time(9), pid: 2 };
    for (const event of [resumed, step(4), finished(4)]) again.appendEvent(event);
    again.close();
    expect(again.notedLog()).toBeUndefined();
    expect(again.state()).toBe('finished');
    expect(again.summary()).toMatchObject({ step: 4, pid: 2, lastStep: { step: 4 } });
    again.note();
    expect(again.notedLog()?.summary).toEqual(again.summary());
  });

  it('is followed on by a window, with the line that is damaged behind it', async () => {
    const store = new RunStore(scratch());
    const folder = run(store, started, step(1));
    folder.note();
    const tracker = new RunTracker(store.workspace, {
      onChange: () => undefined,
      onRemove: () => undefined,
      onError: (error) => expect.unreachable(String(error)),
    });
    await tracker.refresh();
    folder.appendEvent(step(2));
    folder.close();
    await tracker.refresh();
    expect(tracker.get(folder.id)?.lastStep?.step).toBe(2);
    expect(tracker.events(folder.id).map((event) => event.step)).toEqual([0, 1, 2]);
    tracker.dispose();
  });

  it.each<[string, (file: string, text: string) => void]>([
    [
      'of another version',
      (file, text) => writeFileSync(file, text.replace('"version":1', '"version":2')),
    ],
    ['no JSON', (file) => writeFileSync(file, '{')],
    [
      'of numbers that are none',
      (file, text) => writeFileSync(file, text.replace(/"step":\d+/, '"step":"x"')),
    ],
    [
      'of a config outside',
      (file, text) => writeFileSync(file, text.replace('meter.east.json', '../x.east.json')),
    ],
    ['a link', (file) => (rmSync(file), symlinkSync('/dev/zero', file))],
    [
      'of another log',
      (file, text) => writeFileSync(file, text.replace(/"bytes":\d+/, '"bytes":1')),
    ],
  ])('is passed over where it is %s', (_what, change) => {
    const store = new RunStore(scratch());
    const folder = run(store, started, step(1), finished(1));
    folder.note();
    const file = folder.file('summary.json');
    change(file, readFileSync(file, 'utf8'));
    const again = store.open(folder.id);
    expect(again.notedLog()).toBeUndefined();
    expect(again.problem()).toBeUndefined();
    expect(again.state()).toBe('finished');
    expect(again.configIdentity().file).toBe(join(store.workspace, 'meter.east.json'));
  });

  it('does not make a damaged log sound', () => {
    const store = new RunStore(scratch());
    const folder = run(store, started, finished(1));
    folder.note();
    writeFileSync(folder.file('events.jsonl'), 'no event\n');
    expect(store.open(folder.id).state()).toBe('damaged');
  });
});

describe('curves of a long run', () => {
  const phases = ['float', 'prune', 'finetune'] as const;
  const events = Array.from({ length: 100_000 }, (_, n): RunEvent => {
    const phase = phases[Math.floor(n / 40_000)]!;
    const loss = n === 54_321 ? 77.125 : 1 / 3 + Math.sin(n) / 7;
    return {
      ...stepEvent(n, time(n)),
      type: 'step',
      phase,
      loss,
      value: n === 777 ? 0 : 2 / 3,
    } as RunEvent;
  });

  it('are sent in less than a megabyte, with their ends and peaks', () => {
    const prunes = events.flatMap((event) => [
      event,
      parseEvent(
        JSON.stringify({
          type: 'prune',
          time: '',
          step: event.step,
          targetBytes: 123_456,
          blobBytes: 123_456,
          sparsity: 1 / 3,
          churn: 0,
          layers: [],
        }),
      )!,
    ]);
    const curves = thinned(curvesOf(prunes));
    expect(JSON.stringify({ type: 'curves', reset: true, ...curves }).length).toBeLessThan(2 ** 20);
    const steps = curves.steps.map((point) => point.step);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
    for (const kept of [0, 777, 39_999, 40_000, 54_321, 79_999, 80_000, 99_999]) {
      expect(steps).toContain(kept);
    }
    expect(curves.prunes.at(-1)?.step).toBe(99_999);
  });

  it('stay as they are where they are short', () => {
    const curves = curvesOf(events.slice(0, 1000));
    expect(thinned(curves)).toEqual(curves);
  });

  it('are bounded where the phase changes at every step', () => {
    const flickering = events.map((event, n) => ({ ...event, phase: phases[n % 3]! }) as RunEvent);
    expect(JSON.stringify(thinned(curvesOf(flickering))).length).toBeLessThan(2 ** 20);
  });
});
