/**
 * The evidence: every method at every budget on CIFAR-10 (JPEG copy), for each study (methods/studies.ts) from one shared
 * float network, with the same epochs, data and final encoder, through the `east` command as a user runs it.
 *
 *   npm run bench:methods -- [--work FOLDER] [--engine wasm] [--study REGEXP] [--only REGEXP] [--minutes 60] [--plot]
 *
 * Each finished cell is kept in bench/results/methods/<study>/ and never run again, so this can be stopped (Ctrl-C) and started
 * at any time; --minutes starts no further cell after that time, --plot runs none at all. Delete a cell's file to have
 * it again. Needs ../shared/data/cifar10-jpeg.tar.xz (or $EAST_SHARED). Writes the plot media/methods.svg and the
 * tables of README.md and docs/measurements.md from whatever cells there are.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { resultOf } from '../src/core/report/describe-report';
import { Cifar10Runs } from './lib/cifar10-runs';
import { keepCell, keptCells, measuredIn } from './lib/kept-cells';
import { fillMeasured } from './lib/measured';
import type { Cell } from './methods/cells';
import { plotMethods } from './methods/plot';
import type { CellResult } from './methods/result';
import { otherSizes } from './methods/sizes';
import { FIRST, STUDIES, SUMMARY, type Study } from './methods/studies';
import { methodsTable, studiesTables, summaryTable } from './methods/table';
import { variantOf } from './methods/variants';
import { defined } from '../src/core/util/defined';

const root = resolve(import.meta.dirname, '..');
const results = join(root, 'bench/results/methods');
const { values: options } = parseArgs({
  options: {
    work: { type: 'string', default: join(tmpdir(), 'east-bench-methods') },
    engine: { type: 'string', default: 'wasm' },
    study: { type: 'string', default: '' },
    only: { type: 'string', default: '' },
    minutes: { type: 'string', default: 'Infinity' },
    plot: { type: 'boolean', default: false },
  },
});
const work = resolve(options.work);
const deadline = Date.now() + Number(options.minutes) * 60_000;

/** The highest of every cell; twice as much is better at 6 % and worse at 15 % (docs/decisions/training.md). */
const LEARNING_RATE = 0.003;

/** Steps from one choice of masks to the next: the default of `east.interval`, for every method that prunes. */
const INTERVAL = 20;

const runs = new Cifar10Runs(root, work, options.engine);

if (!options.plot) {
  await runs.prepare();
  const [study, only] = [new RegExp(options.study), new RegExp(options.only)];
  for (const each of STUDIES.filter(({ id }) => study.test(id))) await runStudy(each, only);
}
await publish();

async function runStudy(study: Study, only: RegExp): Promise<void> {
  const open = study.cells.filter(
    (cell) => only.test(cell.id) && !existsSync(resultFile(study, cell)),
  );
  if (open.length === 0 || Date.now() > deadline) return;
  const { id, model, floatEpochs } = study;
  runs.pretrain(named(id, 'pretraining'), named(id, 'pretrained.ckpt'), model, {
    epochs: floatEpochs,
    learningRate: 0.005,
  });
  for (const [i, cell] of open.entries()) {
    if (Date.now() > deadline) return;
    console.log(`${study.title}: ${i + 1} of ${open.length}: ${cell.id}`);
    await runCell(study, cell);
    await publish();
  }
}

/** A config's name and a file's are those of the study and the cell. */
function named(study: string, name: string): string {
  return study === '' ? name : `${study}_${name}`;
}

async function runCell(study: Study, cell: Cell): Promise<void> {
  const { method, budget, seed } = cell;
  const id = named(study.id, cell.id);
  const whole = {
    ...runs.common(id, study.model, seed, {
      epochs: 0,
      initialWeights: named(study.id, 'pretrained.ckpt'),
      pruneEpochs: study.epochs,
      pruneLearningRate: LEARNING_RATE,
    }),
    // The codec of all that does not name one, whatever the default of configs.
    east: { interval: INTERVAL, codec: 'lz4', ...method.config.east },
    quantization: method.config.quantization,
    budget: { ram: '96KiB', ...(budget === undefined ? {} : { weights: `${budget}%` }) },
  };
  const { config, command, count } = await variantOf({ ...cell, id }, whole, work);
  const run = runs.train(id, config, command);
  const report = run.loadReport();
  const model = run.loadModel();
  if (!report || !model) throw new Error(`${id}: no report`);
  const started = run.readEvents().find(({ type }) => type === 'started');
  const result: CellResult = {
    id: cell.id,
    method: method.id,
    ...defined({ budget }),
    seed,
    config,
    engine: report.trainedWith,
    machine: runs.machine,
    started: started?.time ?? '',
    pretraining: `${study.floatEpochs} epochs`,
    ...measuredIn(report),
    layers: report.layers,
    sizes: otherSizes(model.encoded),
    ...count?.(report, model.encoded),
  };
  keepCell(resultFile(study, cell), result);
  console.log(`  ${resultOf(report, 2)} in ${result.blobBytes} bytes`);
}

function resultFile(study: Study, cell: Cell): string {
  return join(results, study.id, `${cell.id}.json`);
}

function finished({ id }: Study): CellResult[] {
  return keptCells<CellResult>(join(results, id));
}

async function publish(): Promise<void> {
  const found = finished(FIRST);
  if (found.length > 0) {
    writeFileSync(join(root, 'media/methods.svg'), await plotMethods(found));
    fillMeasured(root, 'methods', methodsTable(found));
  }
  const others = STUDIES.filter((study) => study !== FIRST);
  const summary = finished(SUMMARY);
  if (summary.length > 0) fillMeasured(root, 'methods-summary', summaryTable(SUMMARY, summary));
  const tables = studiesTables(others.map((study) => ({ study, cells: finished(study) })));
  if (tables !== '') fillMeasured(root, 'methods-studies', tables);
}
