/**
 * The built background process as it is started by the editor, with real training on a toy data set: queue, stop and
 * resume, and everything that may be killed, broken or done twice at once.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { lockHolder } from '../../src/core/run/lock';
import { RunStore } from '../../src/core/run/run-store';
import { workerPaths } from '../../src/core/run/worker-paths';
import { RunTracker } from '../../src/extension/runs/run-tracker';
import { launchWorker } from '../../src/extension/worker/launch-worker';
import { WorkerClient } from '../../src/extension/worker/worker-client';
import { ConnectionLost, WorkerConnection } from '../../src/extension/worker/worker-connection';
import type { RunChange, RunInfo } from '../../src/extension/services';
import type { QueueState, WorkerFile } from '../../src/protocol/worker';
import { makeToyWorkspace } from './toy-workspace';

const root = resolve(import.meta.dirname, '../..');
const program = join(root, 'dist/worker.mjs');
const { version }: { version: string } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
);
/** Long enough that what happens to it happens in the middle. */
const LONG = { epochs: 400, pruneEpochs: 400 };
const folders: string[] = [];
const closing: (() => void)[] = [];

beforeAll(() => {
  const built = spawnSync(process.execPath, ['esbuild.mjs'], { cwd: root, encoding: 'utf8' });
  expect(built.stderr).toBe('');
});

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

afterAll(async () => {
  for (const folder of folders) {
    const { lock } = workerPaths(join(folder, '.east'));
    const pid = lockHolder(lock);
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
    const config = join(folder, 'toy.east.json');
    await until(() => new RunStore(folder).holder(config) === undefined, 'the job has ended');
    rmSync(folder, { recursive: true, force: true });
  }
});

function workspace(training: object = {}): string {
  const folder = makeToyWorkspace('east-worker-', training);
  folders.push(folder);
  return folder;
}

async function until(done: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (!done()) {
    if (Date.now() > deadline) throw new Error(`never: ${what}`);
    await delay(20);
  }
}

interface Editor {
  readonly client: WorkerClient;
  readonly tracker: RunTracker;
  readonly notes: string[];
  readonly others: string[];
  readonly closed: () => number;
  /** Activity of a run as the editor would show it. */
  readonly activity: (id: string) => RunInfo['activity'] | undefined;
}

/** What a window has: a client and a tracker. */
function editor(
  folder: string,
  options: { version?: string; idleSeconds?: number; onChange?: (change: RunChange) => void } = {},
): Editor {
  const [notes, others]: [string[], string[]] = [[], []];
  let closed = 0;
  const tracker = new RunTracker(folder, {
    onChange: options.onChange ?? (() => undefined),
    onRemove: () => undefined,
    onError: (error) => notes.push(`error: ${String(error)}`),
  });
  const client = new WorkerClient({
    workspace: folder,
    version: options.version ?? version,
    launch: () =>
      launchWorker({
        program,
        node: process.execPath,
        workspace: folder,
        idleSeconds: options.idleSeconds ?? 60,
      }),
    onNotification: (name, payload) => {
      if (name !== 'queue/changed' && 'text' in payload) notes.push(payload.text);
    },
    onClose: () => closed++,
    onOtherVersion: (other) => others.push(other),
  });
  tracker.start();
  closing.push(() => {
    client.dispose();
    tracker.dispose();
  });
  return {
    client,
    tracker,
    notes,
    others,
    closed: () => closed,
    activity: (id) => tracker.get(id)?.activity,
  };
}

async function start({ client }: Editor, folder: string): Promise<string> {
  const configFile = join(folder, 'toy.east.json');
  return (await client.request('run/start', { configFile, priority: 'low' })).runId;
}

function resume({ client }: Editor, runId: string): Promise<unknown> {
  return client.request('run/resume', { runId, priority: 'low' });
}

function stop({ client }: Editor, runId: string): Promise<unknown> {
  return client.request('run/stop', { runId });
}

function blobOf(folder: string, id: string): Uint8Array {
  return new RunStore(folder).open(id).loadModel()!.encoded.blob;
}

function workerFileOf(folder: string): WorkerFile {
  return JSON.parse(readFileSync(workerPaths(join(folder, '.east')).worker, 'utf8'));
}

function queueOf({ client }: Editor): Promise<QueueState> {
  return client.request('queue/get', {});
}

