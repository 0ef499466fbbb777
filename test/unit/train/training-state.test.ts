import { describe, expect, it } from 'vitest';
import { loadModel } from '../../../src/core/models/load';
import { createOptimizer } from '../../../src/core/train/pass/optimizer';
import { FITS, trainedFormat } from '../../../src/core/formats/fits';
import { initialParameters } from '../../../src/core/train/pass/parameters';
import type { Snapshot, TrainingState } from '../../../src/core/train/loop/training-state';
import { restoreSnapshot, takeSnapshot } from '../../../src/core/train/loop/training-state';

const graph = loadModel({ architecture: 'mlp', input: [1, 1, 8], classes: 3 }).graph;
const computing = { engine: 'cpu', shards: 1 };

function state(): TrainingState {
  return {
    step: 7,
    parameters: initialParameters(graph, 1),
    optimizer: createOptimizer({ optimizer: 'adam', momentum: 0, weightDecay: 0 }),
    ranges: new Map(),
    lambda: undefined,
    plans: undefined,
    measured: [],
    formatsChosen: true,
    best: undefined,
  };
}

describe('formats in a checkpoint', () => {
  const before = state();
  for (const p of before.parameters.values()) p.format = trainedFormat('quaternary');
  const snapshot = takeSnapshot(before, computing);

  it('come back', () => {
    const after = state();
    restoreSnapshot(snapshot, after, computing, {});
    for (const { format } of after.parameters.values())
      expect(format).toEqual(trainedFormat('quaternary'));
  });

  it('come back with the fits that the layers are trained with', () => {
    const after = state();
    const own = { id: 'quaternary', fit: { ...FITS.quaternary, byChannel: false } } as const;
    const [name, other] = [...after.parameters.keys()];
    restoreSnapshot(snapshot, after, computing, { [name!]: [trainedFormat('int8'), own] });
    expect(after.parameters.get(name!)!.format).toBe(own);
    expect(after.parameters.get(other!)!.format).toEqual(trainedFormat('quaternary'));
  });

  it('of other versions are refused, not misread', () => {
    const text = JSON.stringify(snapshot.meta).replaceAll('quaternary', 'int2');
    const meta = JSON.parse(text) as Snapshot['meta'];
    expect(() => {
      restoreSnapshot({ ...snapshot, meta }, state(), computing, {});
    }).toThrow(/as int2, a format that this version of EAST does not know; start a new run/);
  });
});
