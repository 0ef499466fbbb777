import { moves, stepsOf, type Moves, type MovesOf } from '../moved/moves';
import type { DepthToSpaceLayer } from './graph';

export const depthToSpaceMoves: MovesOf<DepthToSpaceLayer> = (layer) =>
  layer.inverse === true ? toDepth(layer) : toSpace(layer);

/** Over the output's rows of blocks, rows in a block, columns of blocks, columns in a block, channels. */
function toSpace({ block, shuffle, inputShape, outputShape }: DepthToSpaceLayer): Moves {
  const [row, column] = stepsOf(inputShape);
  const channels = outputShape[2];
  const [down, right, next] =
    shuffle === true ? [block, 1, block ** 2] : [block * channels, channels, 1];
  return moves(0, [
    [inputShape[0], row],
    [block, down],
    [inputShape[1], column],
    [block, right],
    [channels, next],
  ]);
}

/** Over the output's rows and columns, and in its channels over a block's rows, columns and channels in the layer's order. */
function toDepth({ block, shuffle, inputShape, outputShape }: DepthToSpaceLayer): Moves {
  const [row, column] = stepsOf(inputShape);
  const [height, width] = outputShape;
  const pixels = [
    [block, row],
    [block, column],
  ] as const;
  const channels = [inputShape[2], 1] as const;
  return moves(0, [
    [height, row * block],
    [width, column * block],
    ...(shuffle === true ? [channels, ...pixels] : [...pixels, channels]),
  ]);
}
