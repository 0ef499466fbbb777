/** Where a sliding window lies: the padding rule all convolutions and pools share. */

import type { Padding, Pair, Shape } from '../../graph/graph';

interface Windowed {
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  readonly stride: Pair;
  readonly padding: Padding;
}

/** Rows above and columns left of the image; TFLite puts the odd one of `same` padding below and right. */
export function paddingBefore(layer: Windowed, window: Pair): { top: number; left: number } {
  const before = (axis: 0 | 1): number => {
    if (layer.padding === 'valid') return 0;
    const covered = (layer.outputShape[axis] - 1) * layer.stride[axis] + window[axis];
    return Math.max(0, covered - layer.inputShape[axis]) >> 1;
  };
  return { top: before(0), left: before(1) };
}
