/**
 * Trained networks in files, by the terminal from the file to verified C: kept, quantised and made to fit. What the integer
 * executor computes is what the sources compute, on this machine and on the Cortex-M4.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { firmwareTarget } from '../../src/core/firmware/targets/targets';
import { HOST_COMPILER } from '../../src/core/firmware/toolchain';
import { loadConfigAndModel } from '../../src/core/models/gather-model';
import { loadModelFile } from '../../src/core/models/model-files';
import type { Shape } from '../../src/core/ops/shape';
import { actions } from '../../src/core/run/all-actions';
import { RunStore } from '../../src/core/run/run-store';
import { readText } from '../../src/core/util/read-file';
import { createRandom } from '../../src/core/util/random';
import { haveTools } from '../firmware/require-tools';
import argmax from '../fixtures/models/argmax.json';
import { east } from '../unit/cli/fixtures';

const MODELS = resolve(import.meta.dirname, '../fixtures/models');
const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

/** Pictures that nobody has labelled: slopes and waves, so that ranges are not those of noise. */
function writePictures(file: string, count: number, shape: Shape, seed: number): void {
  const random = createRandom(seed);
  const size = shape[0] * shape[1] * shape[2];
  const head = Buffer.alloc(4 + 4 * 4);
  head[2] = 8;
  head[3] = 4;
  [count, ...shape].forEach((n, i) => head.writeUInt32BE(n, 4 + 4 * i));
  const data = Buffer.alloc(count * size);
  for (let n = 0; n < count; n++) {
    const [at, by, turn] = [random.int(256), random.int(120), 1 + random.int(7)];
    for (let i = 0; i < size; i++) {
      const value = at + by * Math.sin((i * turn) / 9) + random.normal() * 10;
      data[n * size + i] = Math.max(0, Math.min(255, value));
    }
  }
  writeFileSync(file, Buffer.concat([head, data]));
}

/** A file of the fixtures, or one of those that argmax.json holds. */
function contentOf(name: string): Buffer {
  const indices = new Map(Object.entries(argmax)).get(name.replace('.tflite', ''));
  return indices === undefined
    ? readFileSync(join(MODELS, name))
    : Buffer.from(indices.file, 'base64');
}

async function fromFileToC(name: string, options: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'east-file-to-c-'));
  folders.push(folder);
  mkdirSync(join(folder, '.vscode'));
  const network = name.slice(name.lastIndexOf('/') + 1);
  writeFileSync(join(folder, network), contentOf(name));
  const { graph } = await loadModelFile(join(folder, network));
  writePictures(join(folder, 'train.idx'), 96, graph.inputShape, 1);
  writePictures(join(folder, 'test.idx'), 40, graph.inputShape, 2);
  const imported = await east(folder, ['import', network, '--name', 'net', ...options]);
  expect([imported.code, imported.err]).toEqual([0, expect.not.stringContaining('error')]);
  const file = join(folder, 'net.east.json');
  writeFileSync(file, readText(file, 'config').replace('"pruneEpochs": 10', '"pruneEpochs": 2'));
  const { config } = await loadConfigAndModel(file, { workspace: folder });
  const run = new RunStore(folder).create(config, readText(file, 'config'));
  const never = new AbortController().signal;
  const quiet = { signal: never, onEvent: () => undefined, onNote: () => undefined };
  const result = await actions.run({ config: run.loadConfig(), folder: run, ...quiet });
  const target = { config: run.loadConfig(), folder: run };
  await actions.generate(target, { force: false });
  const verified = await actions.verify(target, { onMessage: () => undefined, signal: never });
  return { use: config.model.use, result, verified };
}

const DATA = ['--format', 'idx', '--train', 'train.idx', '--test', 'test.idx'];

const { compiler, simulator } = firmwareTarget();

describe.runIf(haveTools(HOST_COMPILER, compiler, simulator.tool))(
  'from a file to C that is verified',
  () => {
    it.each([
      ['an int8 network as it is', 'tflite/resnet-int8.tflite', [], 'as-is'],
      ['a float network, quantised', 'meter_torch.onnx', DATA, 'quantize'],
      ['one of several outputs, quantised', 'tflite/heads-float32.tflite', DATA, 'quantize'],
      ['a float network, made to fit', 'meter_torch.onnx', [...DATA, '--weights', '40%'], 'fit'],
      [
        'an int8 network, made to fit',
        'tflite/cnn-int8.tflite',
        [...DATA, '--weights', '60%'],
        'fit',
      ],
      ['indices of the largest, as they are', 'map-int8.tflite', [], 'as-is'],
      ['scores and the index of the largest, as they are', 'both-int8.tflite', [], 'as-is'],
      ['indices of the largest, quantised', 'map-float.tflite', DATA, 'quantize'],
      ['an index, made to fit', 'wide-int8.tflite', [...DATA, '--weights', '60%'], 'fit'],
    ])('%s', async (_what, name, options, use) => {
      const done = await fromFileToC(name, options);
      expect(done.use).toBe(use);
      expect(done.result).toMatchObject({ status: 'finished', report: { withinBudget: true } });
      const results = done.verified.targets.map(({ result, inputs }) => [
        result.status,
        inputs > 0,
      ]);
      expect(results).toEqual([
        ['passed', true],
        ['passed', true],
        ['passed', true],
      ]);
      expect(done.verified.ok).toBe(true);
    });
  },
);
