/**
 * How fast networks train: the engines that are there, one thread and one per core, float and quantisation-aware,
 * beside an older version of these sources and beside PyTorch on the CPU, all in one run on one machine.
 *
 *   npx tsx bench/training.ts [--only resnet9,ds-cnn] [--steps 15] [--rounds 3] [--warm-up 6] [--before ee7bd63] [--torch PYTHON]
 *
 * A GPU's software stand-in (SwiftShader) makes a single small step: it shows that the engine works, not what a GPU does.
 * All that is compared takes turns in several rounds, each time in a process of its own. Its first seconds do not count:
 * V8 is still compiling, on cores that the threads of a team want, too; a run takes minutes. A figure is the tenth
 * percentile of the steps of all rounds: on a machine that others share, most of the slower ones were interrupted.
 * The older version is checked out into a temporary folder; PyTorch is installed into one, unless --torch names a
 * Python that has it. With --only, the results of the other networks stay; with --only none, of all. Writes bench/results/training.json and the
 * tables of docs/measurements.md.
 */
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { openNativeEngine } from '../src/core/train/engines/native-engine';
import { openWebgpuEngine } from '../src/core/train/engines/webgpu-engine';
import { formatPercent } from '../src/core/report/format';
import { usableCores } from '../src/core/util/usable-cores';
import { fillMeasured, markdownTable } from './lib/measured';
import type { Measurement, NetworkName, StepsRequest } from './lib/training-networks';
import { NETWORKS } from './lib/training-networks';

const BATCH = 128;
/** What a GPU's stand-in in software can do in a time to wait for. */
const FEW = 4;
/** Where Debian's Chromium has it. */
const SWIFTSHADER = '/usr/lib/chromium/vk_swiftshader_icd.json';
const root = resolve(import.meta.dirname, '..');
const resultFile = join(root, 'bench/results/training.json');
const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    steps: { type: 'string', default: '15' },
    rounds: { type: 'string', default: '3' },
    'warm-up': { type: 'string', default: '6' },
    before: { type: 'string', default: 'ee7bd63' },
    torch: { type: 'string' },
  },
});
const steps = Number(options.steps);
const warmUp = Number(options['warm-up']);
type Work = Pick<StepsRequest, 'batchSize' | 'steps' | 'warmUp'>;
const USUAL: Work = { batchSize: BATCH, steps, warmUp };
const cores = usableCores();

interface Result extends Omit<Measurement, 'flopsPerImage' | 'stepMilliseconds'> {
  /** A tenth of the steps took less. */
  readonly milliseconds: number;
  readonly medianMilliseconds: number;
  readonly imagesPerSecond: number;
  readonly gflops: number;
}

/** By what computed it, e.g. `wasm ×2`. */
type Results = Record<string, Result>;
type Networks = Partial<Record<string, Record<'float' | 'quantised', Results>>>;

interface Contender {
  readonly name: string;
  /** Too slow for more than one round. */
  readonly once?: boolean;
  /** Rounds count from 0. */
  measure(
    network: NetworkName,
    quantized: boolean,
    round: number,
  ): Partial<Measurement> | Promise<Partial<Measurement>>;
}

const temporary = mkdtempSync(join(tmpdir(), 'east-bench-training-'));
const notes: string[] = [];
try {
  const contenders = [
    ...before(),
    ...now(1),
    ...(cores > 1 ? [...now(cores), apart(cores)] : []),
    ...(await native()),
    ...(await gpu()),
    ...pytorch(),
  ];
  const networks: Partial<Record<string, Record<'float' | 'quantised', Results>>> = stored();
  for (const network of chosen()) {
    networks[network] = {
      float: await race(contenders, network, false),
      quantised: await race(contenders, network, true),
    };
  }
  write(networks);
} finally {
  rmSync(temporary, { recursive: true, force: true });
  spawnSync('git', ['worktree', 'prune'], { cwd: root });
}

function chosen(): NetworkName[] {
  const names: NetworkName[] = ['resnet9', 'resnet8', 'ds-cnn'];
  const wanted = options.only?.split(',');
  return names.filter((name) => wanted?.includes(name) ?? true);
}

