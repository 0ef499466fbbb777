/** What every task must keep, for those of the registry and for one that is made up (made-up-task.ts). */
import { describe, expect, it } from 'vitest';
import { readAnswers } from '../../../src/core/tasks/answers';
import type { EmitModel, EmitTask } from '../../../src/core/tasks/emit-task';
import type { Task } from '../../../src/core/tasks/task';
import { isAsGood, isNearBaseline } from '../../../src/core/tasks/tasks';
import type { LossSettings, TrainTask } from '../../../src/core/tasks/train-task';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tf } from '../../../src/core/train/kernels/tf';
import { openEngine } from '../../../src/core/train/engines/open-engine';

export interface TaskFacets {
  readonly task: Task;
  readonly train: TrainTask;
  readonly emit: EmitTask;
}

/** Two or more examples, whose targets differ. */
export interface TaskSample {
  readonly outputNames: readonly string[];
  /** Row by row. */
  readonly targets: Float32Array;
  /** Outputs of a network that is never wrong, and of one that is always. */
  readonly right: Float32Array;
  readonly wrong: Float32Array;
  /** What the network was given, for tasks that compare with it. */
  readonly inputs?: Float32Array;
  /** No target of any example. */
  readonly impossible: Float32Array;
}

/** Every loss is given settings of a task in the registry; what it reads of them is not its name. */
const SETTINGS: LossSettings = { task: 'classification', labelSmoothing: 0 };

export function describeTask(
  name: string,
  { task, train, emit }: TaskFacets,
  { outputNames, targets, right, wrong, impossible, inputs }: TaskSample,
): void {
  const outputs = outputNames.length;
  const size = task.targetSize(outputs);
  const examples = right.length / outputs;
  const value = (values: Float32Array): number =>
    task.measure(readAnswers(task, values, outputs, inputs), targets);

  const given = (tf: Tf): { inputs?: Tensor } =>
    inputs ? { inputs: tf.tensor2d(inputs, [examples, outputs]) } : {};

  describe(`task ${name}`, () => {
    it('takes its targets and refuses what is none', () => {
      expect(targets.length).toBe(examples * size);
      for (let i = 0; i < examples; i++) {
        const target = targets.subarray(i * size, (i + 1) * size);
        expect(task.targetProblem(target, outputs)).toBeUndefined();
        expect(Number.isInteger(task.groupOf(target))).toBe(true);
      }
      expect(task.targetProblem(impossible, outputs)).toMatch(/\w/);
      expect(task.trainingProblem(targets, outputNames)).toBeUndefined();
    });

    it('measures in its own direction: the best where all is right, the baseline between', () => {
      const { best } = task.metric;
      expect(value(right)).toBe(best);
      expect(isAsGood(task.metric, value(right), value(wrong))).toBe(true);
      expect(isAsGood(task.metric, value(wrong), value(right))).toBe(false);
      const baseline = task.baseline(targets, outputs);
      expect(isAsGood(task.metric, best, baseline)).toBe(true);
      expect(isNearBaseline(task.metric, baseline, baseline)).toBe(true);
      expect(isNearBaseline(task.metric, best, baseline)).toBe(false);
    });

    it('has a loss that is less for what is right, with a gradient that leads there', async () => {
      const { tf } = await openEngine('cpu');
      const loss = (values: Float32Array): number =>
        tf.tidy(() => {
          const rows = tf.tensor2d(targets, [examples, size]);
          const out = tf.tensor2d(values, [examples, outputs]);
          return train
            .loss(tf, { outputs: out, targets: rows, ...given(tf) }, SETTINGS)
            .dataSync()[0]!;
        });
      expect(loss(right)).toBeLessThan(loss(wrong));
      const gradient = tf.tidy(() => {
        const rows = tf.tensor2d(targets, [examples, size]);
        const slope = tf.grad((x) =>
          train.loss(
            tf,
            { outputs: tf.reshape(x, [examples, outputs]), targets: rows, ...given(tf) },
            SETTINGS,
          ),
        );
        return Float32Array.from(slope(tf.tensor2d(wrong, [examples, outputs])).dataSync());
      });
      const length = Math.hypot(...gradient);
      expect(length).toBeGreaterThan(0);
      const step = wrong.map((x, i) => x - (0.01 * gradient[i]!) / length);
      expect(loss(step)).toBeLessThan(loss(wrong));
    });

    it('imitates another network: no loss where the outputs are equal, else a gradient that leads there', async () => {
      const { tf } = await openEngine('cpu');
      const teacher = right;
      const loss = (values: Float32Array): number =>
        tf.tidy(() => {
          const rows = tf.tensor2d(teacher, [examples, outputs]);
          const out = tf.tensor2d(values, [examples, outputs]);
          return train.imitation(tf, { outputs: out, targets: rows }).dataSync()[0]!;
        });
      expect(loss(right)).toBeCloseTo(0, 6);
      expect(loss(wrong)).toBeGreaterThan(0.1);
      const gradient = tf.tidy(() => {
        const rows = tf.tensor2d(teacher, [examples, outputs]);
        const slope = tf.grad((x) =>
          train.imitation(tf, { outputs: tf.reshape(x, [examples, outputs]), targets: rows }),
        );
        return Float32Array.from(slope(tf.tensor2d(wrong, [examples, outputs])).dataSync());
      });
      gradient.forEach((slope, i) => {
        const at = (by: number): number => loss(wrong.map((x, k) => (k === i ? x + by : x)));
        expect(slope).toBeCloseTo((at(0.01) - at(-0.01)) / 0.02, 2);
      });
    });

    it('says in the C header what an output is, in the runtime’s names', () => {
      expect(emit.output('score')).toContain('EAST_OUTPUT_SCALE');
      const scale = { scale: 0.1, zeroPoint: -3 };
      const model: EmitModel = { facts: {}, inputs: outputs, input: scale, output: scale };
      const text = emit.declarations(
        outputNames.map((each) => `"${each}"`),
        model,
      );
      for (const line of text.split('\n'))
        expect(line).toMatch(/^$|^#define EAST_| \*|^\/\*|^ {4}/);
    });
  });
}
