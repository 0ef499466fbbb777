/**
 * Activations that frameworks spell out in several operators: hard swish and PReLU. Whoever reads a file shows its operators as
 * this knows them; one that is found takes their place.
 */

import { isConstantOf } from './constant-of';

/** What an operator computes, as far as any of these activations is made of it. */
export interface Term<T> {
  readonly op: 'add' | 'mul' | 'clamp' | 'sum' | 'product' | 'other';
  /** What it reads, without constants. */
  readonly inputs: readonly T[];
  /** What an `add` adds and a `mul` multiplies with. */
  readonly values?: ArrayLike<number> | undefined;
  /** Of a `clamp`. */
  readonly range?: readonly [low: number, high: number];
}

export type See<T> = (of: T) => Term<T>;

/** x where the product of `a` and `b` is x · relu6(x + 3) ÷ 6, in whatever order. */
export function hardSwishOf<T>(a: T, b: T, see: See<T>): T | undefined {
  for (const [x, gate] of [
    [a, b],
    [b, a],
  ] as const) {
    if (gateOf(gate, see) === x) return x;
    // x/6 · relu6(x + 3)
    const of = timesSixth(x, see);
    if (of !== undefined && shiftedRelu6(gate, see) === of) return of;
  }
  return undefined;
}

/** x where a sixth of `product` is its hard swish: the product is x · relu6(x + 3). */
export function hardSwishBeforeSixth<T>(product: T, see: See<T>): T | undefined {
  const { op, inputs } = see(product);
  const [a, b] = inputs;
  if (op !== 'product' || a === undefined || b === undefined) return undefined;
  if (shiftedRelu6(b, see) === a) return a;
  return shiftedRelu6(a, see) === b ? b : undefined;
}

/** Whether behind the product nothing but a sixth is missing. */
export function isSixth(values: ArrayLike<number>): boolean {
  return isConstantOf(values, 1 / 6);
}

/** relu(x) − α·relu(−x), as TensorFlow spells PReLU out: the sum of `a` and `b`, in whatever order. */
export function preluOf<T>(
  a: T,
  b: T,
  see: See<T>,
): { readonly x: T; readonly slopes: Float32Array } | undefined {
  for (const [positive, negative] of [
    [a, b],
    [b, a],
  ] as const) {
    const [x] = clampedTo(positive, 0, Infinity, see) ?? [];
    const { op, inputs, values } = see(negative);
    const [cut] = inputs;
    if (x === undefined || op !== 'mul' || values === undefined || cut === undefined) continue;
    const [turned] = clampedTo(cut, 0, Infinity, see) ?? [];
    if (turned === undefined || constantBehind(turned, 'mul', -1, see) !== x) continue;
    return { x, slopes: Float32Array.from(values, (value) => -value) };
  }
  return undefined;
}

/** x where `gate` is its hard sigmoid of Keras 3 and PyTorch: relu6(x + 3) ÷ 6, or x/6 + 1/2 kept within 0 and 1. */
function gateOf<T>(gate: T, see: See<T>): T | undefined {
  const inner = timesSixth(gate, see);
  const whole = inner === undefined ? undefined : shiftedRelu6(inner, see);
  if (whole !== undefined) return whole;
  const [moved] = clampedTo(gate, 0, 1, see) ?? [];
  const scaled = moved === undefined ? undefined : constantBehind(moved, 'add', 1 / 2, see);
  return scaled === undefined ? undefined : timesSixth(scaled, see);
}

/** x where `of` is relu6(x + 3). */
function shiftedRelu6<T>(of: T, see: See<T>): T | undefined {
  const [sum] = clampedTo(of, 0, 6, see) ?? [];
  return sum === undefined ? undefined : constantBehind(sum, 'add', 3, see);
}

function timesSixth<T>(of: T, see: See<T>): T | undefined {
  return constantBehind(of, 'mul', 1 / 6, see);
}

/** What `of` adds the number to, or multiplies with it. */
function constantBehind<T>(of: T, op: 'add' | 'mul', number: number, see: See<T>): T | undefined {
  const term = see(of);
  const { values } = term;
  return term.op === op && values !== undefined && isConstantOf(values, number)
    ? term.inputs[0]
    : undefined;
}

function clampedTo<T>(of: T, low: number, high: number, see: See<T>): readonly T[] | undefined {
  const { op, inputs, range } = see(of);
  return op === 'clamp' && range?.[0] === low && range[1] === high ? inputs : undefined;
}
