/** A complete config and a scratch folder for the tests of runs and reports. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import type { ResolvedConfig } from '../../../src/core/config/config';
import type { RunEvent } from '../../../src/core/run/events';

export function scratchFolders(): () => string {
  const made: string[] = [];
  afterEach(() => {
    for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
  });
  return () => {
    const folder = mkdtempSync(join(tmpdir(), 'east-test-'));
    made.push(folder);
    return folder;
  };
}

export function resolvedConfig(workspace: string, name = 'meter'): ResolvedConfig {
  return {
    name,
    task: { kind: 'classification' },
    model: { architecture: 'lenet5', input: [16, 16, 1], classes: 10 },
    dataset: {
      format: 'idx',
      train: join(workspace, 'train.idx'),
      test: join(workspace, 'test.idx'),
      trainLabels: join(workspace, 'train-labels.idx'),
      testLabels: join(workspace, 'test-labels.idx'),
      validation: 0.1,
      limit: 0,
      augment: { flip: false, shift: 0, noise: 0 },
    },
    quantization: { weights: 8, activations: 8 },
    budget: { flash: 65536, ram: 49152 },
    east: { method: 'east', group: 8, interval: 20, encoder: 'optimal', codec: 'lz4', freeze: 0.7 },
    training: {
      epochs: 2,
      pruneEpochs: 2,
      batchSize: 32,
      optimizer: 'adam',
      learningRate: 0.001,
      pruneLearningRate: 0.001,
      momentum: 0.9,
      weightDecay: 0,
      labelSmoothing: 0,
      schedule: 'cosine',
      seed: 1,
      checkpointSeconds: 30,
    },
    firmware: { directory: join(workspace, 'firmware'), target: 'cortex-m4', selfTestVectors: 4 },
    engine: 'wasm',
    file: join(workspace, `${name}.east.json`),
    workspace,
  };
}

/** Step `n` of 9. `time`: ISO 8601. */
export const stepEvent = (n: number, time: string): RunEvent => ({
  type: 'step',
  time,
  step: n,
  totalSteps: 9,
  epoch: 1,
  totalEpochs: 1,
  phase: 'float',
  loss: 1,
  metric: 'accuracy',
  value: 0.5,
  learningRate: 0.1,
  imagesPerSecond: 1,
  secondsLeft: 1,
});
