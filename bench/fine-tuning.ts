/**
 * What longer fitting and its learning rate bring: the meter example and the spoken words in their own budgets, for half, once,
 * twice as many epochs as the float network has at the usual learning rate, and once as many at others. One float network a
 * seed, from which each goes on.
 *
 *   npm run build && node examples/meter/draw.mjs && (cd examples/keyword && node speak.mjs)
 *   npx tsx bench/fine-tuning.ts [--work FOLDER] [--only REGEXP] [--table]
 *
 * Each finished run is kept in bench/results/fine-tuning.json and never run again, so this can be stopped (Ctrl-C) and
 * started at any time; --table runs none at all. Writes the table of docs/measurements.md.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { FITTING_RATE } from '../src/core/config/resolve';
import { formatPercent } from '../src/core/report/format';
import type { Report } from '../src/core/report/report';
import { east } from './lib/east-command';
import { fillMeasured, markdownTable } from './lib/measured';
import { stageAccuracies, type StageAccuracies } from './lib/stage-accuracies';

const root = resolve(import.meta.dirname, '..');
const file = join(root, 'bench/results/fine-tuning.json');
const { values: options } = parseArgs({
  options: {
    work: { type: 'string', default: join(tmpdir(), 'east-bench-fine-tuning') },
    only: { type: 'string', default: '' },
    table: { type: 'boolean', default: false },
  },
});
const work = resolve(options.work);

const EXAMPLES = { meter: 'digits', keyword: 'words' } as const;
type Example = keyof typeof EXAMPLES;
/** Of the float epochs, and of the float network's learning rate; the usual one where none is given. */
interface Variant {
  readonly share: number;
  readonly rate?: number;
}
const VARIANTS: readonly Variant[] = [
  { share: 0.5 },
  { share: 1 },
  { share: 2 },
  { share: 1, rate: 0.25 },
  { share: 1, rate: 0.5 },
  { share: 1, rate: 1 },
  { share: 1, rate: 4 },
];
/** Adam's, which both examples have. */
const LEARNING_RATE = 0.003;
const SEEDS = [1, 2, 3] as const;

interface Result extends Variant {
  readonly id: string;
  readonly example: Example;
  readonly seed: number;
  readonly accuracy: StageAccuracies;
  readonly weightBytes: number;
}

interface Recorded {
  readonly command: string;
  readonly results: readonly Result[];
}

const recorded = (): Recorded =>
  existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as Recorded)
    : { command: 'npx tsx bench/fine-tuning.ts', results: [] };

function run(example: Example, variant: Variant, seed: number, id: string): Result {
  const { share, rate } = variant;
  const source = join(root, 'examples', example);
  const folder = join(work, example);
  if (!existsSync(join(folder, 'data'))) {
    mkdirSync(folder, { recursive: true });
    cpSync(join(source, 'data'), join(folder, 'data'), { recursive: true });
  }
  const text = readFileSync(join(source, `${example}.east.json`), 'utf8');
  const epochs = Number(/"epochs": (\d+)/.exec(text)?.[1]);
  writeFileSync(
    join(folder, `${id}.east.json`),
    text
      .replace(
        /"pruneEpochs": \d+/,
        `"pruneEpochs": ${share * epochs}` +
          (rate === undefined ? '' : `, "pruneLearningRate": ${rate * LEARNING_RATE}`),
      )
      .replace(/"seed": \d+/, `"seed": ${seed}`)
      .replace(/"directory": "[^"]*"(, "linkerScript": "[^"]*")?/, `"directory": "firmware/${id}"`),
  );
  east(folder, 'run', `${id}.east.json`);
  const report = JSON.parse(east(folder, 'report', `${id}.east.json`, '--json')) as Report;
  return {
    id,
    example,
    ...variant,
    seed,
    accuracy: stageAccuracies(report),
    weightBytes: report.flash.weights,
  };
}

if (!options.table) {
  const only = new RegExp(options.only);
  for (const seed of SEEDS) {
    for (const example of Object.keys(EXAMPLES) as Example[]) {
      for (const variant of VARIANTS) {
        const { share, rate } = variant;
        const [epochs, at] = [share, rate].map((n) => String(n ?? '').replace('.', '_'));
        const id = `${example}_${epochs}${rate === undefined ? '' : `_rate_${at}`}_seed${seed}`;
        if (!only.test(id) || recorded().results.some((result) => result.id === id)) continue;
        const result = run(example, variant, seed, id);
        console.log(id, result.accuracy, result.weightBytes);
        const all = recorded();
        const next: Recorded = { ...all, results: [...all.results, result] };
        writeFileSync(file, `${JSON.stringify(next, null, 2)}\n`);
      }
    }
  }
}

const { results } = recorded();
const percentOf = (some: readonly Result[], stage: keyof StageAccuracies): string[] => {
  const values = some.map(({ accuracy }) => accuracy[stage]);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return [formatPercent(mean, 2), values.map((value) => formatPercent(value, 2)).join(', ')];
};
/** A row for each of the variants that ran, `named` by what they differ in. */
const rowsOf = (variants: readonly Variant[], named: (variant: Variant) => string): string[][] =>
  Object.entries(EXAMPLES).flatMap(([example, what]) =>
    variants.flatMap((variant) => {
      const some = results.filter(
        (result) =>
          result.example === example &&
          result.share === variant.share &&
          result.rate === variant.rate,
      );
      if (some.length === 0) return [];
      const [float = ''] = percentOf(some, 'float');
      return [[`${what} (${example})`, named(variant), float, ...percentOf(some, 'fitted')]];
    }),
  );
const COLUMNS = ['float', 'fitted', 'by seed'];
const usual = VARIANTS.filter(({ rate }) => rate === undefined);
fillMeasured(
  root,
  'fine-tuning',
  markdownTable(
    ['example', 'epochs of fitting', ...COLUMNS],
    rowsOf(usual, ({ share }) => `${share}×`),
  ),
);
const rateOf = ({ rate }: Variant): number => rate ?? FITTING_RATE.adam;
const once = VARIANTS.filter(({ share }) => share === 1).sort((a, b) => rateOf(a) - rateOf(b));
fillMeasured(
  root,
  'fine-tuning-rate',
  markdownTable(
    ['example', 'learning rate of fitting', ...COLUMNS],
    rowsOf(once, (variant) => `${rateOf(variant)}×`),
  ),
);
