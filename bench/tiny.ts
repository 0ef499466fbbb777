/**
 * MLPerf Tiny's four tasks, its architectures on data that is here: CIFAR-10 (JPEG copy), words spoken by espeak-ng, the
 * same pictures as animal or not, and a motor model. Each as dense int8 and with EAST in a quarter of the dense bytes,
 * from one float network, through the `east` command as a user runs it, and verified on host and Cortex-M4 (QEMU).
 *
 *   npx tsx bench/tiny.ts [--work FOLDER] [--engine wasm] [--only REGEXP] [--table]
 *
 * Each finished cell is kept in bench/results/tiny/ and never run again, so this can be stopped (Ctrl-C) and started at
 * any time; --table runs none at all. Delete a cell's file to have it again. Needs ../shared/data/cifar10-jpeg.tar.xz (or
 * $EAST_SHARED), espeak-ng, and what `east verify` needs. Writes the tables of docs/measurements.md and the README.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { LayerConfig } from '../src/core/ops/graph-ops';
import { formatBytes, formatCount, formatMetric } from '../src/core/report/format';
import type { Report } from '../src/core/report/report';
import { valueAt } from '../src/core/tasks/measurement';
import { metricIn } from '../src/core/tasks/tasks';
import { defined } from '../src/core/util/defined';
import { unpackCifar10 } from './lib/cifar10-archive';
import { Cifar10Runs } from './lib/cifar10-runs';
import { keepCell, keptCells } from './lib/kept-cells';
import { fillMeasured, markdownTable } from './lib/measured';

interface TinyTask {
  readonly title: string;
  readonly network: string;
  /** Makes the data in the work folder, unless it is there. */
  readonly prepare: (folder: string) => void;
  readonly epochs: { readonly float: number; readonly fitted: number };
  /** What a config has beside name, method, budget, engine and directory. */
  readonly config: {
    readonly task?: object;
    readonly frontend?: object;
    readonly model: object;
    readonly dataset: object;
    readonly training: object;
  };
}

interface TinyCell {
  readonly task: string;
  readonly variant: keyof typeof VARIANTS;
  readonly config: unknown;
  readonly engine: string;
  readonly machine: string;
  readonly trainExamples: number;
  readonly testExamples: number;
  readonly measured: Report['measured'];
  readonly denseBytes: number;
  readonly flash: Report['flash'];
  readonly ram: Report['ram'];
  readonly sparsity: number;
  /** Of the network alone. */
  readonly instructions: number;
  /** Of all its frames; absent where the network reads what training reads. */
  readonly frontEndInstructions?: number;
  /** Each line of `east verify` that says what was held against the executor. */
  readonly verified: readonly string[];
}

const root = resolve(import.meta.dirname, '..');
const results = join(root, 'bench/results/tiny');
const { values: options } = parseArgs({
  options: {
    work: { type: 'string', default: join(tmpdir(), 'east-bench-tiny') },
    engine: { type: 'string', default: 'wasm' },
    only: { type: 'string', default: '' },
    table: { type: 'boolean', default: false },
  },
});
const work = resolve(options.work);
const SEED = 1;

const VARIANTS = {
  int8: { east: { method: 'dense' }, quantization: { weights: 8 } },
  east: { east: { codec: 'auto' }, budget: { weights: '25%' } },
} as const;

const ANIMALS = ['bird', 'cat', 'deer', 'dog', 'frog', 'horse'];
/** Of both tasks that see pictures. */
const PICTURES = { format: 'images', validation: 0.04, augment: { flip: true, shift: 4 } };
const PICTURE_TRAINING = {
  batchSize: 128,
  learningRate: 0.005,
  pruneLearningRate: 0.003,
  shards: 2,
};

const hidden = (name: string, units: number): LayerConfig => ({
  type: 'dense',
  name,
  units,
  batchNorm: true,
  activation: 'relu',
});

/** MLPerf Tiny's: four layers of 128 down to 8, four up again, and as many outputs as the input has numbers. */
function deepAutoencoder(size: number): LayerConfig[] {
  const sides = ['down', 'up'].map((side) =>
    [1, 2, 3, 4].map((index) => hidden(`${side}${index}`, 128)),
  );
  return [
    ...sides[0]!,
    hidden('bottleneck', 8),
    ...sides[1]!,
    { type: 'dense', name: 'rebuilt', units: size },
  ];
}

