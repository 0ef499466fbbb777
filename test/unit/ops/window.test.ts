import { describe, expect, it } from 'vitest';
import { convPadding } from '../../../src/core/ops/window';

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
