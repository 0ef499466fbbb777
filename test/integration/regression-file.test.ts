/** A network in a file that tells numbers: measured against targets and fitted to them, in the units that it puts out. */
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ResolvedConfig } from '../../src/core/config/config';
import { outputSize } from '../../src/core/graph/graph';
import { elements } from '../../src/core/ops/shape';
import { loadConfigAndModel } from '../../src/core/models/gather-model';
import { loadModelFile } from '../../src/core/models/model-files';
import { createExecutor } from '../../src/core/quant/executor';
import type { Report } from '../../src/core/report/report';
import { actions } from '../../src/core/run/all-actions';
import { RunStore } from '../../src/core/run/run-store';
import { valueAt } from '../../src/core/tasks/measurement';
import { createRandom } from '../../src/core/util/random';
import { npy, npz } from '../unit/dataset/files-for-tests';

const FILES = resolve('test/fixtures/models/tflite');
const folder = mkdtempSync(join(tmpdir(), 'east-regression-'));
afterAll(() => rmSync(folder, { recursive: true }));
let outputs: number;

/** Far more than what the targets differ by among themselves. */
const MOVED = 3;

/** Of the int8 network: its answers to random inputs, and the same in other units. */
beforeAll(async () => {
  mkdirSync(join(folder, '.vscode'));
  for (const name of ['autoencoder-int8.tflite', 'autoencoder-float32.tflite']) {
    copyFileSync(join(FILES, name), join(folder, name));
  }
  const { graph, quantization } = await loadModelFile(join(folder, 'autoencoder-int8.tflite'));
  const executor = createExecutor({ graph, ...quantization! });
  const input = quantization!.tensors['input']!;
  const output = quantization!.tensors[graph.layers.at(-1)!.name]!;
  const [size, random] = [elements(graph.inputShape), createRandom(5)];
  outputs = outputSize(graph);
  for (const [set, count] of [
    ['train', 256],
    ['test', 100],
  ] as const) {
    const x = new Float32Array(count * size);
    const y = new Float32Array(count * outputs);
    for (let n = 0; n < count; n++) {
      const codes = Int8Array.from({ length: size }, () => random.int(256) - 128);
      codes.forEach((code, i) => (x[n * size + i] = (code - input.zeroPoint) * input.scale));
      executor
        .run(codes)
        .forEach((code, i) => (y[n * outputs + i] = (code - output.zeroPoint) * output.scale));
    }
    const arrays = (targets: Float32Array): Buffer =>
      Buffer.from(
        npz({
          x: npy('<f4', [count, ...graph.inputShape], Buffer.from(x.buffer)),
          y: npy('<f4', [count, outputs], Buffer.from(targets.buffer)),
        }),
      );
    writeFileSync(join(folder, `${set}.npz`), arrays(y));
    writeFileSync(join(folder, `${set}_moved.npz`), arrays(y.map((value) => value + MOVED)));
  }
});

async function run(
  name: string,
  config: object,
): Promise<{
  readonly report: Report;
  readonly notes: string[];
  readonly id: string;
  readonly config: ResolvedConfig;
}> {
  const file = join(folder, `${name}.east.json`);
  writeFileSync(
    file,
    JSON.stringify({
      engine: 'wasm',
      task: 'regression',
      firmware: { directory: name },
      ...config,
    }),
  );
  const { config: sound } = await loadConfigAndModel(file, { workspace: folder });
  const store = new RunStore(folder);
  const started = store.create(sound, readFileSync(file, 'utf8'));
  const notes: string[] = [];
  const result = await actions.run({
    config: started.loadConfig(),
    folder: started,
    signal: new AbortController().signal,
    onEvent: () => undefined,
    onNote: (note) => notes.push(note),
  });
  if (result.status !== 'finished') throw new Error('The run was stopped.');
  return { report: result.report, notes, id: started.id, config: sound };
}

const data = (suffix = '', more: object = {}): object => ({
  format: 'numpy',
  train: `train${suffix}.npz`,
  test: `test${suffix}.npz`,
  ...more,
});
const identity = { normalize: { mean: 0, std: 1 } };

describe('a network in a file that tells numbers', () => {
  it('is measured against targets as it is, and its C gives numbers in their units', async () => {
    const { report, id, config } = await run('as_is', {
      model: { file: 'autoencoder-int8.tflite' },
      dataset: data(),
    });
    expect(report.measured).toEqual([
      { metric: 'mean absolute error in standard deviations', stage: 'fitted', value: 0 },
    ]);
    expect(report.details).toMatchObject({ kind: 'regression' });
    expect(report.baseline).toBeGreaterThan(0.3);
    const store = new RunStore(folder);
    await actions.generate({ folder: store.open(id), config }, { force: false });
    const headers = readdirSync(join(folder, 'as_is'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.h'))
      .map((file) => readFileSync(join(folder, 'as_is', file), 'utf8'));
    expect(headers.join('\n')).toContain('as_is_value(const int8_t *output, unsigned number)');
  });

  it('is measured against targets before and after it is quantised', async () => {
    const { report, notes } = await run('quantised', {
      model: { file: 'autoencoder-float32.tflite', use: 'quantize' },
      dataset: data('', identity),
    });
    const [float, int8] = (['float', 'fitted'] as const).map((at) => valueAt(report.measured, at)!);
    expect(float).toBeLessThan(0.05);
    expect(int8).toBeLessThan(0.1);
    expect(report.details).toMatchObject({ kind: 'regression' });
    expect(notes.filter((note) => note.startsWith('warning: before anything'))).toEqual([]);
  });

  it('says of targets in other units that they may be', async () => {
    const { notes } = await run('other_units', {
      model: { file: 'autoencoder-float32.tflite', use: 'quantize' },
      dataset: data('_moved', identity),
    });
    expect(notes.join('\n')).toContain(
      'check that the targets are in the units that the network was trained with',
    );
  });

  it('is fitted to targets, whatever it told before', async () => {
    const { report } = await run('fitted', {
      model: { file: 'autoencoder-float32.tflite', use: 'fit' },
      dataset: data('_moved', identity),
      budget: { weights: '60%' },
      training: { epochs: 24, pruneEpochs: 4, batchSize: 32, learningRate: 0.01 },
    });
    expect(valueAt(report.measured, 'fitted')).toBeLessThan(report.baseline!);
    expect(report.details).toMatchObject({ kind: 'regression' });
  });

  it('is refused where there are not as many targets as outputs', async () => {
    await expect(
      run('too_few', {
        model: { file: 'autoencoder-int8.tflite', outputs: 2 },
        dataset: data(),
      }),
    ).rejects.toThrow(
      new RegExp(`the network of the file has ${outputs} outputs, but each example has 2 targets`),
    );
  });
});
