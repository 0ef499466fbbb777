/**
 * What is done with a network that was trained elsewhere, on MLPerf Tiny's ResNet-8 and CIFAR-10 (JPEG copy): its int8
 * file as it is, its float file quantised here, and made to fit a quarter of the int8 bytes, with labels and without.
 *
 *   npx tsx bench/imported.ts [--work FOLDER] [--examples 10000] [--epochs 4]
 *
 * Row by row; may be stopped and started again, and goes on at the row and the step where it was. Writes
 * bench/results/imported.json and the table of docs/measurements.md. Needs ../shared/models and
 * ../shared/data/cifar10-jpeg.tar.xz (or $EAST_SHARED).
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { codecsSet, codingsOf, withCodecs } from '../src/core/codecs/choice';
import type { EastConfig } from '../src/core/config/config';
import { BatchSource } from '../src/core/dataset/batches';
import { CIFAR10_CLASSES, readCifar10 } from '../src/core/dataset/cifar10';
import type { Dataset, Normalization, Samples } from '../src/core/dataset/dataset';
import { copySamples } from '../src/core/dataset/split';
import { possibleFormats } from '../src/core/east/possible-formats';
import { encodeModel } from '../src/core/firmware/encode-model';
import type { EncodedModel } from '../src/core/firmware/encoded-model';
import { trainedFormats } from '../src/core/formats/fits';
import { outputSize, weightCount, weightedLayers } from '../src/core/graph/graph';
import { loadModelFile } from '../src/core/models/model-files';
import { planMemory } from '../src/core/plan/memory';
import { evaluate } from '../src/core/quant/evaluate';
import type { QuantizedModel } from '../src/core/quant/model';
import type { LayerNoise } from '../src/core/quant/noise';
import { inputQuantization } from '../src/core/quant/quantization';
import { formatBytes, formatPercent } from '../src/core/report/format';
import { writeFileAtomic } from '../src/core/run/atomic-file';
import { encodeContainer, readContainer } from '../src/core/run/container';
import { readAnswers } from '../src/core/tasks/answers';
import { valueAt } from '../src/core/tasks/measurement';
import { TASKS } from '../src/core/tasks/tasks';
import { openEngine } from '../src/core/train/engines/open-engine';
import { floatNetwork, type FloatNetwork } from '../src/core/train/imported/float-network';
import { liveGraph, liveParameters } from '../src/core/train/imported/live-batch-norm';
import { outputsOf } from '../src/core/train/imported/observe';
import { quantizeNetwork } from '../src/core/train/imported/quantize-network';
import { labelledBy } from '../src/core/train/imported/teacher';
import { checkSnapshot } from '../src/core/train/loop/snapshot-schema';
import { train } from '../src/core/train/loop/train';
import { Cifar10Runs } from './lib/cifar10-runs';
import { fillMeasured, markdownTable } from './lib/measured';

const root = resolve(import.meta.dirname, '..');
const shared = process.env['EAST_SHARED'] ?? join(root, '../shared');
const { values: options } = parseArgs({
  options: {
    work: { type: 'string', default: join(tmpdir(), 'east-bench-methods') },
    examples: { type: 'string', default: '10000' },
    epochs: { type: 'string', default: '4' },
  },
});
const EXAMPLES = Number(options.examples);
const EPOCHS = Number(options.epochs);
const SHARE = 0.25;
/** The network takes pixels as they are. */
const PIXELS: Normalization = { kind: 'uint8', mean: [0], std: [1] };

interface Row {
  readonly name: string;
  /** Over the test set, against the labels. */
  readonly accuracy: number;
  /** Of the float network's answers, over the same examples. */
  readonly agreement?: number;
  /** Header, tile table and weights as they are stored; float weights as the file has them. */
  readonly weightBytes: number;
  readonly seconds: number;
  readonly noise?: readonly LayerNoise[];
  readonly choice?: unknown;
}

