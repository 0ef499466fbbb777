/** Reshaping that costs nothing where the shape is right already: on libtensorflow every reshape is an operation. */
import type { Rank, ShapeMap, Tensor } from '@tensorflow/tfjs-core';
import type { Tf } from './tf';

/** x itself where it has the shape already; −1 stands for what is left over. */
export function reshaped<R extends Rank>(tf: Tf, x: Tensor, shape: ShapeMap[R]): Tensor<R> {
  return hasShape<R>(x, shape) ? x : tf.reshape<R>(x, shape);
}

function hasShape<R extends Rank>(x: Tensor, shape: ShapeMap[R]): x is Tensor<R> {
  const inferred = shape.filter((size) => size < 0).length;
  return (
    x.shape.length === shape.length &&
    inferred <= 1 &&
    shape.every((size, axis) => size < 0 || size === x.shape[axis])
  );
}
