/**
 * What an operator's reader sees of the network it is part of: which of its tensors are constants, which are computed, and
 * how it adds a layer. A network is int8 or float as a whole.
 */
import { INPUT } from '../../graph/graph';
import type { LayerConfig } from '../../ops/graph-ops';
import type { Activation, Clamp, Padding, Shape, Sides } from '../../ops/shape';
import { elements, sameShape } from '../../ops/shape';
import type { TensorQuantization } from '../../quant/model';
import type { TrainedLayer } from '../../quant/quantize-model';
import { defined } from '../../util/defined';
import { UserError } from '../../util/errors';
import type { FileFacts, LoadedModel } from '../model';
import type { NodeQuantization } from '../network-builder';
import { NetworkBuilder } from '../network-builder';
import type { Operator, Tensor } from './file';
import type { Constant } from './tensors';
import { affine, constantOf, shapeOf } from './tensors';

/** Values that the constants of a file may have together, those computed of constants included: 256 MB of them. */
const MOST_VALUES = 1 << 25;

/** Adds what the operator is to the network. @throws UserError beginning with the operator's `where` */
export type ReadOperator = (operator: Operator, network: Reading) => void;

export interface LayerRequest {
  /** Tensors that the layer reads; default all inputs of the operator that are computed. */
  readonly inputs?: readonly Tensor[];
  readonly weights?: TrainedLayer;
  readonly constants?: Readonly<Record<string, Float32Array>>;
  /** Of an int8 network, besides the output's own. */
  readonly quantization?: Omit<NodeQuantization, 'output'>;
  /** Default: RELU and RELU6 as the operator's fused activation code says. */
  readonly activation?: Activation;
}

interface Padded {
  readonly source: Tensor;
  readonly amounts: Sides;
  readonly operator: Operator;
}

export class Reading {
  /** Whether the network computes with int8 codes. */
  readonly int8: boolean;
  readonly #builder: NetworkBuilder;
  /** Names of layers by the index of the tensor that they compute. */
  readonly #names = new Map<number, string>();
  readonly #constants = new Map<number, Constant>();
  /** By the index of a tensor that is another with zeros around it. */
  readonly #padded = new Map<number, Padded>();
  #values = 0;

  /** @param input what is INPUT to the network: the file's input, or what QUANTIZE makes of it */
  constructor(input: Tensor, int8: boolean) {
    this.int8 = int8;
    const quantization = int8 ? affine(input, "The network's input") : undefined;
    this.#builder = new NetworkBuilder(shapeOf(input, "The network's input"), quantization);
    this.#names.set(input.index, INPUT);
  }

  /** Whether an operator before this one, or the input, computes the tensor. */
  isComputed(tensor: Tensor): boolean {
    return this.#names.has(tensor.index) || this.#padded.has(tensor.index);
  }

  /** The tensor's values where no operator computes them at run time. */
  constant(tensor: Tensor | undefined, where: string): Constant | undefined {
    if (tensor === undefined || this.isComputed(tensor)) return undefined;
    const known = this.#constants.get(tensor.index);
    if (known !== undefined) return known;
    const constant = constantOf(tensor, where);
    if (constant !== undefined) this.setConstant(tensor, constant);
    return constant;
  }

  setConstant(tensor: Tensor, constant: Constant): void {
    this.#values += constant.values.length;
    if (this.#values > MOST_VALUES) {
      throw new UserError(`The file has more than ${MOST_VALUES} values in its constants.`);
    }
    this.#constants.set(tensor.index, constant);
  }

  /** Values of an input that has to be a constant. `what`: `its axis`. */
  required(operator: Operator, index: number, what: string): Constant {
    const constant = this.constant(operator.inputs[index], operator.where);
    if (constant !== undefined) return constant;
    throw new UserError(`${operator.where}: ${what} must be a constant.`);
  }

