import { describe, expect, it } from 'vitest';
import type { LayerWeights } from '../../../src/core/formats/fit';
import { stepFit, STEPS } from '../../../src/core/formats/step-fit';
import { createRandom } from '../../../src/core/util/random';

const CHANNELS = 6;
const PER_CHANNEL = 50;

/** Channels of different sizes, one of them all zero; about a fifth of the weights pruned. */
function layer(seed: number, together: boolean): LayerWeights {
  const random = createRandom(seed);
  const order = together
    ? { channels: CHANNELS, perChannel: PER_CHANNEL, channelStep: PER_CHANNEL, weightStep: 1 }
    : { channels: CHANNELS, perChannel: PER_CHANNEL, channelStep: 1, weightStep: CHANNELS };
  const weights = new Float32Array(CHANNELS * PER_CHANNEL);
  for (let c = 0; c < CHANNELS; c++) {
    for (let k = 0; k < PER_CHANNEL; k++) {
      weights[c * order.channelStep + k * order.weightStep] =
        c === 3 ? 0 : random.normal() * (c + 1);
    }
  }
  const mask = Uint8Array.from(weights, () => (random.int(5) === 0 ? 0 : 1));
  return { weights, mask, order, sign: () => 1 };
}

describe.each([true, false])('multiples of one step, channels together: %s', (together) => {
  it.each(STEPS)(
    '%f: each weight is the nearest one, each scale of least squared error',
    (step) => {
      const { weights, mask, order, sign } = layer(1, together);
      const { values, scales } = stepFit(step).fit({ weights, mask, order, sign }, 0, CHANNELS);
      const energy = weights.reduce((sum, w) => sum + w * w, 0);
      const width = step * Math.sqrt(energy / weights.length);
      for (let c = 0; c < CHANNELS; c++) {
        const at = Array.from(
          { length: PER_CHANNEL },
          (_, k) => c * order.channelStep + k * order.weightStep,
        );
        for (const i of at) {
          const wanted = Math.sign(weights[i]!) * Math.round(Math.abs(weights[i]!) / width);
          expect(values[i]).toBe(Math.max(-127, Math.min(127, wanted)) + 0);
        }
        const error = (scale: number): number =>
          at.reduce((sum, i) => sum + mask[i]! * (weights[i]! - scale * values[i]!) ** 2, 0);
        expect(scales[c]).toBeGreaterThan(0);
        for (const other of [0.99, 1.01]) {
          expect(error(scales[c]!)).toBeLessThanOrEqual(error(other * scales[c]!));
        }
      }
    },
  );

  it('is the same for a channel whoever asks for it', () => {
    const { weights, mask, order, sign } = layer(2, together);
    const { fit } = stepFit(0.5);
    const whole = fit({ weights, mask, order, sign }, 0, CHANNELS);
    for (let c = 0; c < CHANNELS; c++) {
      const one = fit({ weights, mask, order, sign }, c, c + 1);
      expect(one.scales[c]).toBe(whole.scales[c]);
      for (let k = 0; k < PER_CHANNEL; k++) {
        const i = c * order.channelStep + k * order.weightStep;
        expect(one.values[i]).toBe(whole.values[i]);
      }
    }
  });
});

it('has scales and zeros where there are no weights but zeros', () => {
  const order = { channels: 2, perChannel: 3, channelStep: 3, weightStep: 1 };
  const mask = new Uint8Array(6).fill(1);
  const nothing = { weights: new Float32Array(6), mask, order, sign: () => 1 as const };
  const { values, scales } = stepFit(1).fit(nothing, 0, 2);
  expect([...values]).toEqual([0, 0, 0, 0, 0, 0]);
  expect([...scales]).toEqual([1, 1]);
});
