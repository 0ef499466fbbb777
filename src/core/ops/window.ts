/** Where a window slides over an image: the rule for convolutions and pools, in training, executor and firmware. */
import type { ConfigBase } from './layer';
import type { Fail, KernelKeys, WindowKeys } from './layer-keys';
import { required } from './layer-keys';
import { allSides, bothAxes } from './sequence';
import type { Padding, Pair, Shape, Sides } from './shape';

/** A layer without weights that never meet its input. */
export interface Cropped<L> {
  readonly layer: L;
  /** Where in the weights of the whole layer, along each of their dimensions, what is left begins. */
  readonly begin: readonly number[];
}

/** Where a window starts and how many there are along one axis. */
export interface WindowPlacement {
  /** Rows or columns of padding in front of the input (top or left). */
  readonly before: number;
  /** Output size; 0 or less when a window does not fit at all. */
  readonly output: number;
}

/** Padding along one axis; given in numbers, in front of the input and behind it. */
export type AxisPadding = 'same' | 'valid' | readonly [before: number, after: number];

/**
 * TensorFlow's convolution and pooling arithmetic for one axis (tf.nn.convolution, "padding"): SAME gives
 * ceil(input / stride) outputs and puts the odd cell of padding behind (bottom, right); VALID pads nothing. `extent`: cells
 * from the window's first tap to its last.
 */
export function convPadding(
  inputSize: number,
  extent: number,
  stride: number,
  padding: AxisPadding,
): WindowPlacement {
  if (padding === 'same') {
    const output = Math.ceil(inputSize / stride);
    const total = Math.max((output - 1) * stride + extent - inputSize, 0);
    return { before: Math.floor(total / 2), output };
  }
  const [before, after] = padding === 'valid' ? [0, 0] : padding;
  return { before, output: Math.floor((before + inputSize + after - extent) / stride) + 1 };
}

/** How a window moves over a layer's input. */
export interface Window {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly padding: Padding;
  /** Cells from a tap to the next; [1, 1] where it is not said. */
  readonly dilation?: Pair;
}

type Axis = 0 | 1;
const VERTICAL = 0;
const HORIZONTAL = 1;

/** Cells from the first tap to the last, vertically or horizontally. */
function extentOf({ kernel, dilation = [1, 1] }: Window, axis: Axis): number {
  return (kernel[axis] - 1) * dilation[axis] + 1;
}

function axisPadding(window: Window, axis: Axis): AxisPadding {
  const { padding } = window;
  if (padding === 'causal') {
    return axis === VERTICAL ? 'same' : [extentOf(window, HORIZONTAL) - 1, 0];
  }
  if (typeof padding === 'string') return padding;
  return axis === VERTICAL ? [padding[0], padding[1]] : [padding[2], padding[3]];
}

function placement(size: number, window: Window, axis: Axis): WindowPlacement {
  return convPadding(size, extentOf(window, axis), window.stride[axis], axisPadding(window, axis));
}

/** Rows of padding above the image and columns left of it. */
export function paddingBefore(
  [height, width]: Shape,
  window: Window,
): { readonly top: number; readonly left: number } {
  return {
    top: placement(height, window, VERTICAL).before,
    left: placement(width, window, HORIZONTAL).before,
  };
}

/** The padding in rows and columns, as much behind the image as the last windows reach. */
export function paddingSides(input: Shape, window: Window): Sides {
  const [top, bottom, left, right] = ([VERTICAL, HORIZONTAL] as const).flatMap((axis) => {
    const { before, output } = placement(input[axis], window, axis);
    const end = (output - 1) * window.stride[axis] + extentOf(window, axis);
    return [before, Math.max(0, end - before - input[axis])];
  });
  return [top!, bottom!, left!, right!];
}

/** Shape of what a window gives that puts out `channels`. `key`: what the config calls the window's size. */
export function windowShape(
  input: Shape,
  window: Window,
  channels: number,
  key: 'kernel' | 'pool',
  fail: Fail,
): Shape {
  const extents = [extentOf(window, VERTICAL), extentOf(window, HORIZONTAL)] as const;
  const { padding } = window;
  if (typeof padding !== 'string') {
    // Else some windows would see nothing of the input, which is no average and no maximum.
    const beyond = padding.findIndex((cells, side) => cells >= extents[side < 2 ? 0 : 1]);
    if (beyond >= 0) {
      fail(
        `${padding[beyond]} cells of "padding" at the ${SIDES[beyond]!} are as many as the ` +
          `${extents.join('×')} ${key} covers, or more; at most ${extents[beyond < 2 ? 0 : 1] - 1} can be`,
        'padding',
      );
    }
  }
  const height = placement(input[0], window, VERTICAL).output;
  const width = placement(input[1], window, HORIZONTAL).output;
  if (height < 1 || width < 1) {
    const padded = typeof padding === 'string' ? `"${padding}"` : `[${padding.join(', ')}]`;
    fail(
      `input ${input[0]}×${input[1]} is smaller than the ${extents.join('×')} ${key} with ${padded} padding`,
      key,
    );
  }
  return [height, width, channels];
}

