/**
 * Every reader of files that anybody may have made, on some hundred damaged and forged ones of fixed seeds: each gives a
 * value or a UserError, and takes no more memory than a sound one may. EAST_FUZZ=N has N times as many, of further seeds.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPicture } from '../../src/core/dataset/image-file';
import { parseText } from '../../src/core/config/parse-config';
import { checkConfig } from '../../src/core/models/check-config';
import { Hdf5File } from '../../src/core/models/keras/hdf5';
import { loadKeras } from '../../src/core/models/keras/keras';
import { loadTfjs } from '../../src/core/models/keras/tfjs';
import { inspectTflite, loadTflite } from '../../src/core/models/tflite/tflite';
import { inspectOnnx, loadOnnx } from '../../src/core/models/onnx/load';
import { readBlob } from '../../src/core/firmware/blob';
import { parseLinkerScript } from '../../src/core/firmware/linker/linker-script';
import { layoutOf } from '../../src/core/firmware/linker/layout';
import { parseMap } from '../../src/core/firmware/linker/read-map';
import { parseManifest } from '../../src/core/firmware/manifest';
import { lookAtData, lookAtTable } from '../../src/core/dataset/look-at-data';
import { encodeContainer } from '../../src/core/run/container';
import { RunFolder } from '../../src/core/run/run-folder';
import { UserError } from '../../src/core/util/errors';
import { createRandom, mixSeed } from '../../src/core/util/random';
import { FAMILIES } from '../firmware/linker/families';
import {
  bytesOf,
  counting,
  cycle,
  datasetConfig,
  idx,
  npy,
  npz,
  TemporaryFolder,
} from '../unit/dataset/files-for-tests';
import { gnuMap } from '../unit/firmware/linker/linker-text';
import { ARMLINK, IAR } from '../unit/firmware/linker/other-maps-texts';
import { encodedModel } from '../unit/run/encoded-model-fixture';
import { mutated } from './mutations';

const TIMES = Number(process.env['EAST_FUZZ'] ?? 1);
const ROUNDS = 150 * TIMES;
/** Beyond what the process had before, bytes: such small files are of small things. */
const MOST_GROWTH = 600e6;

const root = join(import.meta.dirname, '../..');
const fixtures = join(root, 'test/fixtures');
const COUNT = 24;
const MODEL = { input: [4, 4, 1], classes: 3 } as const;
const images = counting(COUNT * 16);
const labels = cycle(COUNT, 3);
const table = [
  'a,b,c,label',
  ...Array.from({ length: COUNT }, (_, i) => `${i},${i / 7},${-i},${'xyz'[i % 3]}`),
  '',
].join('\n');

let folder: TemporaryFolder;
beforeAll(() => {
  folder = new TemporaryFolder();
});
afterAll(() => folder.remove());

interface Reader {
  readonly specimens: () => readonly Uint8Array[];
  readonly read: (bytes: Uint8Array) => unknown;
  /** What is damaged is passed over or told of in another way than by an error. */
  readonly lenient?: true;
}

/** Examples and labels are in `data`, whatever that is called. */
async function load(
  format: 'idx' | 'numpy' | 'csv',
  name: string,
  bytes: Uint8Array,
): Promise<void> {
  const train = folder.write(name, bytes);
  const others =
    format === 'csv'
      ? { label: 'label' }
      : format === 'idx' || !name.endsWith('.npz')
        ? {
            trainLabels: folder.write('l.idx', idx([COUNT], labels)),
            testLabels: join(folder.path, 'l.idx'),
          }
        : {};
  const numpyLabels =
    format === 'numpy' && !name.endsWith('.npz')
      ? {
          trainLabels: folder.write('l.npy', npy('|u1', [COUNT], labels)),
          testLabels: join(folder.path, 'l.npy'),
        }
      : {};
  const model = format === 'csv' ? { input: [1, 1, 3] as const, classes: 3 } : MODEL;
  const config = datasetConfig({ format, train, test: train, ...others, ...numpyLabels });
  await folder.load(config, model, 1);
  // What the wizard does with it.
  await lookAtData(folder.path, format, name);
}

const fixture = (...parts: string[]): Uint8Array => readFileSync(join(fixtures, ...parts));
const jpegs = (ending: string): Uint8Array[] =>
  readdirSync(join(fixtures, 'jpeg'))
    .filter((name) => name.endsWith(ending))
    .map((name) => fixture('jpeg', name));

/** A container of which only the content is forged: its checksum is right. */
function sealed(bytes: Uint8Array): Uint8Array {
  const whole = Buffer.from(bytes);
  if (whole.length < 48) return whole;
  const digest = createHash('sha256')
    .update(whole.subarray(8, 16))
    .update(whole.subarray(48))
    .digest();
  digest.copy(whole, 16);
  return whole;
}

