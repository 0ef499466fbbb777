/** UNIDIRECTIONAL_SEQUENCE_LSTM: a window of a sequence, from a state of zeros. */
import { LSTM_GATES } from '../../ops/lstm/graph';
import type { LstmConfig } from '../../ops/lstm/graph';
import { elements } from '../../ops/shape';
import type { QuantizedLayer } from '../../quant/model';
import { outputFactor } from '../../quant/quantize-model';
import { UserError } from '../../util/errors';
import type { Operator, Tensor } from './file';
import type { LayerRequest, ReadOperator, Reading } from './reading';
import { inputOf, outputOf, sameQuantization } from './reading';
import { affine, constantOf } from './tensors';

/** Where the operator has its inputs; gates are input, forget, cell, output, as ours are. */
const AT = { weights: 1, recurrent: 5, bias: 12, state: 18, cell: 19 } as const;
const OPERATOR = 'UNIDIRECTIONAL_SEQUENCE_LSTM';
const TANH = 4;

export const sequenceLstm: ReadOperator = (operator, network) => {
  const { where, options } = operator;
  checkPlain(operator);
  const input = inputOf(operator);
  const [units = 0, channels] = inputOf(operator, AT.weights + 1).shape;
  const [, time, depth] = network.shapeOf(input, where);
  const length = elements(outputOf(operator).shape);
  if (channels !== depth || (length !== units && length !== time * units)) {
    throw new UserError(`${where}: its weights, its input and its output differ in size.`);
  }
  const size = { units, inputs: depth, rows: LSTM_GATES * units };
  const config: LstmConfig = {
    type: 'lstm',
    units,
    returnSequences: length !== units,
    cellClip: options.float32(1),
  };
  if (!network.int8) {
    return network.layer(operator, config, { inputs: [input], ...floats(operator, network, size) });
  }
  const quantized = codes(operator, size);
  return network.layer(
    operator,
    { ...config, cellBits: cellBits(operator) },
    {
      inputs: [input],
      ...floats(operator, network, size, quantized),
      quantization: { weights: quantized },
    },
  );
};

interface Size {
  readonly units: number;
  readonly inputs: number;
  /** Gates of all units. */
  readonly rows: number;
}

/** What our layer does not have. */
function checkPlain({ where, inputs, options }: Operator): void {
  const has = (from: number, end: number): boolean =>
    inputs.slice(from, end).some((tensor) => tensor !== undefined);
  const refuse = (what: string): never => {
    throw new UserError(
      `${where}: it has ${what}, which is not supported; make it a plain LSTM (Keras' LSTM layer).`,
    );
  };
  if (inputs[AT.weights] === undefined) refuse('coupled input and forget gates (CIFG)');
  if (has(9, 12)) refuse('peepholes');
  if (has(16, 18)) refuse('a projection');
  if (has(20, 24)) refuse('layer normalisation inside');
  if (options.int8(0) !== TANH) refuse('another activation than tanh');
  if (options.int8(3) !== 0) refuse('its sequence in the first dimension (time_major)');
}

/** Of gate g and unit u in row g · units + u: weights of the input, then of the state. */
function assembled<T extends Int8Array | Float32Array>(
  all: T,
  { units, inputs, rows }: Size,
  gate: (index: number) => ArrayLike<number>,
): T {
  const width = inputs + units;
  for (let row = 0; row < rows; row++) {
    const [g, u] = [Math.floor(row / units), row % units];
    const [w, r] = [gate(AT.weights + g), gate(AT.recurrent + g)];
    for (let i = 0; i < inputs; i++) all[row * width + i] = w[u * inputs + i]!;
    for (let i = 0; i < units; i++) all[row * width + inputs + i] = r[u * units + i]!;
  }
  return all;
}

function floats(
  operator: Operator,
  network: Reading,
  size: Size,
  quantized?: QuantizedLayer,
): Pick<LayerRequest, 'weights'> {
  const { where } = operator;
  const { units, inputs, rows } = size;
  const valuesOf = (index: number, count: number): Float64Array => {
    const { values } = network.required(operator, index, 'its weights');
    if (values.length === count) return values;
    throw new UserError(`${where}: input ${index} has ${values.length} values, not ${count}.`);
  };
  const weights = assembled(new Float32Array(rows * (inputs + units)), size, (index) =>
    valuesOf(index, units * (index < AT.recurrent ? inputs : units)),
  );
  const bias = new Float32Array(2 * rows);
  const scale = quantized ? affine(inputOf(operator), where).scale : 1;
  for (let row = 0; row < rows; row++) {
    bias[row] = quantized
      ? quantized.bias[row]! * scale * quantized.weightScales[row]!
      : valuesOf(AT.bias + Math.floor(row / units), units)[row % units]!;
  }
  return { weights: { weights, bias } };
}

