import type { LayerBase } from '../ops/layer';
import type { Window } from '../ops/window';
import { paddingBefore } from '../ops/window';
import { braces } from './c-text';

/** The initialiser of a struct east_window. */
export function windowStruct(
  { inputShape, outputShape }: LayerBase,
  window: Window,
  { top, left } = paddingBefore(inputShape, window),
): string {
  const [height, width, channels] = inputShape;
  const { kernel, stride } = window;
  return braces(
    height,
    width,
    outputShape[0],
    outputShape[1],
    channels,
    ...kernel,
    ...stride,
    top,
    left,
  );
}

/** What a struct east_window keeps as uint16, as far as it could be too large. */
export function windowDimensions({ inputShape, outputShape }: LayerBase): readonly number[] {
  return [...inputShape, ...outputShape];
}
