/**
 * Convolutions and pools by layers' windows, of operations that all engines have. Padding that is given side by side is
 * handed on where an engine takes it and laid around the image before the operation elsewhere.
 */
import type { backend_util, Tensor4D } from '@tensorflow/tfjs-core';
import type { Shape, Sides } from '../../ops/shape';
import { isDilated, paddingSides, type Window } from '../../ops/window';
import { maxPool } from './max-pool';
import type { Tf } from './tf';

/** Below what any activation is, and a number that all engines can multiply. */
const LEAST = -1e30;

/** x [N, H, W, C], filters [kernel height, kernel width, C / groups, C′] → the sums of products, [N, H′, W′, C′]. */
export function convolution(
  tf: Tf,
  x: Tensor4D,
  filters: Tensor4D,
  window: Window,
  groups = 1,
): Tensor4D {
  if (isDilated(window)) {
    return dilated(tf, x, window, (image, plain) => convolution(tf, image, filters, plain, groups));
  }
  const { image, pad } = padded(tf, x, window, 0);
  const convolve = (part: Tensor4D, those: Tensor4D): Tensor4D =>
    tf.conv2d(part, those, [...window.stride], pad);
  if (groups === 1) return convolve(image, filters);
  const parts = Array.from({ length: groups }, (_, g) =>
    convolve(ofGroup(tf, image, g, groups), ofGroup(tf, filters, g, groups)),
  );
  return tf.concat(parts, 3);
}

/** The channels of group g, the last axis. */
function ofGroup(tf: Tf, x: Tensor4D, g: number, groups: number): Tensor4D {
  const [a, b, c, channels] = x.shape;
  const depth = channels / groups;
  return tf.slice(x, [0, 0, 0, g * depth], [a, b, c, depth]);
}

/**
 * What a dilated window gives, by `plain` ones: the cells that its taps meet fall into as many images as the dilation has
 * phases, in each of which the taps lie side by side. Outputs come in all phases; those of a larger stride are taken out.
 */
function dilated(
  tf: Tf,
  x: Tensor4D,
  window: Window,
  plain: (image: Tensor4D, window: Window) => Tensor4D,
): Tensor4D {
  const { kernel, stride, dilation = [1, 1] } = window;
  const [n, height, width] = x.shape;
  const [top, bottom, left, right] = paddingSides(shapeOf(x), window);
  const [down, across] = dilation;
  const [rows, columns] = [top + height + bottom, left + width + right];
  // Up to a whole number of cells in each phase.
  const more = [roundUp(rows, down) - rows, roundUp(columns, across) - columns] as const;
  const phases = tf.spaceToBatchND(x, [down, across], [
    [top, bottom + more[0]],
    [left, right + more[1]],
  ]); // prettier-ignore
  const sums = plain(phases, { kernel, stride: [1, 1], padding: 'valid' });
  const y = tf.batchToSpaceND(sums, [down, across], [
    [0, more[0]],
    [0, more[1]],
  ]); // prettier-ignore
  const [stepY, stepX] = stride;
  if (stepY === 1 && stepX === 1) return y;
  const [, h, w, channels] = y.shape;
  const steps = tf.spaceToBatchND(y, [stepY, stepX], [
    [0, roundUp(h, stepY) - h],
    [0, roundUp(w, stepX) - w],
  ]); // prettier-ignore
  const [, outHeight, outWidth] = steps.shape;
  return tf.slice(steps, [0, 0, 0, 0], [n, outHeight, outWidth, channels]);
}

function roundUp(n: number, step: number): number {
  return Math.ceil(n / step) * step;
}

/** x [N, H, W, C], filters [kernel height, kernel width, C, 1] → [N, H′, W′, C] */
export function depthwiseConvolution(
  tf: Tf,
  x: Tensor4D,
  filters: Tensor4D,
  window: Window,
): Tensor4D {
  if (isDilated(window)) {
    return dilated(tf, x, window, (image, plain) =>
      depthwiseConvolution(tf, image, filters, plain),
    );
  }
  const { image, pad } = padded(tf, x, window, 0);
  return tf.depthwiseConv2d(image, filters, [...window.stride], pad);
}

/** Padding is never the largest. */
export function largestUnder(tf: Tf, x: Tensor4D, window: Window): Tensor4D {
  const { kernel, stride } = window;
  const { image, pad } = padded(tf, x, window, LEAST);
  return maxPool(tf, image, [...kernel], [...stride], pad);
}

/** Of the cells inside the image. */
export function averageUnder(tf: Tf, x: Tensor4D, window: Window): Tensor4D {
  const { kernel, stride } = window;
  const { image, pad } = padded(tf, x, window, 0);
  const average = tf.avgPool(image, [...kernel], [...stride], pad);
  return image === x ? average : tf.mul(average, shares(tf, x, window, average.shape));
}

type EnginePadding = 'same' | 'valid' | backend_util.ExplicitPadding;

/** Engines whose convolutions and pools, and their gradients, take padding side by side. */
const TAKE_SIDES: readonly string[] = ['wasm', 'cpu'];

function padded(
  tf: Tf,
  x: Tensor4D,
  window: Window,
  value: number,
): { readonly image: Tensor4D; readonly pad: EnginePadding } {
  const { padding } = window;
  if (padding === 'same' || padding === 'valid') return { image: x, pad: padding };
  const [top, bottom, left, right] = paddingSides(shapeOf(x), window);
  if (TAKE_SIDES.includes(tf.getBackend())) {
    return { image: x, pad: [[0, 0], [top, bottom], [left, right], [0, 0]] }; // prettier-ignore
  }
  const image = tf.pad(x, [[0, 0], [top, bottom], [left, right], [0, 0]], value); // prettier-ignore
  return { image, pad: 'valid' };
}

/** By output pixel: cells of the window over those of them inside the image, [1, H′, W′, 1]. */
function shares(
  tf: Tf,
  x: Tensor4D,
  window: Window,
  [, height, width]: Tensor4D['shape'],
): Tensor4D {
  const { kernel, stride } = window;
  const [top, , left]: Sides = paddingSides(shapeOf(x), window);
  const inside = (o: number, axis: 0 | 1, before: number, size: number): number => {
    const first = o * stride[axis] - before;
    return Math.min(size, first + kernel[axis]) - Math.max(0, first);
  };
  const rows = Array.from({ length: height }, (_, o) => inside(o, 0, top, x.shape[1]));
  const columns = Array.from({ length: width }, (_, o) => inside(o, 1, left, x.shape[2]));
  const cells = kernel[0] * kernel[1];
  const factors = rows.flatMap((r) => columns.map((c) => cells / (r * c)));
  return tf.tensor4d(factors, [1, height, width, 1]);
}

function shapeOf(x: Tensor4D): Shape {
  return [x.shape[1], x.shape[2], x.shape[3]];
}
