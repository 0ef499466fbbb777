/**
 * The methods side by side on real data: CIFAR-10 (JPEG copy), ResNet-9 of width 8, the weights in a quarter of their
 * dense int8 bytes. One dense pre-training, then east, magnitude and group with the same schedule, through the `east`
 * command as a user runs it. Finished parts are kept and skipped, so it can be interrupted.
 *
 *   npx tsx bench/cifar10.ts [--work FOLDER] [--only east,magnitude]
 *
 * Needs ../shared/data/cifar10-jpeg.tar.xz (or $EAST_SHARED) unless FOLDER/data is there already. Writes
 * bench/results/cifar10.json and the README's table.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { loadConfig } from '../src/core/config/load-config';
import { formatBytes, formatPercent, formatRatio } from '../src/core/report/format';
import type { Report } from '../src/core/report/report';
import type { RunFolder } from '../src/core/run/run-folder';
import { RunStore } from '../src/core/run/run-store';
import { unpackCifar10 } from './lib/cifar10-archive';
import { fillReadme } from './lib/readme';

const METHODS = ['east', 'magnitude', 'group'] as const;
const root = resolve(import.meta.dirname, '..');
const { values: options } = parseArgs({
  options: { work: { type: 'string' }, only: { type: 'string' } },
});
const work = resolve(options.work ?? join(tmpdir(), 'east-bench-cifar10'));
const chosen = options.only?.split(',') ?? [...METHODS];

prepare();
pretrain();
for (const method of METHODS.filter((m) => chosen.includes(m))) {
  if (!finishedRun(method)) east('run', method);
  east('generate', method, '--force');
  writeFileSync(join(work, `verify-${method}.txt`), east('verify', method));
}
writeResults();

function prepare(): void {
  mkdirSync(join(work, '.vscode'), { recursive: true });
  unpackCifar10(root, join(work, 'data'));
  for (const name of ['dense', ...METHODS]) {
    copyFileSync(join(root, `bench/cifar10/resnet9-${name}.east.json`), configFile(name));
  }
  execFileSync('node', ['esbuild.mjs'], { cwd: root });
}

function configFile(name: string): string {
  return join(work, `resnet9-${name}.east.json`);
}

/** The dense float network all methods start from: the last checkpoint of a run of method dense. */
function pretrain(): void {
  const target = join(work, 'pretrained.ckpt');
  if (existsSync(target)) return;
  if (!finishedRun('dense')) east('run', 'dense');
  const checkpoint = finishedRun('dense')?.checkpoints.load();
  if (!checkpoint) throw new Error('the dense run left no checkpoint');
  copyFileSync(checkpoint.file, target);
}

function finishedRun(name: string): RunFolder | undefined {
  const run = new RunStore(work).latest(configFile(name));
  return run?.state() === 'finished' ? run : undefined;
}

/** Runs a command of the built CLI and returns what it printed; its progress goes to the terminal. */
function east(command: string, name: string, ...rest: string[]): string {
  console.log(`east ${command} resnet9-${name}.east.json`);
  const program = join(root, 'dist/east.mjs');
  const { status, stdout } = spawnSync('node', [program, command, configFile(name), ...rest], {
    cwd: work,
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`east ${command} ended with ${status}`);
  return stdout;
}

interface MethodResult {
  readonly config: unknown;
  readonly report: Report;
  /** What `east verify` printed. */
  readonly verification: readonly string[];
}

function writeResults(): void {
  const results: Record<string, MethodResult> = {};
  for (const method of METHODS) {
    const report = finishedRun(method)?.loadReport();
    const verification = join(work, `verify-${method}.txt`);
    if (!report || !existsSync(verification)) continue;
    const { model, budget, east, training } = loadConfig(configFile(method));
    results[method] = {
      // Where the shared weights lie depends on the machine; `pretraining` below says what they are.
      config: { model, budget, east, training: { ...training, initialWeights: 'pretrained.ckpt' } },
      report,
      verification: readFileSync(verification, 'utf8').trimEnd().split('\n'),
    };
  }
  const content = {
    data: 'CIFAR-10, JPEG copy: 48,000 training, 2,000 validation, 10,000 test images',
    command: 'npx tsx bench/cifar10.ts',
    machine: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`,
    pretraining: 'bench/cifar10/resnet9-dense.east.json, 8 epochs, shared by all methods',
    results,
  };
  const file = join(root, 'bench/results/cifar10.json');
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`);
  fillReadme(root, 'cifar10', table(results));
  console.log(table(results));
}

function table(results: Readonly<Record<string, MethodResult>>): string {
  const rows = Object.entries(results).map(([method, { report }]) => {
    const { accuracy, flash } = report;
    return [
      method,
      formatBytes(flash.weights),
      formatRatio(report.ratio),
      formatPercent(report.sparsity),
      formatPercent(accuracy.float, 2),
      formatPercent(accuracy.int8Dense, 2),
      formatPercent(accuracy.int8Sparse, 2),
    ];
  });
  const head = ['method', 'weights', 'ratio', 'zeros', 'float', 'int8, dense', 'int8, pruned'];
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}
