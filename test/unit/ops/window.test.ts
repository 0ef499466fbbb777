import { describe, expect, it } from 'vitest';
import { loadModel } from '../../../src/core/models/models';
import type { Shape } from '../../../src/core/ops/shape';
import type { AxisPadding, Window } from '../../../src/core/ops/window';
import { convPadding, paddingSides, reachable, windowShape } from '../../../src/core/ops/window';
import { createRandom } from '../../../src/core/util/random';

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

/** Windows that do not fit throw. */
function fits(message: string): never {
  throw new Error(message);
}

/** For each output the cells of the image under its window, each with nothing of which tap meets it. */
function cells([height, width]: Shape, window: Window, [outHeight, outWidth]: Shape): string[] {
  const [top, bottom, left, right] = paddingSides([height, width, 1], window);
  const { kernel, stride, dilation = [1, 1] } = window;
  expect((outHeight - 1) * stride[0] + (kernel[0] - 1) * dilation[0] + 1).toBeLessThanOrEqual(
    top + height + bottom,
  );
  expect((outWidth - 1) * stride[1] + (kernel[1] - 1) * dilation[1] + 1).toBeLessThanOrEqual(
    left + width + right,
  );
  const seen: string[] = [];
  for (let oy = 0; oy < outHeight; oy++) {
    for (let ox = 0; ox < outWidth; ox++) {
      const under: string[] = [];
      for (let ky = 0; ky < kernel[0]; ky++) {
        for (let kx = 0; kx < kernel[1]; kx++) {
          const y = oy * stride[0] - top + ky * dilation[0];
          const x = ox * stride[1] - left + kx * dilation[1];
          if (y >= 0 && y < height && x >= 0 && x < width) under.push(`${y},${x}`);
        }
      }
      seen.push(under.join(' '));
    }
  }
  return seen;
}

describe('padding side by side', () => {
  it.each<[number, Window, Shape]>([
    // PyTorch's Conv2d(3, padding=1) at stride 2 on even sizes, which no "same" of TensorFlow is.
    [32, { kernel: [3, 3], stride: [2, 2], padding: [1, 1, 1, 1] }, [16, 16, 1]],
    [32, { kernel: [7, 7], stride: [2, 2], padding: [3, 3, 3, 3] }, [16, 16, 1]],
    [9, { kernel: [3, 3], stride: [1, 1], padding: [2, 0, 0, 2], dilation: [2, 1] }, [7, 9, 1]],
  ])('of an image of %i', (size, window, expected) => {
    expect(windowShape([size, size, 1], window, 1, 'kernel', fits)).toEqual(expected);
  });

  it('hides no window from the image', () => {
    const window: Window = { kernel: [3, 3], stride: [1, 1], padding: [1, 1, 3, 0] };
    expect(() => windowShape([8, 8, 1], window, 1, 'kernel', fits)).toThrow(
      '3 cells of "padding" at the left are as many as the 3×3 kernel covers, or more; at most 2 can be',
    );
  });
});

describe('the reachable part of a window', () => {
  /** Taps that meet the input for some output, found one by one. */
  const used = (input: number, kernel: number, stride: number, padding: AxisPadding): number[] => {
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

  it.each<[string, Partial<Window>]>([
    ['same, dilated', { padding: 'same', dilation: [2, 3] }],
    ['valid, dilated', { padding: 'valid', dilation: [3, 2] }],
    ['causal', { padding: 'causal' }],
    ['causal, dilated', { padding: 'causal', dilation: [2, 4] }],
    ['side by side', {}],
    ['side by side, dilated', { dilation: [2, 3] }],
  ])('sees the same cells as the whole window, of padding %s', (_, { padding, dilation }) => {
    let cropped = 0;
    for (let seed = 0; seed < 2000; seed++) {
      const random = createRandom(seed);
      const size = (most: number): number => 1 + random.int(most);
      const input: Shape = [size(4), size(7), 1];
      const kernel = [size(5), size(6)] as const;
      const extent = (axis: 0 | 1): number => (kernel[axis] - 1) * (dilation?.[axis] ?? 1) + 1;
      const sides = [0, 0, 1, 1].map((axis) => random.int(extent(axis === 0 ? 0 : 1)));
      const whole: Window = {
        ...{ kernel, stride: [size(3), size(3)], ...(dilation && { dilation }) },
        padding: padding ?? [sides[0]!, sides[1]!, sides[2]!, sides[3]!],
      };
      let shape: Shape;
      try {
        shape = windowShape(input, whole, 1, 'kernel', fits);
      } catch {
        continue;
      }
      const smaller = reachable(input, whole);
      expect(windowShape(input, smaller, 1, 'kernel', fits)).toEqual(shape);
      expect(cells(input, smaller, shape)).toEqual(cells(input, whole, shape));
      expect(smaller.kernel[0]).toBeLessThanOrEqual(kernel[0]);
      expect(smaller.kernel[1]).toBeLessThanOrEqual(kernel[1]);
      if (smaller.kernel[0] < kernel[0] || smaller.kernel[1] < kernel[1]) cropped++;
    }
    // A valid window lies within its input.
    if (padding !== 'valid') expect(cropped).toBeGreaterThan(20);
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