/** What a run's folder is read for, with one file of it forged. */
function inRun(name: string, read: (run: RunFolder) => unknown): Reader['read'] {
  return (bytes) => {
    const run = join(folder.path, '.east/runs/meter-20260101-000000-00');
    folder.write('.east/runs/meter-20260101-000000-00/config.resolved.json', '{}');
    rmSync(join(run, 'summary.json'), { force: true });
    writeFileSync(join(run, name), bytes);
    return read(new RunFolder(run));
  };
}

const encoder = new TextEncoder();
const text =
  (...all: string[]): (() => Uint8Array[]) =>
  () =>
    all.map((each) => encoder.encode(each));
const decoded =
  (read: (content: string) => unknown): Reader['read'] =>
  (bytes) =>
    read(Buffer.from(bytes).toString('latin1'));

const READERS: Readonly<Record<string, Reader>> = {
  idx: {
    specimens: () => [idx([COUNT, 4, 4], images), idx([COUNT, 4, 4, 1], images)],
    read: (bytes) => load('idx', 'data.idx', bytes),
  },
  'idx.gz': {
    specimens: () => [gzipSync(idx([COUNT, 4, 4], images))],
    read: (bytes) => load('idx', 'data.idx.gz', bytes),
  },
  'idx, packed after the damage': {
    specimens: () => [idx([COUNT, 4, 4], images)],
    read: (bytes) => load('idx', 'data.idx.gz', gzipSync(bytes)),
  },
  npy: {
    specimens: () => [
      npy('|u1', [COUNT, 4, 4], images),
      npy('<f4', [COUNT, 4, 4], bytesOf(Float32Array.from(images))),
      npy('<f8', [COUNT, 4, 4, 1], bytesOf(Float64Array.from(images)), true),
    ],
    read: (bytes) => load('numpy', 'data.npy', bytes),
  },
  npz: {
    specimens: () => [
      npz({ x: npy('|u1', [COUNT, 4, 4], images), y: npy('|u1', [COUNT], labels) }),
    ],
    read: (bytes) => load('numpy', 'data.npz', bytes),
  },
  csv: {
    specimens: text(table, table.replaceAll(',', ';'), `\ufeff"${table.replace(',', '","')}`),
    read: async (bytes) => {
      folder.write('data.csv', bytes);
      await lookAtTable(folder.path, 'data.csv', folder.path, { label: 'label' });
      await load('csv', 'data.csv', bytes);
    },
  },
  'csv.gz': {
    specimens: () => [gzipSync(table)],
    read: (bytes) => load('csv', 'data.csv.gz', bytes),
  },
  png: {
    specimens: () => jpegs('.png').slice(0, 12),
    read: (bytes) => readPicture(folder.write('picture.png', bytes), { height: 32, width: 32 }),
  },
  jpeg: {
    specimens: () => jpegs('.jpg'),
    read: (bytes) => readPicture(folder.write('picture.jpg', bytes), { height: 32, width: 32 }),
  },
  tflite: {
    specimens: () => {
      const random = createRandom(3);
      const soups = Array.from({ length: 20 }, () => {
        const words = Int32Array.from(
          { length: 256 },
          () => random.int(64) - (random.int(4) === 0 ? 32 : 0),
        );
        const bytes = Buffer.from(words.buffer);
        bytes.writeUInt32LE(16 + 4 * random.int(16), 0);
        bytes.write('TFL3', 4, 'latin1');
        return bytes;
      });
      const shared = join(process.env['EAST_SHARED'] ?? join(root, '../shared'), 'models');
      const sound = existsSync(shared)
        ? readdirSync(shared).filter((name) => name.endsWith('.tflite'))
        : [];
      const ours = [
        'tflite/cnn-float16',
        'tflite/heads-int8',
        'tflite/tcn-int8',
        'tflite-metadata',
      ];
      return [
        ...soups,
        ...sound.map((name) => readFileSync(join(shared, name))),
        ...ours.map((name) => fixture(`models/${name}.tflite`)),
      ];
    },
    read: (bytes) => [inspectTflite(bytes), loadTflite(bytes)],
  },
  onnx: {
    specimens: () =>
      [
        'torch_cnn',
        'dynamo_mobilenet_v2',
        'tf2onnx_lstm',
        'torch_tcn',
        'qdq_cnn',
        'torch_wake_word_spelled',
      ].map((name) => fixture(`models/onnx/${name}.onnx`)),
    read: (bytes) => {
      inspectOnnx(bytes);
      return loadOnnx(bytes);
    },
  },
  keras: {
    specimens: () =>
      ['plain.h5', 'nested_keras2.h5', 'plain.keras', 'nested.keras', 'gru.keras'].map((name) =>
        fixture(`models/keras/${name}`),
      ),
    read: (bytes) => loadKeras(bytes),
  },
  'the HDF5 file in a Keras file': {
    specimens: () => [fixture('models/keras/plain.h5'), fixture('models/keras/lstm_keras2.h5')],
    read: (bytes) => {
      const file = new Hdf5File(bytes);
      file.text('/', 'model_config');
      return [...file.datasets('/').keys()].map((name) => file.tensor(name));
    },
  },
  'tensorflow.js': {
    specimens: () => [fixture('models/keras/tfjs_residual/model.json')],
    read: (bytes) =>
      loadTfjs(bytes, (name) => {
        if (/^group1-shard[12]of2\.bin$/.test(name)) {
          return fixture('models/keras/tfjs_residual', name);
        }
        throw new UserError('There is no such file.');
      }),
  },
  'linker script': {
    specimens: text(...FAMILIES.map(({ script }) => script)),
    read: decoded((script) => parseLinkerScript(script)),
  },
  map: {
    specimens: text(
      ARMLINK,
      IAR,
      gnuMap(
        [['FLASH', 0x8000000, 0x10000]],
        ['.text           0x08000000      0x400', ' .text          0x08000000      0x400 main.o'],
      ),
    ),
    read: decoded((map) => layoutOf(parseMap(map), undefined)),
  },
  blob: {
    specimens: () => [encodedModel().blob],
    read: (bytes) => readBlob(bytes),
  },
  'model.east, checksum right': {
    specimens: () => [fixture('dashboard/meter-run/model.east')],
    read: (bytes) => inRun('model.east', (run) => run.loadModel())(sealed(bytes)),
  },
  'examples.east, checksum right': {
    specimens: () => [
      encodeContainer({
        meta: { version: 1, inputs: 4, inputBytes: 16, outputs: 4, outputBytes: 3 },
        arrays: {
          inputs: new Int8Array(64),
          outputs: new Int8Array(12),
          targets: new Float32Array(4),
        },
      }),
    ],
    read: (bytes) => inRun('examples.east', (run) => run.loadExamples())(sealed(bytes)),
  },
  container: {
    specimens: () => [fixture('dashboard/meter-run/model.east')],
    read: inRun('model.east', (run) => run.loadModel()),
  },
  'report.json': {
    specimens: () => [fixture('dashboard/meter-run/report.json')],
    read: inRun('report.json', (run) => run.loadReport()),
  },
  'events.jsonl': {
    lenient: true,
    specimens: () => [fixture('dashboard/meter-run/events.jsonl')],
    read: inRun('events.jsonl', (run) => {
      run.note();
      return run.readEvents();
    }),
  },
  'config.resolved.json': {
    specimens: () => [readFileSync(join(root, 'examples/meter/meter.east.json'))],
    read: inRun('config.resolved.json', (run) => run.loadConfig()),
  },
  config: {
    lenient: true,
    specimens: () => [readFileSync(join(root, 'examples/meter/meter.east.json'))],
    read: decoded((config) => checkConfig(parseText(config, '/p/m.east.json', '/p'))),
  },
  manifest: {
    specimens: text(
      JSON.stringify({
        version: 1,
        name: 'm',
        inputBytes: 1,
        outputBytes: 1,
        inputs: { config: 'c' },
        files: { 'a.c': 'a'.repeat(64) },
      }),
    ),
    read: decoded((manifest) => parseManifest(manifest, 'manifest.json')),
  },
};

describe('readers of what anybody may have made', () => {
  for (const [index, [name, { specimens, read, lenient }]] of Object.entries(READERS).entries()) {
    it(`${name}: a value or a UserError, in bounded memory`, async () => {
      const all = specimens();
      const before = process.memoryUsage().rss;
      let most = before;
      let refused = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const random = createRandom(mixSeed(16, index, round));
        const bytes = mutated(all[random.int(all.length)]!, random, all);
        try {
          await read(bytes);
        } catch (error) {
          refused++;
          const kept = join(folder.path, `failed-${round}`);
          if (!(error instanceof UserError)) writeFileSync(kept, bytes);
          expect(error, `${name}, round ${round}`).toBeInstanceOf(UserError);
          expect(String(error).length, `${name}, round ${round}`).toBeLessThan(5000);
        }
        most = Math.max(most, process.memoryUsage().rss);
      }
      expect(most - before).toBeLessThan(MOST_GROWTH);
      // Otherwise the specimens were no good, or nothing was wrong with any.
      if (lenient === undefined) expect(refused).toBeGreaterThan(0);
    });
  }
});
