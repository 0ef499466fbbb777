import { moves, stepsOf, type MovesOf } from '../moved/moves';
import type { SliceLayer } from './graph';

export const sliceMoves: MovesOf<SliceLayer> = ({ begin, extent, step, inputShape }) => {
  const steps = stepsOf(inputShape);
  return moves(
    begin.reduce((sum, at, axis) => sum + at * steps[axis]!, 0),
    extent.map((count, axis) => [count, steps[axis]! * (step?.[axis] ?? 1)]),
  );
};
