/** Where a window slides over an image: the rule for convolutions and pools, in training, executor and firmware. */
import type { ConfigBase } from './layer';
import type { ConfigPair, Fail, WindowKeys } from './layer-keys';
import { pair, required } from './layer-keys';
import type { Padding, Pair, Shape } from './shape';

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

/** How a window moves over a layer's input. */
export interface Window {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly padding: Padding;
}

/** Rows of padding above the image and columns left of it. */
export function paddingBefore(
  [height, width]: Shape,
  { kernel, stride, padding }: Window,
): { readonly top: number; readonly left: number } {
  return {
    top: convPadding(height, kernel[0], stride[0], padding).before,
    left: convPadding(width, kernel[1], stride[1], padding).before,
  };
}

/** Shape of what a window gives that puts out `channels`. `key`: what the config calls the window's size. */
export function windowShape(
  input: Shape,
  { kernel, stride, padding }: Window,
  channels: number,
  key: 'kernel' | 'pool',
  fail: Fail,
): Shape {
  const height = convPadding(input[0], kernel[0], stride[0], padding).output;
  const width = convPadding(input[1], kernel[1], stride[1], padding).output;
  if (height < 1 || width < 1) {
    fail(
      `input ${input[0]}×${input[1]} is smaller than the ${kernel[0]}×${kernel[1]} ${key} with "valid" padding`,
      key,
    );
  }
  return [height, width, channels];
}

/**
 * The window without the rows and columns that never meet the input, whatever its values: a 5×5 kernel over an input one
 * row high can use one of its rows. The others would be stored, trained to nothing, and take bytes from those that count.
 * Outputs are the same.
 */
export function reachable([height, width]: Shape, window: Window): Window {
  const { kernel, stride, padding } = window;
  const [rows, columns] = [
    reachableSize(height, kernel[0], stride[0], padding),
    reachableSize(width, kernel[1], stride[1], padding),
  ];
  return { ...window, kernel: [rows, columns] };
}

/** A layer that has such a window, with what of it can be reached. */
export function cropped<L extends Window & { readonly inputShape: Shape }>(layer: L): L {
  return { ...layer, kernel: reachable(layer.inputShape, layer).kernel };
}

/** As `reachable`, along one axis. */
function reachableSize(input: number, kernel: number, stride: number, padding: Padding): number {
  const { before, output } = convPadding(input, kernel, stride, padding);
  if (output < 1) return kernel;
  // The first output lies furthest in front of the input, the last furthest behind.
  const first = Math.max(0, before - (output - 1) * stride);
  const last = Math.min(kernel - 1, before + input - 1);
  const size = last - first + 1;
  const cropped = convPadding(input, size, stride, padding);
  // Padding is derived from the size: where the smaller window would lie elsewhere, it stays as it is.
  const same = cropped.before === before - first && cropped.output === output;
  return same && size > 0 ? size : kernel;
}

/** The window of a convolution, by its config. */
export function kernelWindow(
  config: ConfigBase & WindowKeys & { readonly kernel?: ConfigPair },
  fail: Fail,
): Window {
  return {
    kernel: pair(required(config, 'kernel', fail)),
    stride: pair(config.stride ?? 1),
    padding: config.padding ?? 'same',
  };
}