interface Result {
  readonly machine: string;
  readonly trainingExamples: number;
  readonly epochs: number;
  readonly testExamples: number;
  readonly rows: readonly Row[];
}

const file = join(root, 'bench/results/imported.json');
const work = resolve(options.work);
const runs = new Cifar10Runs(root, work, 'wasm');
await runs.prepare();
const engine = await openEngine('wasm');
const float = await loadModelFile(join(shared, 'models/mlperf_tiny_resnet8_float.tflite'));
const int8 = await loadModelFile(join(shared, 'models/mlperf_tiny_resnet8_int8.tflite'));
const network: FloatNetwork = floatNetwork(float);
const dense = weightedLayers(float.graph).reduce((sum, layer) => sum + weightCount(layer), 0);
const test = await read('test');
const training = await read('train');
/** Every so many-th of the training set, and others to choose the checkpoint by. */
const some = (count: number, from: number): Samples =>
  copySamples(
    training,
    Uint32Array.from({ length: count }, (_, i) => Math.floor((i * training.count) / count) + from),
  );
const labelled: Dataset = {
  task: 'classification',
  shape: [32, 32, 3],
  outputNames: CIFAR10_CLASSES,
  train: some(EXAMPLES, 0),
  validation: some(1000, 1),
  test,
  normalization: PIXELS,
};
const original = await outputsOf(engine, network, test, PIXELS);
const answers = readAnswers(TASKS.classification, original, outputSize(network.graph));

await row('the float network', () => ({
  accuracy: TASKS.classification.measure(answers, test.targets),
  weightBytes: 4 * dense,
}));
await row('its int8 file as it is', async () => {
  const { quantization, graph } = int8;
  if (quantization === undefined) throw new Error('the int8 file is none');
  return measured({ graph, ...quantization });
});
await row('quantised here', async () => {
  const { model, noise, choice } = await quantizeNetwork(engine, network, {
    samples: labelled.train,
    normalization: PIXELS,
    inputTensor: inputQuantization(PIXELS),
  });
  return { ...(await measured(model)), noise, choice };
});
await row(`made to fit ${formatPercent(SHARE, 0)} with labels`, () => fitted('labels', labelled));
await row(`made to fit ${formatPercent(SHARE, 0)} without labels, by distillation`, async () =>
  fitted('distilled', await labelledBy(engine, network, labelled, 'classes')),
);
fillMeasured(root, 'imported', table());

async function read(set: 'train' | 'test'): Promise<Samples> {
  return readCifar10([join(work, `${set}.bin`)], [32, 32, 3], () => undefined);
}

function known(): Result {
  const now: Result = {
    machine: runs.machine,
    trainingExamples: EXAMPLES,
    epochs: EPOCHS,
    testExamples: test.count,
    rows: [],
  };
  return existsSync(file) ? { ...now, rows: JSON.parse(readFileSync(file, 'utf8')).rows } : now;
}

async function row(
  name: string,
  make: () => Omit<Row, 'name' | 'seconds'> | Promise<Omit<Row, 'name' | 'seconds'>>,
): Promise<void> {
  if (known().rows.some((each) => each.name === name)) return;
  console.log(name);
  const began = performance.now();
  const made = await make();
  const seconds = Math.round((performance.now() - began) / 1000);
  const result = known();
  const rows = [...result.rows, { name, ...made, seconds }];
  writeFileSync(file, `${JSON.stringify({ ...result, rows }, null, 2)}\n`);
  console.log(`${formatPercent(made.accuracy, 2)} in ${made.weightBytes} bytes, ${seconds} s`);
}

/** Of the integer executor over the test set. */
async function measured(
  model: QuantizedModel,
  encoded: EncodedModel = plain(model),
): Promise<Omit<Row, 'name' | 'seconds'>> {
  const { classification } = TASKS;
  const found = await evaluate(model, classification, test, PIXELS);
  return {
    accuracy: found.value,
    agreement: classification.measure(found.answers, answers),
    weightBytes: encoded.blob.length,
  };
}

