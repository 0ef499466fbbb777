import { describe, expect, it } from 'vitest';
import { budgetAt, learningRate } from '../../../src/core/train/loop/schedules';

describe('learning rate', () => {
  it('one-cycle starts at a tenth, peaks after a fifth, ends near zero', () => {
    expect(learningRate('one-cycle', 1, 0, 100)).toBeCloseTo(0.1);
    expect(learningRate('one-cycle', 1, 10, 100)).toBeCloseTo(0.55);
    expect(learningRate('one-cycle', 1, 20, 100)).toBeCloseTo(1);
    expect(learningRate('one-cycle', 1, 60, 100)).toBeCloseTo(0.5);
    expect(learningRate('one-cycle', 1, 99, 100)).toBeLessThan(0.001);
  });
  it('cosine falls from the peak, constant stays', () => {
    expect(learningRate('cosine', 2, 0, 10)).toBe(2);
    expect(learningRate('cosine', 2, 5, 10)).toBeCloseTo(1);
    expect(learningRate('constant', 2, 9, 10)).toBe(2);
  });
  it('copes with a phase of one step', () => {
    for (const schedule of ['one-cycle', 'cosine', 'constant'] as const) {
      expect(learningRate(schedule, 1, 0, 1)).toBeGreaterThan(0);
    }
  });
});

describe('budget', () => {
  it('is the cubic of Zhu & Gupta between its ends and never outside', () => {
    expect(budgetAt(1000, 200, 0)).toBe(1000);
    expect(budgetAt(1000, 200, 0.5)).toBeCloseTo(300);
    expect(budgetAt(1000, 200, 1)).toBe(200);
    expect(budgetAt(1000, 200, 7)).toBe(200);
    for (let t = 0; t < 0.95; t += 0.1) {
      expect(budgetAt(1000, 200, t + 0.1)).toBeLessThan(budgetAt(1000, 200, t));
    }
  });
});