async function jobPid(window: Editor): Promise<number> {
  const pid = (await queueOf(window)).running?.pid;
  if (pid === undefined) throw new Error('nothing is running');
  return pid;
}

/** Epochs of training done. */
function epoch({ tracker }: Editor, id: string): number {
  return tracker.get(id)?.lastStep?.epoch ?? 0;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The same as the editor's client, without its patience. */
function open(file: WorkerFile): Promise<WorkerConnection> {
  return WorkerConnection.open(file, version, {
    onNotification: () => undefined,
    onClose: () => undefined,
  });
}

/** Resolves when the other side has hung up. */
async function sendRaw(path: string, bytes: string | Uint8Array): Promise<void> {
  const socket = connect(path);
  socket.on('error', () => undefined);
  socket.write(bytes);
  socket.resume();
  await once(socket, 'close');
}

describe('the background process', () => {
  it('trains to the end, writes the sources and tells what changed', async () => {
    const folder = workspace();
    const changes: RunChange[] = [];
    const window = editor(folder, { onChange: (change) => changes.push(change) });
    const id = await start(window, folder);
    expect(existsSync(join(folder, '.east/runs', id, 'config.resolved.json'))).toBe(true);
    await until(() => window.activity(id) === 'finished', 'it is finished');

    const run = window.tracker.get(id)!;
    expect(run.report?.withinBudget).toBe(true);
    expect(run.accuracy.int8Sparse).toBeGreaterThan(0.5);
    expect(window.notes).toContain('finished');
    // What was told piece by piece is what is in the log.
    const told = changes.flatMap(({ events }) => events);
    expect(told).toEqual(new RunStore(folder).open(id).readEvents());
    expect(window.tracker.events(id)).toEqual(told);
    expect(changes.some(({ rewound }) => rewound)).toBe(false);

    const configFile = join(folder, 'toy.east.json');
    const first = await window.client.request('sources/generate', { configFile, force: false });
    expect(first.runId).toBe(id);
    expect(first.files.every(({ change }) => change === 'added')).toBe(true);
    const again = await window.client.request('sources/generate', { configFile, force: false });
    expect(again.files.every(({ change }) => change === 'unchanged')).toBe(true);
    const weights = join(first.directory, 'toy_weights.c');
    writeFileSync(weights, `/* mine */\n${readFileSync(weights, 'utf8')}`);
    await expect(
      window.client.request('sources/generate', { configFile, force: false }),
    ).rejects.toThrow(/overwrite files edited.*toy_weights\.c/);
    const forced = await window.client.request('sources/generate', { configFile, force: true });
    expect(forced.files.filter(({ change }) => change !== 'unchanged')).toEqual([
      { name: 'toy_weights.c', change: 'changed', linesAdded: 0, linesRemoved: 1 },
    ]);
  });

  it('stops with a checkpoint and resumes to the bytes of an unbroken run', async () => {
    const training = { epochs: 30, pruneEpochs: 30 };
    const unbroken = workspace(training);
    const other = editor(unbroken);
    const whole = await start(other, unbroken);
    await until(() => other.activity(whole) === 'finished', 'the unbroken run is finished');

    const folder = workspace(training);
    const rewound: string[] = [];
    const window = editor(folder, {
      onChange: (change) => {
        if (change.rewound) rewound.push(change.run.id);
      },
    });
    const id = await start(window, folder);
    await until(() => epoch(window, id) >= 3, 'it trains');
    await stop(window, id);
    await until(() => window.activity(id) === 'stopped', 'it is stopped');
    await resume(window, id);
    await until(() => epoch(window, id) >= 8, 'it trains again');
    process.kill(await jobPid(window), 'SIGKILL');
    await until(() => window.activity(id) === 'interrupted', 'that is noticed');
    await window.tracker.refresh();
    expect(window.tracker.get(id)?.message).toMatch(/ended unexpectedly.*SIGKILL/);
    await resume(window, id);
    await until(() => window.activity(id) === 'finished', 'it is finished');
    expect(window.tracker.get(id)?.message).toBe(undefined);
    expect(blobOf(folder, id)).toEqual(blobOf(unbroken, whole));
    await expect(resume(window, id)).rejects.toThrow(/finished/);
    const steps = window.tracker.events(id).flatMap((e) => (e.type === 'step' ? [e.step] : []));
    expect(new Set(steps).size).toBe(steps.length);
  });
});
