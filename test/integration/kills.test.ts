/**
 * Processes that are killed at any of their operations on files, or some milliseconds after one: whatever is run next ends
 * in the bytes of a run that nobody disturbed, sources are old or new, and nothing else is left. A few moments of fixed
 * seeds; EAST_CAMPAIGN=long kills sixty times.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as v from 'valibot';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { version } from '../../package.json';
import { RunStore } from '../../src/core/run/run-store';
import { workerPaths } from '../../src/core/run/worker-paths';
import { createRandom } from '../../src/core/util/random';
import { WorkerConnection } from '../../src/extension/worker/worker-connection';
import { workerFile } from '../../src/protocol/worker';
import { makeToyWorkspace } from './toy-workspace';
import { LONG } from './write-points';

const dist = resolve(import.meta.dirname, '../../dist');
const random = createRandom(60);
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const base = makeToyWorkspace('east-kills-', {
  epochs: 1,
  pruneEpochs: 2,
  shards: 1,
  checkpointSeconds: 1,
});
folders.push(base);
const tools = mkdtempSync(join(tmpdir(), 'east-kills-'));
folders.push(tools);
const preload = join(tools, 'kill-at.mjs');

interface Kill {
  readonly program: 'east.mjs' | 'worker.mjs' | 'job.mjs';
  readonly at: number;
  readonly after: number;
}

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly err: string;
}

const countFile = join(tools, 'count');

function environment(folder: string, { program, at, after }: Kill): NodeJS.ProcessEnv {
  const count = at === Infinity ? countFile : '';
  const settings = { program, folder, at: at === Infinity ? 0 : at, after, count };
  return {
    ...process.env,
    NODE_OPTIONS: `--import ${preload}`,
    EAST_KILL: JSON.stringify(settings),
  };
}

async function east(folder: string, args: readonly string[], kill?: Kill): Promise<Ended> {
  const child = spawn(process.execPath, [join(dist, 'east.mjs'), ...args], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: kill ? environment(folder, kill) : process.env,
  });
  let err = '';
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  await once(child, 'close');
  return { code: child.exitCode, signal: child.signalCode, err };
}

function copyOf(folder: string): string {
  const copy = mkdtempSync(join(tmpdir(), 'east-kills-'));
  folders.push(copy);
  cpSync(folder, copy, { recursive: true });
  return copy;
}

/** How many operations on files a command does. */
async function pointsOf(folder: string, ...args: string[]): Promise<number> {
  const { code, err } = await east(folder, args, { program: 'east.mjs', at: Infinity, after: 0 });
  expect(code, err).toBe(0);
  return Number(readFileSync(countFile, 'utf8'));
}

function moments(points: number, few: number, many: number, program: Kill['program']): Kill[] {
  return Array.from({ length: LONG ? many : few }, () => ({
    program,
    at: 1 + random.int(points),
    after: random.int(2) * random.int(60),
  }));
}

function leftovers(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.(tmp|new|stale)$|-(new|old)$|(worker|queue)\.json$/.test(name),
  );
}

function modelOf(folder: string): Buffer {
  const runs = new RunStore(folder).list();
  expect(runs.map((run) => run.state())).toEqual(['finished']);
  return readFileSync(runs[0]!.file('model.east'));
}

function sourcesOf(folder: string): Record<string, string> {
  const sources = join(folder, 'firmware/east');
  if (!existsSync(sources)) return {};
  return Object.fromEntries(
    readdirSync(sources).map((name) => [name, readFileSync(join(sources, name), 'utf8')]),
  );
}

/** Goes on with the only run, or starts it where it never came to be; the workspace is as if nothing had happened then. */
async function recover(folder: string, what: string): Promise<void> {
  const [run] = new RunStore(folder).list();
  if (run?.state() !== 'finished') {
    let ended = await east(folder, run === undefined ? ['run'] : ['resume', run.id]);
    // The process of a run whose background process was killed is just stopping, perhaps.
    while (/already being run/.test(ended.err)) {
      ended = await east(folder, run === undefined ? ['run'] : ['resume', run.id]);
    }
    expect(ended.code, `${what}\n${ended.err}`).toBe(0);
  }
  expect(modelOf(folder), what).toEqual(model);
  new RunStore(folder).prepare();
  expect(leftovers(folder), what).toEqual([]);
}