  /** Shape of what is computed, as the layers have it. */
  shapeOf(tensor: Tensor, where: string): Shape {
    if (this.#padded.has(tensor.index)) return shapeOf(tensor, where);
    return this.#builder.shapeOf(this.#nameOf(tensor, where));
  }

  /** Says that the operator's output is its first input with zeros around it, which windows behind it may make themselves. */
  pad(operator: Operator, amounts: Sides): void {
    this.#padded.set(outputOf(operator).index, { source: inputOf(operator), amounts, operator });
  }

  /** What a window slides over that reads the tensor, and how that is padded. */
  underWindow(
    tensor: Tensor,
    padding: 'same' | 'valid' | Sides,
  ): { input: Tensor; padding: Padding } {
    const padded = this.#padded.get(tensor.index);
    if (padded === undefined || padding === 'same') return { input: tensor, padding };
    if (padding === 'valid') return { input: padded.source, padding: padded.amounts };
    const [top, bottom, left, right] = padded.amounts;
    const sum: Sides = [
      top + padding[0],
      bottom + padding[1],
      left + padding[2],
      right + padding[3],
    ];
    return { input: padded.source, padding: sum };
  }

  /** Says that the operator's output is one of its inputs, unchanged. */
  pass(operator: Operator, input = inputOf(operator)): void {
    const padded = this.#padded.get(input.index);
    if (padded !== undefined) this.#padded.set(outputOf(operator).index, padded);
    else this.#names.set(outputOf(operator).index, this.#nameOf(input, operator.where));
  }

  /** Adds the layer whose output the operator's is, and the clamp that the operator ends in. */
  layer(operator: Operator, config: LayerConfig, request: LayerRequest = {}): void {
    const { where, inputs, name } = operator;
    const output = outputOf(operator);
    const read =
      request.inputs ?? inputs.filter((tensor) => tensor !== undefined && this.isComputed(tensor));
    const wanted = nameFor(output, name);
    const given = this.#builder.add({
      ...{ config, wanted, where },
      inputs: read.map((tensor) => this.#nameOf(tensor!, where)),
      ...defined({ weights: request.weights, constants: request.constants }),
      ...this.#quantization(output, where, request.quantization),
      outputShape: shapeOf(output, where),
    });
    const clamp = request.activation ?? 'none';
    this.#names.set(output.index, this.#clamped(given, clamp, operator));
  }

  /** Which of its input's channels is the largest, at each place. */
  index(operator: Operator): void {
    const { where, name } = operator;
    const [scores, output] = [inputOf(operator), outputOf(operator)];
    const input = this.#nameOf(scores, where);
    const [height, width] = this.#builder.shapeOf(input);
    if (elements(output.shape) !== height * width) {
      throw new UserError(
        `${where}: of shape [${scores.shape.join(', ')}] the indices cannot have shape [${output.shape.join(', ')}].`,
      );
    }
    const config: LayerConfig = { type: 'argmax' };
    const given = this.#builder.add({
      config,
      where,
      wanted: nameFor(output, name),
      inputs: [input],
    });
    this.#names.set(output.index, given);
  }

  /** The same numbers in another shape. */
  reshape(operator: Operator): void {
    const { where } = operator;
    const output = outputOf(operator);
    const input = inputOf(operator);
    const from = this.shapeOf(input, where);
    const to = shapeOf(output, where);
    if (elements(from) !== elements(to)) {
      throw new UserError(
        `${where}: shape [${input.shape.join(', ')}] cannot become [${output.shape.join(', ')}].`,
      );
    }
    if (sameShape(from, to)) return this.pass(operator);
    const flat = to[0] === 1 && to[1] === 1;
    const config: LayerConfig = flat
      ? { type: 'flatten' }
      : { type: 'reshape', size: [to[0], to[1]] };
    return this.layer(operator, config, { inputs: [input] });
  }

  /** The operator's only input, clamped; where its output has another scale, brought to that first, as TFLite does. */
  clamp(operator: Operator, clamp: Clamp): void {
    const { where } = operator;
    const [input, output] = [inputOf(operator), outputOf(operator)];
    if (this.int8 && !sameQuantization(affine(input, where), affine(output, where))) {
      return this.layer(operator, { type: 'requantize' }, { activation: clamp });
    }
    const clamped = this.#clamped(this.#nameOf(input, where), clamp, operator);
    this.#names.set(output.index, clamped);
  }

  logSoftmax(operator: Operator): void {
    const { where, name } = operator;
    const output = outputOf(operator);
    const given = { input: this.#nameOf(inputOf(operator), where), wanted: nameFor(output, name) };
    this.#names.set(output.index, this.#builder.logSoftmax({ ...given, where }));
  }

  /** @param outputs of the file, or what DEQUANTIZE and QUANTIZE make them of */
  finish(outputs: readonly Tensor[], about: FileFacts): LoadedModel {
    return this.#builder.finish(
      outputs.map((tensor) => this.#nameOf(tensor, "The network's output")),
      about,
    );
  }

  #clamped(input: string, clamp: Activation, operator: Operator): string {
    if (clamp === 'none') return input;
    const output = outputOf(operator);
    return this.#builder.activation({
      ...{ input, clamp, wanted: nameFor(output, operator.name), where: operator.where },
      ...this.#quantization(output, operator.where),
      outputShape: shapeOf(output, operator.where),
    });
  }

  #quantization(
    output: Tensor,
    where: string,
    more?: Omit<NodeQuantization, 'output'>,
  ): { quantization?: NodeQuantization } {
    if (this.int8) return { quantization: { output: affine(output, where), ...more } };
    if (output.type === 'float32') return {};
    throw new UserError(
      `${where}: its output is ${output.type} where the rest of the network is float32.`,
    );
  }

  /** Zeros around what others than windows read are a layer of their own. */
  #padLayer({ operator, source, amounts }: Padded): string {
    this.layer(operator, { type: 'pad', pads: amounts }, { inputs: [source] });
    return this.#nameOf(outputOf(operator), operator.where);
  }

  #nameOf(tensor: Tensor, where: string): string {
    const name = this.#names.get(tensor.index);
    if (name !== undefined) return name;
    const padded = this.#padded.get(tensor.index);
    if (padded !== undefined) return this.#padLayer(padded);
    throw new UserError(
      this.constant(tensor, where) === undefined
        ? `${where} reads tensor ${tensor.index}, which no operator before it writes.`
        : `${where} reads a constant where only what is computed is supported.`,
    );
  }
}

