/** The loss of every classifier here, with its own gradient: two short expressions, and stable for any logits. */
import type { Scalar, Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import type { Tf } from './tf';
import { customGradient } from './custom-gradient';

/**
 * Mean over the batch of −Σ t·log softmax(logits), t = (1 − smoothing)·label + smoothing / C (Szegedy et al. 2016, §7).
 * logits [N, C] float32; labels either one-hot [N, C] or class indices [N], any dtype. Differentiable in logits.
 * weights: of each class, by which an example of it counts; undefined: all 1.
 */
export function softmaxCrossEntropy(
  tf: Tf,
  logits: Tensor2D,
  labels: Tensor,
  smoothing: number,
  weights?: readonly number[],
): Scalar {
  const [examples, classes] = logits.shape;
  if (
    labels.shape[0] !== examples ||
    labels.size !== examples * (labels.rank === 1 ? 1 : classes)
  ) {
    throw new Error(
      `softmaxCrossEntropy: labels [${labels.shape}] do not belong to logits [${logits.shape}]`,
    );
  }
  return tf.tidy(() => {
    const hot =
      labels.rank === 1
        ? tf.oneHot(tf.cast(tf.reshape(labels, [examples]), 'int32'), classes)
        : tf.reshape(labels, [examples, classes]);
    const target = tf.add(tf.mul(tf.cast(hot, 'float32'), 1 - smoothing), smoothing / classes);
    // [N, 1]; absent where all examples count the same.
    const counts =
      weights &&
      tf.sum(tf.mul(tf.cast(hot, 'float32'), tf.tensor2d([...weights], [1, classes])), 1, true);
    return customGradient<Scalar>(
      tf,
      [logits],
      () => {
        const shifted = tf.sub(logits, tf.max(logits, 1, true));
        const logSum = tf.log(tf.sum(tf.exp(shifted), 1, true));
        const each = tf.sum(tf.mul(target, tf.sub(logSum, shifted)), 1);
        const perExample = counts ? tf.mul(each, tf.reshape(counts, [examples])) : each;
        const value = tf.reshape<Scalar['rankType']>(tf.mean(perExample), []);
        return { value, keep: [logits, target, ...(counts ? [counts] : [])] };
      },
      (dy, [logits, target, counts]) => {
        const plain = tf.sub(tf.softmax(logits!), target!);
        const excess = counts ? tf.mul(plain, counts) : plain;
        return [tf.mul(excess, tf.div(dy, examples))];
      },
    );
  });
}
