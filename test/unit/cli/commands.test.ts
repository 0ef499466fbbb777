import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RunStatus } from '../../../src/cli/commands/status';
import { loadConfig } from '../../../src/core/config/load-config';
import { manifestFile } from '../../../src/core/firmware/manifest';
import type { RunJob, RunResult } from '../../../src/core/run/actions';
import type { ResolvedConfig } from '../../../src/core/config/config';
import { loadModel } from '../../../src/core/models/models';
import { forecast } from '../../../src/core/plan/forecast';
import { RunStore } from '../../../src/core/run/run-store';
import { UserError } from '../../../src/core/util/errors';
import { bytesOf, counting, cycle, npy, npz } from '../dataset/files-for-tests';
import { encodedModel } from '../run/encoded-model-fixture';
import { scratchFolders } from '../run/fixtures';
import { accuracies } from '../tasks/accuracies';
import { east, sampleReport, writeConfig } from './fixtures';
import { wav } from '../dataset/files-for-tests';

const scratch = scratchFolders();
const NETWORKS = resolve('test/fixtures/models/tflite');
const time = '2026-01-01T00:00:00.000Z';

function begin({ folder, onEvent }: RunJob, step = 0): void {
  const event = {
    type: step === 0 ? ('started' as const) : ('resumed' as const),
    time,
    step,
    totalSteps: 10,
    trainedWith: 'wasm',
    pid: process.pid,
  };
  folder.appendEvent(event);
  onEvent(event);
}

async function finish(job: RunJob): Promise<RunResult> {
  begin(job);
  const report = sampleReport({ run: job.folder.id });
  job.folder.saveModel(encodedModel(), {
    normalization: { kind: 'float', mean: [0], std: [1] },
    task: 'classification',
    outputNames: ['a', 'b', 'c', 'd'],
  });
  const vectors = { inputs: [new Int8Array(16)], outputs: [new Int8Array(4)] };
  job.folder.saveExamples({ vectors, targets: Float32Array.of(1) });
  job.folder.saveReport(report);
  job.folder.appendEvent({ type: 'finished', time, step: 10 });
  return { status: 'finished', report };
}

/** Fails before the first checkpoint. */
async function fail(job: RunJob): Promise<RunResult> {
  const message = 'there is no train.idx';
  job.folder.appendEvent({ type: 'failed', time, step: 0, message });
  throw new UserError(message);
}

async function stop(job: RunJob): Promise<RunResult> {
  begin(job);
  job.folder.appendEvent({ type: 'stopped', time, step: 4, reason: 'asked to stop' });
  return { status: 'stopped', step: 4 };
}

describe('usage', () => {
  it('prints help that shows the way, and the version', async () => {
    const help = await east(scratch(), ['--help']);
    expect(help.code).toBe(0);
    for (const word of [
      'init',
      'run',
      'resume',
      'status',
      'report',
      'generate',
      'verify',
      'check',
    ]) {
      expect(help.out).toContain(`east ${word}`.replace('east status', 'status'));
    }
    expect(help.out).toContain('Exit codes');
    expect(await east(scratch(), ['--version'])).toMatchObject({ code: 0, out: '1.2.3\n' });
    for (const command of ['init', 'run', 'check']) {
      expect((await east(scratch(), [command, '--help'])).out).toContain(`Usage: east ${command}`);
    }
  });

  it.each([
    [[], /Usage: east/],
    [['rum'], /unknown command 'rum'\n\(Did you mean run\?\)/],
    [['run', '--fast'], /unknown option '--fast'/],
    [['run', 'a', 'b'], /too many arguments/],
  ])('exits 2 for %j', async (args, message) => {
    const { code, err } = await east(scratch(), args);
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });

  it('exits 2 without a config and lists several', async () => {
    const folder = scratch();
    expect(await east(folder, ['run'])).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^east: no \*\.east\.json in .*east init/),
    });
    writeConfig(folder, 'b');
    writeConfig(folder, 'a');
    expect(await east(folder, ['run'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('name one of them: a.east.json, b.east.json'),
    });
  });

  it('exits 1 with one message for what the user can mend', async () => {
    const folder = scratch();
    const file = writeConfig(folder);
    writeFileSync(file, readFileSync(file, 'utf8').replace('"classes"', '"clases"'));
    const { code, err } = await east(folder, ['run']);
    expect(code).toBe(1);
    expect(err).toMatch(/meter\.east\.json:\d+:\d+: .*clases/s);
    expect(err).not.toMatch(/\n {4}at /);
    expect(existsSync(join(folder, '.east'))).toBe(false);
  });

  it('exits 70 with the stack for a bug', async () => {
    const folder = scratch();
    writeConfig(folder);
    const run = (): never => {
      throw new TypeError('x is not a function');
    };
    const { code, err } = await east(folder, ['run'], { run });
    expect(code).toBe(70);
    expect(err).toMatch(/bug of EAST[^]*TypeError: x is not a function\n {4}at /);
  });
});

