/** The tracker on real folders, logs and locks; only nobody trains. */
import { rmSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { ASKED_TO_STOP, type RunEvent } from '../../../src/core/run/events';
import type { RunFolder } from '../../../src/core/run/run-folder';
import { RunStore } from '../../../src/core/run/run-store';
import { workerPaths } from '../../../src/core/run/worker-paths';
import { acquireLock } from '../../../src/core/run/lock';
import { writeFileAtomic } from '../../../src/core/run/atomic-file';
import { RunTracker } from '../../../src/extension/runs/run-tracker';
import type { RunChange } from '../../../src/extension/services';
import type { QueueState } from '../../../src/protocol/worker';
import { resolvedConfig, scratchFolders, stepEvent } from '../run/fixtures';
import { accuracies } from '../tasks/accuracies';

const scratch = scratchFolders();
const trackers: RunTracker[] = [];
afterEach(() => {
  for (const tracker of trackers.splice(0)) tracker.dispose();
});

const time = (step: number): string => new Date(Date.UTC(2026, 0, 1) + step * 1000).toISOString();
const started = (pid: number): RunEvent => ({
  type: 'started',
  time: time(0),
  step: 0,
  totalSteps: 9,
  trainedWith: 'wasm',
  pid,
});
const resumed = (step: number): RunEvent => ({
  type: 'resumed',
  time: time(100),
  step,
  totalSteps: 9,
  trainedWith: 'wasm',
  pid: process.pid,
});
const evaluation = (step: number, value: number): RunEvent => ({
  type: 'evaluation',
  time: time(step),
  step,
  epoch: 1,
  stage: 'float',
  set: 'validation',
  metric: 'accuracy',
  value,
  examples: 10,
});

const step = (n: number): RunEvent => stepEvent(n, time(n));

interface Followed {
  readonly tracker: RunTracker;
  readonly store: RunStore;
  readonly changes: RunChange[];
  readonly removed: string[];
  readonly errors: unknown[];
}

function follow(): Followed {
  const store = new RunStore(scratch());
  const [changes, removed, errors]: [RunChange[], string[], unknown[]] = [[], [], []];
  const tracker = new RunTracker(store.workspace, {
    onChange: (change) => changes.push(change),
    onRemove: (id) => removed.push(id),
    onError: (error) => errors.push(error),
  });
  trackers.push(tracker);
  return { tracker, store, changes, removed, errors };
}

let second = 0;
/** Runs of one workspace get ids a second apart, in the order they are made. */
function newRun(store: RunStore, name = 'meter'): RunFolder {
  const now = new Date(Date.UTC(2026, 0, 1, 12, 0, second++));
  return store.create(resolvedConfig(store.workspace, name), '{}', now);
}

function log(run: RunFolder, ...events: RunEvent[]): void {
  for (const event of events) run.appendEvent(event);
  run.close();
}

function saveQueue(store: RunStore, queue: Partial<QueueState>): void {
  const state = { worker: process.pid, queued: [], ...queue };
  writeFileAtomic(workerPaths(store.root).queue, JSON.stringify(state));
}

describe('run tracker', () => {
  it('finds runs, newest first, and follows them', async () => {
    const { tracker, store, changes, removed } = follow();
    await tracker.refresh();
    expect(tracker.all()).toEqual([]);
    const [old, young] = [newRun(store), newRun(store)];
    log(old, started(1), evaluation(4, 0.5), {
      type: 'stopped',
      time: time(5),
      step: 5,
      reason: 'asked to stop',
    });
    await tracker.refresh();
    expect(tracker.all().map(({ id }) => id)).toEqual([young.id, old.id]);
    expect(tracker.get(old.id)).toMatchObject({
      activity: 'stopped',
      configFile: resolvedConfig(store.workspace).file,
      workspace: store.workspace,
      startedAt: time(0),
      updatedAt: time(5),
      totalSteps: 9,
      measured: accuracies({ float: 0.5 }),
    });
    expect(tracker.get(young.id)?.activity).toBe('new');

    changes.length = 0;
    await tracker.refresh();
    expect(changes).toEqual([]);
    log(young, started(1));
    await tracker.refresh();
    expect(changes).toMatchObject([
      { run: { id: young.id, activity: 'interrupted' }, events: [started(1)], rewound: false },
    ]);
    rmSync(old.path, { recursive: true });
    await tracker.refresh();
    expect(removed).toEqual([old.id]);
    expect(tracker.events(old.id)).toEqual([]);
  });

  it('takes back what a resume takes back', async () => {
    const { tracker, store, changes } = follow();
    const run = newRun(store);
    log(run, started(1), evaluation(2, 0.2), evaluation(6, 0.6));
    await tracker.refresh();
    expect(tracker.events(run.id)).toHaveLength(3);
    changes.length = 0;
    log(run, resumed(3), evaluation(5, 0.5));
    await tracker.refresh();
    expect(changes).toMatchObject([
      {
        events: [resumed(3), evaluation(5, 0.5)],
        rewound: true,
        run: { measured: accuracies({ float: 0.5 }) },
      },
    ]);
    expect(tracker.events(run.id)).toEqual([
      started(1),
      evaluation(2, 0.2),
      resumed(3),
      evaluation(5, 0.5),
    ]);
    // Nothing came after the step it was resumed at.
    log(run, resumed(5));
    changes.length = 0;
    await tracker.refresh();
    expect(changes).toMatchObject([{ events: [resumed(5)], rewound: false }]);
  });

  it('gives the same events, however they were read', async () => {
    const { tracker, store } = follow();
    const run = newRun(store);
    log(run, started(1));
    await tracker.refresh();
    const first = tracker.events(run.id);
    for (let step = 1; step <= 5; step++) {
      log(run, evaluation(step, step / 10));
      // Not told of yet: a later change will.
      expect(tracker.events(run.id)).toHaveLength(step);
      await tracker.refresh();
    }
    expect(first).toEqual([started(1)]);
    expect(tracker.events(run.id)).toEqual(run.readEvents());
  });

  it('reads of a long log only what it amounts to, and all of it for whoever asks', async () => {
    const { tracker, store, changes } = follow();
    const run = newRun(store);
    const steps = [1, 2, 3, 4].map(step);
    log(run, started(1), ...steps, evaluation(4, 0.4));
    await tracker.refresh();
    expect(changes).toMatchObject([
      {
        events: [],
        rewound: true,
        run: { lastStep: steps[3], measured: accuracies({ float: 0.4 }) },
      },
    ]);
    log(run, step(5));
    await tracker.refresh();
    expect(changes.at(-1)).toMatchObject({ events: [step(5)], rewound: false });
    expect(tracker.events(run.id)).toEqual(run.readEvents());
    // Back to where steps were left out.
    log(run, resumed(4), step(5));
    await tracker.refresh();
    expect(changes.at(-1)).toMatchObject({ rewound: true, run: { lastStep: step(5) } });
    expect(tracker.events(run.id)).toEqual([
      started(1),
      ...steps,
      evaluation(4, 0.4),
      resumed(4),
      step(5),
    ]);
  });

  it('shows a run as running while the process that began it holds the lock', async () => {
    const { tracker, store } = follow();
    const [old, run] = [newRun(store), newRun(store)];
    log(old, started(1));
    const lock = await store.lock(resolvedConfig(store.workspace).file);
    await tracker.refresh();
    // `east` in a terminal that is still reading its data.
    expect(tracker.get(run.id)?.activity).toBe('running');
    expect(tracker.get(old.id)?.activity).toBe('interrupted');
    log(run, started(process.pid));
    await tracker.refresh();
    expect(tracker.get(run.id)?.activity).toBe('running');
    lock.release();
    await tracker.refresh();
    expect(tracker.get(run.id)?.activity).toBe('interrupted');
  });

  it('believes the queue only while its process is alive', async () => {
    const { tracker, store } = follow();
    const [a, b, c] = [newRun(store), newRun(store), newRun(store)];
    const activities = async (): Promise<unknown[]> => {
      await tracker.refresh();
      return [a, b, c].map(({ id }) => tracker.get(id)?.activity);
    };
    saveQueue(store, { running: { runId: a.id, stopping: false }, queued: [b.id] });
    expect(await activities()).toEqual(['new', 'new', 'new']);
    const lock = await acquireLock(workerPaths(store.root).lock, 'test');
    expect(await activities()).toEqual(['running', 'queued', 'new']);
    saveQueue(store, { running: { runId: a.id, stopping: true }, queued: [b.id, c.id] });
    expect(await activities()).toEqual(['stopping', 'queued', 'queued']);
    saveQueue(store, { worker: process.pid + 1, queued: [b.id] });
    expect(await activities()).toEqual(['new', 'new', 'new']);
    writeFileSync(workerPaths(store.root).queue, '{"worker": "x"');
    expect(await activities()).toEqual(['new', 'new', 'new']);
    lock.release();
  });

  it('says why a process ended without a word, until there are later ones', async () => {
    const { tracker, store } = follow();
    const run = newRun(store);
    log(run, started(1));
    writeFileAtomic(run.file('exit.json'), JSON.stringify({ time: time(50), cause: 'killed' }));
    await tracker.refresh();
    expect(tracker.get(run.id)).toMatchObject({ activity: 'interrupted', message: 'killed' });
    log(run, resumed(0));
    await tracker.refresh();
    expect(tracker.get(run.id)?.message).toBe(undefined);
    writeFileSync(run.file('exit.json'), 'nonsense');
    log(run, evaluation(3, 1));
    await tracker.refresh();
    expect(tracker.get(run.id)).toMatchObject({
      activity: 'interrupted',
      measured: accuracies({ float: 1 }),
    });
  });

  it('says why a process that was to resume a run ended before it had begun', async () => {
    const { tracker, store } = follow();
    const ends: RunEvent[] = [
      { type: 'stopped', time: time(5), step: 5, reason: ASKED_TO_STOP },
      { type: 'failed', time: time(5), step: 5, message: 'no data' },
    ];
    for (const end of ends) {
      const run = newRun(store);
      const note = async (exit: { time: string; began?: string }): Promise<unknown> => {
        writeFileAtomic(run.file('exit.json'), JSON.stringify({ ...exit, cause: 'killed' }));
        await tracker.refresh();
        return tracker.get(run.id);
      };
      log(run, started(1), end);
      // The process that wrote this end, ended by somebody while it tidied up; also as earlier versions noted it.
      const asItWas = { activity: end.type, ...(end.type === 'failed' && { message: 'no data' }) };
      expect(await note({ time: time(6), began: time(0) })).toMatchObject(asItWas);
      expect(await note({ time: time(6) })).toMatchObject(asItWas);
      expect(tracker.get(run.id)?.message).not.toBe('killed');
      // The next one, which had no time for a word.
      const died = { activity: 'interrupted', message: 'killed' };
      expect(await note({ time: time(7), began: time(6) })).toMatchObject(died);
      log(run, resumed(5), { ...end, time: time(101) });
      await tracker.refresh();
      expect(tracker.get(run.id)).toMatchObject({ activity: end.type });
    }
  });

  it('tells by the log whom a note is about, whatever the clock was set to meanwhile', async () => {
    const { tracker, store } = follow();
    const run = newRun(store);
    const note = (began: number): void => {
      const exit = { time: time(-1000), began: time(-1001), log: { began, ended: run.logBytes() } };
      writeFileAtomic(run.file('exit.json'), JSON.stringify({ ...exit, cause: 'killed' }));
    };
    const told = async (): Promise<unknown> => {
      await tracker.refresh();
      return tracker.get(run.id);
    };
    log(run, started(1));
    note(0);
    expect(await told()).toMatchObject({ activity: 'interrupted', message: 'killed' });
    const before = run.logBytes();
    log(run, resumed(0), { type: 'stopped', time: time(200), step: 5, reason: ASKED_TO_STOP });
    // It has said itself how it ended.
    expect(await told()).toMatchObject({ activity: 'stopped' });
    note(before);
    expect(await told()).toMatchObject({ activity: 'stopped' });
    // The next one died without a word.
    note(run.logBytes());
    expect(await told()).toMatchObject({ activity: 'interrupted', message: 'killed' });
    log(run, resumed(5));
    expect(await told()).toMatchObject({ activity: 'interrupted' });
    expect(tracker.get(run.id)?.message).toBe(undefined);
  });

  it('shows damaged runs as such, and the others all the same', async () => {
    const { tracker, store, errors } = follow();
    const [config, damaged, sound] = [newRun(store), newRun(store), newRun(store)];
    writeFileSync(config.file('config.resolved.json'), '[]');
    writeFileSync(damaged.file('events.jsonl'), 'nonsense\n');
    log(sound, started(1), { type: 'failed', time: time(1), step: 1, message: 'no data' });
    await tracker.refresh();
    expect(tracker.get(config.id)).toMatchObject({ activity: 'damaged', configFile: '' });
    expect(tracker.get(damaged.id)).toMatchObject({
      activity: 'damaged',
      message: expect.stringContaining('damaged'),
    });
    expect(tracker.get(sound.id)).toMatchObject({ activity: 'failed', message: 'no data' });
    expect(errors).toEqual([]);
  });

  it('does not take a finished run for usable whose results are missing', async () => {
    const { tracker, store } = follow();
    const run = newRun(store);
    log(run, started(1), { type: 'finished', time: time(9), step: 9 });
    await tracker.refresh();
    expect(tracker.get(run.id)).toMatchObject({ activity: 'finished' });
    expect(tracker.get(run.id)?.report).toBe(undefined);
  });

  it('looks again for whoever asks while it looks', async () => {
    const { tracker, store } = follow();
    const first = tracker.refresh();
    const run = newRun(store);
    const [second_, third] = [tracker.refresh(), tracker.refresh()];
    await Promise.all([first, second_, third]);
    expect(tracker.get(run.id)?.activity).toBe('new');
  });
});
