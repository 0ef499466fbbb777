/**
 * A linear map along one axis of a tensor, as a product with a matrix, which every engine has with its gradient: resizing,
 * and whatever takes every n-th row.
 */
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from './tf';

/**
 * @param axis 1 rows, 2 columns, 3 channels
 * @param matrix [size of the axis, size it gets]
 */
export function alongAxis(
  tf: Tf,
  x: Tensor4D,
  axis: 1 | 2 | 3,
  matrix: Float32Array,
  size: number,
): Tensor4D {
  const order = [0, 1, 2, 3];
  [order[axis], order[3]] = [3, axis];
  const turned = axis === 3 ? x : tf.transpose<Tensor4D>(x, order);
  const [a, b, c, from] = turned.shape;
  const rows = tf.reshape(turned, [a * b * c, from]);
  const product = tf.matMul(rows, tf.tensor2d(matrix, [from, size]));
  const result: Tensor4D = tf.reshape(product, [a, b, c, size]);
  return axis === 3 ? result : tf.transpose<Tensor4D>(result, order);
}

/** Row i of the result is row `from(i)` of what there is. */
export function picked(size: number, count: number, from: (index: number) => number): Float32Array {
  const matrix = new Float32Array(size * count);
  for (let i = 0; i < count; i++) matrix[from(i) * count + i] = 1;
  return matrix;
}
