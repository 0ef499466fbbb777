/**
 * The built background process as it is started by the editor, with real training on a toy data set: queue, stop and
 * resume, and everything that may be killed, broken or done twice at once.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { getPriority } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { lockHolder } from '../../src/core/run/lock';
import { RunStore } from '../../src/core/run/run-store';
import { workerPaths } from '../../src/core/run/worker-paths';
import { RunTracker } from '../../src/extension/runs/run-tracker';
import { launchWorker } from '../../src/extension/worker/launch-worker';
import { WorkerClient } from '../../src/extension/worker/worker-client';
import { ConnectionLost, WorkerConnection } from '../../src/extension/worker/worker-connection';
import type { RunEvent } from '../../src/core/run/events';
import type { RunChange, RunInfo } from '../../src/extension/services';
import type { QueueState, WorkerFile } from '../../src/protocol/worker';
import { valueAt } from '../../src/core/tasks/measurement';
import { makeToyWorkspace } from './toy-workspace';

const root = resolve(import.meta.dirname, '../..');
const program = join(root, 'dist/worker.mjs');
const { version }: { version: string } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
);
/** Long enough that what happens to it happens in the middle. */
const LONG = { epochs: 2000, pruneEpochs: 2000 };
const folders: string[] = [];
const closing: (() => void)[] = [];

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

function workspace(training: object = {}, prefix = 'east-worker-'): string {
  const folder = makeToyWorkspace(prefix, training);
  folders.push(folder);
  return folder;
}

async function until(done: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 240_000;
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
  return (await client.request('run/start', { configFile, priority: 'normal' })).runId;
}

function resume({ client }: Editor, runId: string): Promise<unknown> {
  return client.request('run/resume', { runId, priority: 'normal' });
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
  // A reset is as good as an end.
  socket.on('error', () => undefined);
  socket.write(bytes);
  socket.resume();
  await new Promise<void>((done) => socket.once('close', () => done()));
}

