/** One call of one of Keras's layers, with what those who read it need of it and of the network. */
import { INPUT } from '../../graph/graph';
import { OPERAND } from '../../ops/elementwise/graph';
import type { LayerConfig } from '../../ops/graph-ops';
import type { Shape, Sides } from '../../ops/shape';
import { sameShape } from '../../ops/shape';
import type { TrainedLayer } from '../../quant/quantize-model';
import { UserError } from '../../util/errors';
import type { NormalizationHint } from '../model';
import type { NetworkBuilder } from '../network-builder';
import type { Given, KerasCall, KerasLayer } from './network';
import { functionName, Settings } from './settings';
import type { Tensor } from './tensor';
import type { WeightStore } from './weight-store';

/** What a call of a layer puts out. */
export interface Value {
  /** INPUT, or the layer that computes it. */
  readonly layer: string;
  /** As Keras has it, without the batch: one to three dimensions. */
  readonly shape: readonly number[];
  /** Zeros around it that are in `shape` and that nothing has added yet: a convolution can do it itself. */
  readonly padding?: Sides;
}

/** What a network is made with. */
export interface Making {
  readonly builder: NetworkBuilder;
  readonly weights: WeightStore;
  /** Whether Keras 3 wrote the file, which has another hard sigmoid than those before it. */
  readonly isKeras3: boolean;
  /** Whether nothing but this call reads the network's input. */
  readsInputAlone(call: KerasCall): boolean;
  /** Told what the network did to its input first, which is not part of it then. */
  normalized(hint: NormalizationHint): void;
}

export type Reader = (node: Node) => Value;

/** One call of a layer with all that its reader needs. */
export class Node {
  readonly layer: KerasLayer;
  readonly where: string;
  readonly settings: Settings;
  readonly inputs: readonly Value[];
  /** What it is given besides tensors. */
  readonly constants: readonly Given[];
  readonly making: Making;
  readonly alone: boolean;

  constructor(call: KerasCall, inputs: readonly Value[], making: Making) {
    this.layer = call.layer;
    this.where = titleOf(call.layer);
    this.settings = new Settings(call.layer.config, this.where);
    this.inputs = inputs;
    this.constants = call.constants;
    this.making = making;
    this.alone = inputs[0]?.layer === INPUT && making.readsInputAlone(call);
  }

  /** The only input. */
  get input(): Value {
    const [input] = this.inputs;
    if (input === undefined || this.inputs.length !== 1) {
      return this.fail(`reads ${this.inputs.length} tensors; one is supported`);
    }
    return input;
  }

  get channels(): number {
    return this.input.shape.at(-1) ?? 1;
  }

  fail(message: string): never {
    throw new UserError(`${this.where} ${message}.`);
  }

  /** Channels come last here as in TFLite. */
  checkChannelsLast(): void {
    if (this.settings.text('data_format', 'channels_last') === 'channels_last') return;
    this.fail(
      'has data_format "channels_first". Build the network with "channels_last" and set the same weights',
    );
  }

  /** The tensors of Keras's names, which must have these dimensions. */
  tensors(named: Readonly<Record<string, readonly number[]>>, part?: string): Tensor[] {
    const names = Object.keys(named);
    const found = this.making.weights.of(this.layer, names, part);
    return names.map((name, i) => {
      const tensor = found[i];
      const wanted = named[name] ?? [];
      if (tensor === undefined) {
        return this.fail(`lacks its ${name} in the file: it was saved before it had weights`);
      }
      if (tensor.shape.length !== wanted.length || tensor.shape.some((n, d) => n !== wanted[d])) {
        return this.fail(
          `should have a ${name} of [${wanted.join(', ')}]; in the file it has [${tensor.shape.join(', ')}]`,
        );
      }
      return tensor;
    });
  }

  /** Adds a layer whose values lie as `shape` says. */
  add(
    config: LayerConfig,
    shape: readonly number[],
    more: {
      readonly inputs?: readonly Value[];
      readonly weights?: TrainedLayer;
      readonly constants?: Readonly<Record<string, Float32Array>>;
      readonly wanted?: string;
    } = {},
  ): Value {
    const { inputs = this.inputs, wanted = this.layer.name, ...rest } = more;
    const name = this.making.builder.add({
      config,
      wanted,
      inputs: inputs.map(({ layer }) => layer),
      where: this.where,
      outputShape: planeOf(shape),
      ...rest,
    });
    return { layer: name, shape };
  }

  /** The input as an image of its own shape: what was reshaped on the way may lie as it lay before. */
  plane(value = this.input): Value {
    if (value.padding !== undefined) {
      const { padding, ...unpadded } = value;
      const wanted = `${this.layer.name}_pad`;
      return this.add({ type: 'pad', pads: padding }, value.shape, { inputs: [unpadded], wanted });
    }
    const shape = planeOf(value.shape);
    if (sameShape(this.making.builder.shapeOf(value.layer), shape)) return value;
    const [height, width] = shape;
    return this.add({ type: 'reshape', size: [height, width] }, value.shape, {
      inputs: [value],
      wanted: `${this.layer.name}_reshape`,
    });
  }

