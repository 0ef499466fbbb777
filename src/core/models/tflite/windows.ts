/** Operators with a window that moves over height and width: convolutions and pools. */
import type { Padding, Pair } from '../../ops/shape';
import { UserError } from '../../util/errors';
import type { Operator } from './file';
import type { ReadOperator } from './reading';
import { expectDefault, fusedActivation, inputOf } from './reading';
import { readWeights } from './weights';

export const conv2d: ReadOperator = (operator, network) => {
  const { where } = operator;
  const [filters, height, width, depth] = inputOf(operator, 1).shape;
  if (filters === undefined || height === undefined || width === undefined) {
    throw new UserError(`${where}: its weights must have four dimensions.`);
  }
  const channels = network.shapeOf(inputOf(operator), where)[2];
  if (depth !== channels) {
    throw new UserError(
      `${where}: its weights have ${depth} channels, its input ${channels}; groups are not supported.`,
    );
  }
  expectDilation(operator, 4);
  const window = { kernel: [height, width], stride: strideOf(operator) } as const;
  network.layer(
    operator,
    { type: 'conv2d', filters, ...window, padding: paddingOf(operator), batchNorm: false },
    {
      inputs: [inputOf(operator)],
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
  if (outputs !== channels) {
    throw new UserError(
      `${where}: its weights have ${outputs} channels, its input ${channels}; depth multipliers are not supported.`,
    );
  }
  expectDilation(operator, 5);
  const window = { kernel: [height, width], stride: strideOf(operator) } as const;
  network.layer(
    operator,
    { type: 'depthwiseConv2d', ...window, padding: paddingOf(operator), batchNorm: false },
    {
      inputs: [inputOf(operator)],
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

function expectDilation({ where, options }: Operator, field: number): void {
  expectDefault(where, 'dilation', options.int32(field, 1), 1);
  expectDefault(where, 'dilation', options.int32(field + 1, 1), 1);
}

export function strideOf({ options }: Operator): Pair {
  return [options.int32(2), options.int32(1)];
}

export function paddingOf({ options }: Operator): Padding {
  return options.int8(0) === 0 ? 'same' : 'valid';
}