describe('the background process', () => {
  it('trains to the end, writes the sources and tells what changed', async () => {
    const folder = workspace();
    // As the dashboard does: what is new, or all of it anew where the first look came late and skimmed the log.
    let told: readonly RunEvent[] = [];
    const window = editor(folder, {
      onChange: ({ run: { id }, events, rewound }) => {
        told = rewound ? window.tracker.events(id) : [...told, ...events];
      },
    });
    const id = await start(window, folder);
    expect(existsSync(join(folder, '.east/runs', id, 'config.resolved.json'))).toBe(true);
    await until(() => window.activity(id) === 'finished', 'it is finished');

    const run = window.tracker.get(id)!;
    expect(run.report?.withinBudget).toBe(true);
    expect(valueAt(run.measured, 'fitted')).toBeGreaterThan(0.5);
    await until(() => window.notes.includes('finished'), 'it says so');
    // What was told piece by piece is what is in the log.
    expect(told).toEqual(new RunStore(folder).open(id).readEvents());
    expect(window.tracker.events(id)).toEqual(told);

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
    // So long that it has not ended when a machine that others share gets round to killing it.
    const training = { epochs: 60, pruneEpochs: 60 };
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
    const killed = async (): Promise<void> => {
      process.kill(await jobPid(window), 'SIGKILL');
      await until(() => window.activity(id) === 'interrupted', 'that is noticed');
      await window.tracker.refresh();
      expect(window.tracker.get(id)?.message).toMatch(/ended by SIGKILL/);
    };
    await until(() => epoch(window, id) >= 3, 'it trains');
    await stop(window, id);
    await until(() => window.activity(id) === 'stopped', 'it is stopped');
    const stoppedAt = epoch(window, id);
    // Once before it has said that it goes on, as a rule, and once after.
    await resume(window, id);
    await killed();
    await resume(window, id);
    await until(() => epoch(window, id) >= stoppedAt + 5, 'it trains again');
    await killed();
    await resume(window, id);
    await until(() => window.activity(id) === 'finished', 'it is finished');
    expect(window.tracker.get(id)?.message).toBe(undefined);
    expect(blobOf(folder, id)).toEqual(blobOf(unbroken, whole));
    await expect(resume(window, id)).rejects.toThrow(/finished/);
    const steps = window.tracker.events(id).flatMap((e) => (e.type === 'step' ? [e.step] : []));
    expect(new Set(steps).size).toBe(steps.length);
  });

  it('does queued runs one after another, and one that is taken out leaves nothing behind', async () => {
    const folder = workspace({ epochs: 40, pruneEpochs: 40 });
    const window = editor(folder);
    const first = await start(window, folder);
    const second = await start(window, folder);
    const third = await start(window, folder);
    await window.tracker.refresh();
    expect([first, second, third].map((id) => window.activity(id))).toEqual([
      'running',
      'queued',
      'queued',
    ]);
    expect(await queueOf(window)).toMatchObject({
      running: { runId: first, stopping: false },
      queued: [second, third],
    });
    await stop(window, second);
    await window.tracker.refresh();
    expect(window.activity(second)).toBe(undefined);
    expect(existsSync(join(folder, '.east/runs', second))).toBe(false);
    await until(() => window.activity(first) === 'finished', 'the first is finished');
    await until(() => window.activity(third) === 'finished', 'the third is finished');
    const [a, b] = [first, third].map((id) => new RunStore(folder).open(id).readEvents());
    expect(b![0]!.time > a!.at(-1)!.time).toBe(true);
    expect(blobOf(folder, first)).toEqual(blobOf(folder, third));
  });

  it('is killed: its run stops with a checkpoint, the queue stays, and another one goes on', async () => {
    const folder = workspace(LONG);
    const window = editor(folder);
    const id = await start(window, folder);
    const waiting = await start(window, folder);
    await until(() => epoch(window, id) >= 2, 'it trains');
    const job = await jobPid(window);
    const worker = workerFileOf(folder);
    process.kill(worker.pid, 'SIGKILL');
    await until(() => window.closed() === 1, 'the window notices');
    await until(() => window.activity(id) === 'interrupted', 'the run is interrupted');
    expect(window.tracker.get(id)?.message).toBe('the background process has ended');
    expect(new RunStore(folder).open(id).checkpoints.steps()).not.toEqual([]);
    await until(() => !isAlive(job), 'its process is gone');
    await window.tracker.refresh();
    expect(window.activity(waiting)).toBe('new');

    const step = window.tracker.get(id)!.lastStep!.step;
    await resume(window, waiting);
    await resume(window, id);
    expect((await queueOf(window)).queued).toEqual([id]);
    await stop(window, waiting);
    await until(() => (window.tracker.get(id)?.lastStep?.step ?? 0) > step, 'it goes on');
    const next = workerFileOf(folder);
    expect(next.pid).not.toBe(worker.pid);
    expect(next.token).not.toBe(worker.token);
    expect(existsSync(dirname(worker.socket))).toBe(false);
  });

  it('lets a run be resumed that is still stopping because it was killed', async () => {
    const folder = workspace(LONG);
    const window = editor(folder);
    const id = await start(window, folder);
    await until(() => epoch(window, id) >= 2, 'it trains');
    const job = await jobPid(window);
    // Held, so that it has not stopped yet when it is asked for.
    process.kill(job, 'SIGSTOP');
    process.kill(workerFileOf(folder).pid, 'SIGKILL');
    await until(() => window.activity(id) === 'stopping', 'that is noticed');
    const resumed = resume(window, id);
    await until(() => lockHolder(workerPaths(join(folder, '.east')).lock) !== undefined, 'another');
    process.kill(job, 'SIGCONT');
    await resumed;
    await window.tracker.refresh();
    expect(window.activity(id)).toBe('running');
    expect(await jobPid(window)).not.toBe(job);
  });

  it('ends a run there and then that does not stop when asked again', async () => {
    const folder = workspace(LONG);
    const window = editor(folder);
    const id = await start(window, folder);
    await until(() => epoch(window, id) >= 1, 'it trains');
    process.kill(await jobPid(window), 'SIGSTOP');
    while ((await queueOf(window)).running !== undefined) {
      await stop(window, id);
      await delay(200);
    }
    await window.tracker.refresh();
    expect(window.tracker.get(id)).toMatchObject({
      activity: 'interrupted',
      message: 'ended at once, as it did not stop',
    });
  });

  it('asked to end, stops its run with a checkpoint first', async () => {
    const folder = workspace(LONG);
    const window = editor(folder);
    const id = await start(window, folder);
    await start(window, folder);
    await until(() => epoch(window, id) >= 1, 'it trains');
    const { worker } = await queueOf(window);
    process.kill(worker, 'SIGTERM');
    await until(() => !isAlive(worker), 'it has ended');
    await window.tracker.refresh();
    expect(window.tracker.get(id)).toMatchObject({
      activity: 'interrupted',
      message: expect.stringContaining('asked to end'),
    });
    expect(new RunStore(folder).open(id).checkpoints.steps()).not.toEqual([]);
  });

  it('and its run are killed together: the run is interrupted and can be resumed', async () => {
    const folder = workspace(LONG);
    const window = editor(folder);
    const id = await start(window, folder);
    await until(() => epoch(window, id) >= 2, 'it trains');
    const job = await jobPid(window);
    // The run first, held still meanwhile, so that its end is not told by anybody.
    process.kill(workerFileOf(folder).pid, 'SIGSTOP');
    process.kill(job, 'SIGKILL');
    process.kill(workerFileOf(folder).pid, 'SIGKILL');
    await until(() => window.activity(id) === 'interrupted', 'that is noticed');
    await resume(window, id);
    await window.tracker.refresh();
    expect(window.activity(id)).toBe('running');
  });

  it('is found by a second window, which may stop what the first has started', async () => {
    const folder = workspace(LONG);
    const first = editor(folder);
    const id = await start(first, folder);
    await until(() => epoch(first, id) >= 1, 'it trains');
    first.client.dispose();

    const second = editor(folder);
    await second.tracker.refresh();
    expect(second.activity(id)).toBe('running');
    expect(second.tracker.get(id)?.lastStep?.epoch).toBeGreaterThanOrEqual(1);
    expect(await second.client.attach()).toBe(true);
    await stop(second, id);
    await until(() => first.activity(id) === 'stopped', 'the first window sees it');
    await until(() => second.activity(id) === 'stopped', 'the second window sees it');
  });

  it.skipIf(process.platform === 'win32')('trains at the priority that was asked for', async () => {
    const folder = workspace(LONG);
    const window = editor(folder);
    const configFile = join(folder, 'toy.east.json');
    const { runId } = await window.client.request('run/start', { configFile, priority: 'low' });
    await until(() => epoch(window, runId) >= 1, 'it trains');
    expect(getPriority(await jobPid(window))).toBeGreaterThan(getPriority());
    expect(getPriority((await queueOf(window)).worker)).toBe(getPriority());
  });

  it('is one, however many windows start it at the same moment', async () => {
    const folder = workspace();
    const windows = Array.from({ length: 4 }, () => editor(folder));
    const queues = await Promise.all(windows.map(queueOf));
    expect(new Set(queues.map(({ worker }) => worker)).size).toBe(1);
    expect(queues[0]!.worker).toBe(workerFileOf(folder).pid);
  });

  it('lets nobody in without its token and survives garbage', async () => {
    const folder = workspace();
    const window = editor(folder);
    const { worker } = await queueOf(window);
    const file = workerFileOf(folder);
    if (process.platform !== 'win32') {
      expect(statSync(workerPaths(join(folder, '.east')).worker).mode & 0o777).toBe(0o600);
      expect(statSync(dirname(file.socket)).mode & 0o777).toBe(0o700);
      expect(statSync(file.socket).mode & 0o777).toBe(0o600);
    }
    for (const token of ['', 'x', file.token.replace(/./, (c) => (c === '0' ? '1' : '0'))]) {
      await expect(open({ ...file, token })).rejects.toThrow(ConnectionLost);
    }
    const message = (value: unknown): string => {
      const body = JSON.stringify(value);
      return `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
    };
    const shutdown = { jsonrpc: '2.0', id: 1, method: 'shutdown', params: {} };
    await sendRaw(file.socket, message(shutdown));
    await sendRaw(file.socket, message({ jsonrpc: '2.0', method: 'run/stop', params: {} }));
    await sendRaw(file.socket, message([1, 2, 3]));
    await sendRaw(file.socket, 'GET / HTTP/1.1\r\nHost: here\r\n\r\n');
    await sendRaw(file.socket, 'no colon\r\n\r\n');
    await sendRaw(file.socket, 'Content-Length: 5\r\n\r\n{"a":');
    await sendRaw(file.socket, Buffer.alloc(200_000, 0xff));
    await sendRaw(file.socket, 'Content-Length: 99999999999\r\n\r\n'.padEnd(100_000, 'x'));
    expect((await queueOf(window)).worker).toBe(worker);

    // With the token, but nonsense in it.
    const connection = await open(file);
    await expect(connection.request('run/stop', { runId: '../../etc' })).rejects.toThrow(
      'is not the name of a run',
    );
    const wrong: { runId: string } = JSON.parse('{"runId": 5}');
    await expect(connection.request('run/stop', wrong)).rejects.toThrow(/run\/stop/);
    const outside = join(root, 'package.json');
    await expect(
      connection.request('run/start', { configFile: outside, priority: 'normal' }),
    ).rejects.toThrow('outside the workspace folder');
    connection.close();
    expect((await queueOf(window)).worker).toBe(worker);
  });

  it('of another version is replaced when idle, and left alone while it trains', async () => {
    const folder = workspace(LONG);
    const old = editor(folder);
    const { worker } = await queueOf(old);
    const fresh = editor(folder, { version: '99.0.0' });
    // The one that is started instead is of this version again, and not sent away a second time.
    expect((await queueOf(fresh)).worker).not.toBe(worker);
    expect(fresh.others).toEqual([]);
    fresh.client.dispose();

    const again = editor(folder);
    const id = await start(again, folder);
    await until(() => epoch(again, id) >= 1, 'it trains');
    const other = editor(folder, { version: '99.0.0' });
    expect((await queueOf(other)).running?.runId).toBe(id);
    await queueOf(other);
    expect(other.others).toEqual([version]);
    await expect(start(other, folder)).rejects.toThrow(`EAST ${version} is still training here`);
    await stop(other, id);
    await until(() => other.activity(id) === 'stopped', 'it is stopped');
  });

  it('ends by itself when there is nothing to do, and leaves nothing behind', async () => {
    const folder = workspace();
    const window = editor(folder, { idleSeconds: 0.2 });
    const { worker } = await queueOf(window);
    const { socket } = workerFileOf(folder);
    // A connection keeps it.
    expect((await queueOf(window)).worker).toBe(worker);
    window.client.dispose();
    await until(() => !isAlive(worker), 'it has ended');
    const paths = workerPaths(join(folder, '.east'));
    for (const file of [paths.worker, paths.queue, paths.lock, dirname(socket)]) {
      expect(existsSync(file), file).toBe(false);
    }
    // A file that a killed one left is no obstacle.
    writeFileSync(paths.worker, JSON.stringify({ pid: worker, socket: '/nowhere', token: '' }));
    expect((await queueOf(editor(folder))).worker).not.toBe(worker);
  });

  it('goes on with a run whose config is deleted or changed meanwhile', async () => {
    const folder = workspace({ epochs: 10, pruneEpochs: 10 });
    const window = editor(folder);
    const id = await start(window, folder);
    await until(() => epoch(window, id) >= 1, 'it trains');
    const config = join(folder, 'toy.east.json');
    rmSync(config);
    await expect(start(window, folder)).rejects.toThrow('cannot be read');
    await until(() => window.activity(id) === 'finished', 'it is finished');
  });

  it('says at once what is wrong with a config, and leaves no run behind', async () => {
    const folder = workspace();
    const window = editor(folder);
    const config = join(folder, 'toy.east.json');
    const text = readFileSync(config, 'utf8');
    writeFileSync(config, text.replace('"40%"', '"1%"'));
    await expect(start(window, folder)).rejects.toMatchObject({
      message: expect.stringContaining('cannot be met'),
      file: config,
      line: 1,
    });
    writeFileSync(config, '{');
    await expect(start(window, folder)).rejects.toThrow(/toy|expected|JSON/i);
    writeFileSync(config, text.replace('train.idx', 'gone.idx'));
    await expect(start(window, folder)).rejects.toMatchObject({
      message: expect.stringMatching(/dataset\.train: .*gone\.idx/),
      file: config,
      line: 1,
    });
    expect(new RunStore(folder).list()).toEqual([]);

    // What only training finds is told by the run.
    writeFileSync(config, text);
    writeFileSync(join(folder, 'train.idx'), 'no images');
    const id = await start(window, folder);
    await until(() => window.activity(id) === 'failed', 'it fails');
    expect(window.tracker.get(id)?.message).toContain('train.idx');
  });

  it('shares config and runs with `east` in a terminal', async () => {
    const folder = workspace(LONG);
    const window = editor(folder);
    await queueOf(window);
    const east = spawn(process.execPath, [join(root, 'dist/east.mjs'), 'run'], {
      cwd: folder,
      stdio: 'ignore',
    });
    const exit = once(east, 'exit');
    await until(() => window.tracker.all().some((run) => epoch(window, run.id) >= 1), 'it is seen');
    const [run] = window.tracker.all();
    expect(run?.activity).toBe('running');
    await expect(start(window, folder)).rejects.toThrow(`process ${east.pid}`);
    await expect(resume(window, run!.id)).rejects.toThrow(`process ${east.pid}`);
    await stop(window, run!.id);
    expect(await exit).toEqual([130, null]);
    await until(() => window.activity(run!.id) === 'stopped', 'it is stopped');
  });

  it('serves a folder whose name means something to shells and patterns', async () => {
    const folder = workspace({ epochs: 1, pruneEpochs: 1 }, '-meter (2) [b] {c,d} ü ');
    const config = join(folder, 'toy.east.json');
    // A pattern: what stands in the folder's own name is none of it.
    writeFileSync(config, readFileSync(config, 'utf8').replace('"train.idx"', '"t*n.idx"'));
    const window = editor(folder);
    const id = await start(window, folder);
    await until(() => window.activity(id) === 'finished', 'it is finished');
    const request = { configFile: config, force: false };
    const { files } = await window.client.request('sources/generate', request);
    expect(files.map(({ name }) => name)).toContain('manifest.json');
  });

  it('cannot be started where nothing can be written', async () => {
    const folder = workspace();
    writeFileSync(join(folder, '.east'), '');
    await expect(queueOf(editor(folder))).rejects.toThrow(
      /cannot be started: .*\.east.*part of the path is a file/,
    );
  });
});
