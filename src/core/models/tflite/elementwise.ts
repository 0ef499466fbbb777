/** ADD and its like: two tensors, or one and a constant, element by element. */
import { OPERAND, type ConstantKind } from '../../ops/elementwise/graph';
import type { LayerConfig } from '../../ops/graph-ops';
import type { Shape } from '../../ops/shape';
import { elements, formatShape } from '../../ops/shape';
import type { QuantizedConstant } from '../../quant/model';
import { UserError } from '../../util/errors';
import type { Operator, Tensor } from './file';
import type { LayerRequest, ReadOperator, Reading } from './reading';
import { fusedActivation, inputOf } from './reading';
import { affine } from './tensors';

type OperandsType = 'add' | 'sub' | 'mul' | 'maximum' | 'minimum';

/** @param field of the options that has the fused activation; none for operators without one */
export function elementwise(type: OperandsType, field?: number): ReadOperator {
  return (operator, network) => {
    const activation = field === undefined ? 'none' : fusedActivation(operator, field);
    const first = inputOf(operator, 0);
    const second = inputOf(operator, 1);
    if (network.isComputed(first) && network.isComputed(second)) {
      if (first.index === second.index && type === 'add') {
        throw new UserError(
          `${operator.where} adds a tensor to itself; multiply it with 2 in its place.`,
        );
      }
      return network.layer(operator, { type }, { activation });
    }
    const turned = network.isComputed(second);
    const [tensor, constant] = turned ? [second, first] : [first, second];
    const { kind, ...values } = constantOperand(operator, network, constant, tensor);
    const config: LayerConfig =
      type === 'sub' && turned
        ? { type, constant: kind, reversed: true }
        : { type, constant: kind };
    return network.layer(operator, config, { inputs: [tensor], ...values, activation });
  };
}

export const prelu: ReadOperator = (operator, network) => {
  const input = inputOf(operator);
  const { kind, ...values } = constantOperand(operator, network, inputOf(operator, 1), input);
  network.layer(operator, { type: 'prelu', constant: kind }, { inputs: [input], ...values });
};

/** By a constant, in a float network: TFLite has no int8 kernel of it. */
export const division: ReadOperator = (operator, network) => {
  const { where } = operator;
  const [tensor, divisor] = [inputOf(operator, 0), inputOf(operator, 1)];
  if (network.int8 || !network.isComputed(tensor) || network.isComputed(divisor)) {
    throw new UserError(
      `${where} is supported by a constant and in float networks only. Multiply with the inverse in its place.`,
    );
  }
  const { kind, constants } = constantOperand(operator, network, divisor, tensor);
  const inverse = constants![OPERAND]!.map((value) => 1 / value);
  network.layer(
    operator,
    { type: 'mul', constant: kind },
    {
      inputs: [tensor],
      constants: { [OPERAND]: inverse },
      activation: fusedActivation(operator, 0),
    },
  );
};

/** In a float network; TFLite has no int8 kernel of it. */
export const negation: ReadOperator = (operator, network) => {
  if (network.int8) {
    throw new UserError(`${operator.where} is supported in float networks only.`);
  }
  const constants = { [OPERAND]: Float32Array.of(-1) };
  network.layer(operator, { type: 'mul', constant: 'scalar' }, { constants });
};

/** A constant as a layer has it that computes it with each element of `tensor`. */
function constantOperand(
  operator: Operator,
  network: Reading,
  constant: Tensor,
  tensor: Tensor,
): { kind: ConstantKind } & Pick<LayerRequest, 'constants' | 'quantization'> {
  const { where } = operator;
  const real = network.constant(constant, where);
  if (real === undefined) throw new UserError(`${where}: its operand must be a constant.`);
  const over = network.shapeOf(tensor, where);
  const { kind, from } = spread(constant, over, where);
  const values = Float32Array.from(from, (i) => real.values[i]!);
  if (!network.int8) return { kind, constants: { [OPERAND]: values } };
  const codes = codesOf(constant, where);
  const quantized: QuantizedConstant = {
    values: Int8Array.from(from, (i) => codes[i]!),
    quantization: affine(constant, where),
  };
  return {
    kind,
    constants: { [OPERAND]: values },
    quantization: { constants: { [OPERAND]: quantized } },
  };
}

function codesOf({ data, shape, index }: Tensor, where: string): Int8Array {
  const count = elements(shape);
  if (data.length !== count) {
    throw new UserError(`${where}: tensor ${index} must be ${count} int8 constants.`);
  }
  return new Int8Array(data.buffer, data.byteOffset, count);
}

/** For each element of the constant as the layer has it, which of the file's it is: dimensions of 1 are repeated. */
function spread(
  constant: Tensor,
  over: Shape,
  where: string,
): { kind: ConstantKind; from: readonly number[] } {
  const count = elements(constant.shape);
  if (count === 1) return { kind: 'scalar', from: [0] };
  const shape = constant.shape.slice(-3);
  while (shape.length < 3) shape.unshift(1);
  const [height, width, channels] = shape;
  const fits = shape.every((size, axis) => size === 1 || size === over[axis]);
  if (!fits || elements(shape) !== count) {
    throw new UserError(
      `${where}: its constant [${constant.shape.join(', ')}] cannot be repeated over ${formatShape(over)}.`,
    );
  }
  if (channels === count)
    return { kind: 'channel', from: Array.from({ length: count }, (_, i) => i) };
  const from: number[] = [];
  for (let y = 0; y < over[0]; y++) {
    for (let x = 0; x < over[1]; x++) {
      for (let c = 0; c < over[2]; c++) {
        from.push(((y % height!) * width! + (x % width!)) * channels! + (c % channels!));
      }
    }
  }
  return { kind: 'full', from };
}
