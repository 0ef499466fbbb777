/** The loss of a classifier that imitates another: how far its class probabilities are from the other's. */
import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import type { Tf } from './tf';
import { customGradient } from './custom-gradient';

/**
 * Mean over the batch of T²·KL(softmax(teacher / T) ‖ softmax(student / T)) (Hinton et al. 2015, arXiv 1503.02531; T²
 * keeps the gradient's size independent of T). Both [N, C] float32, without softmax. Differentiable in `student`.
 */
export function softenedDivergence(
  tf: Tf,
  student: Tensor2D,
  teacher: Tensor2D,
  temperature: number,
): Scalar {
  const [examples] = student.shape;
  if (student.shape.join() !== teacher.shape.join()) {
    throw new Error(
      `softenedDivergence: outputs [${student.shape}] are not those of [${teacher.shape}]`,
    );
  }
  return tf.tidy(() => {
    const logSoftmax = (logits: Tensor2D): Tensor2D => {
      const cooled: Tensor2D = tf.div(logits, temperature);
      const shifted: Tensor2D = tf.sub(cooled, tf.max(cooled, 1, true));
      return tf.sub(shifted, tf.log(tf.sum(tf.exp(shifted), 1, true)));
    };
    const wanted = logSoftmax(teacher);
    return customGradient<Scalar>(
      tf,
      [student],
      () => {
        const found = logSoftmax(student);
        const perExample = tf.sum(tf.mul(tf.exp(wanted), tf.sub(wanted, found)), 1);
        const mean = tf.mul(tf.mean(perExample), temperature * temperature);
        const value = tf.reshape<Scalar['rankType']>(mean, []);
        return { value, keep: [tf.exp(found), tf.exp(wanted)] };
      },
      (dy, [found, wanted]) => [
        tf.mul(tf.sub(found!, wanted!), tf.mul(dy, temperature / examples)),
      ],
    );
  });
}
