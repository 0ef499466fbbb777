import { expect, it } from 'vitest';
import type { RunEvent } from '../../../src/core/run/events';
import { lossWarnings } from '../../../src/core/run/loss-warnings';

const steps = (losses: readonly number[], phase: 'float' | 'prune' = 'float'): RunEvent[] =>
  losses.map((loss, i) => ({
    type: 'step',
    time: '2026-01-01T00:00:00.000Z',
    step: i + 1,
    totalSteps: 100,
    epoch: 1,
    totalEpochs: 1,
    phase,
    loss,
    metric: 'accuracy',
    value: 0.5,
    learningRate: 0.001,
    imagesPerSecond: 100,
    secondsLeft: 1,
  }));

it('tells of a loss that never fell, and what to try', () => {
  expect(lossWarnings(steps([1, 1.02, 0.99, 1.01, 1]))).toEqual([
    'the loss never fell: 1.00 at the first step, 1.00 at best later; ' +
      'set a lower training.learningRate, look whether examples and labels belong together, and try a network of more units',
  ]);
});

it('takes no single lucky batch for a loss that fell', () => {
  expect(lossWarnings(steps([1, 1.2, 0.9, 1.2, 1.1, 1]))).toHaveLength(1);
});

it('is silent where it fell, though it rose again, and where there are too few steps to tell', () => {
  expect(lossWarnings(steps([1, 0.8, 0.7, 0.6, 1.5, 1.5]))).toEqual([]);
  expect(lossWarnings(steps([1, 1, 1]))).toEqual([]);
  expect(lossWarnings(steps([1, 1, 1, 1, 1, 1], 'prune'))).toEqual([]);
});
