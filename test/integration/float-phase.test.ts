/**
 * A float network that is trained once and serves several budgets, with the built `east` command: what comes out is the
 * same, byte for byte, as where each run trains its own.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunFolder } from '../../src/core/run/run-folder';
import { RunStore } from '../../src/core/run/run-store';
import { makeToyWorkspace } from './toy-workspace';

const program = join(resolve(import.meta.dirname, '../..'), 'dist/east.mjs');
const TAKEN = 'float phase taken from run ';

let folder = '';
/** Of the first run, which trains the float network, and of one with another budget that does so, too. */
let first: RunFolder;
let apart: RunFolder;

/** Resolves with what was said; `killAt`: on these words on stderr the process is killed. */
async function east(args: readonly string[], killAt?: string): Promise<string> {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    if (killAt !== undefined && said.includes(killAt)) child.kill('SIGKILL');
  });
  const [code]: unknown[] = await once(child, 'close');
  if (code !== 0 && killAt === undefined) throw new Error(said);
  return said;
}

function latest(): RunFolder {
  const run = new RunStore(folder).list().at(-1);
  if (run === undefined) throw new Error('there is no run');
  return run;
}

const modelOf = (run: RunFolder): Buffer => readFileSync(run.file('model.east'));

/** Another config of the workspace, changed in some sections. */
function variant(name: string, change: (config: Record<string, object>) => object): string {
  const config: Record<string, object> = JSON.parse(
    readFileSync(join(folder, 'toy.east.json'), 'utf8'),
  );
  const file = join(folder, `${name}.east.json`);
  writeFileSync(file, JSON.stringify({ ...config, name: 'toy', ...change(config) }));
  return file;
}

const keptFile = (): string => {
  const float = join(folder, '.east/float');
  const [name, ...more] = readdirSync(float);
  expect(more).toEqual([]);
  return join(float, name ?? '');
};

beforeAll(async () => {
  folder = makeToyWorkspace('east-float-', { epochs: 2, pruneEpochs: 2 });
  variant('small', () => ({ budget: { weights: '20%' } }));
  const said = await east(['run', 'toy.east.json']);
  expect(said).not.toContain(TAKEN);
  first = latest();
  await east(['run', 'small.east.json', '--no-reuse']);
  apart = latest();
  expect(modelOf(first).equals(modelOf(apart))).toBe(false);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('another budget', () => {
  it('starts from the float network that is there, and ends in the same bytes', async () => {
    const said = await east(['run', 'small.east.json']);
    expect(said).toContain(`${TAKEN}${first.id}\n`);
    const run = latest();
    expect(modelOf(run).equals(modelOf(apart))).toBe(true);
    expect(run.loadReport()?.measured).toEqual(apart.loadReport()?.measured);
  });

  it('shows in its log how the float network came to be, in order and in its own number of steps', async () => {
    variant('longer', ({ training }) => ({ training: { ...training, pruneEpochs: 3 } }));
    await east(['run', 'longer.east.json']);
    const events = latest().readEvents();
    expect(events[0]).toMatchObject({ type: 'started', step: 0, floatFrom: first.id });
    const steps = events.map(({ step }) => step);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
    const float = (run: RunFolder) =>
      run
        .readEvents()
        .flatMap((event) =>
          event.type === 'evaluation' && event.stage === 'float'
            ? [[event.step, event.set, event.value]]
            : [],
        );
    expect(float(latest())).toEqual(float(first));
    expect(float(first).length).toBe(3);
    const told = events.filter((event) => event.type === 'step');
    expect(told[0]).toMatchObject({ phase: 'float', totalEpochs: 5 });
    expect(new Set(told.map(({ totalSteps }) => totalSteps)).size).toBe(1);
  });

  it('is killed at its start and resumed: the same bytes', async () => {
    // Once it has begun, before or after its first checkpoint.
    await east(['run', 'small.east.json'], 'test set: float');
    const run = latest();
    await east(['resume', 'small.east.json']);
    expect(latest().id).toBe(run.id);
    expect(modelOf(run).equals(modelOf(apart))).toBe(true);
  });
});

describe('a float network that was kept', () => {
  it('is trained anew where it is damaged, and then kept again', async () => {
    const file = keptFile();
    const good = readFileSync(file);
    for (const damage of [
      (bytes: Buffer) => bytes.subarray(0, bytes.length - 5),
      (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -1), Buffer.from([bytes.at(-1)! ^ 1])]),
    ]) {
      writeFileSync(file, damage(good));
      const said = await east(['run', 'small.east.json']);
      expect(said).toContain('warning: the float network is trained anew, the one kept cannot be');
      expect(modelOf(latest()).equals(modelOf(apart))).toBe(true);
    }
    expect(await east(['run', 'small.east.json'])).toContain(`${TAKEN}toy-`);
  });

  it('serves another method, and nothing that would train it otherwise', async () => {
    variant('magnitude', () => ({ east: { method: 'magnitude' } }));
    expect(await east(['run', 'magnitude.east.json'])).toContain(TAKEN);
    variant('seed', ({ training }) => ({ training: { ...training, seed: 4 } }));
    expect(await east(['run', 'seed.east.json'])).not.toContain(TAKEN);
    variant('noise', ({ dataset }) => ({ dataset: { ...dataset, augment: { noise: 0.1 } } }));
    expect(await east(['run', 'noise.east.json'])).not.toContain(TAKEN);
    variant('wider', ({ model }) => ({ model: { ...model, width: 24 } }));
    expect(await east(['run', 'wider.east.json'])).not.toContain(TAKEN);
    // Of the same size and date: it is the values that count.
    const labels = join(folder, 'test-labels.idx');
    const bytes = readFileSync(labels);
    bytes[8] = (bytes[8]! + 1) % 4;
    writeFileSync(labels, bytes);
    expect(await east(['run', 'small.east.json'])).not.toContain(TAKEN);
  });
});
