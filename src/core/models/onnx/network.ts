/**
 * What the network computes, step by step, before it becomes layers. Steps wait until the whole file is read: what is spelled
 * out in several operators is then one step, a dense layer may have been given another order of outputs, and what nothing
 * needs any more, supported or not, is left out.
 */
import type { TrainedLayer } from '../../quant/quantize-model';
import { AXES } from '../../ops/concat/graph';
import { INPUT } from '../../graph/graph';
import type { LayerConfig } from '../../ops/graph-ops';
import type { Clamp, Pair, Shape, Sides } from '../../ops/shape';
import { UserError } from '../../util/errors';
import type { BatchNormRequest, NetworkBuilder } from '../network-builder';
import type { NodeReader } from './node';

/** (x − mean) / √(variance + ε) over the channels, times γ, plus β. */
export interface LayerNorm {
  readonly x: Step;
  readonly gamma: Float32Array;
  readonly beta: Float32Array;
  readonly epsilon: number;
}

export interface Step {
  /** What it computes, for those who look for what is spelled out. */
  readonly op: string;
  readonly inputs: readonly Step[];
  readonly shape: Shape;
  readonly node?: NodeReader | undefined;
  /** Numbers that `op` goes with, such as an exponent. */
  readonly numbers?: readonly number[] | undefined;
  /** A constant operand, where it has one. */
  readonly operand?: { readonly shape: Shape; readonly values: Float32Array } | undefined;
  /** Whether each element is made of the one at its place, in the same way whatever the channel. */
  readonly elementwise?: boolean | undefined;
  /** Of a sequence of states: the layer that gives the last one alone. */
  readonly lastOf?: Step | undefined;
  /** Of a layer normalisation: of what, and with which values. */
  readonly norm?: LayerNorm | undefined;
  /** The step whose bytes these are. */
  readonly reshapeOf?: Step | undefined;
  /** Makes channel i what was channel order[i]. */
  readonly reorder?: ((order: readonly number[]) => void) | undefined;
  readonly emit: (emitter: Emitter, inputs: readonly string[]) => string;
  /** Whether more than one operator reads it, or it is an output. */
  shared: boolean;
}

export function addStep(step: Omit<Step, 'shared'>): Step {
  return { ...step, shared: false };
}

/** A layer of this config on one input. */
export function plain(
  config: LayerConfig,
): (network: Emitter, inputs: readonly string[]) => string {
  return (network, inputs) => network.layer(config, inputs);
}

/** Fine as long as what it is a part of is known as a whole. */
export function unsupportedStep(
  op: string,
  inputs: readonly Step[],
  shape: Shape,
  node: NodeReader,
  message: string,
  numbers?: readonly number[],
): Step {
  return addStep({
    op,
    inputs,
    shape,
    node,
    numbers,
    emit: () => {
      throw new UserError(`${node.where} ${message}.`);
    },
  });
}

export function inputStep(shape: Shape): Step {
  return { op: 'input', inputs: [], shape, shared: false, emit: () => INPUT };
}

/** What a step says to the builder; the names and places are the operator's. */
export class Emitter {
  constructor(
    readonly builder: NetworkBuilder,
    readonly step: Step,
  ) {}

  get #place(): { wanted: string; where: string } {
    const { node, op } = this.step;
    return {
      wanted: node?.name === undefined || node.name === '' ? op : lastPart(node.name),
      where: node?.where ?? op,
    };
  }

  layer(
    config: LayerConfig,
    inputs: readonly string[],
    owns: { weights?: TrainedLayer; constants?: Readonly<Record<string, Float32Array>> } = {},
  ): string {
    return this.builder.add({
      ...this.#place,
      config,
      inputs,
      outputShape: this.step.shape,
      ...owns,
    });
  }

  clamp(clamp: Clamp, input: string): string {
    return this.builder.activation({ ...this.#place, input, clamp });
  }

  logSoftmax(input: string): string {
    return this.builder.logSoftmax({ ...this.#place, input });
  }

  pad(inputs: readonly string[], sides: Sides, channels: readonly [number, number]): string {
    const pads = channels[0] + channels[1] > 0 ? [...sides, ...channels] : sides;
    return this.layer({ type: 'pad', pads }, inputs);
  }

  slice(inputs: readonly string[], part: { begin: Shape; size: Shape; step: Shape }): string {
    const { begin, size, step } = part;
    const steps = step.some((by) => by > 1) ? { step } : {};
    return this.layer({ type: 'slice', begin, extent: size, ...steps }, inputs);
  }

  concat(inputs: readonly string[], axis: 0 | 1 | 2): string {
    return this.layer({ type: 'concat', along: AXES[axis] }, inputs);
  }

  resize(
    inputs: readonly string[],
    how: { size: Pair; mode: 'nearest' | 'bilinear'; centers: 'half' | 'corners' | 'none' },
  ): string {
    const align = ({ half: 'centers', corners: 'ends', none: 'corners' } as const)[how.centers];
    return this.layer({ type: 'resize', method: how.mode, to: how.size, align }, inputs);
  }

  layerNorm(inputs: readonly string[], { gamma, beta, epsilon }: Omit<LayerNorm, 'x'>): string {
    const weights = { weights: gamma, bias: beta };
    return this.layer({ type: 'layerNorm', epsilon }, inputs, { weights });
  }

  batchNorm(input: string, values: Omit<BatchNormRequest, 'input' | 'wanted' | 'where'>): string {
    return this.builder.batchNorm({ ...this.#place, input, ...values });
  }
}

/** PyTorch's names say the whole way to an operator: `/features/features.0/conv/Conv`. */
function lastPart(name: string): string {
  const parts = name.split('/').filter((part) => part !== '' && !part.includes(':'));
  return parts.slice(-2).join('_');
}

/** Hands what `ends` need to the builder; gives its names of them. */
export function emitSteps(builder: NetworkBuilder, ends: readonly Step[]): string[] {
  const names = new Map<Step, string>();
  const visit = (end: Step): string => {
    // Without recursion, since networks may be deep.
    const open = [end];
    for (;;) {
      const step = open.at(-1);
      if (step === undefined) break;
      const missing = step.inputs.filter((input) => !names.has(input));
      if (missing.length > 0) {
        open.push(...missing.toReversed());
        continue;
      }
      open.pop();
      if (names.has(step)) continue;
      const inputs = step.inputs.map((input) => names.get(input)!);
      names.set(step, step.emit(new Emitter(builder, step), inputs));
    }
    return names.get(end)!;
  };
  return ends.map(visit);
}
