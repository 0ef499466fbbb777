import { describe, expect, it } from 'vitest';
import { detailLines } from '../../../src/core/report/describe-details';
import { shortfall } from '../../../src/core/report/floor';
import { reconstructionScore, scoreFactors } from '../../../src/core/tasks/anomaly/score';
import { recalls } from '../../../src/core/tasks/details';
import { targetScales } from '../../../src/core/tasks/regression/task';
import { taskOf } from '../../../src/core/tasks/tasks';
import { createRandom } from '../../../src/core/util/random';
import { accuracies } from './accuracies';

describe('details of a task', () => {
  it('count examples of each class by what was answered', () => {
    const details = taskOf('classification').details!([0, 1, 1, 2], [0, 0, 1, 1], ['a', 'b', 'c']);
    expect(details).toMatchObject({
      confusion: [
        [1, 1, 0],
        [0, 1, 1],
        [0, 0, 0],
      ],
    });
    if (details?.kind !== 'classification') throw new Error('no classes');
    expect(recalls(details)).toEqual([0.5, 0.5, undefined]);
    expect(detailLines(details)[0]!.text).toBe(
      '"a" 50.0 %, "b" 50.0 %; mean over the classes 50.0 %',
    );
  });

  it('tell errors of a regression in its own units, of several targets in standard deviations', () => {
    const targets = Float32Array.of(10, 1000, 20, 3000);
    const facts = { targets: targetScales(targets, 2) };
    expect(facts.targets).toEqual({ mean: [15, 2000], std: [5, 1000] });
    const task = taskOf('regression', facts);
    const answer = new Float32Array(2);
    task.read([1, -1], answer);
    expect([...answer]).toEqual([20, 1000]);
    // Off by a deviation in one number of four.
    const answers = Float32Array.of(15, 1000, 20, 3000);
    expect(task.measure(answers, targets)).toBeCloseTo(0.25, 6);
    const one = taskOf('regression', { targets: targetScales([10, 20], 1) });
    expect(one.metric.name).toBe('mean absolute error');
    expect(one.measure([12, 20], [10, 20])).toBe(1);
    expect(task.details!(answers, targets, ['x', 'y'])).toMatchObject({
      targets: [
        { name: 'x', meanAbsolute: 2.5, r2: 0.5 },
        { name: 'y', meanAbsolute: 0, r2: 1 },
      ],
    });
  });

  it('choose a threshold and count alarms by it', () => {
    const before = taskOf('binary', { falseAlarms: 0.5 });
    const facts = before.conclude!([-1, 0, 1, 2], [0, 0, 1, 1]);
    expect(facts).toEqual({ falseAlarms: 0.5, threshold: -0.5 });
    const details = taskOf('binary', facts).details!([-1, 0, 1, -2], [0, 0, 1, 1], ['fire']);
    expect(details).toMatchObject({ positives: 2, found: 1, negatives: 2, falseAlarms: 1 });
    expect(detailLines(details)[0]!.text).toBe(
      '-0.5 finds 1 of 2 (50.0 %) fire, false alarms 1 of 2 (50.0 %)',
    );
  });
});

describe('the score of an autoencoder', () => {
  it('is the mean squared error but for the rounding of the factors', () => {
    const random = createRandom(5);
    for (let round = 0; round < 100; round++) {
      const size = 1 + random.int(300);
      const codes = (): Int8Array => Int8Array.from({ length: size }, () => random.int(256) - 128);
      const scales = {
        input: { scale: 0.01 + random.int(100) / 500, zeroPoint: random.int(256) - 128 },
        output: { scale: 0.01 + random.int(100) / 500, zeroPoint: random.int(256) - 128 },
      };
      const [from, to] = [codes(), codes()];
      const real = from.reduce((sum, code, i) => {
        const given = (code - scales.input.zeroPoint) * scales.input.scale;
        const rebuilt = (to[i]! - scales.output.zeroPoint) * scales.output.scale;
        return sum + (given - rebuilt) ** 2;
      }, 0);
      const score = reconstructionScore(from, to, scales);
      expect(Number.isInteger(score)).toBe(true);
      expect(score).toBeLessThan(2 ** 32);
      // Half a part of 256 of the coarser code, at most 255 codes away.
      const unit = Math.max(scales.input.scale, scales.output.scale) / 256;
      const off = Math.sqrt(score * scoreFactors(scales.input, scales.output).scale);
      expect(Math.abs(off - Math.sqrt(real / size))).toBeLessThan(256 * unit);
    }
  });

  it('fits 32 bits where every difference is the largest', () => {
    const scales = {
      input: { scale: 1, zeroPoint: -128 },
      output: { scale: 1, zeroPoint: 127 },
    };
    const score = reconstructionScore(
      new Int8Array(7).fill(127),
      new Int8Array(7).fill(-128),
      scales,
    );
    expect(score).toBe(Math.floor((510 * 256) ** 2 / 4));
  });
});

describe('a floor', () => {
  it('is met by what is as good, in the direction of the metric', () => {
    const measured = accuracies({ fitted: 0.9 });
    expect(shortfall({ measured, floor: 0.9 })).toBeUndefined();
    expect(shortfall({ measured, floor: 0.95 })).toBe(
      'the accuracy is 90.00 %, but budget.accuracy asks for at least 95.00 %',
    );
    const error = [{ metric: 'mean absolute error', stage: 'fitted', value: 2 }] as const;
    expect(shortfall({ measured: error, floor: 2.5 })).toBeUndefined();
    expect(shortfall({ measured: error, floor: 1.5 })).toMatch(
      /budget\.floor asks for at most 1\.5/,
    );
  });
});