async function race(
  contenders: readonly Contender[],
  network: NetworkName,
  quantized: boolean,
): Promise<Results> {
  const found = new Map<string, Partial<Measurement>[]>();
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const { name, measure, once } of contenders) {
      if (once && round > 0) continue;
      const measurement = await measure(network, quantized, round);
      found.set(name, [...(found.get(name) ?? []), measurement]);
    }
  }
  const rounds = [...found.values()].flat();
  const flops = rounds.find(({ flopsPerImage }) => flopsPerImage !== undefined)?.flopsPerImage ?? 0;
  const results: Results = {};
  for (const [name, measurements] of found) results[name] = summary(measurements, flops);
  const figures = Object.entries(results).map(
    ([name, { imagesPerSecond }]) => `${name} ${imagesPerSecond.toFixed(0)}`,
  );
  console.log(`${network} ${quantized ? 'quantised' : 'float'}, images/s: ${figures.join(', ')}`);
  return results;
}

/** Of the steps of all rounds; what kernels took is scaled from the least disturbed round. */
function summary(rounds: readonly Partial<Measurement>[], flops: number): Result {
  const all = rounds.flatMap(({ stepMilliseconds = [] }) => stepMilliseconds);
  const milliseconds = quantile(all, 0.1);
  const mean = ({ stepMilliseconds = [] }: Partial<Measurement>): number =>
    stepMilliseconds.reduce((sum, ms) => sum + ms, 0) / stepMilliseconds.length;
  const best = rounds.reduce((least, round) => (mean(round) < mean(least) ? round : least));
  const { processorMilliseconds = 0, kinds = {} } = best;
  const scale = milliseconds / mean(best);
  const around = rounds.find((round) => round.around)?.around;
  const imagesPerSecond = (BATCH * 1000) / milliseconds;
  return {
    milliseconds,
    medianMilliseconds: quantile(all, 0.5),
    imagesPerSecond,
    gflops: (imagesPerSecond * flops) / 1e9,
    processorMilliseconds,
    peakMemory: Math.max(...rounds.map(({ peakMemory = 0 }) => peakMemory)),
    kinds: Object.fromEntries(Object.entries(kinds).map(([kind, ms]) => [kind, ms * scale])),
    ...(around ? { around } : {}),
  };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))] ?? NaN;
}

function trainingSteps(
  request: Omit<StepsRequest, keyof Work | 'around'>,
  round: number,
  work = USUAL,
): Measurement {
  const around =
    round === 0 && request.root === root && request.engine !== 'webgpu' && request.shards === 1;
  return measurementOf(
    execFileSync(process.execPath, childOf({ ...request, ...work, around }), {
      cwd: root,
      encoding: 'utf8',
    }),
  );
}

function childOf(request: StepsRequest): string[] {
  const child = join(root, 'bench/lib/training-steps.ts');
  return ['--import', 'tsx', child, JSON.stringify(request)];
}

function measurementOf(out: string): Measurement {
  const measurement: Measurement = JSON.parse(out.trim().split('\n').at(-1)!);
  return measurement;
}

function now(shards: number): Contender[] {
  const measure: Contender['measure'] = (network, quantized, round) =>
    trainingSteps({ root, engine: 'wasm', network, quantized, shards }, round);
  return [{ name: `wasm ×${shards}`, measure }];
}

/** Processes that share nothing but the machine, each with its part of the batch: what it gives so many threads at most. */
function apart(count: number): Contender {
  const run = promisify(execFile);
  return {
    name: `${count} apart`,
    measure: async (network, quantized) => {
      const request: StepsRequest = {
        ...{ root, engine: 'wasm', network, quantized, shards: 1, around: false },
        ...USUAL,
        batchSize: BATCH / count,
        steps: count * steps,
      };
      const all = await Promise.all(
        Array.from({ length: count }, () =>
          run(process.execPath, childOf(request), { cwd: root, encoding: 'utf8' }),
        ),
      );
      const measurements = all.map(({ stdout }) => measurementOf(stdout));
      const sum = (pick: (m: Measurement) => number): number =>
        measurements.reduce((total, m) => total + pick(m), 0);
      return {
        stepMilliseconds: measurements.flatMap(({ stepMilliseconds }) => stepMilliseconds),
        processorMilliseconds: sum(({ processorMilliseconds }) => processorMilliseconds),
        peakMemory: sum(({ peakMemory }) => peakMemory),
      };
    },
  };
}

function before(): Contender[] {
  const old = join(temporary, 'before');
  const { status, stderr } = spawnSync(
    'git',
    ['worktree', 'add', '--detach', old, options.before],
    {
      cwd: root,
      encoding: 'utf8',
    },
  );
  if (status !== 0) {
    notes.push(`no older version: ${stderr.trim()}`);
    return [];
  }
  symlinkSync(join(root, 'node_modules'), join(old, 'node_modules'), 'junction');
  const measure: Contender['measure'] = (network, quantized, round) =>
    trainingSteps({ root: old, engine: 'wasm', network, quantized, shards: 1 }, round);
  return [{ name: 'before', measure }];
}