const TASKS: Readonly<Record<string, TinyTask>> = {
  image: {
    title: 'image classification: CIFAR-10 (JPEG copy)',
    network: 'ResNet-8',
    prepare: (folder) => pictures(folder, 2000, 400, (name) => name),
    epochs: { float: 12, fitted: 12 },
    config: {
      model: { architecture: 'resnet8', input: [32, 32, 3], classes: 10 },
      dataset: PICTURES,
      training: PICTURE_TRAINING,
    },
  },
  words: {
    title: 'keyword spotting: words spoken by espeak-ng',
    network: 'DS-CNN on 49 × 10 MFCCs',
    prepare: (folder) => example('keyword', 'speak.mjs', folder, '--length', '1000'),
    epochs: { float: 12, fitted: 24 },
    config: {
      frontend: {
        kind: 'mfcc',
        sampleRate: 16000,
        length: '990 ms',
        window: '30 ms',
        hop: '20 ms',
        coefficients: 10,
      },
      model: { architecture: 'ds-cnn', classes: 12 },
      dataset: {
        format: 'wav',
        background: { folder: 'words/noise', snr: [5, 25] },
        augment: { timeShift: '80 ms', speed: 0.1, gain: 6, variants: 3 },
      },
      training: { batchSize: 64, optimizer: 'adam', shards: 2 },
    },
  },
  animals: {
    title: 'visual wake words: an animal, or none (CIFAR-10, JPEG copy)',
    network: 'MobileNet v1 0.25',
    prepare: (folder) =>
      pictures(folder, 2000, 400, (name) => (ANIMALS.includes(name) ? 'animal' : 'none')),
    epochs: { float: 10, fitted: 10 },
    config: {
      model: { architecture: 'mobilenet-v1', input: [32, 32, 3], classes: 2 },
      dataset: PICTURES,
      training: PICTURE_TRAINING,
    },
  },
  motor: {
    title: 'anomaly detection: the motor of examples/vibration',
    network: 'autoencoder, 4 × 128 down to 8 and up',
    prepare: (folder) => example('vibration', 'measure.mjs', folder),
    epochs: { float: 30, fitted: 30 },
    config: {
      task: { kind: 'anomaly', normal: 'normal', falseAlarms: 0.01 },
      frontend: {
        kind: 'spectrum',
        sampleRate: 8000,
        length: '500 ms',
        window: 512,
        hop: 512,
        bands: 32,
      },
      model: { layers: deepAutoencoder(7 * 37) },
      dataset: { format: 'wav' },
      training: { batchSize: 64, shards: 2 },
    },
  },
};

/** So many pictures of each class of CIFAR-10, in the folder of what `called` says it is. */
function pictures(
  folder: string,
  train: number,
  test: number,
  called: (name: string) => string,
): void {
  const all = join(work, 'pictures');
  unpackCifar10(root, all);
  for (const [set, count] of Object.entries({ train, test })) {
    for (const name of readdirSync(join(all, set))) {
      const source = join(all, set, name);
      const target = join(folder, set, called(name));
      mkdirSync(target, { recursive: true });
      for (const file of readdirSync(source).sort().slice(0, count)) {
        cpSync(join(source, file), join(target, `${name}-${file}`));
      }
    }
  }
}

/** The data of an example, as its script makes it. */
function example(
  name: string,
  script: string,
  folder: string,
  ...options: readonly string[]
): void {
  const source = join(root, 'examples', name, script);
  execFileSync('node', [source, '--out', folder, ...options], { stdio: 'inherit' });
}

function prepared(id: string, { prepare }: TinyTask): void {
  const folder = join(work, id);
  if (existsSync(folder)) return;
  const part = `${folder}.part`;
  rmSync(part, { recursive: true, force: true });
  prepare(part);
  renameSync(part, folder);
}

function runCell(id: string, task: TinyTask, variant: keyof typeof VARIANTS): void {
  const name = `${id}_${variant}`;
  const { dataset, training, ...rest } = task.config;
  const config = {
    name,
    ...rest,
    dataset: { train: `${id}/train`, test: `${id}/test`, ...dataset },
    training: {
      epochs: task.epochs.float,
      pruneEpochs: task.epochs.fitted,
      seed: SEED,
      ...training,
    },
    ...VARIANTS[variant],
    engine: options.engine,
    firmware: { directory: `firmware/${name}` },
  };
  const runs = new Cifar10Runs(root, work, options.engine);
  const run = runs.train(name, config);
  const report = run.loadReport();
  if (report === undefined) throw new Error(`${name} has no report`);
  const file = `${name}.east.json`;
  east('generate', file);
  const said = east('verify', file);
  const verified = said.split('\n').filter((line) => line.startsWith('✓'));
  if (verified.length !== 3) throw new Error(`${name} was not verified in all three ways`);
  const counted = (what: string): number | undefined => {
    const found = new RegExp(`${what}\\s+([\\d,]+)`).exec(said)?.[1];
    return found === undefined ? undefined : Number(found.replaceAll(',', ''));
  };
  const instructions = counted('instructions per inference');
  if (instructions === undefined) throw new Error(`${name}: no instructions were counted`);
  const frontEndInstructions = counted('instructions of the front end');
  const { measured, testExamples, denseBytes, flash, ram, sparsity, trainedWith } = report;
  const cell: TinyCell = {
    task: id,
    variant,
    config,
    engine: trainedWith,
    machine: runs.machine,
    trainExamples: countFiles(join(work, id, 'train')),
    testExamples,
    measured,
    denseBytes,
    flash,
    ram,
    sparsity,
    instructions,
    ...defined({ frontEndInstructions }),
    verified,
  };
  keepCell(join(results, `${name}.json`), cell);
}