describe('run and resume', () => {
  it('trains, prints the report and says what is next', async () => {
    const folder = scratch();
    writeConfig(folder);
    const { code, out, err } = await east(folder, ['run'], { run: finish });
    expect(code).toBe(0);
    expect(out).toMatch(/✓ within budget[^]*^fc1 +8×16/m);
    expect(err).toContain('started · wasm · 10 steps');
    expect(err).toContain('Write the sources with: east generate meter.east.json');
    const store = new RunStore(folder);
    const [run] = store.list();
    expect(run!.loadConfigText()).toContain('// a comment');
    expect(store.holder(join(folder, 'meter.east.json'))).toBeUndefined();
  });

  it('takes the name without its ending, and writes the sources where asked to', async () => {
    const folder = scratch();
    writeConfig(folder);
    const generate = async () => ({
      directory: join(folder, 'firmware/east'),
      files: ['a.c', 'a.h'],
    });
    const result = await east(folder, ['run', 'meter', '--generate'], { run: finish, generate });
    expect(result).toMatchObject({
      code: 0,
      out: expect.stringContaining('2 files of run meter-'),
    });
  });

  it('leaves no run behind when the plan is impossible', async () => {
    const folder = scratch();
    writeConfig(folder);
    const plan = async (): Promise<void> => {
      throw new UserError('budget.weights cannot be met');
    };
    expect(await east(folder, ['run'], { plan })).toMatchObject({
      code: 1,
      err: 'east: budget.weights cannot be met\n',
    });
    expect(existsSync(join(folder, '.east'))).toBe(false);
  });

  it('exits 130 when stopped, and resumes the same run', async () => {
    const folder = scratch();
    writeConfig(folder);
    const stopped = await east(folder, ['run'], { run: stop });
    expect(stopped.code).toBe(130);
    expect(stopped.err).toContain('Stopped at step 4. Go on with: east resume meter.east.json');
    const resumed = await east(folder, ['resume'], { run: finish });
    expect(resumed.code).toBe(0);
    expect(new RunStore(folder).list()).toHaveLength(1);
    const again = await east(folder, ['resume'], { run: finish });
    expect(again).toMatchObject({ code: 1, err: expect.stringContaining('is finished') });
  });

  it('resumes by id and by folder, with what the run was started with, and says so', async () => {
    const folder = scratch();
    writeConfig(folder);
    await east(folder, ['run'], { run: stop });
    const [run] = new RunStore(folder).list();
    writeConfig(folder, 'meter', { training: { seed: 7 } });
    for (const target of [run!.id, run!.path]) {
      const seeds: number[] = [];
      const { code, err } = await east(folder, ['resume', target], {
        run: async (job) => {
          seeds.push(job.config.training.seed);
          return stop(job);
        },
      });
      expect(code).toBe(130);
      expect(seeds).toEqual([1]);
      expect(err).toContain('The config has changed since');
    }
    rmSync(join(folder, 'meter.east.json'));
    expect((await east(folder, ['resume', run!.id], { run: stop })).code).toBe(130);
  });

  it('refuses a second run of a config that is being run, but not of another', async () => {
    const folder = scratch();
    writeConfig(folder, 'a');
    writeConfig(folder, 'b');
    const inside: number[] = [];
    await east(folder, ['run', 'a'], {
      run: async (job) => {
        const second = await east(folder, ['run', 'a'], { run: finish });
        expect(second.err).toMatch(/a\.east\.json is already being run by process \d+/);
        inside.push(second.code, (await east(folder, ['run', 'b'], { run: finish })).code);
        return finish(job);
      },
    });
    expect(inside).toEqual([1, 0]);
  });

  it('gives the lock back after a failure', async () => {
    const folder = scratch();
    writeConfig(folder);
    const run = async (): Promise<never> => {
      throw new UserError('no data', { file: 'x.idx' });
    };
    const failed = await east(folder, ['run'], { run });
    expect(failed).toMatchObject({
      code: 1,
      err: expect.stringContaining('east: x.idx: no data\n'),
    });
    expect((await east(folder, ['run'], { run: finish })).code).toBe(0);
  });

  it('names what there is when a run is not found', async () => {
    const folder = scratch();
    writeConfig(folder);
    expect(await east(folder, ['resume'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('not been run yet; start with "east run"'),
    });
    expect((await east(folder, ['report', 'meter-20200101-000000-00'])).err).toContain(
      'there is no run meter-20200101-000000-00; there are none yet',
    );
  });
});

describe('status and report', () => {
  it('tells runs of different configs, and of one that was changed, apart', async () => {
    const folder = scratch();
    writeConfig(folder);
    mkdirSync(join(folder, 'other'));
    writeConfig(join(folder, 'other'));
    rmSync(join(folder, 'other/.vscode'), { recursive: true });
    await east(folder, ['run', 'meter'], { run: finish });
    expect((await east(folder, ['status'])).out).not.toContain('meter.east.json');
    writeConfig(folder, 'meter', { budget: { flash: '12KiB', weights: '50%' } });
    await east(folder, ['run', 'meter'], { run: finish });
    await east(join(folder, 'other'), ['run', 'meter'], { run: finish });
    const lines = (await east(folder, ['status'])).out.trim().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/· meter\.east\.json ·/);
    expect(lines[0]).not.toContain('changed');
    expect(lines[1]).toContain('meter.east.json · other than the run before: budget.flash');
    expect(lines[2]).toMatch(/· other\/meter\.east\.json ·/);
    const all: RunStatus[] = JSON.parse((await east(folder, ['status', '--json'])).out);
    expect(all.map(({ changed }) => changed)).toEqual([[], ['budget.flash'], []]);
  });

  it('shows the states of runs, as text and as JSON', async () => {
    const folder = scratch();
    writeConfig(folder);
    expect((await east(folder, ['status'])).out).toContain('No runs yet');
    await east(folder, ['run'], { run: stop });
    const crash = async (job: RunJob): Promise<RunResult> => {
      begin(job);
      job.folder.appendEvent({
        type: 'evaluation',
        time,
        step: 5,
        epoch: 1,
        stage: 'float',
        set: 'validation',
        metric: 'accuracy',
        value: 0.5,
        examples: 10,
      });
      const during: RunStatus[] = JSON.parse((await east(folder, ['status', '--json'])).out);
      expect(during.map(({ state }) => state)).toEqual(['stopped', 'running']);
      expect(during[1]).toMatchObject({
        pid: process.pid,
        accuracy: { float: 0.5, int8Dense: null },
        measured: accuracies({ float: 0.5 }),
      });
      throw new UserError('killed');
    };
    await east(folder, ['run'], { run: crash });
    const { out } = await east(folder, ['status', 'meter.east.json']);
    expect(out).toMatch(
      /stopped · step 4\/10 · asked to stop\n.*interrupted · step 5\/10 · accuracy 50\.0 %/,
    );
    mkdirSync(join(folder, 'deep/er'), { recursive: true });
    expect((await east(join(folder, 'deep/er'), ['status'])).out).toBe(out);
  });

  it('count zeros and bytes alike, whether the log or the report tells of them', async () => {
    const folder = scratch();
    writeConfig(folder);
    const pruned = (told: { sparsity?: number; blobBytes?: number }) => (job: RunJob) => {
      begin(job);
      const layers: [] = [];
      const sizes = { targetBytes: 900, blobBytes: 900, sparsity: 0.1, churn: 0, layers };
      job.folder.appendEvent({ type: 'prune', time, step: 9, ...sizes });
      const report = sampleReport({ run: job.folder.id, sparsity: 0.375 });
      job.folder.saveReport(report);
      job.folder.appendEvent({ type: 'finished', time, step: 10, ...told });
      return Promise.resolve<RunResult>({ status: 'finished', report });
    };
    const { sparsity, flash } = sampleReport({ sparsity: 0.375 });
    await east(folder, ['run'], { run: pruned({ sparsity, blobBytes: flash.weights }) });
    await east(folder, ['run'], { run: pruned({}) });
    for (const line of (await east(folder, ['status'])).out.trim().split('\n'))
      expect(line).toContain('finished · step 10/10 · sparsity 37.5 %');
    const all: RunStatus[] = JSON.parse((await east(folder, ['status', '--json'])).out);
    for (const each of all) expect(each).toMatchObject({ sparsity, blobBytes: flash.weights });
  });

  it('prints the report as JSON that is exactly what was recorded', async () => {
    const folder = scratch();
    writeConfig(folder);
    await east(folder, ['run'], { run: stop });
    expect(await east(folder, ['report'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('is not finished, so there is no report yet'),
    });
    await east(folder, ['resume'], { run: finish });
    const [run] = new RunStore(folder).list();
    const { code, out, err } = await east(folder, ['report', '--json']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(JSON.parse(out)).toEqual(sampleReport({ run: run!.id }));
    writeFileSync(join(run!.path, 'report.json'), '{');
    expect((await east(folder, ['report'])).err).toMatch(/report\.json: the report is damaged/);
  });
});

describe('generate, verify, check', () => {
  const finished = async (): Promise<string> => {
    const folder = scratch();
    writeConfig(folder);
    await east(folder, ['run'], { run: finish });
    return folder;
  };

  it('generates with and without force', async () => {
    const folder = await finished();
    const forced: boolean[] = [];
    const generate = async (_run: unknown, { force }: { force: boolean }) => {
      forced.push(force);
      return { directory: join(folder, 'firmware/east'), files: ['a.c'] };
    };
    expect((await east(folder, ['generate'], { generate })).code).toBe(0);
    expect((await east(folder, ['generate', 'meter', '--force'], { generate })).code).toBe(0);
    expect(forced).toEqual([false, true]);
  });

  it('does not write the sources of a config that has changed since, unless the run is named', async () => {
    const folder = await finished();
    const [run] = new RunStore(folder).list();
    const generate = async () => ({ directory: join(folder, 'firmware/east'), files: ['a.c'] });
    writeConfig(folder, 'meter', { budget: { flash: '12KiB', weights: '25%' } });
    const refused = await east(folder, ['generate'], { generate });
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toContain(
      `The config has changed since run ${run!.id} (budget.flash, budget.weights). Train it as it is now with "east run", ` +
        `or write the sources of that run as it was with "east generate ${run!.id}"`,
    );
    const named = await east(folder, ['generate', run!.id], { generate });
    expect(named.code).toBe(0);
    expect(named.err).toContain('"east check" will call these sources out of date');
    const shown = await east(folder, ['report']);
    expect(shown.code).toBe(0);
    expect(shown.err).toContain(
      'The config has changed since this run (budget.flash, budget.weights); the run is judged by the budget it was trained for.',
    );
    writeConfig(folder);
    expect((await east(folder, ['generate'], { generate })).err).toBe('');
    expect((await east(folder, ['report'])).err).toBe('');
  });

  it('says of a model file that holds another network by now, or that is gone', async () => {
    const folder = scratch();
    const net = join(folder, 'net.tflite');
    const put = (name: string): void => copyFileSync(join(NETWORKS, name), net);
    writeConfig(folder, 'meter', { model: { file: 'net.tflite' }, dataset: undefined });
    put('cnn-int8.tflite');
    await east(folder, ['run'], { run: finish });
    const passed = { name: 'host', inputs: 8, result: { status: 'passed' as const }, figures: [] };
    const verify = async () => ({ ok: true, targets: [passed] });
    const told = async (): Promise<string[]> => [
      (await east(folder, ['verify'], { verify })).err,
      (await east(folder, ['report'])).err,
      (await east(folder, ['status'])).out,
    ];
    for (const text of await told()) expect(text).not.toMatch(/net|config/);
    put('prelu-int8.tflite');
    for (const text of await told()) expect(text).toContain('another network in model.file');
    rmSync(net);
    for (const text of await told()) {
      expect(text).toMatch(/cannot be used as it is now.*net\.tflite: .*no such file/);
    }
  });

  it('verifies what the folder carries where no run lies', async () => {
    const folder = scratch();
    const file = writeConfig(folder);
    const asked: string[] = [];
    const verifyCarried = async (config: ResolvedConfig) => {
      asked.push(config.file);
      const result = { status: 'passed' as const };
      return { ok: true, targets: [{ name: 'host', inputs: 4, result, figures: [] }] };
    };
    const { code, out, err } = await east(folder, ['verify'], { verifyCarried });
    expect({ code, asked }).toEqual({ code: 0, asked: [file] });
    expect(out).toContain('✓ host: 4 inputs, every output byte as trained');
    expect(err).toContain('No run of the config lies here');
    const named = await east(folder, ['verify', 'meter-20260101-000000-00'], { verifyCarried });
    expect(named.code).toBe(1);
    expect(named.err).toContain('there is no run');
  });

  it('verifies: every part must have run and passed', async () => {
    const folder = await finished();
    const verifyWith = (ok: boolean, result: Parameters<typeof target>[0]) =>
      east(folder, ['verify'], { verify: async () => ({ ok, targets: [target(result)] }) });
    const target = (
      result:
        | { status: 'passed' }
        | { status: 'failed'; message: string }
        | { status: 'skipped'; missing: string; install: string },
    ) => ({ name: 'host', inputs: 128, result, figures: [['flash', '1 B'] as const] });
    const passed = await verifyWith(true, { status: 'passed' });
    expect(passed).toMatchObject({ code: 0, out: expect.stringContaining('✓ host: 128 inputs') });
    const failed = await verifyWith(false, { status: 'failed', message: 'output 3 differs' });
    expect(failed).toMatchObject({ code: 1, out: expect.stringContaining('✗ host: output 3') });
    const skipped = await verifyWith(false, {
      status: 'skipped',
      missing: 'gcc',
      install: 'apt install gcc',
    });
    expect(skipped).toMatchObject({
      code: 1,
      out: expect.stringContaining('type: apt install gcc'),
    });
  });

  it('checks the linker script and what the last map leaves', async () => {
    const folder = scratch();
    writeConfig(folder, 'meter', { firmware: { directory: 'firmware', linkerScript: 'app.ld' } });
    const checkSources = async () => ({
      state: 'current' as const,
      details: [],
      sizes: { flash: 16000, ram: 8000, weights: 100 },
    });
    const check = () => east(folder, ['check'], { checkSources });
    const missing = await check();
    expect([missing.code, missing.out]).toEqual([
      1,
      expect.stringContaining('✗ linker script app.ld: no such file'),
    ]);
    writeFileSync(
      join(folder, 'app.ld'),
      'MEMORY { FLASH (rx) : ORIGIN = 0, LENGTH = 32K RAM (rwx) : ORIGIN = 0x20000000, LENGTH = 8K }',
    );
    const fits = await check();
    expect([fits.code, fits.out]).toEqual([
      0,
      expect.stringContaining('✓ flash: 15.6 KiB of 32.0 KiB of region FLASH (app.ld)'),
    ]);
    mkdirSync(join(folder, 'build'));
    writeFileSync(
      join(folder, 'build/app.map'),
      [
        ...['Memory Configuration', 'FLASH 0x00000000 0x00008000 xr', 'RAM 0x20000000 0x00002000'],
        ...[
          'Linker script and memory map',
          '.text 0x00000000 0x4800',
          ' .text.a 0x00000000 0x400 a.o',
        ],
      ].join('\n'),
    );
    const full = await check();
    expect([full.code, full.out]).toEqual([
      1,
      expect.stringContaining(
        '✗ flash: 15.6 KiB of 14.0 KiB left in region FLASH (build/app.map), 1,664 bytes too many',
      ),
    ]);
  });

  it('names the region, why it is the one, and the others; what rests on a guess is no verdict', async () => {
    const folder = scratch();
    const linker = { directory: 'firmware', linkerScript: 'app.ld' };
    const checkSources = async () => ({
      state: 'current' as const,
      details: [],
      sizes: { flash: 16000, ram: 8000, weights: 100 },
    });
    const check = async (firmware: Record<string, unknown>) => {
      writeConfig(folder, 'meter', { firmware });
      return east(folder, ['check'], { checkSources });
    };
    const regions =
      'MEMORY { FLASH (rx) : ORIGIN = 0, LENGTH = 8K QSPI_FLASH (rx) : ORIGIN = 0x90000000, LENGTH = 1M RAM (rwx) : ORIGIN = 0x20000000, LENGTH = 8K }';
    writeFileSync(join(folder, 'app.ld'), regions);
    const guess = await check(linker);
    expect([guess.code, guess.out]).toEqual([
      1,
      expect.stringMatching(
        /\? flash: 15\.6 KiB of 8\.0 KiB to 1\.00 MiB of region FLASH \(app\.ld\): whether that is enough cannot be told\n {4}FLASH: a guess by names: it may as well be QSPI_FLASH; say it with firmware\.flashRegion; other regions: QSPI_FLASH, RAM/,
      ),
    ]);
    const named = await check({ ...linker, flashRegion: 'QSPI_FLASH' });
    expect([named.code, named.out]).toEqual([
      0,
      expect.stringMatching(
        /✓ flash: 15\.6 KiB of 1\.00 MiB of region QSPI_FLASH \(app\.ld\)\n {4}QSPI_FLASH: firmware\.flashRegion says so; other regions: FLASH, RAM/,
      ),
    ]);
    const none = await check({ ...linker, flashRegion: 'FLSH' });
    expect([none.code, none.out]).toEqual([
      1,
      expect.stringContaining(
        '✗ firmware.flashRegion: there is no region "FLSH" among FLASH, QSPI_FLASH, RAM',
      ),
    ]);
    const sections =
      'SECTIONS { .text : { *(.text*) *(.rodata*) } > FLASH .bss : { *(.bss*) } > RAM }';
    writeFileSync(join(folder, 'app.ld'), `${regions}\n${sections}`);
    const placed = await check(linker);
    expect([placed.code, placed.out]).toEqual([
      1,
      expect.stringMatching(/✗ flash: .*region FLASH.*\n {4}FLASH: SECTIONS puts \.rodata there/),
    ]);
  });

  it('judges a region for constants and one for code by what goes there', async () => {
    const folder = scratch();
    writeConfig(folder, 'meter', { firmware: { directory: 'firmware', linkerScript: 'app.ld' } });
    writeFileSync(
      join(folder, 'app.ld'),
      `MEMORY { FLASH (rx) : ORIGIN = 0, LENGTH = 8K QSPI (rx) : ORIGIN = 0x90000000, LENGTH = 10K
        RAM (rwx) : ORIGIN = 0x20000000, LENGTH = 8K }
      SECTIONS { .text : { *(.text*) } > FLASH .rodata : { *(.rodata*) } > QSPI .bss : { *(.bss*) } > RAM }`,
    );
    const check = (code: number | undefined) => {
      const sizes = {
        flash: 16000,
        ram: 8000,
        weights: 100,
        ...(code === undefined ? {} : { code }),
      };
      const checkSources = async () => ({ state: 'current' as const, details: [], sizes });
      return east(folder, ['check'], { checkSources });
    };
    // A manifest of an earlier version: how much of it is code is not known.
    expect(await check(undefined)).toMatchObject({
      code: 1,
      out: expect.stringMatching(/\? flash/),
    });
    const known = await check(7000);
    expect([known.code, known.out]).toEqual([
      0,
      expect.stringMatching(/✓ flash, constants: .*region QSPI[^]*✓ flash, code: .*region FLASH/),
    ]);
    expect(known.out).not.toMatch(/\?/);
    const code = await check(8300);
    expect([code.code, code.out]).toEqual([
      1,
      expect.stringMatching(/✓ flash, constants[^]*✗ flash, code/),
    ]);
    const constants = await check(5000);
    expect([constants.code, constants.out]).toEqual([
      1,
      expect.stringMatching(/✗ flash, constants[^]*✓ flash, code/),
    ]);
  });

  it.each([
    [
      'app.map',
      '{"version":3,"mappings":"AAAA"}',
      /✗ map app\.map: this is a JavaScript source map/,
    ],
    ['app.map', undefined, /✗ map app\.map: no such file/],
    ['app.map', 'place in ROM_region', /✗ map app\.map: this is no map of a linker/],
  ])('fails where %s is named and is no map', async (mapFile, text, message) => {
    const folder = scratch();
    writeConfig(folder, 'meter', { firmware: { directory: 'firmware', mapFile } });
    if (text !== undefined) writeFileSync(join(folder, mapFile), text);
    const sizes = { flash: 16000, ram: 8000, weights: 100 };
    const checkSources = async () => ({ state: 'current' as const, details: [], sizes });
    const { code, out } = await east(folder, ['check'], { checkSources });
    expect([code, out]).toEqual([1, expect.stringMatching(message)]);
    expect(out.match(/✗/g)).toHaveLength(1);
  });

  it('says that no map matches a pattern, and does not fail: a fresh clone has not been built', async () => {
    const folder = scratch();
    const mapFile = 'build [x]/*.map';
    writeConfig(folder, 'meter', { firmware: { directory: 'firmware', mapFile } });
    const sizes = { flash: 16000, ram: 8000, weights: 100 };
    const checkSources = async () => ({ state: 'current' as const, details: [], sizes });
    const { code, out } = await east(folder, ['check'], { checkSources });
    expect([code, out]).toEqual([
      0,
      expect.stringContaining(
        '? no file matches firmware.mapFile (build [x]/*.map); what the rest',
      ),
    ]);
  });

  it('checks sources and budget without any run', async () => {
    const folder = scratch();
    writeConfig(folder);
    const checkWith = (
      state: 'current' | 'missing' | 'stale' | 'edited',
      sizes?: { flash: number; ram: number; weights: number },
    ) =>
      east(folder, ['check'], {
        checkSources: async () => ({ state, details: ['a.c'], ...(sizes ? { sizes } : {}) }),
      });
    const good = { flash: 16384, ram: 1e9, weights: 100 };
    expect(await checkWith('current', good)).toMatchObject({ code: 0 });
    const over = await checkWith('current', { ...good, flash: 16385 });
    expect(over.code).toBe(1);
    expect(over.out).toContain('✗ flash: 16,385 of 16,384 B, 1 bytes too many');
    // 16·8 + 8·8 + 8·4 dense weights, of which the config allows half.
    const dense = 16 * 8 + 8 * 8 + 8 * 4;
    expect((await checkWith('current', { ...good, weights: dense / 2 })).code).toBe(0);
    expect((await checkWith('current', { ...good, weights: dense / 2 + 1 })).code).toBe(1);
    for (const state of ['missing', 'stale', 'edited'] as const) {
      const result = await checkWith(state);
      expect(result).toMatchObject({ code: 1, out: expect.stringMatching(/^✗ .*\n {4}a\.c/) });
    }
  });
});

describe('runs that are of no use', () => {
  const generate = async () => ({ directory: '/x', files: ['a.c'] });
  const verify = async () => ({ ok: true, targets: [] });
  const all = [['report'], ['generate'], ['verify'], ['resume']] as const;

  it('passes over a newer run that failed, and says so', async () => {
    const folder = scratch();
    writeConfig(folder);
    await east(folder, ['run'], { run: finish });
    await east(folder, ['run'], { run: fail });
    const [good, bad] = new RunStore(folder).list().map(({ id }) => id);
    for (const command of ['report', 'generate', 'verify']) {
      const { code, err } = await east(folder, [command], { generate, verify });
      expect(code).toBe(0);
      expect(err).toContain(
        `This is about run ${good}. The newer run ${bad} failed (there is no train.idx).`,
      );
    }
    expect((await east(folder, ['generate', good!], { generate })).err).toBe('');
  });

  it('passes over a newer run whose results cannot be used, as the editor does', async () => {
    const folder = scratch();
    writeConfig(folder);
    await east(folder, ['run'], { run: finish });
    await east(folder, ['run'], { run: finish });
    const [good, bad] = new RunStore(folder).list();
    writeFileSync(bad!.file('model.east'), 'torn');
    for (const command of ['report', 'generate', 'verify']) {
      const { code, err } = await east(folder, [command], { generate, verify });
      expect(code).toBe(0);
      expect(err).toContain(
        `This is about run ${good!.id}. The newer run ${bad!.id} has results that cannot be used.`,
      );
    }
  });

  it('resumes the latest that can be, not one that failed before its first checkpoint', async () => {
    const folder = scratch();
    writeConfig(folder);
    await east(folder, ['run'], { run: fail });
    for (const [command] of all) {
      const { code, err } = await east(folder, [command], { run: finish });
      expect(code).toBe(1);
      expect(err).toMatch(/failed \(there is no train.idx\); mend .* with "east run"/);
      expect(err).not.toContain('east resume');
    }
    await east(folder, ['run'], { run: stop });
    await east(folder, ['run'], { run: fail });
    const stopped = new RunStore(folder).list()[1]!;
    const resumed = await east(folder, ['resume'], { run: finish });
    expect(resumed.code).toBe(0);
    expect(stopped.state()).toBe('finished');
  });

  it.each(['model.east', 'examples.east', 'report.json'])(
    'writes a lost or damaged %s anew from the last checkpoint, where there is one',
    async (name) => {
      const folder = scratch();
      writeConfig(folder);
      await east(folder, ['run'], { run: finish });
      const run = new RunStore(folder).list()[0]!;
      for (const content of [undefined, '{"version":1,"layers":[]}']) {
        rmSync(run.file('checkpoints'), { recursive: true, force: true });
        rmSync(run.file(name));
        if (content !== undefined) writeFileSync(run.file(name), content);
        for (const [command] of all) {
          if (command === 'report' && name !== 'report.json') continue;
          const { code, err } = await east(folder, [command], { run: finish });
          expect(code).toBe(1);
          expect(err).toMatch(/(missing|damaged).*start again with "east run"/);
          expect(err).not.toMatch(/east resume|\n {4}at /);
        }
        run.checkpoints.save(10, { meta: 0, arrays: {} });
        const advice = await east(folder, ['generate']);
        expect(advice).toMatchObject({
          code: 1,
          err: expect.stringContaining(`"east resume ${run.id}"`),
        });
        const resumed = await east(folder, ['resume'], { run: finish });
        expect(resumed).toMatchObject({ code: 0, err: expect.stringContaining('written anew') });
        expect((await east(folder, ['generate'], { generate })).code).toBe(0);
      }
    },
  );

  it('keeps going beside a damaged run', async () => {
    const folder = scratch();
    writeConfig(folder);
    await east(folder, ['run'], { run: finish });
    const run = new RunStore(folder).list()[0]!;
    const bad = join(folder, '.east/runs/meter-20990101-000000-00');
    mkdirSync(bad);
    const nothings = {
      name: 1,
      model: 1,
      dataset: 1,
      budget: 1,
      east: 1,
      training: 1,
      firmware: 1,
    };
    const foreign = JSON.stringify({ ...nothings, file: '', workspace: '' });
    for (const content of ['{', 'null', foreign]) {
      writeFileSync(join(bad, 'config.resolved.json'), content);
      const { code, err } = await east(folder, ['report']);
      expect(code).toBe(0);
      expect(err).toBe(
        'Passed over, damaged: meter-20990101-000000-00; "east status" says what can be done\n',
      );
      expect((await east(folder, ['status'])).out).toMatch(
        /finished.*\nmeter-20990101-000000-00 {2}damaged · .*; nothing has been computed in it, so its folder .* can be deleted/,
      );
      expect((await east(folder, ['report', bad])).err).toMatch(/damaged.*; nothing has been/);
      // What somebody may still go on with is not given up.
      mkdirSync(join(bad, 'checkpoints'));
      writeFileSync(join(bad, 'checkpoints/step-000000007.ckpt'), '');
      for (const said of [
        (await east(folder, ['status'])).out,
        (await east(folder, ['report', bad])).err,
      ]) {
        expect(said).toMatch(/damaged.*; what it has computed is still in /);
        expect(said).not.toMatch(/delete/);
      }
      rmSync(join(bad, 'checkpoints'), { recursive: true });
    }
    writeFileSync(join(bad, 'config.resolved.json'), JSON.stringify(run.loadConfig()));
    writeFileSync(join(bad, 'events.jsonl'), 'x\n');
    expect((await east(folder, ['report'])).code).toBe(0);
  });

  it('needs no lock for what is finished', async () => {
    const folder = scratch();
    const config = writeConfig(folder);
    await east(folder, ['run'], { run: finish });
    const lock = await new RunStore(folder).lock(config);
    for (const command of ['report', 'generate', 'verify']) {
      expect((await east(folder, [command], { generate, verify })).code).toBe(0);
    }
    lock.release();
  });
});

describe('odd places', () => {
  it('says in its own words that a config is a folder', async () => {
    const folder = scratch();
    mkdirSync(join(folder, 'meter.east.json'));
    for (const args of [['run', 'meter'], ['check'], ['report', 'meter']]) {
      const { code, err } = await east(folder, args);
      expect(code).toBe(1);
      expect(err).toMatch(/meter\.east\.json: the config is not a file/);
    }
  });

  it('tells what the manifest says that whoever builds with the sources should know', async () => {
    const folder = scratch();
    writeConfig(folder);
    const directory = join(folder, 'firmware/east');
    mkdirSync(directory, { recursive: true });
    const model = { name: 'meter', inputBytes: 16, outputBytes: 4, notes: ['It is a guess.'] };
    writeFileSync(join(directory, 'manifest.json'), manifestFile(model, {}, new Map()));
    const checkSources = async () => ({ state: 'current' as const, details: [] });
    const { code, out } = await east(folder, ['check'], { checkSources });
    expect([code, out]).toEqual([0, expect.stringContaining('? It is a guess.\n')]);
  });

  it('counts the generated files that are missing', async () => {
    const folder = scratch();
    writeConfig(folder);
    const directory = join(folder, 'firmware/east');
    const files = { 'a.c': '1', 'b.c': '2', 'c.h': '3' };
    const text = manifestFile(
      { name: 'meter', inputBytes: 16, outputBytes: 4 },
      {},
      new Map(Object.entries(files)),
    );
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'manifest.json'), text);
    const checkSources = async () => ({ state: 'missing' as const, details: ['a.c'] });
    expect((await east(folder, ['check'], { checkSources })).out).toBe(
      '✗ 1 of 3 files is missing; write them again with "east generate":\n    a.c\n',
    );
  });
});

