/**
 * What as many levels as pay bring in training: the meter example in small budgets, three seeds, where nothing limits what
 * decoding takes. One float network a seed, from which each budget goes on.
 *
 *   npm run build && node examples/meter/draw.mjs && npx tsx bench/levels.ts [label | table]
 *
 * Writes what it measured under the label (`now`) to bench/results/levels.json, beside what is there of other versions, and the
 * table to docs/measurements.md; `table` does the latter alone. `before` is of the version whose layers had codes of whole
 * bits only.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { formatPercent } from '../src/core/report/format';
import type { Report } from '../src/core/report/report';
import { east } from './lib/east-command';
import { fillMeasured, markdownTable } from './lib/measured';
import { stageAccuracies, type StageAccuracies } from './lib/stage-accuracies';

const root = resolve(import.meta.dirname, '..');
const example = join(root, 'examples/meter');
const file = join(root, 'bench/results/levels.json');
const NOW = 'now';
const label = process.argv[2] ?? NOW;

const BUDGETS = ['10%', '6%'] as const;
const SEEDS = [1, 2, 3] as const;
const OWN_BUDGET = /"budget": \{[^}]*\}/;

interface Result {
  readonly version: string;
  readonly budget: string;
  readonly seed: number;
  readonly accuracy: StageAccuracies;
  readonly weightBytes: number;
  readonly sparsity: number;
}

interface Recorded {
  readonly command: string;
  readonly results: readonly Result[];
}

function run(folder: string, budget: string, seed: number): Result {
  const text = readFileSync(join(example, 'meter.east.json'), 'utf8');
  if (!OWN_BUDGET.test(text)) throw new Error('the example has no budget any more');
  const config = text
    .replace(OWN_BUDGET, `"budget": { "weights": "${budget}", "decode": null }`)
    .replace(/"seed": \d+/, `"seed": ${seed}`)
    .replace(/, "linkerScript": "[^"]*"/, '');
  writeFileSync(join(folder, 'meter.east.json'), config);
  east(folder, 'run', 'meter.east.json');
  const report = JSON.parse(east(folder, 'report', 'meter.east.json', '--json')) as Report;
  return {
    version: label,
    budget,
    seed,
    accuracy: stageAccuracies(report),
    weightBytes: report.flash.weights,
    sparsity: report.sparsity,
  };
}

function measured(): Recorded {
  const recorded = JSON.parse(readFileSync(file, 'utf8')) as Recorded;
  if (label === 'table') return recorded;
  const folder = mkdtempSync(join(tmpdir(), 'east-bench-levels-'));
  const results: Result[] = [];
  try {
    cpSync(join(example, 'data'), join(folder, 'data'), { recursive: true });
    for (const seed of SEEDS) {
      for (const budget of BUDGETS) {
        const result = run(folder, budget, seed);
        console.log(budget, seed, result.accuracy.fitted, result.weightBytes);
        results.push(result);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const all: Recorded = {
    command: 'npx tsx bench/levels.ts',
    results: [...recorded.results.filter(({ version }) => version !== label), ...results],
  };
  writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`);
  return all;
}

const { results } = measured();
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const rows = BUDGETS.flatMap((budget) =>
  ['before', NOW].map((version) => {
    const some = results.filter((result) => result.version === version && result.budget === budget);
    return [
      budget.replace('%', ' %'),
      version === NOW ? 'any number' : '2, 3, 4, 15 or 255',
      formatPercent(mean(some.map(({ accuracy }) => accuracy.fitted)), 2),
      some.map(({ accuracy }) => formatPercent(accuracy.fitted, 2)).join(', '),
      String(Math.round(mean(some.map(({ weightBytes }) => weightBytes)))),
      formatPercent(mean(some.map(({ sparsity }) => sparsity))),
    ];
  }),
);
fillMeasured(
  root,
  'levels',
  markdownTable(['dense bytes', 'levels', 'digits right', 'by seed', 'bytes', 'zeros'], rows),
);
