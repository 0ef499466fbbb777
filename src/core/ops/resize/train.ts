import { alongAxis, picked } from '../../train/kernels/along-axis';
import type { PlainTrainOp } from '../train-op';
import type { ResizeLayer } from './graph';
import { bilinearPlaces, nearestPlaces } from './places';

export const resize: PlainTrainOp<ResizeLayer> = {
  forward: (tf, { method, align, to, inputShape }, inputs) =>
    ([0, 1] as const).reduce((x, axis) => {
      const [input, output] = [inputShape[axis], to[axis]];
      const matrix =
        method === 'nearest'
          ? places(nearestPlaces(input, output, align), input)
          : shares(input, output, align);
      return alongAxis(tf, x, axis === 0 ? 1 : 2, matrix, output);
    }, inputs[0]!),
};

function places(from: readonly number[], input: number): Float32Array {
  return picked(input, from.length, (i) => from[i]!);
}

function shares(input: number, output: number, align: ResizeLayer['align']): Float32Array {
  const matrix = new Float32Array(input * output);
  bilinearPlaces(input, output, align).forEach(({ lower, upper, share }, i) => {
    matrix[lower * output + i]! += 1 - share / 1024;
    matrix[upper * output + i]! += share / 1024;
  });
  return matrix;
}
