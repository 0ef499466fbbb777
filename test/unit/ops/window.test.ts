import { describe, expect, it } from 'vitest';
import { loadModel } from '../../../src/core/models/models';
import type { Padding } from '../../../src/core/ops/shape';
import { convPadding, reachable } from '../../../src/core/ops/window';

describe('convPadding', () => {
  it.each([
    // input, kernel, stride, padding, before, output; the `same` rows as TensorFlow documents them.
    [32, 3, 1, 'same', 1, 32],
    [32, 3, 2, 'same', 0, 16],
    [33, 3, 2, 'same', 1, 17],
    [49, 10, 2, 'same', 4, 25],
    [10, 4, 2, 'same', 1, 5],
    [5, 1, 2, 'same', 0, 3],
    [2, 2, 3, 'same', 0, 1],
    [1, 5, 1, 'same', 2, 1],
    [28, 5, 1, 'valid', 0, 24],
    [7, 2, 2, 'valid', 0, 3],
    [3, 3, 2, 'valid', 0, 1],
    [2, 3, 1, 'valid', 0, 0],
    [1, 5, 1, 'valid', 0, -3],
  ] as const)('%i, kernel %i, stride %i, %s', (input, kernel, stride, padding, before, output) => {
    expect(convPadding(input, kernel, stride, padding)).toEqual({ before, output });
  });

  it('places every window so that it sees the input, and pads no more than it must', () => {
    for (let input = 1; input <= 12; input++) {
      for (let kernel = 1; kernel <= 7; kernel++) {
        for (let stride = 1; stride <= 4; stride++) {
          const { before, output } = convPadding(input, kernel, stride, 'same');
          const after = Math.max((output - 1) * stride + kernel - input - before, 0);
          expect(output).toBe(Math.ceil(input / stride));
          expect(after - before === 0 || after - before === 1).toBe(true);
          const valid = convPadding(input, kernel, stride, 'valid').output;
          let starts = 0;
          for (let at = 0; at + kernel <= input; at += stride) starts++;
          expect(Math.max(valid, 0)).toBe(starts);
        }
      }
    }
  });
});

describe('the reachable part of a window', () => {
  /** Taps that meet the input for some output, found one by one. */
  const used = (input: number, kernel: number, stride: number, padding: Padding): number[] => {
    const { before, output } = convPadding(input, kernel, stride, padding);
    return Array.from({ length: kernel }, (_, tap) => tap).filter((tap) =>
      Array.from({ length: output }, (_, o) => o * stride - before + tap).some(
        (at) => at >= 0 && at < input,
      ),
    );
  };

  it('holds every tap that is ever used, gives the same outputs, and is no larger than need be', () => {
    let cropped = 0;
    for (const padding of ['same', 'valid'] as const) {
      for (let input = 1; input <= 9; input++) {
        for (let kernel = 1; kernel <= 11; kernel++) {
          for (let stride = 1; stride <= 4; stride++) {
            const before = convPadding(input, kernel, stride, padding);
            if (before.output < 1) continue;
            const window = { kernel: [kernel, 1], stride: [stride, 1], padding } as const;
            const [size] = reachable([input, 1, 1], window).kernel;
            const after = convPadding(input, size, stride, padding);
            const taps = used(input, kernel, stride, padding);
            expect(after.output).toBe(before.output);
            // What is left is the taps from the first used one on, at the same places.
            const offset = before.before - after.before;
            expect(taps.every((tap) => tap >= offset && tap < offset + size)).toBe(true);
            if (size < kernel) cropped++;
            if (stride === 1) expect(size).toBe(taps.at(-1)! - taps[0]! + 1);
          }
        }
      }
    }
    expect(cropped).toBeGreaterThan(50);
  });

  it('is what a network on a row of samples is built with', () => {
    const { graph } = loadModel({
      layers: [
        { type: 'conv2d', filters: 4, kernel: 5 },
        { type: 'depthwiseConv2d', kernel: 5 },
        { type: 'dense', units: 2 },
      ],
      input: [1, 64, 6],
      classes: 2,
    });
    expect(graph.layers.slice(0, 2)).toMatchObject([{ kernel: [1, 5] }, { kernel: [1, 5] }]);
  });
});
