import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { openEngine } from '../../../src/core/train/engines/open-engine';
import { floats, wasmBackend } from '../../../src/core/train/kernels/wasm-heap';
import { randomValues } from './compare';

/** The backend's own, before the engine puts ours in their place. */
const originals = {
  add: tf.getKernel(tf.Add, 'wasm'),
  sum: tf.getKernel(tf.Sum, 'wasm'),
  mean: tf.getKernel(tf.Mean, 'wasm'),
};
beforeAll(async () => {
  await openEngine('wasm');
});

function run(
  kernel: tf.KernelConfig,
  inputs: Record<string, tf.Tensor>,
  attrs: tf.NamedAttrMap = {},
): { values: Float32Array; shape: number[] } {
  const backend = wasmBackend(tf.backend());
  const out = kernel.kernelFunc({ inputs, backend, attrs });
  if (Array.isArray(out)) throw new Error('several outputs');
  const values = floats(backend, out).slice();
  backend.disposeData(out.dataId);
  return { values, shape: out.shape };
}

const shapes = [
  [2, 5, 3, 8],
  [3, 4, 4, 7],
  [1, 1, 1, 1],
  [130, 1, 1, 5],
  [9, 4],
  [0, 4],
];

test.each(shapes)('a bias is added to the bits of the backend’s own: %j', (...shape) => {
  const a = tf.tensor(randomValues(tf.util.sizeFromShape(shape), 1), shape);
  const special = [NaN, Infinity, -Infinity, -0, 3e38, 1e-42];
  const bias = randomValues(shape.at(-1)!, 2).map((v, i) => (i > 2 ? special[i % 6]! : v));
  const b = tf.tensor1d(bias);
  const [own, original] = [tf.getKernel(tf.Add, 'wasm'), originals.add];
  expect(own.kernelFunc).not.toBe(original.kernelFunc);
  expect(run(own, { a, b })).toEqual(run(original, { a, b }));
  // Not a bias: the other way round, and a column.
  expect(run(own, { a: b, b: a })).toEqual(run(original, { a: b, b: a }));
  const column = tf.ones([...shape.slice(0, -1), 1]);
  expect(run(own, { a, b: column })).toEqual(run(original, { a, b: column }));
  tf.dispose([a, b, column]);
});

test.each(shapes)('channels are summed as in float64: %j', (...shape) => {
  const values = randomValues(tf.util.sizeFromShape(shape), 3).map((v) => v + 10);
  const x = tf.tensor(values, shape);
  const channels = shape.at(-1)!;
  const exact = new Float64Array(channels);
  values.forEach((v, i) => (exact[i % channels] = exact[i % channels]! + v));
  const axis = shape.slice(0, -1).map((_, i) => i);
  const own = tf.getKernel(tf.Sum, 'wasm');
  expect(own.kernelFunc).not.toBe(originals.sum.kernelFunc);
  const found = run(own, { x }, { axis });
  expect(found.shape).toEqual([channels]);
  found.values.forEach((v, c) => {
    expect(Math.abs(v - exact[c]!)).toBeLessThanOrEqual(2e-6 * Math.abs(exact[c]!));
  });
  for (const other of [[0], [shape.length - 1], shape.map((_, i) => i)]) {
    if (shape.includes(0) || JSON.stringify(other) === JSON.stringify(axis)) continue;
    expect(run(own, { x }, { axis: other })).toEqual(run(originals.sum, { x }, { axis: other }));
  }
  x.dispose();
});

test('whole numbers keep their type, and nothing is left behind', () => {
  const backend = wasmBackend(tf.backend());
  const before = backend.numDataIds();
  tf.tidy(() => {
    const x = tf.tensor2d([1, 2, 3, 4], [2, 2], 'int32');
    expect(tf.sum(x, [0]).dtype).toBe('int32');
    expect([...tf.add(x, tf.tensor1d([5, 6], 'int32')).dataSync()]).toEqual([6, 8, 8, 10]);
    const y = tf.ones([3, 2]);
    expect([...tf.sum(y, [0]).dataSync()]).toEqual([3, 3]);
    expect(tf.sum(y, [0], true).shape).toEqual([1, 2]);
    expect([...tf.sum(y, [-2]).dataSync()]).toEqual([3, 3]);
  });
  expect(backend.numDataIds()).toBe(before);
});

test.each([
  [2, 5, 3, 8],
  [3, 9, 13, 7],
  [1, 1, 1, 1],
  [130, 2, 1, 5],
])('the mean of each image is that in float64: %j', (...shape) => {
  const values = randomValues(tf.util.sizeFromShape(shape), 4).map((v) => v + 10);
  const x = tf.tensor(values, shape);
  const [images = 0, height = 0, width = 0, channels = 0] = shape;
  const exact = new Float64Array(images * channels);
  const pixels = height * width;
  values.forEach((v, i) => {
    const at = Math.floor(i / (pixels * channels)) * channels + (i % channels);
    exact[at] = exact[at]! + v / pixels;
  });
  const own = tf.getKernel(tf.Mean, 'wasm');
  expect(own.kernelFunc).not.toBe(originals.mean.kernelFunc);
  for (const keepDims of [true, false]) {
    const found = run(own, { x }, { axis: [1, 2], keepDims });
    expect(found.shape).toEqual(keepDims ? [images, 1, 1, channels] : [images, channels]);
    expect(found.shape).toEqual(run(originals.mean, { x }, { axis: [1, 2], keepDims }).shape);
    found.values.forEach((v, i) => expect(Math.abs(v - exact[i]!)).toBeLessThan(1e-5));
  }
  // Other axes are the backend's own affair.
  for (const axis of [[1], [0, 1, 2], [3], [2, 3]]) {
    expect(run(own, { x }, { axis })).toEqual(run(originals.mean, { x }, { axis }));
  }
  x.dispose();
});
