/** What only puts values elsewhere: the output is walked through in order, the input by steps that are fixed. */
import type { LayerBase } from '../layer';
import type { Shape } from '../shape';

/** Five loops, the innermost last, of `sizes` rounds each; a round moves the place in the input by the loop's step. */
export interface Moves {
  readonly first: number;
  readonly sizes: readonly number[];
  readonly steps: readonly number[];
}

export const LOOPS = 5;

export type MovesOf<L extends LayerBase> = (layer: L) => Moves;

/** Fewer loops than five, with loops of one round around them. */
export function moves(
  first: number,
  loops: readonly (readonly [size: number, step: number])[],
): Moves {
  const idle = Array.from({ length: LOOPS - loops.length }, () => [1, 0] as const);
  const all = [...idle, ...loops];
  return { first, sizes: all.map(([size]) => size), steps: all.map(([, step]) => step) };
}

/** How far the next row, column and channel of a tensor is, elements. */
export function stepsOf([, width, channels]: Shape): readonly [number, number, number] {
  return [width * channels, channels, 1];
}
