/**
 * The built `east` command as a process, with real training on a toy data set: what only shows with real signals, real
 * exit codes and the real bundle.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { WEIGHT_FORMATS } from '../../src/core/formats/formats';
import type { Report } from '../../src/core/report/report';
import { RunStore } from '../../src/core/run/run-store';
import { valueAt } from '../../src/core/tasks/measurement';
import { makeToyWorkspace } from './toy-workspace';

const root = resolve(import.meta.dirname, '../..');
const program = join(root, 'dist/east.mjs');
const folders: string[] = [];

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function workspace(training: object = {}, more: object = {}): string {
  const folder = makeToyWorkspace('east-cli-', training, more);
  folders.push(folder);
  return folder;
}

interface Result {
  readonly code: unknown;
  readonly out: string;
  readonly err: string;
}

/** Asynchronous: a worker of the test runner that is blocked for a minute is given up. */
async function east(cwd: string, ...args: string[]): Promise<Result> {
  const child = spawn(process.execPath, [program, ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err]: [string[], string[]] = [[], []];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk.toString()));
  const [code]: unknown[] = await once(child, 'close');
  return { code, out: out.join(''), err: err.join('') };
}

/** As `east check | head -1` has it: nobody reads what is written to stdout. */
async function unread(cwd: string, ...args: string[]): Promise<Omit<Result, 'out'>> {
  const child = spawn(process.execPath, [program, ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.destroy();
  let err = '';
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  const [code]: unknown[] = await once(child, 'close');
  return { code, err };
}

/** Starts a command and resolves once `text` has appeared on stderr. */
async function until(cwd: string, text: string, ...args: string[]): Promise<ChildProcess> {
  const child = spawn(process.execPath, [program, ...args], {
    cwd,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let seen = '';
  await new Promise<void>((found, failed) => {
    child.stderr.on('data', (chunk: Buffer) => {
      seen += chunk.toString();
      if (seen.includes(text)) found();
    });
    child.on('exit', () => failed(new Error(`ended before "${text}":\n${seen}`)));
  });
  return child;
}

async function exitCode(child: ChildProcess): Promise<unknown> {
  const [code]: unknown[] = await once(child, 'exit');
  return code;
}

function blobOf(folder: string, index = 0): Uint8Array {
  return new RunStore(folder).list()[index]!.loadModel()!.encoded.blob;
}

/** Of the only run in the workspace's log; 0 before there is one. */
function lastStep(folder: string): number {
  return new RunStore(folder).list()[0]?.readEvents().at(-1)?.step ?? 0;
}

describe('the built command', () => {
  it('prints version and help, and exits 2 for a wrong command line', async () => {
    const { version }: { version: string } = JSON.parse(
      readFileSync(join(root, 'package.json'), 'utf8'),
    );
    expect(await east(root, '--version')).toEqual({ code: 0, out: `${version}\n`, err: '' });
    expect(await east(root, 'help', 'run')).toMatchObject({ code: 0, err: '' });
    expect((await east(tmpdir(), 'run', '--nonsense')).code).toBe(2);
  });

  it.each([
    [4, 'int4', '25%'],
    ['ternary', 'ternary', '14%'],
    [1, 'binary', '12%'],
  ] as const)('weights of %s: from config to verified sources', async (weights, format, budget) => {
    const folder = workspace({}, { quantization: { weights }, budget: { weights: budget } });
    const run = await east(folder, 'run', '--generate');
    expect(run.code, run.err).toBe(0);
    const report: Report = JSON.parse((await east(folder, 'report', '--json')).out);
    expect(report.layers.map((layer) => layer.format)).toEqual(report.layers.map(() => format));
    expect(report.flash.weights).toBeLessThanOrEqual(report.budget.weights!);
    expect(valueAt(report.measured, 'fitted')).toBeGreaterThan(0.5);
    expect((await east(folder, 'report')).out).toContain(` ${format} `);
    expect(existsSync(join(folder, `firmware/east/toy_${format}.c`))).toBe(true);
    const verified = await east(folder, 'verify');
    expect(verified.out).toContain('every output byte as trained');
    expect(verified.out).not.toContain('✗');
  });

  it('weights auto: layers of their own formats, from config to verified sources', async () => {
    const folder = workspace({}, { quantization: { weights: 'auto' }, budget: { weights: '30%' } });
    const run = await east(folder, 'run', '--generate');
    expect(run.code, run.err).toBe(0);
    const report: Report = JSON.parse((await east(folder, 'report', '--json')).out);
    expect(report.flash.weights).toBeLessThanOrEqual(report.budget.weights!);
    const formats = new Set(report.layers.map((layer) => layer.format));
    expect(formats.size, [...formats].join()).toBeGreaterThan(1);
    // What is told while it runs is what is there in the end, and code for other formats is not.
    const prunes = new RunStore(folder)
      .list()[0]!
      .readEvents()
      .filter((e) => e.type === 'prune');
    for (const { layers } of prunes) {
      expect(layers.map(({ format }) => format)).toEqual(report.layers.map(({ format }) => format));
    }
    for (const format of WEIGHT_FORMATS) {
      if (format === 'int8') continue;
      const file = join(folder, `firmware/east/toy_${format}.c`);
      expect(existsSync(file)).toBe(formats.has(format));
    }
    const verified = await east(folder, 'verify');
    expect(verified.out).toContain('every output byte as trained');
    expect(verified.out).not.toContain('✗');
  });

  it('goes from config to sources that check, and notices edits and changes', async () => {
    const folder = workspace();
    const run = await east(folder, 'run', '--generate');
    expect(run.err).toContain('finished');
    expect(run.out).toMatch(/✓ within budget[^]*files of run toy-/);
    expect(run.code).toBe(0);
    const report: { flash: { weights: number }; budget: { weights: number } } = JSON.parse(
      (await east(folder, 'report', '--json')).out,
    );
    expect(report.flash.weights).toBeLessThanOrEqual(report.budget.weights);

    rmSync(join(folder, '.east'), { recursive: true });
    expect(await east(folder, 'check')).toMatchObject({ code: 0, err: '' });
    expect(await unread(folder, 'check')).toEqual({ code: 0, err: '' });
    const source = join(folder, 'firmware/east/toy_weights.c');
    const text = readFileSync(source, 'utf8');
    appendFileSync(source, '/* mine */\n');
    expect(await east(folder, 'check')).toMatchObject({
      code: 1,
      out: expect.stringMatching(/edited by hand[^]*toy_weights\.c/),
    });
    writeFileSync(source, text);
    const config = join(folder, 'toy.east.json');
    const before = readFileSync(config, 'utf8');
    writeFileSync(config, `// only a comment\n${before}`);
    expect((await east(folder, 'check')).code).toBe(0);
    writeFileSync(config, before.replace('"seed":3', '"seed":4'));
    expect(await east(folder, 'check')).toMatchObject({
      code: 1,
      out: expect.stringContaining('out of date'),
    });
    rmSync(join(folder, 'firmware'), { recursive: true });
    expect(await east(folder, 'check')).toMatchObject({
      code: 1,
      out: expect.stringContaining('there are no sources'),
    });
  });

  it('says the smallest budget that can be met before training', async () => {
    const folder = workspace();
    const config = join(folder, 'toy.east.json');
    writeFileSync(config, readFileSync(config, 'utf8').replace('"40%"', '"1%"'));
    const { code, err } = await east(folder, 'run');
    expect(code).toBe(1);
    expect(err).toMatch(
      /toy\.east\.json:\d+:\d+: budget\.weights of \d+ bytes cannot be met.*smallest.*\d+/,
    );
    expect(err).not.toContain('started');
    expect(existsSync(join(folder, '.east'))).toBe(false);
    const smallest = /smallest possible is (\d+) bytes/.exec(err)![1]!;
    writeFileSync(config, readFileSync(config, 'utf8').replace('"1%"', `"${smallest} B"`));
    expect((await east(folder, 'run')).code).toBe(0);
    expect(blobOf(folder).length).toBeLessThanOrEqual(Number(smallest));
  });

  it('writes lost results anew from the last checkpoint, to the same bytes', async () => {
    const folder = workspace({ epochs: 1, pruneEpochs: 1 });
    expect((await east(folder, 'run')).code).toBe(0);
    const blob = blobOf(folder);
    const run = new RunStore(folder).list()[0]!;
    writeFileSync(run.file('model.east'), 'x');
    const advice = await east(folder, 'generate');
    expect(advice).toMatchObject({ code: 1, err: expect.stringContaining('"east resume toy-') });
    expect(await east(folder, 'resume')).toMatchObject({ code: 0 });
    expect(blobOf(folder)).toEqual(blob);
    expect((await east(folder, 'generate')).code).toBe(0);
  });

  it.each([
    [1, '1 thread'],
    [2, '2 threads'],
  ])(
    'stops at Ctrl-C with 130 and resumes, also after kill -9, to the bytes of an unbroken run: shards %i',
    async (shards, threads) => {
      const engine = new RegExp(`^WASM SIMD(\\+FMA)? 4\\.22\\.0, ${threads}$`);
      // Long enough that both signals arrive in the middle, also on a machine that others share.
      const training = { epochs: 30, pruneEpochs: 30, checkpointSeconds: 1, shards };
      const unbroken = workspace(training);
      expect((await east(unbroken, 'run')).code).toBe(0);

      const folder = workspace(training);
      const first = await until(folder, 'epoch 3, validation', 'run');
      first.kill('SIGINT');
      expect(await exitCode(first)).toBe(130);
      expect(JSON.parse((await east(folder, 'status', '--json')).out)).toMatchObject([
        { state: 'stopped' },
      ]);

      const second = await until(folder, 'epoch 33, validation', 'resume');
      // Held in the middle of a step, so that what follows does not race with its end.
      second.kill('SIGSTOP');
      expect(JSON.parse((await east(folder, 'status', '--json')).out)).toMatchObject([
        { state: 'running', pid: second.pid },
      ]);
      expect(await east(folder, 'resume')).toMatchObject({
        code: 1,
        err: expect.stringContaining(`already being run by process ${second.pid}`),
      });
      second.kill('SIGKILL');
      await once(second, 'exit');
      expect(JSON.parse((await east(folder, 'status', '--json')).out)).toMatchObject([
        { state: 'interrupted', pid: null },
      ]);

      // A resumed run keeps its shards, whatever the machine would suggest.
      expect((await east(folder, 'resume')).code).toBe(0);
      const [run, ...others] = new RunStore(folder).list();
      expect(others).toEqual([]);
      const starts = run!
        .readEvents()
        .flatMap((event) => (event.type === 'started' || event.type === 'resumed' ? [event] : []));
      expect(starts.map((event) => [event.trainedWith, event.shards])).toEqual(
        [1, 2, 3].map(() => [expect.stringMatching(engine), shards]),
      );
      expect(blobOf(folder)).toEqual(blobOf(unbroken));
    },
  );

  it('says why an installed engine is not used, and at a resume that the engine is another one', async () => {
    const native = mkdtempSync(join(tmpdir(), 'east-native-'));
    folders.push(native);
    const { platform, arch } = process;
    const manifest = { tfjsNode: '4.22.0', tensorflow: '2.0', platform, arch };
    writeFileSync(join(native, 'installed.json'), JSON.stringify(manifest));
    const installed = join(native, 'node_modules/@tensorflow/tfjs-node');
    mkdirSync(installed, { recursive: true });
    writeFileSync(join(installed, 'package.json'), '{ "version": "4.21.0" }');
    const folder = workspace({ epochs: 500, shards: 1 }, { engine: 'auto' });
    const chosen = process.env['EAST_NATIVE_FOLDER'];
    process.env['EAST_NATIVE_FOLDER'] = native;
    try {
      const why = 'the native engine is not used: @tensorflow/tfjs-node is version 4.21.0';
      const first = await until(folder, why, 'run');
      first.kill('SIGKILL');
      await once(first, 'exit');
    } finally {
      if (chosen === undefined) delete process.env['EAST_NATIVE_FOLDER'];
      else process.env['EAST_NATIVE_FOLDER'] = chosen;
    }

    const other = workspace({ epochs: 500, shards: 1 });
    const begun = await until(other, 'epoch 1, validation', 'run');
    begun.kill('SIGINT');
    expect(await exitCode(begun)).toBe(130);
    const run = new RunStore(other).list()[0]!;
    const recordBuild = (build: string | undefined): void => {
      const { meta, arrays, step } = run.checkpoints.load()!;
      const changed = JSON.parse(JSON.stringify({ ...Object(meta), build }));
      run.checkpoints.save(step, { meta: changed, arrays });
    };
    recordBuild('WASM SIMD 4.21.0');
    const events = run.readEvents().length;
    const refused = await east(other, 'resume');
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(/was trained with WASM SIMD 4\.21\.0, and here is WASM SIMD/);
    expect(
      run
        .readEvents()
        .slice(events)
        .map(({ type }) => type),
    ).toEqual(['failed']);

    // As earlier versions wrote checkpoints: then the log is asked, and the run goes on with a word on it.
    recordBuild(undefined);
    const log = run.file('events.jsonl');
    writeFileSync(
      log,
      readFileSync(log, 'utf8').replace(/WASM SIMD\S* 4.22.0/, 'WASM SIMD 4.21.0'),
    );
    const said = 'warning: the run has used WASM SIMD 4.21.0, 1 thread so far';
    const again = await until(other, said, 'resume');
    again.kill('SIGINT');
    expect(await exitCode(again)).toBe(130);
  });

  it('survives kill -9 at ten moments and ends in the bytes of an unbroken run', async () => {
    const training = { epochs: 40, pruneEpochs: 40, checkpointSeconds: 1 };
    const unbroken = workspace(training);
    expect((await east(unbroken, 'run')).code).toBe(0);
    const steps = lastStep(unbroken);

    const folder = workspace(training);
    const moments: number[] = [];
    for (let kill = 1; kill <= 10; kill++) {
      const child = spawn(process.execPath, [program, kill === 1 ? 'run' : 'resume'], {
        cwd: folder,
        stdio: 'ignore',
      });
      const exit = once(child, 'exit');
      // Whatever it is doing then: a step, a mask search, writing a checkpoint or the log.
      // The last a good while before the end: what is in the log is seen late on a machine that others share.
      while (child.exitCode === null && lastStep(folder) < (kill * steps) / 14)
        await delay(3 * kill);
      expect(child.exitCode, 'it ended before it was killed').toBe(null);
      child.kill('SIGKILL');
      await exit;
      moments.push(lastStep(folder));
    }
    expect(new Set(moments).size).toBe(10);
    expect((await east(folder, 'resume')).code).toBe(0);
    expect(blobOf(folder)).toEqual(blobOf(unbroken));
  });

  it.each([1, 2])('stops there and then at the second Ctrl-C, shards %i', async (shards) => {
    const folder = workspace({ epochs: 500, shards });
    const child = await until(folder, 'epoch 1, validation', 'run');
    child.kill('SIGINT');
    child.kill('SIGINT');
    expect(await exitCode(child)).toBe(130);
    expect(existsSync(join(folder, '.east/locks'))).toBe(true);
    const again = await until(folder, 'epoch 1, validation', 'run');
    again.kill('SIGTERM');
    expect(await exitCode(again)).toBe(130);
  });
});
