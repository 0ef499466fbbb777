import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { requireDataset } from '../../../src/core/config/require-dataset';
import { FloatPhases, type FloatPhase } from '../../../src/core/run/float-phases';
import { floatPhaseKey, type FloatPhaseOrigin } from '../../../src/core/run/float-phase-key';
import { dataset, graph } from '../train/toy-job';
import { resolvedConfig } from './fixtures';

let workspace = '';
let phases: FloatPhases;

beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), 'east-float-'));
  phases = new FloatPhases(workspace);
});
afterEach(() => rmSync(workspace, { recursive: true, force: true }));

const phase: FloatPhase = {
  run: 'toy-20261129-190000-00',
  snapshot: {
    meta: {
      version: 3,
      step: 20,
      engine: 'wasm',
      ranges: [['dense', -1, 1]],
      lambda: null,
      plans: null,
      measured: [{ metric: 'accuracy', stage: 'float', value: 0.9 }],
      best: null,
      formats: null,
    },
    arrays: { 'dense.weights': Float32Array.of(1, 2) },
  },
  events: [{ type: 'checkpoint', time: 'now', step: 3 }],
};

const keyOf = (n: number): string => String(n).padStart(64, '0');

describe('kept float phases', () => {
  it('come back as they were, without the optimiser', () => {
    const arrays = { ...phase.snapshot.arrays, 'optimizer/m': Float32Array.of(1) };
    phases.keep(keyOf(1), { ...phase, snapshot: { ...phase.snapshot, arrays } });
    expect(phases.load(keyOf(1))).toEqual({ value: phase });
    expect(phases.load(keyOf(2))).toBeUndefined();
  });

  it('are few: those that were used last', () => {
    for (let n = 0; n < 5; n++) {
      phases.keep(keyOf(n), phase);
      utimesSync(join(workspace, '.east/float', `${keyOf(n)}.ckpt`), n, n);
    }
    phases.load(keyOf(0));
    phases.keep(keyOf(5), phase);
    phases.keep(keyOf(6), phase);
    const left = readdirSync(join(workspace, '.east/float')).sort();
    expect(left).toEqual([0, 3, 4, 5, 6].map((n) => `${keyOf(n)}.ckpt`));
  });

  it('are not taken where they are of something else, or where a link leads elsewhere', () => {
    const { meta } = phase.snapshot;
    const problem = (changes: Partial<typeof meta>): unknown => {
      phases.keep(keyOf(1), {
        ...phase,
        snapshot: { ...phase.snapshot, meta: { ...meta, ...changes } },
      });
      return phases.load(keyOf(1));
    };
    expect(problem({ formats: [['dense', 'int8']] })).toHaveProperty('problem');
    expect(problem({ ranges: [] })).toHaveProperty('problem');
    rmSync(join(workspace, '.east'), { recursive: true });
    mkdirSync(join(workspace, '.east'));
    symlinkSync(tmpdir(), join(workspace, '.east/float'));
    expect(phases.load(keyOf(1))).toHaveProperty('problem');
  });
});

function withData(workspace: string): FloatPhaseOrigin['config'] {
  const config = resolvedConfig(workspace);
  return { ...config, dataset: requireDataset(config) };
}

describe('the key of a float phase', () => {
  const origin: FloatPhaseOrigin = {
    config: withData('/ws'),
    graph,
    dataset,
    computing: { engine: 'wasm', build: 'WASM SIMD', shards: 2 },
  };
  const { training, dataset: data } = origin.config;
  const withTraining = (changes: Partial<typeof training>): FloatPhaseOrigin => ({
    ...origin,
    config: { training: { ...training, ...changes }, dataset: data },
  });
  const key = floatPhaseKey(origin);

  it('is the same for what matters later, and wherever the files lie', () => {
    for (const same of [
      withTraining({ pruneEpochs: 99, pruneLearningRate: 0.5, checkpointSeconds: 7 }),
      { ...origin, config: { training, dataset: { ...data, train: '/elsewhere' } } },
      { ...origin, config: withData('/moved') },
    ]) {
      expect(floatPhaseKey(same)).toBe(key);
    }
  });

  it('is another for all else', () => {
    const changed = dataset.test.targets.slice();
    changed[0] = (changed[0]! + 1) % 3;
    const others: FloatPhaseOrigin[] = [
      ...(['epochs', 'batchSize', 'learningRate', 'momentum', 'weightDecay', 'seed'] as const).map(
        (name) => withTraining({ [name]: 123 }),
      ),
      withTraining({ labelSmoothing: 0.123 }),
      withTraining({ schedule: training.schedule === 'cosine' ? 'constant' : 'cosine' }),
      withTraining({ optimizer: training.optimizer === 'adam' ? 'sgd' : 'adam' }),
      { ...origin, graph: { ...graph, layers: graph.layers.slice(0, -1) } },
      { ...origin, computing: { ...origin.computing, shards: 1 } },
      { ...origin, computing: { ...origin.computing, build: 'WASM SIMD+FMA' } },
      {
        ...origin,
        config: { training, dataset: { ...data, augment: { flip: true, shift: 9, noise: 1 } } },
      },
      { ...origin, dataset: { ...dataset, validation: dataset.test } },
      { ...origin, dataset: { ...dataset, test: { ...dataset.test, targets: changed } } },
      { ...origin, dataset: { ...dataset, normalization: { kind: 'uint8', mean: [1], std: [2] } } },
      { ...origin, initialWeights: { 'c1.weights': Float32Array.of(1) } },
      { ...origin, initialWeights: { 'c1.weights': Float32Array.of(2) } },
    ];
    const keys = [key, ...others.map(floatPhaseKey)];
    expect(new Set(keys).size).toBe(keys.length);
  });
});