function plain(model: QuantizedModel): EncodedModel {
  return encodeModel(model, planMemory(model.graph), {});
}

async function fitted(name: string, dataset: Dataset): Promise<Omit<Row, 'name' | 'seconds'>> {
  const graph = liveGraph(float.graph);
  const memory = planMemory(graph);
  const budget = Math.floor(SHARE * dense);
  const east: EastConfig = {
    method: 'east',
    group: 4,
    interval: 40,
    encoder: 'optimal',
    codec: 'auto',
    freeze: 0.5,
  };
  const codecs = codecsSet(east.codec);
  const checkpoint = join(work, `imported-${name}.ckpt`);
  const stored = existsSync(checkpoint)
    ? checkSnapshot(readContainer(checkpoint, 'weights'))
    : undefined;
  const outcome = await train({
    config: {
      training: {
        epochs: 0,
        pruneEpochs: EPOCHS,
        batchSize: 64,
        optimizer: 'adam',
        momentum: 0.9,
        learningRate: 0.003,
        pruneLearningRate: 0.002,
        weightDecay: 1e-4,
        labelSmoothing: 0,
        schedule: 'one-cycle',
        seed: 1,
        checkpointSeconds: 60,
      },
      east,
    },
    graph,
    dataset,
    batches: new BatchSource({
      samples: dataset.train,
      normalization: PIXELS,
      augmentation: { flip: true, shift: 2, noise: 0 },
      batchSize: 64,
      seed: 1,
    }),
    engine,
    tileWeights: memory.tileWeights,
    formats: withCodecs(trainedFormats(possibleFormats(graph, { weights: 'auto' }, true)), codecs),
    // Header and tile table of the same tiles.
    blockBudget: budget - overhead(graph),
    initialWeights: await liveParameters(engine, float, dataset.train, PIXELS),
    ...(dataset.task === 'agreement' ? { teacher: network } : {}),
    ...(stored !== undefined && 'value' in stored ? { snapshot: stored.value } : {}),
    signal: new AbortController().signal,
    onProgress: (event) => {
      if (event.type === 'evaluation') console.log(name, event);
      if (event.type === 'step' && event.step % 50 === 0) {
        console.log(name, event.step, event.loss.toFixed(3), Math.round(event.imagesPerSecond));
      }
    },
    saveCheckpoint: (snapshot) => writeFileAtomic(checkpoint, encodeContainer(snapshot)),
  });
  if (outcome.status !== 'finished') throw new Error('stopped');
  const encoded = encodeModel(
    outcome.model,
    memory,
    codingsOf(outcome.formats, outcome.codecs, east, codecs),
  );
  if (encoded.blob.length > budget) throw new Error(`${encoded.blob.length} bytes of ${budget}`);
  console.log(name, valueAt(outcome.measured, 'fitted'));
  const result = await measured(outcome.model, encoded);
  rmSync(checkpoint);
  return result;
}

function overhead(graph: FloatNetwork['graph']): number {
  const model = int8.quantization;
  if (model === undefined) throw new Error('the int8 file is none');
  const { blob, layers } = plain({ graph: int8.graph, ...model });
  const tiles = layers.flatMap((layer) => layer.tiles);
  return (
    blob.length -
    tiles.reduce((sum, { stored }) => sum + stored.length, 0) +
    8 * graph.layers.length
  );
}

function table(): string {
  const { rows } = known();
  return markdownTable(
    ['ResNet-8', 'test accuracy', 'as the float network', 'weights'],
    rows.map(({ name, accuracy, agreement, weightBytes }) => [
      name,
      formatPercent(accuracy, 2),
      agreement === undefined ? '' : formatPercent(agreement, 1),
      formatBytes(weightBytes),
    ]),
  );
}
