/**
 * How fast networks train: the engines that are there, one thread and one per core, float and quantisation-aware,
 * beside an older version of these sources and beside PyTorch on the CPU, all in one run on one machine.
 *
 *   npx tsx bench/training.ts [--only resnet9,ds-cnn] [--steps 8] [--rounds 2] [--before ee7bd63] [--torch PYTHON]
 *
 * A GPU's software stand-in (SwiftShader) makes a single small step: it shows that the engine works, not what a GPU does.
 * Each figure is the best of several rounds in which all that is compared takes turns, each in a process of its own.
 * The older version is checked out into a temporary folder; PyTorch is installed into one, unless --torch names a
 * Python that has it. With --only, the results of the other networks stay. Writes bench/results/training.json and the
 * README's table.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { openNativeEngine } from '../src/core/train/engines/native-engine';
import { openWebgpuEngine } from '../src/core/train/engines/webgpu-engine';
import { formatPercent } from '../src/core/report/format';
import { usableCores } from '../src/core/util/usable-cores';
import { fillReadme } from './lib/readme';
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
    steps: { type: 'string', default: '8' },
    rounds: { type: 'string', default: '2' },
    before: { type: 'string', default: 'ee7bd63' },
    torch: { type: 'string' },
  },
});
const steps = Number(options.steps);
type Work = Pick<StepsRequest, 'batchSize' | 'steps' | 'warmUp'>;
const USUAL: Work = { batchSize: BATCH, steps, warmUp: 2 };
const cores = usableCores();

interface Result extends Omit<Measurement, 'flopsPerImage'> {
  readonly imagesPerSecond: number;
  readonly gflops: number;
}

/** By what computed it, e.g. `wasm ×2`. */
type Results = Record<string, Result>;

interface Contender {
  readonly name: string;
  /** Too slow for more than one round. */
  readonly once?: boolean;
  measure(network: NetworkName, quantized: boolean): Partial<Measurement>;
}