let model: Buffer;
let runPoints: number;
let finishedRun: string;
beforeAll(async () => {
  await build({
    entryPoints: [join(import.meta.dirname, 'kill-at.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: preload,
  });
  finishedRun = copyOf(base);
  runPoints = await pointsOf(finishedRun, 'run');
  model = modelOf(finishedRun);
});

describe('killed', () => {
  it('while it runs or resumes, it goes on to the same bytes', async () => {
    let killed = 0;
    for (const kill of moments(runPoints, 3, 35, 'east.mjs')) {
      const folder = copyOf(base);
      let what = JSON.stringify(kill);
      killed += Number((await east(folder, ['run'], kill)).signal === 'SIGKILL');
      const [run] = new RunStore(folder).list();
      // And once more while it goes on.
      if (run !== undefined && run.state() !== 'finished') {
        const again = { ...kill, at: 1 + random.int(Math.ceil(runPoints / 2)) };
        what += JSON.stringify(again);
        killed += Number((await east(folder, ['resume', run.id], again)).signal === 'SIGKILL');
      }
      await recover(folder, what);
      rmSync(folder, { recursive: true });
    }
    expect(killed).toBeGreaterThan(0);
  });

  it('while it generates, sources are old or new', async () => {
    const current = copyOf(finishedRun);
    expect((await east(current, ['generate'])).code).toBe(0);
    const after = { ...sourcesOf(current), 'mine.txt': 'mine' };
    const outdated = copyOf(current);
    writeFileSync(join(outdated, 'firmware/east/mine.txt'), 'mine');
    rmSync(join(outdated, 'firmware/east/toy_weights.c'));
    const before = sourcesOf(outdated);
    const withoutMine = { ...after, 'mine.txt': undefined };
    const points = await pointsOf(copyOf(outdated), 'generate');
    let killed = 0;
    for (const { program, at } of moments(points, 4, 12, 'east.mjs')) {
      const folder = copyOf(outdated);
      const what = `generate, ${at}`;
      killed += Number(
        (await east(folder, ['generate'], { program, at, after: 0 })).signal !== null,
      );
      const found = JSON.stringify(sourcesOf(folder));
      // Between the two renames there is no folder; once new sources are there, files of the user follow.
      expect(
        [{}, before, withoutMine, after].map((each) => JSON.stringify(each)).map(sorted),
        what,
      ).toContain(sorted(found));
      const { code, err } = await east(folder, ['generate']);
      expect(code, `${what}\n${err}`).toBe(0);
      expect(sourcesOf(folder), what).toEqual(after);
      expect(leftovers(folder), what).toEqual([]);
      rmSync(folder, { recursive: true });
    }
    expect(killed).toBeGreaterThan(2);
  });

  it.each(['worker.mjs', 'job.mjs'] as const)(
    '%s: the run goes on to the same bytes',
    async (program) => {
      for (const kill of moments(program === 'worker.mjs' ? 24 : runPoints - 30, 1, 7, program)) {
        const folder = copyOf(base);
        const what = JSON.stringify(kill);
        await withWorker(folder, kill);
        await recover(folder, what);
        rmSync(folder, { recursive: true });
      }
    },
  );
});

function sorted(text: string): string {
  const object: Record<string, string> = JSON.parse(text);
  return JSON.stringify(Object.entries(object).sort());
}

/** A background process that is asked for a run, until it or the run's process has ended. */
async function withWorker(folder: string, kill: Kill): Promise<void> {
  const worker = spawn(
    process.execPath,
    [join(dist, 'worker.mjs'), '--workspace', folder, '--idle-seconds', '3600'],
    { stdio: 'ignore', env: environment(folder, kill) },
  );
  const ended = once(worker, 'close');
  const paths = workerPaths(join(folder, '.east'));
  while (worker.exitCode === null && worker.signalCode === null && !existsSync(paths.worker)) {
    await delay(10);
  }
  try {
    const file = v.parse(workerFile, JSON.parse(readFileSync(paths.worker, 'utf8')));
    let over = (): void => undefined;
    const isOver = new Promise<void>((done) => {
      over = done;
    });
    let begun = false;
    const connection = await WorkerConnection.open(file, version, {
      onNotification: (name, payload) => {
        if (name !== 'queue/changed' || !('queued' in payload)) return;
        if (begun && payload.running === undefined) over();
        begun ||= payload.running !== undefined;
      },
      onClose: over,
    });
    await connection.request('run/start', {
      configFile: join(folder, 'toy.east.json'),
      priority: 'normal',
    });
    await isOver;
    await connection.request('shutdown', {});
  } catch {
    // It was killed before it could answer.
  }
  await ended;
  // The run's process notices that it is alone, and stops with a checkpoint.
  const store = new RunStore(folder);
  const config = join(folder, 'toy.east.json');
  while (store.holder(config) !== undefined) await delay(20);
  rmSync(paths.worker, { force: true });
  rmSync(paths.queue, { force: true });
}