describe('init', () => {
  const flags = [
    ...['--architecture', 'lenet5', '--input', '28x28x1', '--classes', '10'],
    ...['--format', 'idx', '--train', 'd/a', '--train-labels', 'd/b', '--test', 'd/c'],
    ...['--test-labels', 'd/e', '--weights', '25%', '--epochs', '7', '--firmware', 'fw/net'],
  ];

  it('writes a config that parses to the flags', async () => {
    const folder = scratch();
    mkdirSync(join(folder, '.vscode'));
    const { code, out, err } = await east(folder, ['init', 'my-digits', ...flags]);
    expect({ code, out }).toEqual({
      code: 0,
      out: 'my-digits.east.json is written. Look through it, then: east run my-digits.east.json\n',
    });
    expect(err).toContain('dataset.train');
    const config = loadConfig(join(folder, 'my-digits.east.json'));
    expect(config).toMatchObject({
      name: 'my_digits',
      model: { architecture: 'lenet5', input: [28, 28, 1], classes: 10 },
      budget: { weights: { fraction: 0.25 } },
      training: { epochs: 7 },
      firmware: { directory: join(folder, 'fw/net') },
    });
    expect(config.budget.flash).toBeUndefined();
  });

  it('does not overwrite without --force', async () => {
    const folder = scratch();
    const file = writeConfig(folder, 'net');
    const before = readFileSync(file, 'utf8');
    expect(await east(folder, ['init', 'net', ...flags])).toMatchObject({
      code: 1,
      err: expect.stringContaining('exists already'),
    });
    expect(readFileSync(file, 'utf8')).toBe(before);
    expect((await east(folder, ['init', 'net', ...flags, '--force'])).code).toBe(0);
  });

  it.each([
    [['--input', '28x28'], /--input 28x28: must be height x width x channels/],
    [['--classes', 'ten'], /--classes ten: must be a whole number/],
    [['--architecture', 'vgg'], /--architecture vgg: must be one of resnet9/],
    [['--weights', 'plenty'], /do not make a config[^]*plenty/],
    [['--train', '../../elsewhere'], /do not make a config[^]*elsewhere/],
  ])('exits 2 for %j and writes nothing', async (extra, message) => {
    const folder = scratch();
    mkdirSync(join(folder, '.vscode'));
    const { code, err } = await east(folder, ['init', 'net', ...flags, ...extra]);
    expect(err).toMatch(message);
    expect(code).toBe(2);
    expect(existsSync(join(folder, 'net.east.json'))).toBe(false);
  });
});

