import { describe, expect, it } from 'vitest';
import type { Normalization, Samples } from '../../../src/core/dataset/dataset';
import { outputSize } from '../../../src/core/graph/graph';
import { elements } from '../../../src/core/ops/shape';
import { evaluate } from '../../../src/core/quant/evaluate';
import { EMIT_TASKS } from '../../../src/core/tasks/emit-tasks';
import { stageName } from '../../../src/core/tasks/measurement';
import { isTaskKind, metricOf, TASKS, type TaskKind } from '../../../src/core/tasks/tasks';
import { TRAIN_TASKS } from '../../../src/core/tasks/train-tasks';
import { randomModel } from '../quant/random-model';
import { madeUp } from './made-up-task';
import { describeTask, type TaskSample } from './task-suite';

/** Of every task of the registry. */
const CLASSES: TaskSample = {
  outputNames: ['a', 'b', 'c'],
  targets: Float32Array.of(0, 1, 2, 2),
  right: Float32Array.of(5, 1, 0, 0, 5, 1, 1, 0, 5, 0, 1, 5),
  wrong: Float32Array.of(0, 1, 5, 5, 0, 1, 1, 5, 0, 5, 1, 0),
  impossible: Float32Array.of(3),
};

const SAMPLES: Readonly<Record<TaskKind, TaskSample>> = {
  classification: CLASSES,
  'multi-label': {
    outputNames: ['a', 'b'],
    targets: Float32Array.of(0, 1, 1, 0, 0, 0),
    right: Float32Array.of(-4, 3, 4, -2, -3, -4),
    wrong: Float32Array.of(4, -3, -4, 2, 3, 4),
    impossible: Float32Array.of(0, 2),
  },
  binary: {
    outputNames: ['found'],
    targets: Float32Array.of(0, 1, 0),
    right: Float32Array.of(-4, 3, -2),
    wrong: Float32Array.of(4, -3, 2),
    impossible: Float32Array.of(0.5),
  },
  regression: {
    outputNames: ['x', 'y'],
    targets: Float32Array.of(0, 1, -2, 3),
    right: Float32Array.of(0, 1, -2, 3),
    wrong: Float32Array.of(5, -4, 5, -7),
    impossible: Float32Array.of(NaN, 1),
  },
  anomaly: {
    outputNames: ['0', '1'],
    targets: Float32Array.of(0, 0),
    inputs: Float32Array.of(1, -2, 0.5, 1),
    right: Float32Array.of(1, -2, 0.5, 1),
    wrong: Float32Array.of(5, -4, 5, -7),
    impossible: Float32Array.of(0.5),
  },
  agreement: CLASSES,
  imitation: {
    outputNames: ['a', 'b'],
    targets: Float32Array.of(0, 1, -2, 3),
    right: Float32Array.of(0, 1, -2, 3),
    wrong: Float32Array.of(5, -4, 5, -7),
    impossible: Float32Array.of(NaN, 1),
  },
};

for (const kind of Object.keys(TASKS).filter(isTaskKind)) {
  const facets = { task: TASKS[kind], train: TRAIN_TASKS[kind], emit: EMIT_TASKS[kind] };
  describeTask(kind, facets, SAMPLES[kind]);
}

describeTask('that is made up', madeUp, {
  outputNames: ['x', 'y'],
  targets: Float32Array.of(0, 1, -2, 3),
  right: Float32Array.of(0, 1, -2, 3),
  wrong: Float32Array.of(5, -4, 5, -7),
  impossible: Float32Array.of(NaN, 1),
});

describe('a made-up task', () => {
  it('is measured by the integer executor, in its own metric', async () => {
    const model = randomModel(12);
    const size = outputSize(model.graph);
    const count = 5;
    const shape = model.graph.inputShape;
    const data = Uint8Array.from({ length: count * elements(shape) }, (_, i) => (i * 37) % 256);
    const pixels: Normalization = { kind: 'uint8', mean: [100], std: [50] };
    const zero: Samples = { count, shape, data, targets: new Float32Array(count * size) };
    const { answers, value } = await evaluate(model, madeUp.task, zero, pixels);
    expect(answers.length).toBe(count * size);
    expect(value).toBeCloseTo(answers.reduce((sum, x) => sum + Math.abs(x), 0) / answers.length, 6);
    const right = await evaluate(model, madeUp.task, { ...zero, targets: answers }, pixels);
    expect(right.value).toBe(0);
  });
});

describe('classification', () => {
  const { classification } = TASKS;

  it('takes the first of equal outputs', () => {
    const answer = new Float32Array(1);
    for (const [output, expected] of [
      [[-128, 5, 5, 3], 1],
      [[-128, -128], 0],
    ] as const) {
      classification.read(output, answer);
      expect(answer[0]).toBe(expected);
    }
  });

  it('has the share of the most frequent class as its baseline', () => {
    expect(classification.baseline([0, 1, 1, 2], 3)).toBe(0.5);
  });

  it('names the class of which there is no example', () => {
    expect(classification.trainingProblem([0, 2], ['a', 'b', 'c'])).toMatch(
      /^class 1 \("b"\) has no/,
    );
  });
});

describe('words', () => {
  it('of a stage are true for any formats and any method', () => {
    const name = (method: string | undefined, ...formats: string[]): string =>
      (['float', 'quantized', 'fitted'] as const)
        .map((stage) => stageName(stage, { method, formats }))
        .join(' → ');
    expect(name('east', 'int8', 'int8')).toBe('float → quantised → EAST');
    expect(name('dense', 'int8')).toBe('float → quantised → dense');
    expect(name('dense', 'int4', 'int4')).toBe('float → quantised, int8 → dense, int4');
    expect(name('east', 'int8', 'ternary')).toBe('float → quantised, int8 → EAST, mixed formats');
    expect(name(undefined)).toBe('float → quantised → fitted');
  });

  it('of a metric that another version has are those it was written with', () => {
    expect(metricOf('accuracy')).toBe(TASKS.classification.metric);
    expect(metricOf('beauty')).toMatchObject({ name: 'beauty', unit: '' });
  });
});
