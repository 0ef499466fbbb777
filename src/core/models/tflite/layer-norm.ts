/**
 * Layer normalisation as Keras spells it out and TFLite's converter leaves it: x · m + (β − mean · m), where m is
 * γ ÷ √(mean((x − mean)²) + ε). What of that is there becomes one operator before anything is read.
 */
import { defined } from '../../util/defined';
import { UserError } from '../../util/errors';
import type { LayerNormParts, Operator, Tensor } from './file';
import type { ReadOperator } from './reading';
import { fusedActivation, inputOf, outputOf } from './reading';

/** @param outputs the network's */
export function withLayerNorms(
  operators: readonly Operator[],
  outputs: readonly Tensor[],
): readonly Operator[] {
  if (!operators.some(({ name }) => name === 'SQUARED_DIFFERENCE')) return operators;
  const writers = new Map(
    operators.flatMap((each) => each.outputs.map((tensor) => [tensor, each])),
  );
  const writer: Writer = (tensor, name) => {
    const found = tensor && writers.get(tensor);
    if (found?.name !== name) return undefined;
    // One that clamps what it puts out, too, is no part of a normalisation.
    return FUSING.has(name) && fusedActivation(found, 0) !== 'none' ? undefined : found;
  };
  const replaced = operators.map((operator) => asOne(operator, writer) ?? operator);
  return needed(replaced, outputs);
}

/** Those whose options begin with a fused activation. */
const FUSING: ReadonlySet<string> = new Set(['ADD', 'SUB', 'MUL']);

/** The operator of that name which writes the tensor. */
type Writer = (tensor: Tensor | undefined, name: string) => Operator | undefined;

/** The normalisation that ends in this operator; undefined where none does. */
function asOne(end: Operator, writer: Writer): Operator | undefined {
  if (end.name !== 'ADD') return undefined;
  for (const [scaled, offset] of eitherWay(end)) {
    const product = writer(scaled, 'MUL');
    if (product === undefined) continue;
    for (const [x, factor] of eitherWay(product)) {
      const root = rootIn(x, factor, writer);
      const shift = root && shiftIn(offset, root.mean, factor, writer);
      if (root === undefined || shift === undefined) continue;
      const { epsilon, gamma } = root;
      const layerNorm = { epsilon, ...defined({ gamma }), ...shift };
      return { ...end, name: 'LAYER_NORM', inputs: [x], layerNorm };
    }
  }
  return undefined;
}

function eitherWay({ inputs }: Operator): [Tensor, Tensor][] {
  const [a, b] = inputs;
  return a === undefined || b === undefined
    ? []
    : [
        [a, b],
        [b, a],
      ];
}

/** What `factor` is the root of, where that is the variance of x about its mean over the last axis. */
function rootIn(
  x: Tensor,
  factor: Tensor,
  writer: Writer,
): { readonly mean: Tensor; readonly epsilon: Tensor; readonly gamma?: Tensor } | undefined {
  const scaled = writer(factor, 'MUL');
  const ways: readonly (readonly [Tensor, Tensor?])[] = scaled ? eitherWay(scaled) : [[factor]];
  for (const [inverse, gamma] of ways) {
    const sum = writer(writer(inverse, 'RSQRT')?.inputs[0], 'ADD');
    for (const [variance, epsilon] of sum ? eitherWay(sum) : []) {
      const squares = writer(writer(variance, 'MEAN')?.inputs[0], 'SQUARED_DIFFERENCE');
      const [of, mean] = squares?.inputs ?? [];
      if (of !== x || mean === undefined || writer(mean, 'MEAN')?.inputs[0] !== x) continue;
      if (!isOfLastAxis(mean, x)) continue;
      return gamma === undefined ? { mean, epsilon } : { mean, epsilon, gamma };
    }
  }
  return undefined;
}

function isOfLastAxis(mean: Tensor, { shape }: Tensor): boolean {
  return mean.shape.join() === [...shape.slice(0, -1), 1].join();
}

/** β where `offset` is β − mean · factor, or nothing where it is −mean · factor; undefined for anything else. */
function shiftIn(
  offset: Tensor,
  mean: Tensor,
  factor: Tensor,
  writer: Writer,
): Pick<LayerNormParts, 'beta'> | undefined {
  const isMoved = (tensor: Tensor | undefined, by: (of: Tensor) => boolean): boolean => {
    const product = writer(tensor, 'MUL');
    return product !== undefined && eitherWay(product).some(([a, b]) => by(a) && b === factor);
  };
  const isNegative = (tensor: Tensor): boolean => writer(tensor, 'NEG')?.inputs[0] === mean;
  if (isMoved(offset, isNegative)) return {};
  const sum = writer(offset, 'ADD');
  for (const [moved, beta] of sum ? eitherWay(sum) : []) {
    if (isMoved(moved, isNegative)) return { beta };
  }
  const [beta, moved] = writer(offset, 'SUB')?.inputs ?? [];
  return beta !== undefined && isMoved(moved, (of) => of === mean) ? { beta } : undefined;
}

/** Those of the operators that an output depends on. */
function needed(operators: readonly Operator[], outputs: readonly Tensor[]): Operator[] {
  const read = new Set<Tensor | undefined>(outputs);
  const kept = operators.toReversed().filter(({ outputs: written, inputs, layerNorm }) => {
    if (!written.some((tensor) => read.has(tensor))) return false;
    for (const tensor of [...inputs, ...Object.values(layerNorm ?? {})]) read.add(tensor);
    return true;
  });
  return kept.toReversed();
}

export const layerNorm: ReadOperator = (operator, network) => {
  const { where, layerNorm: parts } = operator;
  if (parts === undefined) throw new Error(`${where} is no layer normalisation.`);
  const channels = outputOf(operator).shape.at(-1) ?? 1;
  const each = (tensor: Tensor | undefined, otherwise: number): Float32Array => {
    const constant = tensor && network.constant(tensor, where);
    if (tensor !== undefined && constant === undefined) {
      throw new UserError(`${where}: scale and shift of a layer normalisation must be constants.`);
    }
    const values = constant?.values ?? [otherwise];
    if (values.length !== 1 && values.length !== channels) {
      throw new UserError(`${where}: it has ${values.length} scales for ${channels} channels.`);
    }
    return Float32Array.from({ length: channels }, (_, c) => values[values.length === 1 ? 0 : c]!);
  };
  const epsilon = each(parts.epsilon, 0)[0]!;
  const weights = { weights: each(parts.gamma, 1), bias: each(parts.beta, 0) };
  network.layer(
    operator,
    { type: 'layerNorm', epsilon },
    // What follows the normalisation is fused into the addition that it ends with.
    { inputs: [inputOf(operator)], weights, activation: fusedActivation(operator, 0) },
  );
};
