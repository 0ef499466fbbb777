/**
 * The evidence: every method at every budget on CIFAR-10 (JPEG copy), ResNet-9 of width 8, from one shared float
 * network, with the same epochs, data and final encoder, through the `east` command as a user runs it.
 *
 *   npm run bench:methods -- [--work FOLDER] [--engine wasm] [--only REGEXP] [--minutes 60] [--plot]
 *
 * Each finished cell is kept in bench/results/methods/ and never run again, so this can be stopped (Ctrl-C) and started
 * at any time; --minutes starts no further cell after that time, --plot runs none at all. Delete a cell's file to have
 * it again. Needs ../shared/data/cifar10-jpeg.tar.xz (or $EAST_SHARED). Writes the plot media/methods.svg and the
 * README's table from whatever cells there are.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { listImageFolder, readImageFolder } from '../src/core/dataset/images';
import { formatPercent } from '../src/core/report/format';
import type { RunFolder } from '../src/core/run/run-folder';
import { RunStore } from '../src/core/run/run-store';
import { unpackCifar10 } from './lib/cifar10-archive';
import { fillReadme } from './lib/readme';
import type { Cell } from './methods/cells';
import { grid } from './methods/cells';
import { plotMethods } from './methods/plot';
import type { CellResult } from './methods/result';
import { otherSizes } from './methods/sizes';
import { methodsTable } from './methods/table';

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

mkdirSync(results, { recursive: true });
if (!options.plot) {
  await prepare();
  pretrain();
  const wanted = new RegExp(options.only);
  const open = grid().filter(({ id }) => wanted.test(id) && !existsSync(resultFile(id)));
  for (const [i, cell] of open.entries()) {
    if (Date.now() > deadline) break;
    console.log(`${i + 1} of ${open.length}: ${cell.id}`);
    runCell(cell);
    await publish();
  }
}
await publish();

/** The pictures decoded once, in the CIFAR-10 binary format, which loads in a second. */
async function prepare(): Promise<void> {
  mkdirSync(join(work, '.vscode'), { recursive: true });
  const pictures = join(work, 'pictures');
  for (const set of ['train', 'test']) {
    const target = join(work, `${set}.bin`);
    if (existsSync(target)) continue;
    unpackCifar10(root, pictures);
    console.log(`decoding the pictures of ${set}`);
    const source = listImageFolder(join(pictures, set), 'data');
    const all = Uint32Array.from(source.files, (_, i) => i);
    const { count, data, labels } = await readImageFolder(source, all, [32, 32, 3], () => {});
    const [pixels, record] = [1024, 1 + 3 * 1024];
    const bytes = new Uint8Array(count * record);
    for (let i = 0; i < count; i++) {
      bytes[i * record] = labels[i]!;
      for (let k = 0; k < 3 * pixels; k++) {
        bytes[i * record + 1 + (k % 3) * pixels + Math.floor(k / 3)] = data[i * 3 * pixels + k]!;
      }
    }
    writeFileSync(`${target}.part`, bytes);
    renameSync(`${target}.part`, target);
  }
  rmSync(pictures, { recursive: true, force: true });
  execFileSync('node', ['esbuild.mjs'], { cwd: root });
}

function common(name: string, seed: number, schedule: object): Record<string, unknown> {
  return {
    name,
    model: { architecture: 'resnet9', width: 8, input: [32, 32, 3], classes: 10 },
    dataset: {
      format: 'cifar10',
      train: 'train.bin',
      test: 'test.bin',
      validation: 0.04,
      augment: { flip: true, shift: 4 },
    },
    training: {
      ...schedule,
      batchSize: 128,
      optimizer: 'adam',
      weightDecay: 0.0005,
      seed,
      // Part of what decides the result; the native engine has threads of its own.
      shards: options.engine === 'wasm' ? 2 : 1,
    },
    engine: options.engine,
    firmware: { directory: `firmware/${name}` },
  };
}

/** The float network all cells start from: the last checkpoint of a run of method dense. */
function pretrain(): void {
  const target = join(work, 'pretrained.ckpt');
  if (existsSync(target)) return;
  const run = train('pretraining', {
    ...common('pretraining', 1, {
      epochs: PRETRAINING_EPOCHS,
      pruneEpochs: 0,
      learningRate: 0.005,
    }),
    east: { method: 'dense' },
  });
  const checkpoint = run.checkpoints.load();
  if (!checkpoint) throw new Error('the dense run left no checkpoint');
  copyFileSync(checkpoint.file, target);
}

/** Trains a config to the end, from where it was left if it was begun. */
function train(name: string, config: Record<string, unknown>): RunFolder {
  const file = join(work, `${name}.east.json`);
  writeFileSync(file, `${JSON.stringify(config, null, 2)}\n`);
  const store = new RunStore(work);
  const last = store.latest(file);
  const state = last?.state();
  if (state === 'finished' && last) return last;
  const begun = state === 'stopped' || state === 'interrupted';
  const program = join(root, 'dist/east.mjs');
  const { status } = spawnSync('node', [program, begun ? 'resume' : 'run', file], {
    cwd: work,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const run = new RunStore(work).latest(file);
  if (status !== 0 || run?.state() !== 'finished') {
    throw new Error(`east run ${name}.east.json ended with ${status}`);
  }
  return run;
}

function runCell(cell: Cell): void {
  const { id, method, budget, seed } = cell;
  const config = {
    ...common(id, seed, {
      epochs: 0,
      initialWeights: 'pretrained.ckpt',
      pruneEpochs: EPOCHS,
      pruneLearningRate: 0.003,
    }),
    east: { interval: 50, ...method.config.east },
    ...(method.config.quantization ? { quantization: method.config.quantization } : {}),
    budget: { ram: '96KiB', ...(budget === undefined ? {} : { weights: `${budget}%` }) },
  };
  const run = train(id, config);
  const report = run.loadReport();
  const model = run.loadModel();
  if (!report || !model) throw new Error(`${id}: no report`);
  const started = run.readEvents().find(({ type }) => type === 'started');
  const result: CellResult = {
    id,
    method: method.id,
    ...(budget === undefined ? {} : { budget }),
    seed,
    config,
    engine: report.engine,
    machine: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`,
    started: started?.time ?? '',
    pretraining: `${PRETRAINING_EPOCHS} epochs`,
    accuracy: report.accuracy,
    blobBytes: report.flash.weights,
    denseBytes: report.denseBytes,
    sparsity: report.sparsity,
    layers: report.layers,
    sizes: otherSizes(model.encoded),
  };
  writeFileSync(`${resultFile(id)}.part`, `${JSON.stringify(result, null, 2)}\n`);
  renameSync(`${resultFile(id)}.part`, resultFile(id));
  console.log(`  ${formatPercent(report.accuracy.int8Sparse, 2)} in ${result.blobBytes} bytes`);
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
  fillReadme(root, 'methods', methodsTable(found));
}