function countFiles(folder: string): number {
  return readdirSync(folder, { withFileTypes: true, recursive: true }).filter((each) =>
    each.isFile(),
  ).length;
}

function east(...args: readonly string[]): string {
  return execFileSync('node', [join(root, 'dist/east.mjs'), ...args], {
    cwd: work,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

function table(cells: readonly TinyCell[]): string {
  const rows = Object.entries(TASKS).flatMap(([id, task]) => {
    const [int8, fitted] = (['int8', 'east'] as const).map((variant) =>
      cells.find((cell) => cell.task === id && cell.variant === variant),
    );
    const any = int8 ?? fitted;
    if (any === undefined) return [];
    const { float, fitted: further } = task.epochs;
    const data = `${task.title}; ${formatCount(any.trainExamples)} files to train on, ${float} + ${further} epochs, ${formatCount(any.testExamples)} for testing`;
    const metric = metricIn(any.measured);
    const result = (cell: TinyCell, stage: 'float' | 'fitted'): string =>
      formatMetric(valueAt(cell.measured, stage) ?? NaN, metric, 2);
    return [
      [data, task.network, `float, ${metric.name}`, result(any, 'float'), '', '', '', '', ''],
      ...[int8, fitted]
        .filter((cell) => cell !== undefined)
        .map((cell) => [
          '',
          '',
          cell.variant === 'int8' ? 'int8' : 'EAST, 25 %',
          result(cell, 'fitted'),
          formatBytes(cell.flash.weights),
          formatBytes(cell.flash.total),
          formatBytes(cell.ram.total),
          formatCount(cell.instructions),
          cell.frontEndInstructions === undefined ? '' : formatCount(cell.frontEndInstructions),
        ]),
    ];
  });
  return markdownTable(
    [
      'task, data',
      'network',
      'as',
      'on the test set',
      'weights',
      'flash',
      'RAM',
      'instructions',
      'of the front end',
    ],
    rows,
  );
}

/** The few columns that the README has. */
function summary(cells: readonly TinyCell[]): string {
  const rows = Object.entries(TASKS).flatMap(([id, task]) => {
    const [int8, fitted] = (['int8', 'east'] as const).map((variant) =>
      cells.find((cell) => cell.task === id && cell.variant === variant),
    );
    if (int8 === undefined || fitted === undefined) return [];
    const metric = metricIn(int8.measured);
    const result = (cell: TinyCell, stage: 'float' | 'fitted'): string =>
      formatMetric(valueAt(cell.measured, stage) ?? NaN, metric);
    const sizes = [int8, fitted].map(({ flash }) => formatBytes(flash.total));
    return [
      [
        `${task.title.replace(/[:;].*/, '')}, ${task.network}`,
        metric.name,
        result(int8, 'float'),
        result(int8, 'fitted'),
        result(fitted, 'fitted'),
        sizes.join(' → '),
      ],
    ];
  });
  return markdownTable(
    ['task, network', 'on the test set', 'float', 'int8', 'EAST, 25 %', 'flash, int8 → EAST'],
    rows,
  );
}

function publish(): void {
  const cells = keptCells<TinyCell>(results);
  if (cells.length === 0) return;
  fillMeasured(root, 'tiny', table(cells));
  fillMeasured(root, 'tiny-summary', summary(cells));
}

if (!options.table) {
  mkdirSync(join(work, '.vscode'), { recursive: true });
  execFileSync('node', ['esbuild.mjs'], { cwd: root });
  const wanted = new RegExp(options.only);
  for (const [id, task] of Object.entries(TASKS)) {
    for (const variant of ['int8', 'east'] as const) {
      const name = `${id}_${variant}`;
      if (!wanted.test(name) || existsSync(join(results, `${name}.json`))) continue;
      console.log(`${basename(work)}: ${name}`);
      prepared(id, task);
      runCell(id, task, variant);
      publish();
    }
  }
}
publish();