  /** What an activation, by Keras's name or by a layer of its config, makes of a value. */
  activated(value: Value, activation = functionName(this.settings.any('activation'))): Value {
    const wanted = `${this.layer.name}_${activation}`;
    if (activation === 'linear') return value;
    if (activation === 'silu' || activation === 'swish') return this.gated(value, wanted);
    if (activation === 'hard_sigmoid') return this.hardSigmoid(value, wanted);
    if (activation === 'log_softmax') return this.logSoftmax(value, wanted);
    if (activation === 'relu' || activation === 'relu6') return this.clamp(value, activation);
    const config = ACTIVATIONS.get(activation);
    if (config === undefined) {
      return this.fail(
        `has the activation "${activation}"; supported are relu, relu6, silu, hard_sigmoid, ${[...ACTIVATIONS.keys()].join(', ')}. Train the network with one of those`,
      );
    }
    return this.add(config, value.shape, { inputs: [this.plane(value)], wanted });
  }

  /** x times its sigmoid. */
  gated(value: Value, wanted: string): Value {
    const x = this.plane(value);
    const gate = this.add({ type: 'sigmoid' }, x.shape, { inputs: [x], wanted: `${wanted}_gate` });
    return this.add({ type: 'mul' }, x.shape, { inputs: [x, gate], wanted });
  }

  /** x/6 + 1/2, before Keras 3 x/5 + 1/2, kept within 0 and 1. */
  hardSigmoid(value: Value, wanted: string): Value {
    const x = this.plane(value);
    const constant = (number: number): { readonly constants: Record<string, Float32Array> } => ({
      constants: { [OPERAND]: Float32Array.of(number) },
    });
    const scaled = this.add({ type: 'mul', constant: 'scalar' }, x.shape, {
      ...{
        inputs: [x],
        wanted: `${wanted}_scaled`,
        ...constant(this.making.isKeras3 ? 1 / 6 : 1 / 5),
      },
    });
    const moved = this.add({ type: 'add', constant: 'scalar' }, x.shape, {
      ...{ inputs: [scaled], wanted: `${wanted}_moved`, ...constant(1 / 2) },
    });
    return this.add({ type: 'clip', min: 0, max: 1 }, x.shape, { inputs: [moved], wanted });
  }

  logSoftmax(value: Value, wanted: string): Value {
    const { layer, shape } = this.plane(value);
    const { builder } = this.making;
    return { layer: builder.logSoftmax({ input: layer, wanted, where: this.where }), shape };
  }

  clamp(value: Value, clamp: 'relu' | 'relu6'): Value {
    const { builder } = this.making;
    const wanted = `${this.layer.name}_${clamp}`;
    const layer = builder.activation({ input: value.layer, clamp, wanted, where: this.where });
    return { ...value, layer };
  }

  /** γ·(x − mean)/√(variance + ε) + β over the channels. */
  scaled(norm: {
    readonly gamma: Float32Array;
    readonly beta: Float32Array;
    readonly mean: Float32Array;
    readonly variance: Float32Array;
    readonly epsilon: number;
  }): Value {
    const value = this.plane();
    const { builder } = this.making;
    const request = { ...norm, input: value.layer, wanted: this.layer.name, where: this.where };
    return { layer: builder.batchNorm(request), shape: value.shape };
  }

  /** [units, inputs] or [filters, …, inputs] of what Keras has the other way round, and its bias. */
  weightsOf(kernel: Tensor, bias: Tensor | undefined): TrainedLayer {
    const outputs = kernel.shape.at(-1) ?? 1;
    return {
      weights: transposed(kernel.values, outputs),
      bias: bias?.values ?? new Float32Array(outputs),
    };
  }

  get hasBias(): boolean {
    return this.settings.flag('use_bias', true);
  }
}

/** By Keras's names, besides the clamps. */
const ACTIVATIONS: ReadonlyMap<string, LayerConfig> = new Map([
  ['softmax', { type: 'softmax' }],
  ['sigmoid', { type: 'sigmoid' }],
  ['tanh', { type: 'tanh' }],
  ['elu', { type: 'elu' }],
  ['hard_silu', { type: 'hardSwish' }],
  ['hard_swish', { type: 'hardSwish' }],
  ['leaky_relu', { type: 'leakyRelu', slope: 0.2 }],
]);

export function titleOf({ scope, className }: KerasLayer): string {
  return `Layer "${scope.join('/')}" (${className})`;
}

/** Keras's dimensions as height, width and channels: vectors and sequences lie in one row. */
export function planeOf(shape: readonly number[]): Shape {
  const [height = 1, width = 1, channels = 1] = [...[1, 1, 1].slice(shape.length), ...shape];
  return [height, width, channels];
}

/** Rows become columns: `values` has `columns` of them in a row. */
export function transposed(values: Float32Array, columns: number): Float32Array {
  const rows = values.length / columns;
  const result = new Float32Array(values.length);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) result[c * rows + r] = values[r * columns + c]!;
  }
  return result;
}

/** Keras's shape of a layer's output, whose plane has so many dimensions. */
export function shapeFrom(plane: Shape, dimensions: 1 | 2): number[] {
  return dimensions === 1 ? [plane[1], plane[2]] : [...plane];
}

export function checkDimensions(node: Node, dimensions: 1 | 2): void {
  if (node.input.shape.length === dimensions + 1) return;
  node.fail(`reads [${node.input.shape.join(', ')}]; it needs ${dimensions + 1} dimensions`);
}

/** What the builder says the output of a convolution is: it knows windows, and Keras's files have no shapes of outputs. */
export function outputOf(node: Node, layer: string, dimensions: 1 | 2): Value {
  return { layer, shape: shapeFrom(node.making.builder.shapeOf(layer), dimensions) };
}

export function filled(length: number, value: number): Float32Array {
  return new Float32Array(length).fill(value);
}
