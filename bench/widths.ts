/**
 * Which width with how few bytes a weight is best at a fixed size: ResNet-9 of several widths on CIFAR-10 (JPEG copy), each
 * made to fit 16, 24 and 48 KiB of weights by EAST with everything chosen, from a float network of its own width that
 * was trained as long as the others, through the `east` command as a user runs it.
 *
 *   npx tsx bench/widths.ts [--work FOLDER] [--engine wasm] [--minutes 60] [--plot]
 *
 * Each finished cell is kept in bench/results/widths/ and never run again, so this can be stopped (Ctrl-C) and started at any
 * time; --minutes starts no further cell after that time, --plot runs none at all. Delete a cell's file to have it
 * again. Needs ../shared/data/cifar10-jpeg.tar.xz (or $EAST_SHARED). Writes media/widths.svg and the table of
 * docs/measurements.md from whatever cells there are.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { formatPercent } from '../src/core/report/format';
import { resultOf } from '../src/core/report/describe-report';
import { valueAt } from '../src/core/tasks/measurement';
import { Cifar10Runs } from './lib/cifar10-runs';
import { keepCell, keptCells, measuredIn, type MeasuredCell } from './lib/kept-cells';
import { fillMeasured, markdownTable } from './lib/measured';
import { plotWidths } from './methods/plot';

interface WidthCell extends MeasuredCell {
  readonly width: number;
  /** Of the budget. */
  readonly kibibytes: number;
  readonly seed: number;
  readonly config: unknown;
  readonly engine: string;
  readonly machine: string;
}

/** Dense, the narrowest take about as much as the middle one of the sizes, the widest 26 times the smallest. */
const WIDTHS = [4, 6, 8, 12, 16] as const;
const SIZES = [16, 24, 48] as const;
const FLOAT_EPOCHS = 8;
const EPOCHS = 2;
const SEED = 1;

const root = resolve(import.meta.dirname, '..');
const results = join(root, 'bench/results/widths');
const { values: options } = parseArgs({
  options: {
    work: { type: 'string', default: join(tmpdir(), 'east-bench-widths') },
    engine: { type: 'string', default: 'wasm' },
    minutes: { type: 'string', default: 'Infinity' },
    plot: { type: 'boolean', default: false },
  },
});
const deadline = Date.now() + Number(options.minutes) * 60_000;
const runs = new Cifar10Runs(root, resolve(options.work), options.engine);

if (!options.plot) {
  await runs.prepare();
  for (const width of WIDTHS) {
    for (const kibibytes of SIZES) {
      if (!existsSync(resultFile(width, kibibytes)) && Date.now() < deadline) {
        runCell(width, kibibytes);
        await publish();
      }
    }
  }
}
await publish();

function resultFile(width: number, kibibytes: number): string {
  return join(results, `${width}_${kibibytes}_seed${SEED}.json`);
}

function runCell(width: number, kibibytes: number): void {
  const model = { architecture: 'resnet9', width };
  const start = `width_${width}.ckpt`;
  console.log(`ResNet-9 of width ${width} in ${kibibytes} KiB`);
  runs.pretrain(`width_${width}`, start, model, { epochs: FLOAT_EPOCHS, learningRate: 0.005 });
  const name = `width_${width}_${kibibytes}`;
  const config = {
    ...runs.common(name, model, SEED, {
      epochs: 0,
      initialWeights: start,
      pruneEpochs: EPOCHS,
      pruneLearningRate: 0.003,
    }),
    east: { interval: 20, method: 'east', codec: 'auto' },
    quantization: { weights: 'auto' },
    budget: { weights: `${kibibytes}KiB` },
  };
  const run = runs.train(name, config);
  const report = run.loadReport();
  if (!report) throw new Error(`${name}: no report`);
  const cell: WidthCell = {
    width,
    kibibytes,
    seed: SEED,
    config,
    engine: report.trainedWith,
    machine: runs.machine,
    ...measuredIn(report),
  };
  keepCell(resultFile(width, kibibytes), cell);
  console.log(`  ${resultOf(report, 2)} in ${cell.blobBytes} bytes`);
}

async function publish(): Promise<void> {
  const cells = keptCells<WidthCell>(results);
  if (cells.length === 0) return;
  const accuracyOf = (cell: WidthCell): number => valueAt(cell.measured, 'fitted') ?? NaN;
  const points = cells.map((cell) => ({
    width: cell.width,
    size: `${cell.kibibytes} KiB`,
    kibibytes: cell.kibibytes,
    accuracy: 100 * accuracyOf(cell),
  }));
  writeFileSync(join(root, 'media/widths.svg'), await plotWidths(points));
  const rows = WIDTHS.flatMap((width) => {
    const own = cells.filter((cell) => cell.width === width);
    const [first] = own;
    if (first === undefined) return [];
    const float = valueAt(first.measured, 'float');
    const columns = SIZES.map((size) => {
      const cell = own.find(({ kibibytes }) => kibibytes === size);
      if (cell === undefined) return '';
      const ratio = cell.denseBytes / cell.blobBytes;
      return `${formatPercent(accuracyOf(cell), 2)}, ${ratio.toFixed(1)}×`;
    });
    return [
      [
        String(width),
        `${(first.denseBytes / 1024).toFixed(0)} KiB`,
        float === undefined ? '' : formatPercent(float, 2),
        ...columns,
      ],
    ];
  });
  const head = ['width', 'dense int8', 'float', ...SIZES.map((size) => `in ${size} KiB`)];
  fillMeasured(root, 'widths', markdownTable(head, rows));
}