const SIDES = ['top', 'bottom', 'left', 'right'];

/**
 * The window without the rows and columns that never meet the input, whatever its values: a 5×5 kernel over an input one
 * row high can use one of its rows. The others would be stored, trained to nothing, and take bytes from those that count.
 * Outputs are the same. `first`: the row and the column of the whole window that the smaller one begins with.
 */
export function reachable([height, width]: Shape, window: Window): Window & { first: Pair } {
  const rows = reachableTaps(height, window, VERTICAL);
  const columns = reachableTaps(width, window, HORIZONTAL);
  const { padding } = window;
  return {
    ...window,
    kernel: [rows.taps, columns.taps],
    padding:
      typeof padding === 'string'
        ? padding
        : [
            padding[0] - rows.before,
            padding[1] - rows.after,
            padding[2] - columns.before,
            padding[3] - columns.after,
          ],
    first: [rows.first, columns.first],
  };
}

/**
 * A layer that has such a window, with what of it can be reached.
 *
 * @param begin of its weights, by the first row and column that are left
 */
export function cropped<L extends Window & { readonly inputShape: Shape }>(
  begin: (first: Pair) => readonly number[],
): (layer: L) => Cropped<L> {
  return (layer) => {
    const { kernel, padding, first } = reachable(layer.inputShape, layer);
    return { layer: { ...layer, kernel, padding }, begin: begin(first) };
  };
}

/** As `reachable`, along one axis: taps that are left and the first of them, and cells by which they begin later and end earlier. */
function reachableTaps(
  input: number,
  window: Window,
  axis: Axis,
): {
  readonly taps: number;
  readonly first: number;
  readonly before: number;
  readonly after: number;
} {
  const kernel = window.kernel[axis];
  const stride = window.stride[axis];
  const dilation = window.dilation?.[axis] ?? 1;
  const whole = { taps: kernel, first: 0, before: 0, after: 0 };
  const { before, output } = placement(input, window, axis);
  if (output < 1) return whole;
  // The first output lies furthest in front of the input, the last furthest behind.
  const first = Math.ceil(Math.max(0, before - (output - 1) * stride) / dilation);
  const last = Math.min(kernel - 1, Math.floor((before + input - 1) / dilation));
  const taps = last - first + 1;
  if (taps < 1) return whole;
  const sizes = axis === VERTICAL ? ([taps, 1] as const) : ([1, taps] as const);
  const smaller: Window = { ...window, kernel: sizes };
  const cut = { taps, first, before: first * dilation, after: (kernel - 1 - last) * dilation };
  const padding = axisPadding(smaller, axis);
  const extent = extentOf(smaller, axis);
  if (typeof window.padding !== 'string' && typeof padding !== 'string') {
    // No more padding may lie beside the smaller window than beside any other.
    const left = [padding[0] - cut.before, padding[1] - cut.after];
    return left.every((cells) => cells >= 0 && cells < extent) ? cut : whole;
  }
  const moved = convPadding(input, extent, stride, padding);
  // Padding is derived from the size: where the smaller window would lie elsewhere, it stays as it is.
  return moved.before === before - cut.before && moved.output === output ? cut : whole;
}

/** The window of a convolution, by its config. */
export function kernelWindow(config: ConfigBase & WindowKeys & KernelKeys, fail: Fail): Window {
  const dilation = bothAxes(config, 'dilation', config.dilation ?? 1, fail);
  return {
    kernel: bothAxes(config, 'kernel', required(config, 'kernel', fail), fail),
    stride: bothAxes(config, 'stride', config.stride ?? 1, fail),
    padding: allSides(config, config.padding ?? 'same', fail),
    ...(dilation.every((cells) => cells === 1) ? {} : { dilation }),
  };
}

/** Whether some taps of the window do not lie side by side. */
export function isDilated({ kernel, dilation = [1, 1] }: Window): boolean {
  return dilation.some((cells, axis) => cells > 1 && kernel[axis]! > 1);
}
