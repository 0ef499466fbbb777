/**
 * What longer fitting brings: the meter example and the spoken words in their own budgets, for half, once, twice as many epochs
 * as the float network has, three seeds. One float network a seed, from which each goes on.
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
/** Of the float epochs. */
const SHARES = [0.5, 1, 2] as const;
const SEEDS = [1, 2, 3] as const;

interface Result {
  readonly id: string;
  readonly example: Example;
  readonly share: number;
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

function run(example: Example, share: number, seed: number, id: string): Result {
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
      .replace(/"pruneEpochs": \d+/, `"pruneEpochs": ${share * epochs}`)
      .replace(/"seed": \d+/, `"seed": ${seed}`)
      .replace(/"directory": "[^"]*"(, "linkerScript": "[^"]*")?/, `"directory": "firmware/${id}"`),
  );
  east(folder, 'run', `${id}.east.json`);
  const report = JSON.parse(east(folder, 'report', `${id}.east.json`, '--json')) as Report;
  return {
    id,
    example,
    share,
    seed,
    accuracy: stageAccuracies(report),
    weightBytes: report.flash.weights,
  };
}

if (!options.table) {
  const only = new RegExp(options.only);
  for (const seed of SEEDS) {
    for (const example of Object.keys(EXAMPLES) as Example[]) {
      for (const share of SHARES) {
        const id = `${example}_${String(share).replace('.', '_')}_seed${seed}`;
        if (!only.test(id) || recorded().results.some((result) => result.id === id)) continue;
        const result = run(example, share, seed, id);
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
const rows = Object.entries(EXAMPLES).flatMap(([example, what]) =>
  SHARES.flatMap((share) => {
    const some = results.filter((result) => result.example === example && result.share === share);
    if (some.length === 0) return [];
    return [
      [
        `${what} (${example})`,
        `${share}×`,
        percentOf(some, 'float')[0]!,
        ...percentOf(some, 'fitted'),
      ],
    ];
  }),
);
fillMeasured(
  root,
  'fine-tuning',
  markdownTable(['example', 'epochs of fitting', 'float', 'fitted', 'by seed'], rows),
);
