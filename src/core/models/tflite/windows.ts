/** Operators with a window that moves over height and width: convolutions and pools. */
import type { Padding, Pair } from '../../ops/shape';
import { convPadding } from '../../ops/window';
import { UserError } from '../../util/errors';
import type { Operator, Tensor } from './file';
import { padLayer, reduction } from './movement';
import type { ReadOperator, Reading } from './reading';
import { fusedActivation, inputOf, outputOf, sameQuantization } from './reading';
import { affine, axisOf, shapeOf } from './tensors';
import { readWeights } from './weights';

export const conv2d: ReadOperator = (operator, network) => {
  const { where } = operator;
  const [filters, height, width, depth] = inputOf(operator, 1).shape;
  if (filters === undefined || height === undefined || width === undefined) {
    throw new UserError(`${where}: its weights must have four dimensions.`);
  }
  const channels = network.shapeOf(inputOf(operator), where)[2];
  const groups = depth === undefined ? NaN : channels / depth;
  if (!Number.isInteger(groups)) {
    throw new UserError(
      `${where}: its weights have ${depth} channels, which do not divide the ${channels} of its input.`,
    );
  }
  const { input, ...window } = windowOf(operator, network, [height, width], 4);
  network.layer(
    operator,
    { type: 'conv2d', filters, ...window, ...(groups > 1 ? { groups } : {}), batchNorm: false },
    {
      inputs: [input],
      ...readWeights(operator, network, { weights: 1, bias: 2, channel: 0 }),
      activation: fusedActivation(operator, 3),
    },
  );
};

export const depthwiseConv2d: ReadOperator = (operator, network) => {
  const { where } = operator;
  const [, height, width, outputs] = inputOf(operator, 1).shape;
  if (height === undefined || width === undefined || outputs === undefined) {
    throw new UserError(`${where}: its weights must have four dimensions.`);
  }
  const channels = network.shapeOf(inputOf(operator), where)[2];
  const multiplier = outputs / channels;
  if (!Number.isInteger(multiplier)) {
    throw new UserError(
      `${where}: its weights have ${outputs} channels, no multiple of the ${channels} of its input.`,
    );
  }
  const { input, ...window } = windowOf(operator, network, [height, width], 5);
  const filters = multiplier > 1 ? { multiplier } : {};
  network.layer(
    operator,
    { type: 'depthwiseConv2d', ...window, ...filters, batchNorm: false },
    {
      inputs: [input],
      ...readWeights(operator, network, { weights: 1, bias: 2, channel: 3 }),
      activation: fusedActivation(operator, 4),
    },
  );
};

export const averagePool2d = pool('averagePool2d');
export const maxPool2d = pool('maxPool2d');

function pool(type: 'averagePool2d' | 'maxPool2d'): ReadOperator {
  return (operator, network) => {
    const { options } = operator;
    const window = [options.int32(4), options.int32(3)] as const;
    network.layer(
      operator,
      { type, pool: window, stride: strideOf(operator), padding: paddingOf(operator) },
      { activation: fusedActivation(operator, 5) },
    );
  };
}