async function native(): Promise<Contender[]> {
  const found = await openNativeEngine();
  if (!('engine' in found)) {
    notes.push(`no native engine: ${found.reason.replace(/ imported from .*/, '')}`);
    return [];
  }
  const measure: Contender['measure'] = (network, quantized, round) =>
    trainingSteps({ root, engine: 'native', network, quantized, shards: 1 }, round);
  return [{ name: 'native', measure }];
}

/** On a graphics processor where there is one, else on the software adapter that Chromium brings. */
async function gpu(): Promise<Contender[]> {
  let found = await openWebgpuEngine();
  if (!('engine' in found) && existsSync(SWIFTSHADER)) {
    process.env['VK_ICD_FILENAMES'] ??= SWIFTSHADER;
    found = await openWebgpuEngine();
  }
  if (!('engine' in found)) {
    notes.push(`no GPU engine: ${found.reason}`);
    return [];
  }
  const { hardware, engine, device } = found;
  device.destroy();
  notes.push(`webgpu: ${engine.build}`);
  if (hardware) {
    const measure: Contender['measure'] = (network, quantized, round) =>
      trainingSteps({ root, engine: 'webgpu', network, quantized, shards: 1 }, round);
    return [{ name: 'webgpu', measure }];
  }
  notes.push(`webgpu in software: one step of ${FEW} images, times ${BATCH / FEW}`);
  const measure: Contender['measure'] = (network, quantized, round) => {
    const work: Work = { batchSize: FEW, steps: 1, warmUp: 0 };
    const request = { root, engine: 'webgpu', network, quantized, shards: 1 } as const;
    const { stepMilliseconds, processorMilliseconds, ...rest } = trainingSteps(
      request,
      round,
      work,
    );
    const times = BATCH / FEW;
    return {
      ...rest,
      stepMilliseconds: stepMilliseconds.map((ms) => ms * times),
      processorMilliseconds: processorMilliseconds * times,
    };
  };
  return [{ name: 'webgpu in software', measure, once: true }];
}

function pytorch(): Contender[] {
  const python = options.torch === 'none' ? undefined : (options.torch ?? installedTorch());
  if (python === undefined) return [];
  return [...new Set([1, cores])].map((threads) => ({
    name: `pytorch ×${threads}`,
    measure: (network, quantized) => {
      const script = join(root, 'bench/lib/torch_steps.py');
      const kind = quantized ? ['quantised'] : [];
      const args = [script, network, threads, BATCH, steps, warmUp, ...kind].map(String);
      const measurement: Partial<Measurement> = JSON.parse(
        execFileSync(python, args, { encoding: 'utf8' }),
      );
      return measurement;
    },
  }));
}

/** A Python of its own with PyTorch from the package index; undefined where that does not work. */
function installedTorch(): string | undefined {
  const folder = join(temporary, 'python');
  const python = join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  for (const [command, args] of [
    ['python3', ['-m', 'venv', folder]],
    [python, ['-m', 'pip', 'install', '--quiet', 'torch', 'numpy']],
  ] as const) {
    const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
    if (status === 0) continue;
    const reason = error?.message ?? stderr.trim().split('\n').at(-1) ?? 'it failed';
    notes.push(`no PyTorch: ${command} ${args.slice(0, 3).join(' ')}: ${reason}`);
    return undefined;
  }
  return python;
}

function stored(): Networks {
  if (options.only === undefined || !existsSync(resultFile)) return {};
  const { networks }: { networks?: Networks } = JSON.parse(readFileSync(resultFile, 'utf8'));
  return networks ?? {};
}

