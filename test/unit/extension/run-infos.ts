/** Runs as the RunIndex describes them, for tests of what is said about them. */
import type { RunInfo } from '../../../src/extension/services';
import { sampleReport } from '../cli/fixtures';
import { resolvedConfig } from '../run/fixtures';

export const NOW = new Date('2026-11-22T20:00:00Z');

export function runInfo(changes: Partial<RunInfo> = {}): RunInfo {
  return {
    id: 'meter-20261122-190000-00',
    path: '/ws/.east/runs/meter-20261122-190000-00',
    configFile: '/ws/meter.east.json',
    workspace: '/ws',
    config: resolvedConfig('/ws'),
    activity: 'finished',
    startedAt: '2026-11-22T19:00:00Z',
    updatedAt: '2026-11-22T19:55:00Z',
    measured: [],
    ...changes,
  };
}

export const TRAINING: Partial<RunInfo> = {
  activity: 'running',
  totalSteps: 800,
  lastStep: {
    type: 'step',
    time: '2026-11-22T19:55:00Z',
    step: 350,
    totalSteps: 800,
    epoch: 7,
    totalEpochs: 16,
    phase: 'prune',
    loss: 0.1234,
    metric: 'accuracy',
    value: 0.978,
    learningRate: 0.01,
    imagesPerSecond: 100,
    secondsLeft: 190,
  },
  lastPrune: {
    type: 'prune',
    time: '2026-11-22T19:55:00Z',
    step: 340,
    targetBytes: 14848,
    blobBytes: 15462,
    sparsity: 0.62,
    churn: 0.01,
    layers: [],
  },
};

export function finished(changes: Parameters<typeof sampleReport>[0] = {}): RunInfo {
  return runInfo({ report: sampleReport(changes) });
}