export function inputOf({ inputs, where }: Operator, index = 0): Tensor {
  const tensor = inputs[index];
  if (tensor === undefined) throw new UserError(`${where} lacks input ${index}.`);
  return tensor;
}

export function outputOf({ outputs, where }: Operator): Tensor {
  const [tensor] = outputs;
  if (tensor === undefined) throw new UserError(`${where} lacks an output.`);
  return tensor;
}

/** @param field of the operator's options that has TFLite's code of the fused activation */
export function fusedActivation({ options, where }: Operator, field: number): Activation {
  const code = options.int8(field);
  if (code === 0) return 'none';
  if (code === 1) return 'relu';
  if (code === 3) return 'relu6';
  const name = ['', '', 'RELU_N1_TO_1', '', 'TANH', 'SIGN_BIT'][code] ?? String(code);
  throw new UserError(
    `${where}: fused activation ${name} is not supported; RELU and RELU6 are. Make it an operator of its own.`,
  );
}

export function expectDefault(where: string, what: string, actual: number, expected: number): void {
  if (actual !== expected) {
    throw new UserError(`${where}: ${what} ${actual} is not supported; only ${expected} is.`);
  }
}

/** Parts of names that converters put in, and that say nothing of the layer. */
const NO_NAMES = /^(model|functional|sequential|statefulpartitionedcall|keras|main|graph)(_?\d+)*$/;

/**
 * What the layer is to be called: the part of its output's name that a user gave (`model/conv1/Relu;…` is conv1), or the
 * operator's name, where a converter gave it a name of its own.
 */
function nameFor({ name }: Tensor, operator: string): string {
  const parts = (name.split(';')[0] ?? '').replace(/:\d+$/, '').toLowerCase().split('/');
  const said = parts.filter((part) => part !== '' && !NO_NAMES.test(part));
  const best = said.length > 1 ? said[said.length - 2] : said[0];
  return best !== undefined && /^[a-z]/.test(best) ? best : operator.toLowerCase();
}

export function sameQuantization(a: TensorQuantization, b: TensorQuantization): boolean {
  return a.scale === b.scale && a.zeroPoint === b.zeroPoint;
}