/** The output's size is the file's to say; TFLite pads as if a convolution made the input of it. */
export const transposeConv: ReadOperator = (operator, network) => {
  const { where } = operator;
  const [filters, height, width] = inputOf(operator, 1).shape;
  if (filters === undefined || height === undefined || width === undefined) {
    throw new UserError(`${where}: its weights must have four dimensions.`);
  }
  const kernel = [height, width] as const;
  const stride = strideOf(operator);
  const input = inputOf(operator, 2);
  const from = network.shapeOf(input, where);
  const to = shapeOf(outputOf(operator), where);
  const padding = paddingOf(operator);
  const sides = ([0, 1] as const).flatMap((axis) => {
    const { before, output } = convPadding(to[axis], kernel[axis], stride[axis], padding);
    if (output !== from[axis]) {
      throw new UserError(
        `${where}: no input of ${from[axis]} cells makes its output of ${to[axis]}.`,
      );
    }
    return [before, (from[axis] - 1) * stride[axis] + kernel[axis] - before - to[axis]];
  });
  const [top, bottom, left, right] = sides;
  const sizes = ([0, 1] as const).map((axis) => from[axis] * stride[axis]);
  const asUsual = padding === 'same' && sizes[0] === to[0] && sizes[1] === to[1];
  // Behind the last patch nothing is cut off but left over where the stride is longer than it.
  const whole = padding === 'valid' && (bottom! < 0 || right! < 0 || (bottom === 0 && right === 0));
  network.layer(
    operator,
    {
      ...{ type: 'conv2dTranspose', filters, kernel, stride, batchNorm: false },
      padding: asUsual || whole ? padding : [top!, bottom!, left!, right!],
    },
    {
      inputs: [input],
      ...readWeights(operator, network, { weights: 1, bias: 3, input: 2, channel: 0 }),
      activation: fusedActivation(operator, 3),
    },
  );
};

interface Window {
  /** What it slides over. */
  readonly input: Tensor;
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly padding: Padding;
  readonly dilation?: Pair;
}

/** How a convolution lies over its input. @param field of the options that has the horizontal dilation; the vertical one follows */
function windowOf(operator: Operator, network: Reading, kernel: Pair, field: number): Window {
  const { options, dilated } = operator;
  const place = dilated?.padding ?? paddingOf(operator);
  const none = typeof place !== 'string' && place.every((cells) => cells === 0);
  const own = [options.int32(field + 1, 1), options.int32(field, 1)] as const;
  const dilation = dilated?.dilation ?? own;
  return {
    ...{ kernel, stride: strideOf(operator) },
    ...network.underWindow(inputOf(operator), none ? 'valid' : place),
    ...(dilation.every((cells) => cells === 1) ? {} : { dilation }),
  };
}

export function strideOf({ options }: Operator): Pair {
  return [options.int32(2), options.int32(1)];
}

export function paddingOf({ options }: Operator): 'same' | 'valid' {
  return options.int8(0) === 0 ? 'same' : 'valid';
}

/** Zeros around height and width: a window behind them pads itself. */
export const pad: ReadOperator = (operator, network) => {
  const { where, inputs } = operator;
  const [input, output] = [inputOf(operator), outputOf(operator)];
  const { values } = network.required(operator, 1, 'its padding');
  const around = [0, 0, 0, 0, 0, 0];
  for (let axis = 0; 2 * axis < values.length; axis++) {
    const [before, after] = [values[2 * axis]!, values[2 * axis + 1]!];
    if (before === 0 && after === 0) continue;
    const at = 2 * axisOf(input, axis, where);
    around[at] = before;
    around[at + 1] = after;
  }
  const [top, bottom, left, right, ...channels] = around;
  const filled = network.constant(inputs[2], where)?.values[0] ?? 0;
  // No window does that itself.
  if (channels.some((n) => n > 0) || filled !== 0) return padLayer(operator, network);
  if (network.int8 && !sameQuantization(affine(input, where), affine(output, where))) {
    throw new UserError(`${where} is not supported: its output has another scale than its input.`);
  }
  network.pad(operator, [top!, bottom!, left!, right!]);
};

/** Of a float network. */
export const mean: ReadOperator = (operator, network) => {
  const { where } = operator;
  const input = inputOf(operator);
  const { values } = network.required(operator, 1, 'its axes');
  const axes = [...values].map((axis) => axisOf(input, axis, where));
  if (axes.includes(2)) return reduction('reduceMean')(operator, network);
  const [height, width] = network.shapeOf(input, where);
  const pool = [axes.includes(0) ? height : 1, axes.includes(1) ? width : 1] as const;
  const whole = pool[0] === height && pool[1] === width;
  const config = whole
    ? ({ type: 'globalAveragePool' } as const)
    : ({ type: 'averagePool2d', pool, stride: pool } as const);
  return network.layer(operator, config, { inputs: [input] });
};
