/**
 * What many runs cost those who list them: `east status`, the editor's tree when a window opens, and the largest message
 * to a dashboard. 200 runs, one of them with a log of 100,000 steps.
 *
 *   npm run build && npx tsx bench/runs.ts [--as NAME]
 *
 * Writes its figures under NAME (default: now) to bench/results/runs.json, and the table of docs/measurements.md.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { curvesOf } from '../src/extension/dashboard/curves';
import { thinned } from '../src/extension/dashboard/thin-curves';
import { RunTracker } from '../src/extension/runs/run-tracker';
import { makeManyRuns } from './lib/many-runs';
import { fillMeasured, markdownTable } from './lib/measured';

const root = resolve(import.meta.dirname, '..');
const RUNS = 200;
const STEPS = 100_000;
const TIMES = 7;
const { as } = parseArgs({ options: { as: { type: 'string', default: 'now' } } }).values;

interface Figures {
  /** Processor time of the process as a whole, milliseconds, median of TIMES: other work on the machine does not count. */
  readonly statusMs: number;
  /** The same where `east` only says its version: what of it is Node.js and loading. */
  readonly versionMs: number;
  /** Processor time of the first look at everything, milliseconds. */
  readonly treeMs: number;
  /** JSON, bytes: the curves of the run with the long log. */
  readonly curvesBytes: number;
}

const folder = mkdtempSync(join(tmpdir(), 'east-runs-'));
const meter = join(folder, 'meter.cjs');
const usage = join(folder, 'usage');
try {
  writeFileSync(
    meter,
    `process.on('exit', () => {
      const { user, system } = process.cpuUsage();
      require('node:fs').writeFileSync(process.env.EAST_USAGE, String(user + system));
    });`,
  );
  const { runs } = makeManyRuns(folder, RUNS, STEPS);
  east('status');
  const statusMs = median(Array.from({ length: TIMES }, () => east('status')));
  const versionMs = median(Array.from({ length: TIMES }, () => east('--version')));
  const looks: number[] = [];
  let curvesBytes = 0;
  for (let i = 0; i < TIMES; i++) {
    const tracker = new RunTracker(folder, { onChange() {}, onRemove() {}, onError: fail });
    const before = process.cpuUsage();
    await tracker.refresh();
    const { user, system } = process.cpuUsage(before);
    looks.push((user + system) / 1000);
    const events = tracker.events(runs.at(-1)?.id ?? '');
    curvesBytes = JSON.stringify(thinned(curvesOf(events))).length;
    tracker.dispose();
  }
  save({ statusMs, versionMs, treeMs: median(looks), curvesBytes });
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Milliseconds of processor time that it takes. */
function east(...args: string[]): number {
  const { status, stderr } = spawnSync(
    'node',
    ['--require', meter, join(root, 'dist/east.mjs'), ...args],
    { cwd: folder, encoding: 'utf8', env: { ...process.env, EAST_USAGE: usage } },
  );
  if (status !== 0) throw new Error(`east ${args.join(' ')} ended with ${status}: ${stderr}`);
  return Number(readFileSync(usage, 'utf8')) / 1000;
}

function fail(error: unknown): never {
  throw error;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round((sorted[Math.floor(sorted.length / 2)] ?? NaN) * 10) / 10;
}

function save(figures: Figures): void {
  const file = join(root, 'bench/results/runs.json');
  const machine = {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    node: process.version,
  };
  const before: { measured?: Record<string, Figures> } = existsSync(file)
    ? JSON.parse(readFileSync(file, 'utf8'))
    : {};
  const measured = { ...before.measured, [as]: figures };
  const content = { machine, runs: RUNS, steps: STEPS, measured };
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`);
  fillMeasured(
    root,
    'runs',
    markdownTable(
      ['processor time', '`east status`', '`east --version`', 'tree', 'message with the curves'],
      Object.entries(measured).map(([name, each]) => [
        name,
        ...[each.statusMs, each.versionMs, each.treeMs].map((ms) => `${ms.toFixed(0)} ms`),
        `${(each.curvesBytes / 1024 / 1024).toFixed(2)} MiB`,
      ]),
    ),
  );
  console.log(JSON.stringify(content, null, 2));
}
