/** Activations that frameworks spell out in several operators: hard swish and PReLU. */
import { hardSwishStep, preluStep } from './activations';
import type { Step } from './network';
import type { NodeReader } from './node';
import { isConstantOf } from './operator';

/** relu(x) − α·relu(−x), as TensorFlow spells PReLU out. */
export function preluOf(positive: Step, negative: Step, node: NodeReader): Step | undefined {
  const [x] = positive.inputs;
  if (
    !isClamp(positive, 0, Infinity) ||
    negative.op !== 'mul' ||
    negative.operand === undefined ||
    x === undefined
  )
    return undefined;
  const [cut] = negative.inputs;
  if (cut === undefined || !isClamp(cut, 0, Infinity)) return undefined;
  const [turned] = cut.inputs;
  if (
    turned?.op !== 'mul' ||
    turned.inputs[0] !== x ||
    !isConstantOf(turned.operand?.values ?? [0], -1)
  )
    return undefined;
  const { shape, values } = negative.operand;
  return preluStep(x, { shape, values: values.map((v) => -v) }, node);
}

function isClamp(step: Step, low: number, high: number): boolean {
  return step.op === 'clamp' && step.numbers?.[0] === low && step.numbers[1] === high;
}

/** x where `step` is relu6(x + 3), times `factor`. */
function shiftedRelu6(step: Step): Step | undefined {
  if (!isClamp(step, 0, 6)) return undefined;
  const [sum] = step.inputs;
  return sum?.op === 'add' && isConstantOf(sum.operand?.values ?? [0], 3)
    ? sum.inputs[0]
    : undefined;
}

function isSixth(step: Step): Step | undefined {
  return step.op === 'mul' && isConstantOf(step.operand?.values ?? [0], 1 / 6)
    ? step.inputs[0]
    : undefined;
}

/** x · hardSigmoid(x), whichever way the second is spelled. */
export function hardSwishOf(x: Step, gate: Step, node: NodeReader): Step | undefined {
  const inner = isSixth(gate);
  const whole =
    gate.op === 'hardSigmoid' && isHardSwishGate(gate) ? gate.gateOf : inner && shiftedRelu6(inner);
  if (whole === x) return hardSwishStep(x, node);
  // x/6 · relu6(x + 3)
  const sixth = isSixth(x);
  return sixth !== undefined && shiftedRelu6(gate) === sixth
    ? hardSwishStep(sixth, node)
    : undefined;
}

function isHardSwishGate({ numbers = [] }: Step): boolean {
  return Math.abs(numbers[0]! - 1 / 6) < 1e-6 && Math.abs(numbers[1]! - 0.5) < 1e-6;
}

/** x·relu6(x + 3) with the sixth behind it. */
export function spelledOut(
  step: Step,
  kind: 'Add' | 'Sub' | 'Mul' | 'Div',
  constantFirst: boolean,
  values: Float32Array,
  node: NodeReader,
): Step | undefined {
  const sixth =
    kind === 'Div'
      ? !constantFirst && isConstantOf(values, 6)
      : kind === 'Mul' && isConstantOf(values, 1 / 6);
  if (!sixth || step.op !== 'product') return undefined;
  const [a, b] = step.inputs as [Step, Step];
  if (shiftedRelu6(b) === a) return hardSwishStep(a, node);
  return shiftedRelu6(a) === b ? hardSwishStep(b, node) : undefined;
}
