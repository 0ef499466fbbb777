import { describe, expect, it } from 'vitest';
import { areaUnderCurve, rocCurve, thresholdFor } from '../../../src/core/tasks/ranking';
import { createRandom } from '../../../src/core/util/random';

/** By its definition: of all pairs the share in which the one that is meant to has the higher score. */
function pairs(scores: readonly number[], targets: readonly number[]): number {
  let right = 0;
  let all = 0;
  scores.forEach((a, i) => {
    scores.forEach((b, j) => {
      if (targets[i] !== 1 || targets[j] !== 0) return;
      all++;
      right += a > b ? 1 : a === b ? 0.5 : 0;
    });
  });
  return right / all;
}

describe('the ROC curve', () => {
  it('has the area that pairs of examples have, also where scores are equal', () => {
    const random = createRandom(3);
    for (let round = 0; round < 50; round++) {
      const count = 2 + random.int(40);
      const targets = Array.from({ length: count }, (_, i) => (i < 2 ? i : random.int(2)));
      const scores = targets.map((target) => random.int(8) + 2 * target);
      expect(areaUnderCurve(scores, targets)).toBeCloseTo(pairs(scores, targets), 12);
      const curve = rocCurve(scores, targets)!;
      let area = 0;
      curve.slice(1).forEach((point, i) => {
        const before = curve[i]!;
        area += ((point.falseAlarms - before.falseAlarms) * (point.found + before.found)) / 2;
      });
      expect(area).toBeCloseTo(pairs(scores, targets), 12);
      expect(curve.at(-1)).toEqual({ falseAlarms: 1, found: 1 });
    }
  });

  it('is none where there is nothing to tell apart', () => {
    expect(rocCurve([1, 2], [0, 0])).toBeUndefined();
    expect(areaUnderCurve([1, 2], [1, 1])).toBe(0.5);
  });
});

describe('a threshold', () => {
  const alarms = (scores: readonly number[], targets: readonly number[], at: number): number =>
    scores.filter((score, i) => targets[i] === 0 && score > at).length;

  it('lets as many of those without alarm as are allowed, never more, and is as low as it can be', () => {
    const random = createRandom(4);
    for (let round = 0; round < 200; round++) {
      const count = 1 + random.int(30);
      const targets = Array.from({ length: count }, () => random.int(2));
      const scores = targets.map(() => random.int(10) - 5);
      const rate = random.int(11) / 10;
      const at = thresholdFor(scores, targets, rate);
      const negatives = targets.filter((target) => target === 0).length;
      const allowed = Math.floor(rate * negatives + 1e-9);
      expect(alarms(scores, targets, at)).toBeLessThanOrEqual(allowed);
      // The next lower score, too, would be too many.
      const below = scores.filter((score) => score <= at).sort((a, b) => b - a)[0];
      if (below === undefined) continue;
      expect(alarms(scores, targets, below - 0.1)).toBeGreaterThan(allowed);
    }
  });

  it('lies between scores, so that rounding moves none across', () => {
    expect(thresholdFor([1, 2, 3, 4], [0, 0, 1, 1], 0)).toBe(2.5);
    expect(thresholdFor([1, 2, 3, 4], [0, 0, 1, 1], 0.5)).toBe(1.5);
  });
});
