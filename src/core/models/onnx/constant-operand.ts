/** Steps that add a constant to what the network computes, or multiply it with one. */
import type { Shape } from '../../ops/shape';
import { elements } from '../../ops/shape';
import type { Step } from './network';
import { addStep } from './network';
import type { NodeReader } from './node';
import { isConstantOf } from '../constant-of';
import { sameValues } from './operator';
import { ownedBy, scaled } from './weighted';

type Arithmetic = 'add' | 'mul';

/** A step behind this one that adds or multiplies with a number. */
export function withConstant(step: Step, kind: Arithmetic, number: number, node: NodeReader): Step {
  return arithmetic(step, kind, { shape: [1, 1, 1], values: Float32Array.of(number) }, node);
}

/** x + c or x · c: nothing where it changes nothing, part of a layer's weights where it can be. */
export function arithmetic(
  step: Step,
  kind: Arithmetic,
  constant: { shape: Shape; values: Float32Array },
  node: NodeReader,
): Step {
  const { shape, values } = constant;
  if (isConstantOf(values, kind === 'add' ? 0 : 1)) return step;
  const channels = step.shape[2];
  const perChannel = shape[0] === 1 && shape[1] === 1 && (shape[2] === 1 || shape[2] === channels);
  if (ownedBy(step) !== undefined && !step.shared && perChannel) {
    const each = shape[2] === 1 ? sameValues([1, 1, channels], values[0]!) : values;
    return kind === 'add' ? scaled(step, undefined, each) : scaled(step, each, undefined);
  }
  let owned = constant;
  return addStep({
    op: kind,
    inputs: [step],
    shape: step.shape,
    node,
    operand: constant,
    elementwise: true,
    ...(perChannel
      ? {
          reorder: (order: readonly number[]) => {
            if (owned.shape[2] > 1)
              owned = { ...owned, values: Float32Array.from(order, (c) => owned.values[c]!) };
          },
        }
      : {}),
    emit: (network, inputs) => {
      const scalar = elements(owned.shape) === 1;
      const full = !scalar && !perChannel;
      return network.layer(
        { type: kind, constant: scalar ? 'scalar' : full ? 'full' : 'channel' },
        inputs,
        { constants: { operand: full ? repeated(owned, step.shape) : owned.values } },
      );
    },
  });
}

/** A constant written out over the whole of a shape. */
function repeated(
  { shape, values }: { shape: Shape; values: Float32Array },
  all: Shape,
): Float32Array {
  const [h, w, c] = shape;
  const [, width, channels] = all;
  return Float32Array.from({ length: elements(all) }, (_, i) => {
    const x = Math.floor(i / channels) % width;
    const y = Math.floor(i / channels / width);
    return values[((h === 1 ? 0 : y) * w + (w === 1 ? 0 : x)) * c + (c === 1 ? 0 : i % channels)]!;
  });
}