describe('init, from what the data say', () => {
  const start = ['init', 'net', '--weights', '25%'];
  const table = (header: string, row: (i: number) => string, rows = 24) =>
    `${header}\n${Array.from({ length: rows }, (_, i) => row(i)).join('\n')}\n`;
  const csv = [...start, '--format', 'csv', '--train', 'data/train.csv', '--test', 'data/test.csv'];

  function folderWith(files: Readonly<Record<string, string | Uint8Array>>): string {
    const folder = scratch();
    mkdirSync(join(folder, 'data'));
    for (const [name, content] of Object.entries(files)) {
      writeFileSync(join(folder, 'data', name), content);
    }
    return folder;
  }

  it('reads the header of a table for input, label, columns and classes', async () => {
    const walk = table('timestamp,x,y,z,activity', (i) => {
      return `${20 * i},${i % 5},${i % 3},${i % 4},${['walk', 'run', 'sit'][Math.floor(i / 8)]}`;
    });
    const folder = folderWith({ 'train.csv': walk, 'test.csv': walk });
    expect(await east(folder, csv)).toMatchObject({ code: 0, err: '' });
    expect(loadConfig(join(folder, 'net.east.json'))).toMatchObject({
      model: { architecture: 'mlp', input: [1, 1, 3], classes: 3 },
      dataset: { label: 'activity', columns: ['x', 'y', 'z'] },
    });
    const windowed = [...csv, '--force', '--window', '4', '--columns', 'x,z'];
    expect((await east(folder, windowed)).code).toBe(0);
    expect(loadConfig(join(folder, 'net.east.json'))).toMatchObject({
      model: { architecture: 'cnn1d', input: [1, 4, 2], classes: 3 },
      dataset: { columns: ['x', 'z'], window: 4 },
    });
  });

  it.each([['--label', '0'], []])('refuses a table without a header line: %j', async (...label) => {
    const row = (i: number): string => `${i / 10},${i % 5},${i % 2}`;
    const headless = table('0.3,1.2,0', row);
    const good = table('a,b,0', row);
    for (const [train, test] of [
      [headless, good],
      [good, headless],
    ] as const) {
      const folder = folderWith({ 'train.csv': train, 'test.csv': test });
      const { code, err } = await east(folder, [...csv, ...label]);
      expect(err).toContain(
        'csv:1:1: the first line holds numbers, not the names of the columns; put a header line in front',
      );
      expect(code).toBe(2);
      expect(existsSync(join(folder, 'net.east.json'))).toBe(false);
    }
  });

  it.each(['session', 'recording', 'Subject_ID', 'group'])(
    'proposes column %s for the recordings of windows',
    async (name) => {
      const walk = table(`x,y,${name},activity`, (i) =>
        [i % 5, i % 3, Math.floor(i / 6), i < 12 ? 'walk' : 'run'].join(),
      );
      const folder = folderWith({ 'train.csv': walk, 'test.csv': walk });
      const file = join(folder, 'net.east.json');
      expect((await east(folder, [...csv, '--window', '2'])).code).toBe(0);
      expect(loadConfig(file)).toMatchObject({
        model: { input: [1, 2, 2], classes: 2 },
        dataset: { recording: name, window: 2 },
      });
      expect((await east(folder, [...csv, '--force'])).code).toBe(0);
      expect(loadConfig(file).dataset?.recording).toBeUndefined();
      const chosen = ['--window', '2', '--columns', `x,${name}`, '--force'];
      expect((await east(folder, [...csv, ...chosen])).code).toBe(0);
      expect(loadConfig(file).dataset?.recording).toBeUndefined();
    },
  );

  it('takes a front end and few examples of folders of sounds', async () => {
    const folder = scratch();
    for (const set of ['train', 'test']) {
      for (const name of ['knock', 'quiet']) {
        mkdirSync(join(folder, 'data', set, name), { recursive: true });
        for (let i = 0; i < 4; i++) {
          const file = join(folder, 'data', set, name, `${i}.wav`);
          writeFileSync(file, wav(new Float64Array(4000), { sampleRate: 8000 }));
        }
      }
    }
    const sounds = ['--format', 'wav', '--train', 'data/train', '--test', 'data/test'];
    expect(await east(folder, [...start, ...sounds])).toMatchObject({ code: 0, err: '' });
    expect(loadConfig(join(folder, 'net.east.json'))).toMatchObject({
      model: { architecture: 'ds-cnn', classes: 2 },
      frontend: { kind: 'log-mel', sampleRate: 8000 },
      dataset: { format: 'wav', augment: { variants: 3 } },
      training: { batchSize: 16, epochs: 400 },
    });
    const alarms = ['--task', 'anomaly', '--normal', 'quiet', '--force'];
    expect(await east(folder, [...start, ...sounds, ...alarms])).toMatchObject({ code: 0 });
    expect(loadConfig(join(folder, 'net.east.json'))).toMatchObject({
      task: { kind: 'anomaly', normal: ['quiet'] },
      model: { architecture: 'autoencoder' },
    });
  });

  it('takes a width that fits the RAM where the usual one does not, and says so', async () => {
    const folder = scratch();
    for (const set of ['train', 'test']) {
      for (const name of ['knock', 'quiet']) {
        mkdirSync(join(folder, 'data', set, name), { recursive: true });
        const sound = wav(new Float64Array(16_000), { sampleRate: 16_000 });
        writeFileSync(join(folder, 'data', set, name, '0.wav'), sound);
      }
    }
    const file = join(folder, 'net.east.json');
    const sounds = ['--format', 'wav', '--train', 'data/train', '--test', 'data/test', '--force'];
    const leastRam = (width?: number): number => {
      const { model, ...config } = loadConfig(file);
      const network = { ...model, ...(width !== undefined && { width }) };
      return forecast(config, loadModel(network)).ram.least;
    };
    const widthOf = (): number => loadConfig(file).model.width ?? 64;
    for (const [ram, given] of [
      ['64KiB', []],
      ['16KiB', ['--ram', '16KiB', '--flash', '64KiB']],
    ] as const) {
      const { code, err } = await east(folder, ['init', 'net', ...sounds, ...given]);
      const width = widthOf();
      expect(code).toBe(0);
      expect(err).toBe(
        `Note: model.width is ${width}, about the most that fits the RAM of ${parseInt(ram)}.0 KiB; for a wider network give more (--ram).\n`,
      );
      expect(leastRam()).toBeLessThanOrEqual(parseInt(ram) * 1024);
      expect(leastRam(width + 4)).toBeGreaterThan(parseInt(ram) * 1024);
    }
    const wide = ['--ram', '256KiB', '--flash', '256KiB'];
    expect(await east(folder, ['init', 'net', ...sounds, ...wide])).toMatchObject({
      code: 0,
      err: '',
    });
    expect(widthOf()).toBe(64);
    // A width that is asked for stays.
    const asked = ['--ram', '16KiB', '--flash', '64KiB', '--width', '64'];
    expect((await east(folder, ['init', 'net', ...sounds, ...asked])).err).toMatch(
      /^Note: the network does not fit the RAM of 16\.0 KiB: it needs \d\d\.\d KiB; /,
    );
    expect(widthOf()).toBe(64);
    const tiny = ['--ram', '1KiB', '--flash', '64KiB'];
    expect((await east(folder, ['init', 'net', ...sounds, ...tiny])).err).toMatch(
      /^Note: the network does not fit the RAM of 1\.0 KiB at any width: /,
    );
    // What is no network at all is said as before.
    const none = ['--architecture', 'lenet5', '--input', '4x4x1', '--classes', '3', '--force'];
    expect(await east(folder, ['init', 'net', ...none])).toMatchObject({
      code: 2,
      err: expect.stringContaining('these choices do not make a config'),
    });
  });

  it('takes a column of numbers for what is to be told, and keeps what belongs together', async () => {
    const measured = table('person,hours,load,temperature', (i) =>
      [`p${i % 6}`, (i * 7) % 24, (i % 5) / 3, 20 + (i % 9) / 7].join(),
    );
    const folder = folderWith({ 'train.csv': measured, 'test.csv': measured });
    const file = join(folder, 'net.east.json');
    const told = [...csv, '--target', 'temperature', '--subject', 'person'];
    expect(await east(folder, told)).toMatchObject({ code: 0, err: '' });
    expect(loadConfig(file)).toMatchObject({
      task: { kind: 'regression' },
      model: { architecture: 'mlp', input: [1, 1, 2] },
      dataset: { target: ['temperature'], columns: ['hours', 'load'], subject: 'person' },
      training: { batchSize: 16 },
    });
    // Without a word of which column, the likeliest.
    const likely = [...csv, '--task', 'regression', '--subject', 'person', '--force'];
    expect(await east(folder, likely)).toMatchObject({ code: 0, err: '' });
    expect(loadConfig(file).dataset?.target).toEqual(['temperature']);
    const unlabelled = [...csv, '--task', 'anomaly', '--force'];
    expect(await east(folder, unlabelled)).toMatchObject({ code: 0, err: '' });
    expect(loadConfig(file)).toMatchObject({
      task: { kind: 'anomaly' },
      model: { architecture: 'autoencoder', input: [1, 1, 3] },
    });
  });

  it('keeps the order of the columns that an autoencoder rebuilds', async () => {
    const names = Array.from({ length: 8 }, (_, i) => `x${i}`);
    const measured = table(`${names.join()},note`, (i) =>
      [...names.map((_, c) => ((i * (c + 3)) % 11) / 7), 'fine'].join(),
    );
    const folder = folderWith({ 'train.csv': measured, 'test.csv': measured });
    expect(await east(folder, [...csv, '--task', 'anomaly'])).toMatchObject({ code: 0, err: '' });
    expect(loadConfig(join(folder, 'net.east.json'))).toMatchObject({
      model: { input: [1, 1, 8] },
      dataset: { columns: names },
    });
  });

  describe('of what is normal', () => {
    const alarms = [...csv, '--task', 'anomaly', '--normal'];
    const found = async (header: string, row: (i: number) => string, ...normal: string[]) => {
      const rows = table(header, row);
      const folder = folderWith({ 'train.csv': rows, 'test.csv': rows });
      const { code, err } = await east(folder, [...alarms, ...normal]);
      const file = join(folder, 'net.east.json');
      return { code, err, config: existsSync(file) ? loadConfig(file) : undefined };
    };
    const worn = (i: number): string => (i % 4 === 3 ? 'worn' : 'ok');

    it.each<[string, string, (i: number) => string, string[], string]>([
      [
        'a column of names',
        'a,state,b',
        (i) => `${i % 7},${worn(i)},${(i % 5) / 3}`,
        ['ok'],
        'state',
      ],
      ['one that is all normal', 'a,b,l', (i) => `${i % 7},${(i % 5) / 3},ok`, ['ok'], 'l'],
      [
        'a number that measurements hold, too',
        'a0,a1,state',
        (i) => [i % 7, i % 5, Math.floor(i / 12)].join(),
        ['0'],
        'state',
      ],
      [
        'the one that is given',
        'a,b,c',
        (i) => `${i % 2},${(i % 5) / 3},${(i % 7) / 2}`,
        ['0', '--label', 'a'],
        'a',
      ],
    ])('takes %s for the label', async (_, header, row, normal, label) => {
      expect(await found(header, row, ...normal)).toMatchObject({
        code: 0,
        err: '',
        config: {
          task: { kind: 'anomaly', normal: normal.slice(0, 1) },
          model: { architecture: 'autoencoder', input: [1, 1, 2] },
          dataset: { label },
        },
      });
    });

    it.each<[string, string, (i: number) => string, string]>([
      [
        'none holds it',
        'a,b,state',
        (i) => `${i % 7},${i % 5},${worn(i)}r`,
        'it is not there yet, or no column of labels holds ok',
      ],
      [
        'several do',
        'left,right,a',
        (i) => `${worn(i)},${worn(i + 1)},${(i % 5) / 3}`,
        'it may be left or right',
      ],
    ])('asks for the label where %s', async (_, header, row, message) => {
      expect(await found(header, row, 'ok')).toEqual({
        code: 2,
        err: expect.stringContaining(
          `--label: give the column of data/train.csv that says what is normal; ${message}`,
        ),
        config: undefined,
      });
    });
  });

  it('says where no class folders of sounds are, and counts those that are few', async () => {
    const folder = scratch();
    for (const set of ['train', 'test']) {
      for (const name of ['knock', 'quiet', 'rain']) {
        mkdirSync(join(folder, 'data', set, name), { recursive: true });
        const sound = wav(new Float64Array(4000), { sampleRate: 8000 });
        writeFileSync(join(folder, 'data', set, name, '0.wav'), sound);
      }
    }
    const sounds = (train: string, test: string) =>
      east(folder, [...start, '--format', 'wav', '--train', train, '--test', test]);
    for (const [flag, place, train, test] of [
      ['train', 'data', 'data', 'data/test'],
      ['train', 'data/train/knock', 'data/train/knock', 'data/test'],
      ['test', 'data/test/knock', 'data/train', 'data/test/knock'],
    ] as const) {
      const { code, err } = await sounds(train, test);
      expect(err).toContain(
        `--${flag} ${place}: there are no class folders with WAV files there; give the folder that holds a folder of WAV files for each class`,
      );
      expect(code).toBe(2);
      expect(existsSync(join(folder, 'net.east.json'))).toBe(false);
    }
    expect((await sounds('data/train', 'data/test')).code).toBe(0);
    expect(loadConfig(join(folder, 'net.east.json')).model.classes).toBe(3);
  });

  it('keeps names of columns that hold commas', async () => {
    const units = table('"time, s";"x, m/s2";"y, m/s2";label', (i) => {
      return `${i};${i % 5},5;${i % 3},25;${i % 2}`;
    });
    const folder = folderWith({ 'train.csv': units, 'test.csv': units });
    const { code } = await east(folder, [...csv, '--recording', 'time, s', '--window', '2']);
    expect(code).toBe(0);
    expect(loadConfig(join(folder, 'net.east.json'))).toMatchObject({
      model: { input: [1, 2, 2], classes: 2 },
      dataset: { label: 'label', recording: 'time, s' },
    });
  });

  it('asks for the label where it is not clear, and for the input where no table is there', async () => {
    const doubtful = table(
      'mode,a,b,result',
      (i) => `${i % 2},${(i % 5) / 7},${(i % 7) / 3},${i % 3}`,
    );
    const folder = folderWith({ 'train.csv': doubtful, 'test.csv': doubtful });
    expect(await east(folder, csv)).toMatchObject({
      code: 2,
      err: expect.stringContaining(
        '--label: give the column of data/train.csv that holds the class; it may be result (3 classes) or mode (2 classes)',
      ),
    });
    expect((await east(folder, [...csv, '--label', 'mode'])).code).toBe(0);
    expect(loadConfig(join(folder, 'net.east.json')).model).toMatchObject({
      input: [1, 1, 3],
      classes: 2,
    });
    const empty = scratch();
    expect(await east(empty, csv)).toMatchObject({
      code: 2,
      err: expect.stringContaining(
        'it is not there yet, or no column looks like one. Measured values are none: --target COLUMN has the network tell those',
      ),
    });
    expect(await east(empty, [...csv, '--label', 'a'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('--input: the columns of data/train.csv cannot be counted'),
    });
  });

  it('reads the headers of arrays and pictures, too', async () => {
    const images = Buffer.alloc(16 + 20 * 64, 7);
    images.set([0, 0, 8, 3, 0, 0, 0, 20, 0, 0, 0, 8, 0, 0, 0, 8]);
    images[20] = 1;
    const labels = Buffer.alloc(8 + 20);
    labels.set([0, 0, 8, 1, 0, 0, 0, 20]);
    for (let i = 0; i < 20; i++) labels[8 + i] = 1 + (i % 4);
    const folder = folderWith({
      'train-images.idx': images,
      'train-labels.idx': labels,
      'test-images.idx': images,
      'test-labels.idx': labels,
    });
    const paths = ['train', 'test'].flatMap((set) => [
      ...[`--${set}`, `data/${set}-images.idx`],
      ...[`--${set}-labels`, `data/${set}-labels.idx`],
    ]);
    expect(await east(folder, [...start, '--format', 'idx', ...paths])).toMatchObject({ code: 0 });
    expect(loadConfig(join(folder, 'net.east.json')).model).toMatchObject({
      architecture: 'resnet8',
      input: [8, 8, 1],
      classes: 4,
    });
  });

  describe('of NumPy arrays', () => {
    const X = npy('<f4', [60, 4], bytesOf(Float32Array.from({ length: 240 }, (_, i) => i / 7)));
    const whole = npy('|u1', [60], cycle(60, 3));
    const measured = npy(
      '<f4',
      [60],
      bytesOf(Float32Array.from({ length: 60 }, (_, i) => i + 0.25)),
    );
    const paths = ['train', 'test'].flatMap((set) => [
      ...[`--${set}`, `data/x_${set}.npy`],
      ...[`--${set}-labels`, `data/labels_of_${set}.npy`],
    ]);
    const numpy = [...start, '--format', 'numpy'];
    const files = (train: Uint8Array, test = train) => ({
      ...{ 'x_train.npy': X, 'x_test.npy': X },
      ...{ 'labels_of_train.npy': train, 'labels_of_test.npy': test },
    });
    const archives = (arrays: Readonly<Record<string, Uint8Array>>) => ({
      'train.npz': npz(arrays),
      'test.npz': npz(arrays),
    });
    const archivePaths = ['--train', 'data/train.npz', '--test', 'data/test.npz'];

    it.each([
      ['of their own', files(whole), paths],
      ['in an archive', archives({ x: X, y: whole }), archivePaths],
    ])('takes input and classes from files %s', async (_, data, flags) => {
      const folder = folderWith(data);
      expect(await east(folder, [...numpy, ...flags])).toMatchObject({ code: 0, err: '' });
      expect(loadConfig(join(folder, 'net.east.json')).model).toMatchObject({
        input: [1, 1, 4],
        classes: 3,
      });
    });

    it.each([
      [
        'one-hot labels',
        files(npy('|u1', [60, 3], cycle(180, 2))),
        paths,
        'holds labels of 60×3; give one class per example, not one-hot rows; where',
      ],
      [
        'objects',
        files(npy('|O', [60], new Uint8Array(480))),
        paths,
        'holds Python objects; save plain numbers, or names with .astype(str)',
      ],
      [
        'measured targets',
        files(measured),
        paths,
        'label 0.25 (at byte 128, example 0) is neither a whole number nor a name; set "task" to "regression"',
      ],
      [
        'measured whole numbers',
        files(npy('|u1', [60], counting(60))),
        paths,
        '(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, …, 59) for 60 examples; these look like measurements: set "task" to "regression"',
      ],
      [
        'labels of the test set that the training set does not have',
        files(whole, npy('|u1', [60], cycle(60, 4))),
        paths,
        "label 3 is none of the training set's 3 (0, 1, 2): at byte 131, example 3",
      ],
      [
        'measured targets in an archive',
        archives({ x: X, y: measured }),
        archivePaths,
        'label 0.25 (array "y" at byte 128, example 0) is neither a whole number nor a name',
      ],
      [
        'an archive with other names',
        archives({ data: X, labels: whole }),
        archivePaths,
        'the archive has no array named x_train, x, X, images; it has data, labels; save it under one of these names',
      ],
      [
        'no labels',
        files(whole),
        paths.filter((word) => !word.includes('label')),
        'a .npy file holds one array: name the file of the labels in dataset.trainLabels',
      ],
    ])('refuses %s as a run does', async (_, data, flags, message) => {
      const folder = folderWith(data);
      const { code, err } = await east(folder, [...numpy, ...flags]);
      expect(err).toContain(message);
      expect(code).toBe(2);
      expect(existsSync(join(folder, 'net.east.json'))).toBe(false);
    });

    it('drafts for arrays that are not there yet', async () => {
      const { code, err } = await east(scratch(), [...numpy, ...paths]);
      expect(err).toContain('is not there yet');
      expect(code).toBe(0);
    });
  });
});

describe('engine list', () => {
  it('says which engines are there and why one is not', async () => {
    const { code, out } = await east(scratch(), ['engine', 'list']);
    expect(code).toBe(0);
    expect(out).toMatch(/wasm +✓ +WASM SIMD(\+FMA)? 4\.22\.0, \d+ threads?/);
    expect(out).toMatch(/native +no +not installed; "east engine install native" installs it/);
    expect(out).toMatch(/webgpu +no +not installed; "east engine install webgpu" installs it/);
    const { out: json } = await east(scratch(), ['engine', 'list', '--json']);
    expect(JSON.parse(json)).toMatchObject([
      { engine: 'webgpu', available: false },
      { engine: 'native' },
      { engine: 'wasm', available: true, imagesPerSecond: null },
      { engine: 'cpu', available: true },
    ]);
  });
});

describe('engine install', () => {
  it('installs nothing but the native and the GPU engine', async () => {
    const { code, err } = await east(scratch(), ['engine', 'install', 'wasm']);
    expect(code).toBe(1);
    expect(err).toContain(
      'only the engines "native" and "webgpu" are installed separately, not "wasm"',
    );
  });
});

describe('a file that is no config', () => {
  it.each([
    ['model.tflite', 'this is a network, and no config'],
    ['Model.ONNX', 'this is a network, and no config'],
    ['train.csv', 'this is data, and no config'],
  ])('%s is told apart', async (name, message) => {
    const folder = scratch();
    writeFileSync(join(folder, name), Buffer.from([0x1c, 0, 0, 0, 0x54, 0x46, 0x4c, 0x33]));
    for (const command of ['run', 'check', 'report', 'generate', 'verify']) {
      const { code, err } = await east(folder, [command, name]);
      expect(code).toBe(1);
      expect(err).toContain(message);
      expect(err).toMatch(/"east (init"|import Model\.ONNX"|import model\.tflite")/);
    }
  });
});
