/**
 * A regression and an unbalanced yes or no on real tables, scikit-learn's diabetes and breast cancer, from CSV to C that is
 * verified on the Cortex-M4 (QEMU); and the same breast cancer data as anomalies, with an autoencoder that has seen benign
 * examples alone. All by the built `east` command, as a user runs it.
 *
 *   python3 bench/tabular/convert.py FOLDER      (needs scikit-learn)
 *   npm run build && npx tsx bench/tabular.ts FOLDER
 *
 * Writes bench/results/tabular.json and the table of docs/measurements.md.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { detailLines } from '../src/core/report/describe-details';
import { resultsLine } from '../src/core/report/describe-report';
import { formatBytes, formatCount, formatMetric } from '../src/core/report/format';
import { RunFolder } from '../src/core/run/run-folder';
import { metricIn } from '../src/core/tasks/tasks';
import { fillMeasured, markdownTable } from './lib/measured';

const [data] = process.argv.slice(2);
if (data === undefined)
  throw new Error('name the folder that bench/tabular/convert.py has written');
const root = resolve(import.meta.dirname, '..');
const work = mkdtempSync(join(tmpdir(), 'east-tabular-'));
mkdirSync(join(work, '.east'));
cpSync(data, join(work, 'data'), { recursive: true });

const TASKS = {
  diabetes: {
    task: 'regression',
    model: { architecture: 'mlp', width: 32, input: [1, 1, 10] },
    dataset: { target: 'progression' },
    epochs: 60,
  },
  cancer: {
    task: { kind: 'binary', positive: 'malignant', classWeights: 'balanced', falseAlarms: 0.05 },
    model: { architecture: 'mlp', width: 32, input: [1, 1, 30] },
    dataset: { label: 'finding' },
    epochs: 40,
  },
  anomalies: {
    task: { kind: 'anomaly', normal: 'benign', falseAlarms: 0.05 },
    model: { architecture: 'autoencoder', width: 32, bottleneck: 6, input: [1, 1, 30] },
    dataset: { label: 'finding' },
    epochs: 60,
  },
} as const;

function east(...args: readonly string[]): string {
  return execFileSync('node', [join(root, 'dist/east.mjs'), ...args], {
    cwd: work,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

const results = Object.entries(TASKS).map(([name, { task, model, dataset, epochs }]) => {
  const table = name === 'diabetes' ? 'diabetes' : 'cancer';
  const file = `${name}.east.json`;
  const config = {
    name,
    task,
    model,
    dataset: {
      format: 'csv',
      train: `data/${table}-train.csv`,
      test: `data/${table}-test.csv`,
      validation: 0.2,
      ...dataset,
    },
    east: { codec: 'lz4' },
    budget: { weights: '50%' },
    training: { epochs, batchSize: 32 },
    engine: 'wasm',
    firmware: { directory: `firmware/${name}` },
  };
  writeFileSync(join(work, file), JSON.stringify(config, null, 2));
  east('run', file);
  east('generate', file);
  const verified = east('verify', file);
  const runs = readdirSync(join(work, '.east/runs'));
  const run = runs.find((each) => each.startsWith(`${name}-`))!;
  const report = new RunFolder(join(work, '.east/runs', run)).loadReport();
  if (report === undefined) throw new Error(`${name} has no report`);
  const instructions = Number(
    /instructions per inference\s+([\d,]+)/.exec(verified)?.[1]?.replaceAll(',', ''),
  );
  const checked = verified.split('\n').filter((line) => line.startsWith('✓'));
  if (checked.length !== 3) throw new Error(`${name} was not verified in all three ways`);
  const { measured, baseline, testExamples, details, flash, ram } = report;
  return {
    name,
    config,
    report,
    instructions,
    measured,
    baseline,
    testExamples,
    details,
    flash,
    ram,
  };
});

const table = markdownTable(
  [
    'data, task',
    'result on the test set (one answer for all)',
    'beyond that',
    'weights',
    'flash',
    'RAM',
    'instructions',
  ],
  results.map(({ name, report, instructions, baseline }) => [
    name,
    `${metricIn(report.measured).name}: ${resultsLine(report)} (${formatMetric(baseline, metricIn(report.measured), 1)})`,
    detailLines(report.details)
      .map(({ text }) => text)
      .join('; '),
    formatBytes(report.flash.weights),
    formatBytes(report.flash.total),
    formatBytes(report.ram.total),
    formatCount(instructions),
  ]),
);
fillMeasured(root, 'tabular', table);
const kept = results.map(({ report, ...rest }) => ({ ...rest, run: report.run }));
writeFileSync(
  join(root, 'bench/results/tabular.json'),
  `${JSON.stringify({ node: process.version, results: kept }, null, 2)}\n`,
);
console.log(table);
rmSync(work, { recursive: true, force: true });
