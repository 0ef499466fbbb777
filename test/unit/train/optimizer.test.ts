import { describe, expect, it } from 'vitest';
import { createOptimizer } from '../../../src/core/train/pass/optimizer';
import { createRandom } from '../../../src/core/util/random';

const random = createRandom(11);
const steps = Array.from({ length: 40 }, () => Array.from({ length: 5 }, () => random.normal()));
const start = Array.from({ length: 5 }, () => random.normal());

describe('optimisers', () => {
  it('SGD with Nesterov momentum follows its definition in float64', () => {
    const optimizer = createOptimizer({ optimizer: 'sgd', momentum: 0.9, weightDecay: 0.01 });
    const values = Float32Array.from(start);
    const expected = [...start];
    const velocity = start.map(() => 0);
    steps.forEach((gradient, t) => {
      optimizer.beginStep(t + 1);
      optimizer.update('w', values, Float32Array.from(gradient), 0.05, true);
      for (let i = 0; i < expected.length; i++) {
        const g = gradient[i]! + 0.01 * expected[i]!;
        velocity[i] = 0.9 * velocity[i]! + g;
        expected[i]! -= 0.05 * (g + 0.9 * velocity[i]!);
      }
    });
    for (let i = 0; i < expected.length; i++) expect(values[i]).toBeCloseTo(expected[i]!, 4);
  });

  it('Adam follows its definition in float64, decay decoupled', () => {
    const optimizer = createOptimizer({ optimizer: 'adam', momentum: 0, weightDecay: 0.1 });
    const values = Float32Array.from(start);
    const expected = [...start];
    const m = start.map(() => 0);
    const v = start.map(() => 0);
    steps.forEach((gradient, k) => {
      const t = k + 1;
      optimizer.beginStep(t);
      optimizer.update('w', values, Float32Array.from(gradient), 0.01, true);
      for (let i = 0; i < expected.length; i++) {
        const g = gradient[i]!;
        m[i] = 0.9 * m[i]! + 0.1 * g;
        v[i] = 0.999 * v[i]! + 0.001 * g * g;
        const mHat = m[i]! / (1 - 0.9 ** t);
        const vHat = v[i]! / (1 - 0.999 ** t);
        expected[i] = expected[i]! * (1 - 0.01 * 0.1) - (0.01 * mHat) / (Math.sqrt(vHat) + 1e-7);
      }
    });
    for (let i = 0; i < expected.length; i++) expect(values[i]).toBeCloseTo(expected[i]!, 4);
  });

  it.each(['sgd', 'adam'] as const)(
    '%s leaves arrays without decay alone when the gradient is zero',
    (kind) => {
      const optimizer = createOptimizer({ optimizer: kind, momentum: 0.9, weightDecay: 0.5 });
      const values = Float32Array.from(start);
      optimizer.beginStep(1);
      optimizer.update('gamma', values, new Float32Array(5), 0.1, false);
      expect([...values]).toEqual([...Float32Array.from(start)]);
    },
  );

  it.each(['sgd', 'adam'] as const)('%s goes on from its saved state bit for bit', (kind) => {
    const config = { optimizer: kind, momentum: 0.9, weightDecay: 0.01 };
    const whole = createOptimizer(config);
    const firstHalf = createOptimizer(config);
    const a = Float32Array.from(start);
    const b = Float32Array.from(start);
    const run = (optimizer: typeof whole, values: Float32Array, from: number, to: number): void => {
      for (let t = from; t < to; t++) {
        optimizer.beginStep(t + 1);
        optimizer.update('w', values, Float32Array.from(steps[t]!), 0.01, true);
      }
    };
    run(whole, a, 0, 40);
    run(firstHalf, b, 0, 17);
    const resumed = createOptimizer(config);
    for (const [key, values] of firstHalf.state) resumed.state.set(key, values.slice());
    run(resumed, b, 17, 40);
    expect(b).toEqual(a);
  });
});