function codes(operator: Operator, size: Size): QuantizedLayer {
  const { where } = operator;
  const { units, inputs, rows } = size;
  const input = affine(inputOf(operator), where);
  const output = affine(outputOf(operator), where);
  const hidden = operator.intermediates[4]?.scales[0] ?? output.scale;
  if (
    !sameQuantization(affine(inputOf(operator, AT.state), where), output) ||
    hidden !== output.scale
  ) {
    throw new UserError(`${where}: its output and its state have different scales.`);
  }
  const codesOf = (index: number, count: number): Int8Array => {
    const { type, data, zeroPoints, scales } = inputOf(operator, index);
    const plain = type === 'int8' && data.length === count;
    if (!plain || scales.length !== 1 || zeroPoints.some((zero) => zero !== 0)) {
      throw new UserError(
        `${where}: input ${index} must be ${count} int8 constants with one scale, symmetric.`,
      );
    }
    const found = new Int8Array(data.buffer, data.byteOffset, count);
    if (!found.includes(-128)) return found;
    throw new UserError(
      `${where}: its weights contain -128; TFLite's specification has int8 weights of -127 … 127: convert it again.`,
    );
  };
  const weights = assembled(new Int8Array(rows * (inputs + units)), size, (index) =>
    codesOf(index, units * (index < AT.recurrent ? inputs : units)),
  );
  const weightScales = new Float64Array(2 * rows);
  const bias = new Int32Array(2 * rows);
  const multiplier = new Int32Array(2 * rows);
  const shift = new Int32Array(2 * rows);
  for (let sum = 0; sum < 2 * rows; sum++) {
    const [part, gate] = [Math.floor(sum / rows), Math.floor(sum / units) % LSTM_GATES];
    const [scale] = inputOf(operator, (part === 0 ? AT.weights : AT.recurrent) + gate).scales;
    weightScales[sum] = scale ?? 0;
    const product = Math.fround((part === 0 ? input : output).scale * weightScales[sum]!);
    const factor = outputFactor(where, sum, product * 2 ** 12);
    multiplier[sum] = factor.multiplier;
    shift[sum] = factor.shift;
    if (part === 0) bias[sum] = biasCode(operator, AT.bias + gate, units, sum % units);
  }
  return { weights, weightScales, bias, multiplier, shift };
}

function biasCode(operator: Operator, index: number, units: number, unit: number): number {
  const { type, data } = inputOf(operator, index);
  if (type !== 'int32' || data.length !== 4 * units) {
    throw new UserError(`${operator.where}: its biases must be ${units} int32 constants each.`);
  }
  return new DataView(data.buffer, data.byteOffset, data.length).getInt32(4 * unit, true);
}

/** Bits before the point of the cell, whose scale is a power of two. */
function cellBits(operator: Operator): number {
  const { type, scales } = inputOf(operator, AT.cell);
  const bits = 15 + Math.log2(scales[0] ?? 0);
  if (type === 'int16' && Number.isInteger(bits) && bits >= 0 && bits <= 6) return bits;
  throw new UserError(
    `${operator.where}: its cell must be int16 with a scale of 2^-15 … 2^-9, not ${type} with ${scales[0]}.`,
  );
}

/**
 * Operators in which an LSTM puts out its last state where the file takes that out of all of them: no other is then ever
 * stored.
 */
export function withLastStates(
  operators: readonly Operator[],
  outputs: readonly Tensor[],
): Operator[] {
  const taken = new Map<Operator, Operator>();
  for (const operator of operators) {
    const [states] = operator.outputs;
    if (operator.name !== OPERATOR || states === undefined || outputs.includes(states)) continue;
    const readers = operators.filter(({ inputs }) => inputs.includes(states));
    const [slice] = readers;
    if (readers.length === 1 && slice && takesLast(slice, states)) taken.set(operator, slice);
  }
  const slices = new Set(taken.values());
  return operators
    .filter((operator) => !slices.has(operator))
    .map((operator) => {
      const slice = taken.get(operator);
      return slice ? { ...operator, outputs: slice.outputs } : operator;
    });
}

function takesLast({ name, inputs, outputs, options, where }: Operator, states: Tensor): boolean {
  const [one, time, units, ...more] = states.shape;
  if (name !== 'STRIDED_SLICE' || inputs[0] !== states || one !== 1 || more.length > 0)
    return false;
  if (time === undefined || elements(outputs[0]?.shape ?? []) !== units) return false;
  const [begin, , strides] = inputs
    .slice(1)
    .map((tensor) => (tensor ? constantOf(tensor, where)?.values : undefined));
  if (!begin || !strides || strides[2] !== 1 || (options.int32(0) & 2) !== 0) return false;
  const first = begin[1];
  // One step of all units: of the others none is left for the numbers that come out.
  return (first === -1 || first === time - 1) && strides[1] === 1;
}
