import { moves, stepsOf, type MovesOf } from '../moved/moves';
import type { TransposeLayer } from './graph';

export const transposeMoves: MovesOf<TransposeLayer> = ({ order, inputShape }) => {
  const steps = stepsOf(inputShape);
  return moves(
    0,
    order.map((axis) => [inputShape[axis]!, steps[axis]!]),
  );
};