function write(networks: Networks): void {
  const content = {
    command: 'npx tsx bench/training.ts',
    machine: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`,
    measured: `tenth percentile of ${options.rounds} rounds of ${steps} steps of ${BATCH} made-up images, after ${warmUp} seconds of them`,
    before: options.before,
    networks,
    notes,
  };
  writeFileSync(resultFile, `${JSON.stringify(content, null, 2)}\n`);
  const text = [table(networks), medians(networks), shares(networks)].join('\n\n');
  fillMeasured(root, 'training', text);
  console.log([text, ...notes].join('\n'));
}

function cases(networks: Networks): { network: string; kind: string; results: Results }[] {
  return Object.entries(networks).flatMap(([network, kinds]) =>
    Object.entries(kinds ?? {}).map(([kind, results]) => ({ network, kind, results })),
  );
}

function table(networks: Networks): string {
  const all = cases(networks);
  const names = [...new Set(all.flatMap(({ results }) => Object.keys(results)))];
  const rows = all.map(({ network, kind, results }) => {
    const old = results['before'];
    const torch = Object.entries(results).reduce(
      (best, [name, { imagesPerSecond }]) =>
        name.startsWith('pytorch') ? Math.max(best, imagesPerSecond) : best,
      0,
    );
    return [
      `${network} of width ${widthOf(network)}, ${kind}`,
      ...names.map((name) => {
        const result = results[name];
        if (!result) return '';
        const { imagesPerSecond } = result;
        const ratios: string[] = [];
        if (old && name.startsWith('wasm')) {
          ratios.push(`${(imagesPerSecond / old.imagesPerSecond).toFixed(2)}×`);
        }
        const one = results['wasm ×1'];
        if (one && name.startsWith('wasm') && result !== one) {
          ratios.push(`${(imagesPerSecond / one.imagesPerSecond).toFixed(2)} of one`);
        }
        const most = results[`${name.replace('wasm ×', '')} apart`];
        if (most) ratios.push(`${(imagesPerSecond / most.imagesPerSecond).toFixed(2)} of apart`);
        if (name === 'native' && torch > 0) {
          ratios.push(`${(imagesPerSecond / torch).toFixed(2)} of PyTorch`);
        }
        const ratio = ratios.length > 0 ? ` (${ratios.join(', ')})` : '';
        const speed = imagesPerSecond.toFixed(0);
        return `${speed}${ratio}, ${Math.round(result.peakMemory / 2 ** 20)} MiB`;
      }),
    ];
  });
  const head = ['images/s, peak memory', ...names];
  return markdownTable(head, rows);
}

/** The ratios by the step that half of all were faster than: with what else the machine did meanwhile. */
function medians(networks: Networks): string {
  const rows = cases(networks).map(({ network, kind, results }) => {
    const time = (name: string): number => results[name]?.medianMilliseconds ?? Infinity;
    const torch = Math.min(
      ...Object.keys(results).map((name) => (name.startsWith('pytorch') ? time(name) : Infinity)),
    );
    const threads = `wasm ×${cores}`;
    const ratios = [
      time('before') / time(threads),
      time('wasm ×1') / time(threads),
      time(`${cores} apart`) / time(threads),
      torch / time('native'),
    ];
    const texts = ratios.map((ratio) =>
      Number.isFinite(ratio) && ratio > 0 ? ratio.toFixed(2) : '',
    );
    return [`${network}, ${kind}`, ...texts];
  });
  const of = ['before', 'one', 'apart'].map((other) => `wasm ×${cores} of ${other}`);
  const head = ['by the median step', ...of, 'native of PyTorch'];
  return markdownTable(head, rows);
}

/** Where a step's time goes, one thread; what is no kernel and not the optimiser is dispatch and moving of data. */
function shares(networks: Networks): string {
  const columns = cases(networks).flatMap(({ network, kind, results }) =>
    ['before', 'wasm ×1', 'native'].flatMap((name) => {
      const result = results[name];
      return result ? [{ title: `${network}, ${kind}, ${name}`, result }] : [];
    }),
  );
  const kinds = [...new Set(columns.flatMap(({ result }) => Object.keys(result.kinds)))];
  const share = (ms: number | undefined, of: number): string =>
    ms === undefined ? '' : formatPercent(ms / of, 0);
  const head = ['share of a step', 'of ms', ...kinds, 'rest', 'beside it: data', 'selection'];
  const rows = columns.map(({ title, result: { milliseconds, kinds: found, around } }) => {
    const known = Object.values(found).reduce((sum, ms) => sum + ms, 0);
    return [
      title,
      milliseconds.toFixed(0),
      ...kinds.map((kind) => share(found[kind], milliseconds)),
      share(milliseconds - known, milliseconds),
      share(around?.data, milliseconds),
      share(around?.selection, milliseconds),
    ];
  });
  return markdownTable(head, rows);
}

function widthOf(network: string): number | string {
  const found = Object.entries(NETWORKS).find(([name]) => name === network)?.[1];
  return found?.width ?? (network === 'ds-cnn' ? 64 : 16);
}
