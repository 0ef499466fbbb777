import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RunStatus } from '../../../src/cli/commands/status';
import { loadConfig } from '../../../src/core/config/load-config';
import type { RunJob, RunResult } from '../../../src/core/run/run-job';
import { RunStore } from '../../../src/core/run/run-store';
import { UserError } from '../../../src/core/util/errors';
import { scratchFolders } from '../run/fixtures';
import { east, sampleReport, writeConfig } from './fixtures';

const scratch = scratchFolders();
const time = '2026-01-01T00:00:00.000Z';

function begin({ folder, onEvent }: RunJob, step = 0): void {
  const event = {
    type: step === 0 ? ('started' as const) : ('resumed' as const),
    time,
    step,
    totalSteps: 10,
    engine: 'wasm',
    pid: process.pid,
  };
  folder.appendEvent(event);
  onEvent(event);
}

async function finish(job: RunJob): Promise<RunResult> {
  begin(job);
  const report = sampleReport({ run: job.folder.id });
  job.folder.saveReport(report);
  job.folder.appendEvent({ type: 'finished', time, step: 10 });
  return { status: 'finished', report };
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
        accuracy: 0.5,
        examples: 10,
      });
      const during: RunStatus[] = JSON.parse((await east(folder, ['status', '--json'])).out);
      expect(during.map(({ state }) => state)).toEqual(['stopped', 'running']);
      expect(during[1]).toMatchObject({ pid: process.pid, accuracy: { float: 0.5 } });
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
