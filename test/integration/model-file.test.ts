/** A float network in a file: quantised here, made to fit, with labels and without, from config to report. */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/core/config/load-config';
import type { Normalization, Samples } from '../../src/core/dataset/dataset';
import { outputSize } from '../../src/core/graph/graph';
import { loadModelFile } from '../../src/core/models/model-files';
import type { Report } from '../../src/core/report/report';
import { formatReport } from '../../src/core/report/format-report';
import { actions } from '../../src/core/run/all-actions';
import type { RunEvent } from '../../src/core/run/events';
import { RunStore } from '../../src/core/run/run-store';
import { readAnswers } from '../../src/core/tasks/answers';
import { valueAt } from '../../src/core/tasks/measurement';
import { TASKS } from '../../src/core/tasks/tasks';
import { openEngine } from '../../src/core/train/engines/open-engine';
import { floatNetwork } from '../../src/core/train/imported/float-network';
import { outputsOf } from '../../src/core/train/imported/observe';
import { createRandom } from '../../src/core/util/random';

const MODEL = resolve(import.meta.dirname, '../fixtures/models/tflite/cnn-float32.tflite');
const folder = mkdtempSync(join(tmpdir(), 'east-model-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What the network was "trained" with: labels are what it says of pictures that it sees so. */
const SEEN: Normalization = { kind: 'uint8', mean: [128], std: [128] };
let shape: readonly [number, number, number];

function pictures(count: number, seed: number): Samples {
  const random = createRandom(seed);
  const size = shape[0] * shape[1] * shape[2];
  const data = new Uint8Array(count * size);
  for (let n = 0; n < count; n++) {
    const [at, by] = [random.int(256), random.int(120)];
    for (let i = 0; i < size; i++) {
      const x = at + by * Math.sin((i * (1 + (n % 7))) / 9) + random.normal() * 20;
      data[n * size + i] = Math.max(0, Math.min(255, x));
    }
  }
  return { count, shape, data, targets: new Float32Array(count) };
}

beforeAll(async () => {
  mkdirSync(join(folder, '.vscode'));
  copyFileSync(MODEL, join(folder, 'net.tflite'));
  const model = await loadModelFile(MODEL);
  const network = floatNetwork(model);
  shape = model.graph.inputShape;
  const engine = await openEngine('wasm');
  for (const [set, count, seed] of [
    ['train', 320, 1],
    ['test', 100, 2],
  ] as const) {
    const samples = pictures(count, seed);
    const outputs = await outputsOf(engine, network, samples, SEEN);
    const answers = readAnswers(TASKS.classification, outputs, outputSize(model.graph));
    writeIdx(`${set}.idx`, [count, ...shape], Uint8Array.from(samples.data));
    writeIdx(`${set}-labels.idx`, [count], Uint8Array.from(answers));
  }
});

function writeIdx(name: string, dimensions: readonly number[], data: Uint8Array): void {
  const head = Buffer.alloc(4 + 4 * dimensions.length);
  head[2] = 8;
  head[3] = dimensions.length;
  dimensions.forEach((n, i) => head.writeUInt32BE(n, 4 + 4 * i));
  writeFileSync(join(folder, name), Buffer.concat([head, data]));
}

interface Done {
  readonly report: Report | undefined;
  readonly notes: readonly string[];
  readonly events: readonly RunEvent[];
}

const LABELS = { trainLabels: 'train-labels.idx', testLabels: 'test-labels.idx' };

/** Stopped after an epoch and resumed where `interrupted`. */
async function run(name: string, config: object, interrupted = false): Promise<Done> {
  const file = join(folder, `${name}.east.json`);
  writeFileSync(file, JSON.stringify({ engine: 'wasm', ...config }));
  const store = new RunStore(folder);
  const created = store.create(loadConfig(file, { workspace: folder }), readFileSync(file, 'utf8'));
  const [notes, events]: [string[], RunEvent[]] = [[], []];
  const once = async (stopAt: number | undefined): Promise<Done['report']> => {
    const stop = new AbortController();
    const run = store.open(created.id);
    const result = await actions.run({
      config: run.loadConfig(),
      folder: run,
      signal: stop.signal,
      onEvent: (event) => {
        events.push(event);
        // Told of every epoch, where steps are told of from time to time.
        if (stopAt !== undefined && event.type === 'evaluation' && event.step >= stopAt)
          stop.abort();
      },
      onNote: (note) => notes.push(note),
    });
    return result.status === 'finished' ? result.report : undefined;
  };
  if (interrupted) expect(await once(3)).toBeUndefined();
  return { report: await once(undefined), notes, events };
}

const data = (more: object = {}): object => ({
  format: 'idx',
  train: 'train.idx',
  test: 'test.idx',
  ...more,
});
const normalize = { mean: 128, std: 128 };

describe('a float network in a file', () => {
  it('is quantised without a label, and the report says what that costs each layer', async () => {
    const { report, events } = await run('quantized', {
      model: { file: 'net.tflite', use: 'quantize' },
      dataset: data({ normalize }),
    });
    expect(report!.method).toBe('quantised here');
    expect(report!.measured.map(({ metric, stage }) => [metric, stage])).toEqual([
      ['agreement with the original', 'float'],
      ['agreement with the original', 'fitted'],
    ]);
    expect(valueAt(report!.measured, 'float')).toBe(1);
    expect(valueAt(report!.measured, 'fitted')).toBeGreaterThan(0.9);
    for (const { noise } of report!.layers) {
      expect(noise!.output).toBeGreaterThan(15);
      expect(noise!.own).toBeGreaterThan(15);
    }
    const text = formatReport(report!, { width: 100 });
    expect(text).toMatch(/signal to noise +alone/);
    expect(text).toMatch(/QUANTISED ranges by/);
    expect(text).toMatch(/spoils most/);
    expect(events.map(({ type }) => type)).toEqual([
      'started',
      'evaluation',
      'evaluation',
      'finished',
    ]);
  });

  it('guesses the normalisation by labels, and warns where the one given is wrong', async () => {
    const quantize = { model: { file: 'net.tflite', use: 'quantize' } };
    const guessed = await run('guessed', { ...quantize, dataset: data(LABELS) });
    expect(guessed.notes.join('\n')).toMatch(/taken is "normalize": \{"range":"-1\.\.1"\}/);
    expect(valueAt(guessed.report!.measured, 'fitted')).toBeGreaterThan(0.9);
    const wrong = await run('wrong', {
      ...quantize,
      dataset: data({ ...LABELS, normalize: { mean: 9000, std: 3000 } }),
    });
    const warning = wrong.notes.find((note) => note.includes('before anything was done'))!;
    expect(warning).toContain('With "normalize": {"range":"-1..1"}');
  });

  it('is made to fit by imitating itself, and resumed ends as if it had not been stopped', async () => {
    const config = {
      model: { file: 'net.tflite', use: 'fit' },
      dataset: data({ normalize }),
      budget: { weights: '60%' },
      training: { pruneEpochs: 4, batchSize: 16, shards: 1, checkpointSeconds: 1000 },
    };
    const whole = await run('fitted', config);
    expect(valueAt(whole.report!.measured, 'float')).toBe(1);
    expect(valueAt(whole.report!.measured, 'fitted')).toBeGreaterThan(0.7);
    expect(whole.report!.withinBudget).toBe(true);
    expect(whole.notes.join('\n')).toMatch(/no labels: what is measured is agreement/);
    const { report } = await run('fitted_again', config, true);
    expect(report!.layers).toEqual(whole.report!.layers);
    expect(report!.measured).toEqual(whole.report!.measured);
  });

  it('may be an int8 one, whose weights are taken as the numbers they stand for', async () => {
    copyFileSync(MODEL.replace('float32', 'int8'), join(folder, 'codes.tflite'));
    const { report, notes } = await run('from_int8', {
      model: { file: 'codes.tflite', use: 'fit' },
      dataset: data(),
      budget: { weights: '70%' },
      training: { pruneEpochs: 4, batchSize: 16, shards: 1 },
    });
    expect(notes.join('\n')).not.toMatch(/the file does not say/);
    expect(valueAt(report!.measured, 'float')).toBe(1);
    expect(valueAt(report!.measured, 'quantized')).toBeGreaterThan(0.85);
    expect(valueAt(report!.measured, 'fitted')).toBeGreaterThan(0.7);
  });

  it('may have several outputs, all of which are imitated', async () => {
    copyFileSync(MODEL.replace('cnn-', 'heads-'), join(folder, 'heads.tflite'));
    const { graph } = await loadModelFile(join(folder, 'heads.tflite'));
    expect(graph.outputs?.length).toBeGreaterThan(1);
    const samples = { ...pictures(64, 5), shape: graph.inputShape };
    const size = graph.inputShape[0] * graph.inputShape[1] * graph.inputShape[2];
    const count = Math.floor(samples.data.length / size);
    writeIdx(
      'heads.idx',
      [count, ...graph.inputShape],
      Uint8Array.from(samples.data.subarray(0, count * size)),
    );
    const { report } = await run('heads', {
      model: { file: 'heads.tflite', use: 'quantize' },
      dataset: {
        format: 'idx',
        train: 'heads.idx',
        test: 'heads.idx',
        normalize: { mean: 128, std: 128 },
      },
    });
    expect(report!.measured[0]!.metric).toBe('error against the original');
    expect(valueAt(report!.measured, 'float')).toBeLessThan(1e-6);
    expect(valueAt(report!.measured, 'fitted')).toBeLessThan(0.1);
    // Labels would be for one of them, and nobody says for which.
    writeIdx(
      'heads-labels.idx',
      [count],
      Uint8Array.from({ length: count }, (_, i) => i % 2),
    );
    const labelled = run('heads-labelled', {
      model: { file: 'heads.tflite', use: 'quantize' },
      dataset: {
        ...{ format: 'idx', train: 'heads.idx', test: 'heads.idx' },
        ...{ trainLabels: 'heads-labels.idx', testLabels: 'heads-labels.idx' },
      },
    });
    await expect(labelled).rejects.toThrow(/has \d outputs, .* leave the labels out/);
  });

  it('is made to fit by labels', async () => {
    const { report } = await run('labelled', {
      model: { file: 'net.tflite', use: 'fit' },
      dataset: data({ ...LABELS, normalize }),
      budget: { weights: '60%' },
      training: { pruneEpochs: 4, batchSize: 16, shards: 1 },
    });
    expect(report!.measured[0]!.metric).toBe('accuracy');
    expect(valueAt(report!.measured, 'fitted')).toBeGreaterThan(0.7);
  });
});
