import type { Padding } from './graph';

/** Where a window starts and how many there are along one axis. */
export interface WindowPlacement {
  /** Rows or columns of padding in front of the input (top or left). */
  readonly before: number;
  /** Output size; 0 or less when a `valid` window does not fit at all. */
  readonly output: number;
}

/**
 * TensorFlow's convolution and pooling arithmetic for one axis (tf.nn.convolution, "padding"): SAME gives
 * ceil(input / stride) outputs and puts the odd cell of padding behind (bottom, right); VALID pads nothing.
 */
export function convPadding(
  inputSize: number,
  kernel: number,
  stride: number,
  padding: Padding,
): WindowPlacement {
  if (padding === 'valid') {
    return { before: 0, output: Math.floor((inputSize - kernel) / stride) + 1 };
  }
  const output = Math.ceil(inputSize / stride);
  const total = Math.max((output - 1) * stride + kernel - inputSize, 0);
  return { before: Math.floor(total / 2), output };
}
