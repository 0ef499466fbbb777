/**
 * MLPerf Tiny's ResNet-8 trained here on CIFAR-10 (JPEG copy) and put into a third of its dense int8 weight bytes, beside
 * the same network as dense int8 from the same float network and with the same further epochs.
 *
 *   npx tsx bench/resnet8.ts [--work FOLDER] [--engine wasm] [--seed 1]
 *
 * Can be stopped (Ctrl-C) and started again. Writes bench/results/resnet8.json, with a run for each seed it has been
 * given, and the table of docs/measurements.md. Needs ../shared/data/cifar10-jpeg.tar.xz (or $EAST_SHARED).
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { resultOf } from '../src/core/report/describe-report';
import type { LayerReport, Report } from '../src/core/report/report';
import { formatBytes, formatPercent } from '../src/core/report/format';
import { Cifar10Runs } from './lib/cifar10-runs';
import { fillMeasured } from './lib/measured';

const root = resolve(import.meta.dirname, '..');
const { values: options } = parseArgs({
  options: {
    work: { type: 'string', default: join(tmpdir(), 'east-bench-methods') },
    engine: { type: 'string', default: 'wasm' },
    seed: { type: 'string', default: '1' },
  },
});
const seed = Number(options.seed);
const MODEL = { architecture: 'resnet8' };
const PRETRAINING_EPOCHS = 12;
const EPOCHS = 6;
const BUDGET = '33%';

interface Network {
  readonly measured: Report['measured'];
  readonly testExamples: number;
  /** Header, tile table and blocks. */
  readonly weightBytes: number;
  readonly sparsity: number;
  readonly layers: readonly LayerReport[];
  readonly config: unknown;
}

interface Result {
  readonly seed: number;
  readonly engine: string;
  readonly machine: string;
  readonly pretrainingEpochs: number;
  readonly epochs: number;
  readonly dense: Network;
  readonly east: Network;
}

const runs = new Cifar10Runs(root, resolve(options.work), options.engine);
await runs.prepare();
runs.pretrain('resnet8_float', 'resnet8.ckpt', MODEL, {
  epochs: PRETRAINING_EPOCHS,
  learningRate: 0.005,
});
const dense = trained('dense', { east: { method: 'dense' }, quantization: { weights: 8 } });
const east = trained('east', {
  east: { codec: 'lz4' },
  budget: { ram: '96KiB', weights: BUDGET },
});

const file = join(root, 'bench/results/resnet8.json');
const before: Result[] = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
const results: Result[] = [
  ...before.filter((result) => result.seed !== seed),
  {
    seed,
    engine: dense.trainedWith,
    machine: runs.machine,
    pretrainingEpochs: PRETRAINING_EPOCHS,
    epochs: EPOCHS,
    dense: dense.network,
    east: east.network,
  },
].sort((a, b) => a.seed - b.seed);
writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
fillMeasured(root, 'resnet8', table());

function trained(name: string, config: object): { network: Network; trainedWith: string } {
  const whole = {
    ...runs.common(`resnet8_${name}_seed${seed}`, MODEL, seed, {
      epochs: 0,
      initialWeights: 'resnet8.ckpt',
      pruneEpochs: EPOCHS,
      pruneLearningRate: 0.003,
    }),
    ...config,
  };
  const report = runs.train(whole.name, whole).loadReport();
  if (!report) throw new Error(`${whole.name}: no report`);
  const { measured, testExamples, flash, sparsity, layers, trainedWith } = report;
  return {
    network: {
      measured,
      testExamples,
      weightBytes: flash.weights,
      sparsity,
      layers,
      config: whole,
    },
    trainedWith,
  };
}

function table(): string {
  const row = (seed: number, name: string, network: Network): string =>
    `| ${seed} | ${name} | ${resultOf(network, 2)} ` +
    `| ${formatBytes(network.weightBytes)} | ${formatPercent(network.sparsity, 0)} |`;
  return [
    '| seed | ResNet-8 | test accuracy, integer | encoded weights | zeros |',
    '| --- | --- | --- | --- | --- |',
    ...results.flatMap(({ seed, dense, east }) => [
      row(seed, 'dense int8', dense),
      row(seed, `EAST, ${BUDGET} of the bytes`, east),
    ]),
  ].join('\n');
}