const temporary = mkdtempSync(join(tmpdir(), 'east-bench-training-'));
const notes: string[] = [];
try {
  const contenders = [
    ...before(),
    ...now(1),
    ...(cores > 1 ? now(cores) : []),
    ...(await native()),
    ...(await gpu()),
    ...pytorch(),
  ];
  const networks: Partial<Record<string, Record<'float' | 'quantised', Results>>> = stored();
  for (const network of chosen()) {
    networks[network] = {
      float: race(contenders, network, false),
      quantised: race(contenders, network, true),
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

function race(contenders: readonly Contender[], network: NetworkName, quantized: boolean): Results {
  const best: Results = {};
  let flops = 0;
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const { name, measure, once } of contenders) {
      if (once && round > 0) continue;
      const found = measure(network, quantized);
      if (found.milliseconds === undefined) continue;
      flops = found.flopsPerImage ?? flops;
      const { milliseconds, processorMilliseconds = 0, peakMemory = 0, kinds = {}, around } = found;
      const imagesPerSecond = (BATCH * 1000) / milliseconds;
      const gflops = (imagesPerSecond * flops) / 1e9;
      if ((best[name]?.milliseconds ?? Infinity) <= milliseconds) continue;
      best[name] = {
        milliseconds,
        imagesPerSecond,
        gflops,
        processorMilliseconds,
        peakMemory,
        kinds,
        ...(around ? { around } : {}),
      };
    }
  }
  const figures = Object.entries(best).map(
    ([name, { imagesPerSecond }]) => `${name} ${imagesPerSecond.toFixed(0)}`,
  );
  console.log(`${network} ${quantized ? 'quantised' : 'float'}, images/s: ${figures.join(', ')}`);
  return best;
}

function trainingSteps(
  request: Omit<StepsRequest, keyof Work | 'around'>,
  work = USUAL,
): Measurement {
  const around = request.root === root && request.engine !== 'webgpu' && request.shards === 1;
  const argument = JSON.stringify({ ...request, ...work, around } satisfies StepsRequest);
  const child = join(root, 'bench/lib/training-steps.ts');
  const out = execFileSync(process.execPath, ['--import', 'tsx', child, argument], {
    cwd: root,
    encoding: 'utf8',
  });
  const measurement: Measurement = JSON.parse(out.trim().split('\n').at(-1)!);
  return measurement;
}

function now(shards: number): Contender[] {
  const measure: Contender['measure'] = (network, quantized) =>
    trainingSteps({ root, engine: 'wasm', network, quantized, shards });
  return [{ name: `wasm ×${shards}`, measure }];
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
  const measure: Contender['measure'] = (network, quantized) =>
    trainingSteps({ root: old, engine: 'wasm', network, quantized, shards: 1 });
  return [{ name: 'before', measure }];
}

async function native(): Promise<Contender[]> {
  const found = await openNativeEngine();
  if (!('engine' in found)) {
    notes.push(`no native engine: ${found.reason.replace(/ imported from .*/, '')}`);
    return [];
  }
  const measure: Contender['measure'] = (network, quantized) =>
    trainingSteps({ root, engine: 'native', network, quantized, shards: 1 });
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
  notes.push(`webgpu: ${engine.description}`);
  if (hardware) {
    const measure: Contender['measure'] = (network, quantized) =>
      trainingSteps({ root, engine: 'webgpu', network, quantized, shards: 1 });
    return [{ name: 'webgpu', measure }];
  }
  notes.push(`webgpu in software: one step of ${FEW} images, times ${BATCH / FEW}`);
  const measure: Contender['measure'] = (network, quantized) => {
    const work: Work = { batchSize: FEW, steps: 1, warmUp: 1 };
    const request = { root, engine: 'webgpu', network, quantized, shards: 1 } as const;
    const { milliseconds, processorMilliseconds, ...rest } = trainingSteps(request, work);
    const times = BATCH / FEW;
    return {
      ...rest,
      milliseconds: milliseconds * times,
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
      const args = [script, network, threads, BATCH, steps, ...kind].map(String);
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

function stored(): Record<string, Record<'float' | 'quantised', Results>> {
  if (options.only === undefined || !existsSync(resultFile)) return {};
  const { networks }: { networks?: Record<string, Record<'float' | 'quantised', Results>> } =
    JSON.parse(readFileSync(resultFile, 'utf8'));
  return networks ?? {};
}

function write(networks: Partial<Record<string, Record<'float' | 'quantised', Results>>>): void {
  const content = {
    command: 'npx tsx bench/training.ts',
    machine: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`,
    measured: `${steps} steps of ${BATCH} made-up images after 2 of warming up, best of ${options.rounds} rounds`,
    before: options.before,
    networks,
    notes,
  };
  writeFileSync(resultFile, `${JSON.stringify(content, null, 2)}\n`);
  const text = `${table(networks)}\n\n${shares(networks)}`;
  fillReadme(root, 'training', text);
  console.log([text, ...notes].join('\n'));
}

function table(networks: Partial<Record<string, Record<'float' | 'quantised', Results>>>): string {
  const all = Object.entries(networks).flatMap(([network, kinds]) =>
    kinds ? Object.entries(kinds).map(([kind, results]) => ({ network, kind, results })) : [],
  );
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
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

/** Where a step's time goes, one thread; what is no kernel and not the optimiser is dispatch and moving of data. */
function shares(networks: Partial<Record<string, Record<'float' | 'quantised', Results>>>): string {
  const columns = Object.entries(networks).flatMap(([network, kinds]) =>
    Object.entries(kinds ?? {}).flatMap(([kind, results]) =>
      ['wasm ×1', 'native'].flatMap((name) => {
        const result = results[name];
        return result ? [{ title: `${network}, ${kind}, ${name}`, result }] : [];
      }),
    ),
  );
  const kinds = [...new Set(columns.flatMap(({ result }) => Object.keys(result.kinds)))];
  const share = (ms: number | undefined, of: number): string =>
    ms === undefined ? '' : formatPercent(ms / of, 0);
  const head = ['share of a step', ...kinds, 'rest', 'beside it: data', 'selection'];
  const rows = columns.map(({ title, result: { milliseconds, kinds: found, around } }) => {
    const known = Object.values(found).reduce((sum, ms) => sum + ms, 0);
    return [
      title,
      ...kinds.map((kind) => share(found[kind], milliseconds)),
      share(milliseconds - known, milliseconds),
      share(around?.data, milliseconds),
      share(around?.selection, milliseconds),
    ];
  });
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function widthOf(network: string): number | string {
  const found = Object.entries(NETWORKS).find(([name]) => name === network)?.[1];
  return found?.width ?? (network === 'ds-cnn' ? 64 : 16);
}
