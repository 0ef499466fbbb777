/** Where a sliding window starts on both axes; the rule itself is the graph's. */

import type { Padding, Pair, Shape } from '../../ops/shape';
import { convPadding } from '../../ops/window';

interface Windowed {
  readonly inputShape: Shape;
  readonly stride: Pair;
  readonly padding: Padding;
}

/** Rows of padding above and columns left of the image. */
export function paddingBefore(
  { inputShape, stride, padding }: Windowed,
  window: Pair,
): { top: number; left: number } {
  return {
    top: convPadding(inputShape[0], window[0], stride[0], padding).before,
    left: convPadding(inputShape[1], window[1], stride[1], padding).before,
  };
}
