/**
 * How a layer goes along time: which of its outputs follow from which of its inputs, for streams, which compute what is
 * new alone. Time runs along the rows of an input of several, frames of a spectrogram, else along its columns.
 */
import type { LayerBase } from './layer';
import type { Shape, Sides } from './shape';
import type { Window } from './window';
import { paddingSides } from './window';

export type TimeAxis = 0 | 1;

/** What one output of a layer is made of: a run of inputs, which moves on by `stride` from an output to the next. */
export interface TimeWindow {
  /** Inputs from the first to the last. */
  readonly extent: number;
  readonly stride: number;
  /** Inputs in front of the first one that stand for the past: what causal padding is. None may be needed behind the last. */
  readonly before: number;
}

/** How many moments a layer reads and puts out. */
export interface Moments {
  readonly inputs: number;
  readonly outputs: number;
}

/** What a kind of layer says of time; absent where every output may follow from all inputs. */
export interface OverTime<L> {
  /** Undefined where that is so for this layer. */
  window(layer: L, axis: TimeAxis): TimeWindow | undefined;
  /** The layer over other moments, which are all there: nothing is padded along time. */
  over(layer: L, axis: TimeAxis, moments: Moments): L;
}

export function withLength(shape: Shape, axis: TimeAxis, length: number): Shape {
  return axis === 0 ? [length, shape[1], shape[2]] : [shape[0], length, shape[2]];
}

function resized<L extends LayerBase>(layer: L, axis: TimeAxis, { inputs, outputs }: Moments): L {
  return {
    ...layer,
    inputShape: withLength(layer.inputShape, axis, inputs),
    outputShape: withLength(layer.outputShape, axis, outputs),
  };
}

/** Of layers whose output at a place follows from what is at that place. `is`: whether that holds for this one. */
export function placewise<L extends LayerBase>(
  is: (layer: L) => boolean = () => true,
): OverTime<L> {
  return {
    window: (layer) => (is(layer) ? { extent: 1, stride: 1, before: 0 } : undefined),
    over: resized,
  };
}

/**
 * Of layers that move a window over their input. `causal`: whether zeros in front may stand for the past, which they cannot
 * where the padding counts for nothing, as in pools.
 */
export function windowed<L extends LayerBase & Pick<Window, 'padding' | 'stride'>>(
  windowOf: (layer: L) => Window,
  causal: boolean,
): OverTime<L> {
  const sides = (layer: L): Sides => paddingSides(layer.inputShape, windowOf(layer));
  return {
    window: (layer, axis) => {
      const { kernel, stride, dilation = [1, 1] } = windowOf(layer);
      const [before, behind] = axis === 0 ? sides(layer).slice(0, 2) : sides(layer).slice(2);
      if (behind !== 0 || (before !== 0 && !causal)) return undefined;
      const extent = (kernel[axis] - 1) * dilation[axis] + 1;
      return { extent, stride: stride[axis], before: before ?? 0 };
    },
    over: (layer, axis, moments) => {
      const [top, bottom, left, right] = sides(layer);
      const padding: Sides = axis === 0 ? [0, 0, left, right] : [top, bottom, 0, 0];
      return { ...resized(layer, axis, moments), padding };
    },
  };
}
