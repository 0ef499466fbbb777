import { braces } from '../../firmware/c-text';
import type { EmitOp } from '../emit-op';
import type { ResizeLayer } from './graph';
import { bilinearOffset, bilinearStep, nearestPlaces } from './places';

const bilinear: EmitOp<ResizeLayer> = {
  kernel: 'east_resize_bilinear',
  header: 'east_resize',
  params: {
    struct: 'east_resize_bilinear_params',
    values: ({ inputShape: [height, width, channels], to, align }) => {
      const steps = [bilinearStep(height, to[0], align), bilinearStep(width, to[1], align)];
      return braces(
        braces(...steps),
        braces(...steps.map((step) => bilinearOffset(step, align))),
        braces(height, width),
        braces(...to),
        channels,
      );
    },
  },
  output: 'apart',
  dimensions: ({ inputShape, outputShape }) => [...inputShape, ...outputShape],
};

const ROWS = 'rows';
const COLUMNS = 'columns';

/** Nearest; which rows and columns are taken stands in tables, since the rule is one of float32. */
export const resize: EmitOp<ResizeLayer> = {
  kernel: 'east_resize_nearest',
  header: 'east_resize',
  variant: ({ method }) => (method === 'bilinear' ? bilinear : undefined),
  params: {
    struct: 'east_resize_nearest_params',
    values: ({ inputShape: [, width, channels], to }, { table }) =>
      braces(table(ROWS), table(COLUMNS), ...to, width, channels),
  },
  tables: ({ inputShape: [height, width], to, align }) => [
    {
      name: ROWS,
      type: 'uint16_t',
      count: to[0],
      values: () => nearestPlaces(height, to[0], align),
    },
    {
      name: COLUMNS,
      type: 'uint16_t',
      count: to[1],
      values: () => nearestPlaces(width, to[1], align),
    },
  ],
  output: 'apart',
  dimensions: ({ inputShape, outputShape }) => [...inputShape, ...outputShape],
};
