/** A workspace with a config and a data set so small that it trains in seconds. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '../../src/core/util/random';

/**
 * Bright horizontal bands at one of four heights, with noise. `more`: further sections of the config. Returns the folder;
 * the config is toy.east.json.
 */
export function makeToyWorkspace(prefix: string, training: object = {}, more: object = {}): string {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  mkdirSync(join(folder, '.vscode'));
  const random = createRandom(1);
  for (const [set, count] of [
    ['train', 400],
    ['test', 120],
  ] as const) {
    const labels = Uint8Array.from({ length: count }, () => random.int(4));
    const pixels = Uint8Array.from({ length: count * 64 }, (_, i) => {
      const band = Math.floor((i % 64) / 16);
      return (band === labels[Math.floor(i / 64)] ? 140 : 60) + random.int(60);
    });
    writeIdx(join(folder, `${set}.idx`), [count, 8, 8], pixels);
    writeIdx(join(folder, `${set}-labels.idx`), [count], labels);
  }
  const config = {
    model: { architecture: 'mlp', width: 32, input: [8, 8, 1], classes: 4 },
    dataset: {
      format: 'idx',
      train: 'train.idx',
      trainLabels: 'train-labels.idx',
      test: 'test.idx',
      testLabels: 'test-labels.idx',
    },
    budget: { weights: '40%' },
    training: {
      epochs: 4,
      pruneEpochs: 4,
      batchSize: 16,
      checkpointSeconds: 1,
      seed: 3,
      ...training,
    },
    engine: 'wasm',
    ...more,
  };
  writeFileSync(join(folder, 'toy.east.json'), JSON.stringify(config));
  return folder;
}

function writeIdx(file: string, shape: readonly number[], data: Uint8Array): void {
  const head = Buffer.alloc(4 + 4 * shape.length);
  head[2] = 8;
  head[3] = shape.length;
  shape.forEach((n, i) => head.writeUInt32BE(n, 4 + 4 * i));
  writeFileSync(file, Buffer.concat([head, data]));
}
