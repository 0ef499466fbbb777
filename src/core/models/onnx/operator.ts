/** What those who turn operators into steps have in their hands. */
import type { Shape } from '../../ops/shape';
import { elements } from '../../ops/shape';
import type { UserError } from '../../util/errors';
import type { Value } from './layout';
import type { Emitter, Step } from './network';
import { addStep } from './network';
import type { NodeReader } from './node';
import type { Tensor } from './tensor';

/** What a name of the file stands for. */
export type Entry =
  | { readonly is: 'constant'; readonly tensor: Tensor }
  | { readonly is: 'value'; readonly value: Value }
  /** Nobody may need it: then it does not matter that it cannot be computed here. */
  | { readonly is: 'unsupported'; readonly error: UserError };

export interface Operator {
  readonly node: NodeReader;
  /** How many inputs it has, those that are left out included. */
  readonly inputs: number;
  /** Its input with this number, which the network computes. */
  value(index: number): Value;
  isConstant(index: number): boolean;
  /** Whether anything reads its output with this number. */
  isRead(output: number): boolean;
  give(value: Value, output?: number): void;
  giveConstant(tensor: Tensor): void;
  /** Makes a sentence for those who imported the file. */
  note(sentence: string): void;
}

export type Handler = (operator: Operator) => void;

/** A known input. */
export function constantOf({ node }: Operator, index: number, what: string): Tensor {
  if (!node.hasInput(index)) return node.fail(`lacks its ${what}`);
  return (
    node.constant(index) ??
    node.fail(`has ${what} that are computed by the network; constants are supported`)
  );
}

/** A step whose output has the dimensions and the order in memory of its input. */
export function sameLayout(
  operator: Operator,
  value: Value,
  step: Omit<Step, 'shared' | 'inputs' | 'shape' | 'node' | 'emit'>,
  emit: (network: Emitter, inputs: readonly string[]) => string,
): void {
  const { node } = operator;
  const { step: before } = value;
  const its = addStep({ ...step, inputs: [before], shape: before.shape, node, emit });
  operator.give({ ...value, step: its });
}

export function sameValues(shape: Shape, value: number): Float32Array {
  return new Float32Array(elements(shape)).fill(value);
}
