/** FULLY_CONNECTED: a dense layer, or over several rows a 1×1 convolution of them. */
import { elements } from '../../ops/shape';
import { defined } from '../../util/defined';
import { UserError } from '../../util/errors';
import type { ReadOperator } from './reading';
import { expectDefault, fusedActivation, inputOf } from './reading';
import { readWeights } from './weights';

export const fullyConnected: ReadOperator = (operator, network) => {
  const { where, options } = operator;
  expectDefault(where, 'weights format', options.int8(1), 0);
  const input = inputOf(operator);
  const [units, inputs, ...more] = inputOf(operator, 1).shape;
  const shape = network.shapeOf(input, where);
  const rows = inputs === undefined ? NaN : elements(shape) / inputs;
  if (units === undefined || more.length > 0 || !Number.isInteger(rows)) {
    throw new UserError(`${where}: its weights and its input differ in size.`);
  }
  if (rows > 1 && inputs !== shape[2]) {
    throw new UserError(
      `${where}: its ${rows} rows of ${inputs} values are not the rows of its input ${shape.join('×')}.`,
    );
  }
  const { weights, quantization } = readWeights(operator, network, {
    weights: 1,
    bias: 2,
    channel: 0,
  });
  const request = {
    inputs: [input],
    ...defined({
      weights,
      // The reference kernel does; all others round twice.
      quantization: quantization && { ...quantization, rounding: 'once' as const },
    }),
    activation: fusedActivation(operator, 0),
  };
  if (rows === 1) {
    return network.layer(operator, { type: 'dense', units, batchNorm: false }, request);
  }
  return network.layer(
    operator,
    { type: 'conv2d', filters: units, kernel: 1, padding: 'valid', batchNorm: false },
    request,
  );
};
