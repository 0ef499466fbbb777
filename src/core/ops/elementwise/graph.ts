/** What layers that compute element by element of two operands share: how the second one lies to the first. */
import { defined } from '../../util/defined';
import type { Constant } from '../graph-op';
import type { LayerBase } from '../layer';
import type { Fail, LayerKey } from '../layer-keys';
import type { Place } from '../graph-op';
import { placewise, type OverTime } from '../time';
import type { Shape } from '../shape';
import { elements, formatShape, sameShape } from '../shape';

/** A constant in the second operand's place: one number, one for each channel, or one for each element. */
export type ConstantKind = 'scalar' | 'channel' | 'full';

export interface Operands {
  /** The second operand, where it is none that another layer puts out. */
  readonly constant?: ConstantKind;
  /** The second operand's shape, where it is smaller than the first and repeated over it. */
  readonly otherShape?: Shape;
  /** Where the operands change places: the layer's first is the larger one, whichever came first. */
  readonly reversed?: true;
}

export interface OperandsConfig {
  readonly constant?: ConstantKind;
  readonly reversed?: boolean;
}

export const CONSTANT: LayerKey = {
  name: 'constant',
  schema: { type: 'string', enum: ['scalar', 'channel', 'full'] },
  description: 'Shape of the constant that a {types} has as its second operand.',
  default: { words: 'no constant' },
  examples: ['channel'],
  fromFile: true,
};

export const REVERSED: LayerKey = {
  name: 'reversed',
  schema: { type: 'boolean' },
  description: 'Whether the operands of a {types} change places: second minus first.',
  default: { value: false },
  examples: [true],
};

/** What a constant operand is called among a layer's constants. */
export const OPERAND = 'operand';

export function leastInputs({ constant }: OperandsConfig): number {
  return constant === undefined ? 2 : 1;
}

/** The constants of a layer whose second operand may be one. */
export function operandConstants(layer: LayerBase & Operands): readonly Constant[] {
  return layer.constant === undefined ? [] : [{ name: OPERAND, shape: operandShape(layer) }];
}

/** Shape of the second operand. */
export function operandShape({ constant, otherShape, inputShape }: LayerBase & Operands): Shape {
  if (constant === 'scalar') return [1, 1, 1];
  if (constant === 'channel') return [1, 1, inputShape[2]];
  return otherShape ?? inputShape;
}

/** A constant belongs to channels in their order. */
export function operandFlow({ constant }: Operands): 'summed' | 'bound' | 'kept' {
  if (constant === undefined) return 'summed';
  return constant === 'scalar' ? 'kept' : 'bound';
}

/** Where the second operand is as long as the first, or the same at all times. */
export function ofPlaces<L extends LayerBase & Operands>(): OverTime<L> {
  return placewise(({ constant, otherShape }) => constant !== 'full' && otherShape === undefined);
}

/** How an operand is walked through: each of its elements serves `repeat` of the output's, and after `period` of them it begins anew. */
export interface Walk {
  readonly period: number;
  readonly repeat: number;
}

/** undefined where an operand of this shape cannot be repeated over the output in such a way. */
export function walkOver(shape: Shape, output: Shape): Walk | undefined {
  let axis = 2;
  let repeat = 1;
  for (; axis >= 0 && shape[axis] === 1; axis--) repeat *= output[axis]!;
  let period = 1;
  for (; axis >= 0 && shape[axis] === output[axis]; axis--) period *= output[axis]!;
  for (; axis >= 0; axis--) if (shape[axis] !== 1) return undefined;
  return { period, repeat };
}

export function isPlain(layer: LayerBase & Operands): boolean {
  return layer.constant === undefined && layer.otherShape === undefined;
}

/**
 * The layer's operands, the larger one first.
 *
 * @param verb what such a layer does with them, as in `adds`
 */
export function operands(
  { constant, reversed = false }: OperandsConfig,
  place: Place,
  shapes: readonly Shape[],
  verb: string,
  fail: Fail,
): Place & { readonly outputShape: Shape } & Operands {
  const [first, second] = shapes;
  const order = (turned: boolean): { reversed?: true } => (turned ? { reversed: true } : {});
  if (constant !== undefined) {
    if (second !== undefined) fail(`has a constant and two inputs`, 'inputs');
    return { ...place, outputShape: place.inputShape, constant, ...order(reversed) };
  }
  if (first === undefined || second === undefined) return fail('lacks an operand', 'inputs');
  if (sameShape(first, second)) return { ...place, outputShape: first, ...order(reversed) };
  const turn = elements(first) < elements(second);
  const [large, small] = turn ? [second, first] : [first, second];
  if (walkOver(small, large) === undefined) {
    fail(
      `${verb} "${place.inputs[0]!}" (${formatShape(first)}) and "${place.inputs[1]!}" ` +
        `(${formatShape(second)}), whose shapes must be the same, or one of them 1 where they differ`,
      'inputs',
    );
  }
  return {
    ...place,
    inputs: turn ? [...place.inputs].reverse() : place.inputs,
    inputShape: large,
    outputShape: large,
    otherShape: small,
    ...order(reversed !== turn),
  };
}

/** The same for what gives the same either way round. */
export function commutativeOperands(
  config: Omit<OperandsConfig, 'reversed'>,
  place: Place,
  shapes: readonly Shape[],
  verb: string,
  fail: Fail,
): Place & { readonly outputShape: Shape } & Omit<Operands, 'reversed'> {
  const { name, inputs, inputShape, outputShape, constant, otherShape } = operands(
    config,
    place,
    shapes,
    verb,
    fail,
  );
  return { name, inputs, inputShape, outputShape, ...defined({ constant, otherShape }) };
}
