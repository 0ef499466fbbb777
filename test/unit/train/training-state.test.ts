import { describe, expect, it } from 'vitest';
import { loadModel } from '../../../src/core/models/models';
import { createOptimizer } from '../../../src/core/train/pass/optimizer';
import { FITS, trainedFormat } from '../../../src/core/formats/fits';
import { initialParameters } from '../../../src/core/train/pass/parameters';
import type { Snapshot, TrainingState } from '../../../src/core/train/loop/training-state';
import { requireSameComputing } from '../../../src/core/train/loop/computing';
import { restoreSnapshot, takeSnapshot } from '../../../src/core/train/loop/training-state';

const graph = loadModel({ architecture: 'mlp', input: [1, 1, 8], classes: 3 }).graph;
const computing = { engine: 'wasm', build: 'WASM SIMD+FMA 4.22.0', shards: 2 };

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
    restoreSnapshot(snapshot, after, {});
    for (const { format } of after.parameters.values())
      expect(format).toEqual(trainedFormat('quaternary'));
  });

  it('come back with the fits that the layers are trained with', () => {
    const after = state();
    const own = { id: 'quaternary', fit: { ...FITS.quaternary, byChannel: false } } as const;
    const [name, other] = [...after.parameters.keys()];
    restoreSnapshot(snapshot, after, { [name!]: [trainedFormat('int8'), own] });
    expect(after.parameters.get(name!)!.format).toBe(own);
    expect(after.parameters.get(other!)!.format).toEqual(trainedFormat('quaternary'));
  });

  it('of other versions are refused, not misread', () => {
    const text = JSON.stringify(snapshot.meta).replaceAll('quaternary', 'int2');
    const meta = JSON.parse(text) as Snapshot['meta'];
    expect(() => {
      restoreSnapshot({ ...snapshot, meta }, state(), {});
    }).toThrow(/as int2, a format that this version of EAST does not know; start a new run/);
  });
});

describe('what computed a checkpoint', () => {
  const snapshot = takeSnapshot(state(), computing);
  const resume =
    (here: Partial<typeof computing & { threads: number }>, from = snapshot) =>
    () => {
      requireSameComputing(from, { ...computing, ...here });
    };

  it('goes on from it', () => {
    expect(snapshot.meta).toMatchObject(computing);
    expect(resume({})).not.toThrow();
  });

  it.each([
    [{ engine: 'cpu' }, /trained with the wasm engine; resume it with "engine": "wasm"/],
    [
      { build: 'WASM SIMD 4.22.0' },
      /trained with WASM SIMD\+FMA 4\.22\.0, and here is WASM SIMD 4\.22\.0, which rounds differently; resume it on a machine, and with a version of EAST, that has WASM SIMD\+FMA 4\.22\.0, or start a new run/,
    ],
    [{ shards: 3 }, /splits each batch into 2 shard\(s\); go on with "shards": 2/],
    [{ threads: 4 }, /trained with 1 thread\(s\) of the wasm engine, this is 4/],
  ])('is told where %o would compute on', (here, message) => {
    expect(resume(here)).toThrow(message);
  });

  it('is taken for granted where a checkpoint of an earlier version does not say its build', () => {
    const { build, ...meta } = snapshot.meta;
    expect(build).toBeDefined();
    expect(resume({ build: 'WASM SIMD 4.22.0' }, { ...snapshot, meta })).not.toThrow();
  });
});
