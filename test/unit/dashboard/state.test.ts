import { describe, expect, it } from 'vitest';
import { curvesOf } from '../../../src/extension/dashboard/curves';
import type { Expectation } from '../../../src/extension/dashboard/expectation';
import { summaryOf } from '../../../src/extension/dashboard/run-summary';
import {
  dashboardState,
  type ShownRun,
  type StateInput,
} from '../../../src/extension/dashboard/state';
import type { RunEvent } from '../../../src/core/run/events';
import type { Report } from '../../../src/core/report/report';
import { accuracies } from '../tasks/accuracies';
import { parseToPage } from '../../../src/protocol/dashboard';

const expectation: Expectation = {
  work: 'train' as const,
  architecture: 'lenet5',
  layers: [
    { name: 'conv', kind: 'conv2d', shape: [2, 3, 3, 1], parameters: 18, tiles: 1 },
    { name: 'fc', kind: 'dense', shape: [4, 100], parameters: 400, tiles: 2 },
  ],
  denseBytes: 418,
  flash: { weights: 130, biases: 24, tables: 50, code: 3000, codeSource: 'table' },
  ram: { activations: 96, scratch: 0, decode: 200, peakLayer: 'fc' },
  budget: { flash: 3200, ram: 400, weights: 130 },
  compression: 'the budget leaves 130 bytes',
};
const time = '2026-11-22T19:00:00.000Z';
const prune = {
  type: 'prune',
  step: 40,
  targetBytes: 300,
  blobBytes: 150,
  sparsity: 0.5,
  churn: 0.1,
  layers: [
    { name: 'conv', sparsity: 0, blobBytes: 18 },
    { name: 'fc', sparsity: 0.52, blobBytes: 102 },
  ],
  time,
} as const satisfies RunEvent;
const step = {
  type: 'step',
  step: 41,
  totalSteps: 100,
  epoch: 2,
  totalEpochs: 5,
  phase: 'prune',
  loss: 0.4,
  metric: 'accuracy',
  value: 0.81,
  learningRate: 0.1,
  imagesPerSecond: 500,
  secondsLeft: 12,
  time,
} as const satisfies RunEvent;
const report: Report = {
  version: 3,
  name: 'net',
  run: 'net-1',
  method: 'magnitude',
  trainedWith: 'cpu',
  seed: 1,
  layers: [
    {
      name: 'conv',
      kind: 'conv2d',
      shape: [2, 3, 3, 1],
      parameters: 18,
      sparsity: 0,
      blobBytes: 22,
      ratio: 18 / 22,
      share: 1,
      tiles: 1,
      rawTiles: 1,
    },
  ],
  parameters: 18,
  denseBytes: 18,
  sparsity: 0.25,
  ratio: 2,
  flash: { weights: 38, biases: 8, tables: 9, code: 100, codeSource: 'measured', total: 155 },
  ram: { activations: 10, scratch: 0, decode: 18, total: 28, peakLayer: 'conv' },
  measured: accuracies({ float: 0.9, quantized: 0.89, fitted: 0.88 }),
  testExamples: 100,
  budget: { flash: 150 },
  withinBudget: false,
};
const running: ShownRun = {
  id: 'net-1',
  activity: 'running',
  trainedWith: 'cpu',
  lastStep: step,
  lastPrune: prune,
  measured: accuracies({ float: 0.9 }),
  config: { east: { method: 'east' } },
};

function state(change: Partial<StateInput> = {}) {
  const result = dashboardState({
    configFile: '/w/net.east.json',
    configLabel: 'net.east.json',
    name: 'net',
    restricted: false,
    run: undefined,
    following: true,
    runs: [],
    expectation,
    runCount: 0,
    ...change,
  });
  // Whatever is shown must arrive.
  expect(parseToPage({ type: 'state', state: result })).toMatchObject({ ok: true });
  return result;
}

