/**
 * The evidence: every method at every budget on CIFAR-10 (JPEG copy), ResNet-9 of width 8, from one shared float
 * network, with the same epochs, data and final encoder, through the `east` command as a user runs it.
 *
 *   npm run bench:methods -- [--work FOLDER] [--engine wasm] [--only REGEXP] [--minutes 60] [--plot]
 *
 * Each finished cell is kept in bench/results/methods/ and never run again, so this can be stopped (Ctrl-C) and started
 * at any time; --minutes starts no further cell after that time, --plot runs none at all. Delete a cell's file to have
 * it again. Needs ../shared/data/cifar10-jpeg.tar.xz (or $EAST_SHARED). Writes the plot media/methods.svg and the
 * tables of README.md and docs/measurements.md from whatever cells there are.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { resultOf } from '../src/core/report/describe-report';
import { Cifar10Runs } from './lib/cifar10-runs';
import { fillMeasured } from './lib/measured';
import type { Cell } from './methods/cells';
import { grid } from './methods/cells';
import { plotMethods } from './methods/plot';
import type { CellResult } from './methods/result';
import { otherSizes } from './methods/sizes';
import { methodsTable, summaryTable } from './methods/table';
import { variantOf } from './methods/variants';
import { defined } from '../src/core/util/defined';

const root = resolve(import.meta.dirname, '..');
const results = join(root, 'bench/results/methods');
const { values: options } = parseArgs({
  options: {
    work: { type: 'string', default: join(tmpdir(), 'east-bench-methods') },
    engine: { type: 'string', default: 'wasm' },
    only: { type: 'string', default: '' },
    minutes: { type: 'string', default: 'Infinity' },
    plot: { type: 'boolean', default: false },
  },
});
const work = resolve(options.work);
const deadline = Date.now() + Number(options.minutes) * 60_000;

/** Of the shared float network; of each cell, from there. */
const PRETRAINING_EPOCHS = 8;
const EPOCHS = 2;
/** Steps from one choice of masks to the next: the default of `east.interval`, for every method that prunes. */
const INTERVAL = 20;
const MODEL = { architecture: 'resnet9', width: 8 };

const runs = new Cifar10Runs(root, work, options.engine);

mkdirSync(results, { recursive: true });
if (!options.plot) {
  await runs.prepare();
  runs.pretrain('pretraining', 'pretrained.ckpt', MODEL, {
    epochs: PRETRAINING_EPOCHS,
    learningRate: 0.005,
  });
  const wanted = new RegExp(options.only);
  const open = grid().filter(({ id }) => wanted.test(id) && !existsSync(resultFile(id)));
  for (const [i, cell] of open.entries()) {
    if (Date.now() > deadline) break;
    console.log(`${i + 1} of ${open.length}: ${cell.id}`);
    await runCell(cell);
    await publish();
  }
}
await publish();

async function runCell(cell: Cell): Promise<void> {
  const { id, method, budget, seed } = cell;
  const whole = {
    ...runs.common(id, MODEL, seed, {
      epochs: 0,
      initialWeights: 'pretrained.ckpt',
      pruneEpochs: EPOCHS,
      pruneLearningRate: 0.003,
    }),
    east: { interval: INTERVAL, ...method.config.east },
    quantization: method.config.quantization,
    budget: { ram: '96KiB', ...(budget === undefined ? {} : { weights: `${budget}%` }) },
  };
  const { config, command, count } = await variantOf(cell, whole, work);
  const run = runs.train(id, config, command);
  const report = run.loadReport();
  const model = run.loadModel();
  if (!report || !model) throw new Error(`${id}: no report`);
  const started = run.readEvents().find(({ type }) => type === 'started');
  const result: CellResult = {
    id,
    method: method.id,
    ...defined({ budget }),
    seed,
    config,
    engine: report.trainedWith,
    machine: runs.machine,
    started: started?.time ?? '',
    pretraining: `${PRETRAINING_EPOCHS} epochs`,
    measured: report.measured,
    testExamples: report.testExamples,
    blobBytes: report.flash.weights,
    denseBytes: report.denseBytes,
    sparsity: report.sparsity,
    layers: report.layers,
    sizes: otherSizes(model.encoded),
    ...count?.(report, model.encoded),
  };
  writeFileSync(`${resultFile(id)}.part`, `${JSON.stringify(result, null, 2)}\n`);
  renameSync(`${resultFile(id)}.part`, resultFile(id));
  console.log(`  ${resultOf(report, 2)} in ${result.blobBytes} bytes`);
}

function resultFile(id: string): string {
  return join(results, `${id}.json`);
}

async function publish(): Promise<void> {
  const found = readdirSync(results)
    .filter((name) => name.endsWith('.json'))
    .map((name): CellResult => JSON.parse(readFileSync(join(results, name), 'utf8')));
  if (found.length === 0) return;
  writeFileSync(join(root, 'media/methods.svg'), await plotMethods(found));
  fillMeasured(root, 'methods', methodsTable(found));
  fillMeasured(root, 'methods-summary', summaryTable(found));
}