describe('state of the dashboard', () => {
  it('before a run is what the config settles', () => {
    const shown = state();
    expect(shown).toMatchObject({
      activity: 'none',
      basis: 'forecast',
      architecture: 'lenet5',
      weightBudget: 130,
      note: 'the budget leaves 130 bytes',
      hasWeights: false,
      hasExamples: false,
    });
    const [flash, ram] = shown.gauges;
    expect(flash).toMatchObject({ key: 'flash', total: 130 + 24 + 50 + 3000, limit: 3200 });
    expect(ram).toMatchObject({ key: 'ram', total: 296, limit: 400 });
    expect(shown.layers.map(({ sparsity }) => sparsity)).toEqual([undefined, undefined]);
  });

  it('while training follows the last choice of masks', () => {
    const shown = state({ run: running });
    expect(shown.basis).toBe('live');
    expect(shown.blobBytes).toBe(150);
    expect(shown.gauges[0]!.total).toBe(150 + 24 + 50 + 3000);
    expect(shown.layers[1]).toMatchObject({ sparsity: 0.52, blobBytes: 102, share: 102 / 120 });
    expect(shown.layers[1]!.ratio).toBeCloseTo(400 / 102);
    expect(shown.progress).toEqual({
      step: 41,
      totalSteps: 100,
      epoch: 2,
      totalEpochs: 5,
      phase: 'prune',
      secondsLeft: 12,
      imagesPerSecond: 500,
    });
  });

  it('promises no time left where nothing goes on', () => {
    const { progress } = state({ run: { ...running, activity: 'interrupted' } });
    expect(progress).toBeDefined();
    expect(progress).not.toHaveProperty('secondsLeft');
  });

  it('of a finished run is its report, whatever was expected', () => {
    const shown = state({ run: { ...running, activity: 'finished', report }, runCount: 1 });
    expect(shown).toMatchObject({
      basis: 'report',
      method: 'magnitude',
      sparsity: 0.25,
      results: {
        metric: { name: 'accuracy', unit: '%', better: 'higher' },
        stages: [
          { stage: 'float', name: 'float', value: 0.9 },
          { stage: 'quantized', name: 'quantised', value: 0.89 },
          { stage: 'fitted', name: 'magnitude', value: 0.88 },
        ],
        testExamples: 100,
      },
      hasWeights: true,
      hasExamples: false,
    });
    expect(shown.gauges[0]).toMatchObject({ total: 155, limit: 150 });
    expect(shown).not.toHaveProperty('progress');
  });

  it('says why nothing can be expected', () => {
    const shown = state({ expectation: new Error('model.width must be at least 1') });
    expect(shown.message).toBe('model.width must be at least 1');
    expect(shown.gauges).toEqual([]);
  });
});

describe('actions', () => {
  const actions = (change: Partial<StateInput>) =>
    Object.fromEntries(state(change).actions.map(({ action, disabled }) => [action, disabled]));

  it('fit what is going on', () => {
    expect(Object.keys(actions({}))[0]).toBe('run');
    expect(Object.keys(actions({ run: running }))[0]).toBe('stop');
    expect(Object.keys(actions({ run: running }))).not.toContain('run');
    expect(Object.keys(actions({ run: { ...running, activity: 'interrupted' } }))[0]).toBe(
      'resume',
    );
    expect(Object.keys(actions({ run: { ...running, activity: 'finished', report } }))[0]).toBe(
      'generate',
    );
  });

  it('have a reason where they cannot be used', () => {
    expect(actions({ run: running })['generate']).toMatch(/finished run/);
    expect(actions({ run: { ...running, activity: 'stopping' } })['stop']).toMatch(/checkpoint/);
    expect(actions({})['compare']).toMatch(/no run/);
  });

  it('neither train nor write in Restricted Mode', () => {
    const run: ShownRun = { ...running, activity: 'finished', report };
    const { compare, ...others } = actions({ run, restricted: true, runCount: 2 });
    expect(compare).toBeUndefined();
    for (const reason of Object.values(others)) expect(reason).toMatch(/Trust the workspace/);
  });
});

describe('curves', () => {
  it('have the points of the events in order', () => {
    const evaluation = {
      type: 'evaluation',
      step: 50,
      epoch: 2,
      metric: 'accuracy',
      stage: 'fitted',
      set: 'validation',
      value: 0.8,
      examples: 10,
      time,
    } as const satisfies RunEvent;
    const checkpoint = { type: 'checkpoint', step: 50, time } as const satisfies RunEvent;
    expect(curvesOf([prune, step, checkpoint, evaluation])).toEqual({
      steps: [{ step: 41, phase: 'prune', epoch: 2, loss: 0.4, value: 0.81 }],
      prunes: [{ step: 40, targetBytes: 300, blobBytes: 150, sparsity: 0.5 }],
      evaluations: [
        {
          step: 50,
          stage: 'fitted',
          set: 'validation',
          metric: { name: 'accuracy', unit: '%', better: 'higher' },
          value: 0.8,
        },
      ],
    });
  });
});

describe('summary of a run', () => {
  it('is of its report, or of the latest where there is none yet', () => {
    const run = { ...running, configFile: '/w/net.east.json', startedAt: time };
    expect(summaryOf(run, 'net')).toMatchObject({
      blobBytes: 150,
      sparsity: 0.5,
      method: 'east',
    });
    const done = summaryOf({ ...run, activity: 'finished', report }, 'net');
    expect(done).toMatchObject({ blobBytes: 38, value: 0.88, withinBudget: false });
    expect(parseToPage({ type: 'runs', runs: [done] })).toMatchObject({ ok: true });
  });
});
