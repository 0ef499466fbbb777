/**
 * Gradients of the operations that networks and losses here are made of. The Node build of tfjs-core defines none (the
 * umbrella packages register theirs from modules that only a bundler can load), so training with it starts here.
 * They take the place of those that tfjs-node brings: all copies of tfjs-core in a process share one registry, and what
 * an engine computes must not depend on which others were tried before it.
 */
import type { GradConfig, NamedAttrMap, Tensor } from '@tensorflow/tfjs-core';
import type { Tf } from './tf';
import { clampGradient } from './clamp-gradient';
import { pair } from './kernel-arguments';
import { reshaped } from './reshaped';

export function registerGradients(tf: Tf): void {
  for (const gradient of gradients(tf)) tf.registerGradient(gradient);
}

type Gradients = ReturnType<GradConfig['gradFunc']>;
type Rule = (dy: Tensor, saved: Tensor[], attrs: NamedAttrMap) => Gradients;

function gradients(tf: Tf): GradConfig[] {
  const rule = (
    kernelName: string,
    inputsToSave: string[],
    gradFunc: Rule,
    outputsToSave: boolean[] = [],
  ): GradConfig => ({
    kernelName,
    inputsToSave,
    outputsToSave,
    gradFunc: (dy, saved, attrs) => gradFunc(one(dy), saved, attrs),
  });
  const run = (kernel: string, inputs: Record<string, Tensor>, attrs: NamedAttrMap): Tensor =>
    one(tf.engine().runKernel(kernel, inputs, attrs));

  return [
    // Layers
    rule(tf.Conv2D, ['x', 'filter'], (dy, [x, filter], attrs) => {
      undilated(attrs, 'conv2d');
      return {
        x: () =>
          run(tf.Conv2DBackpropInput, { dy, filter: filter! }, { ...attrs, inputShape: x!.shape }),
        filter: () =>
          run(tf.Conv2DBackpropFilter, { x: x!, dy }, { ...attrs, filterShape: filter!.shape }),
      };
    }),
    rule(tf.Conv2DBackpropInput, ['dy', 'filter'], (ddx, [dy, filter], attrs) => {
      undilated(attrs, 'conv2dTranspose');
      return {
        dy: () => run(tf.Conv2D, { x: ddx, filter: filter! }, { dilations: [1, 1], ...attrs }),
        filter: () =>
          run(
            tf.Conv2DBackpropFilter,
            { x: ddx, dy: dy! },
            { ...attrs, filterShape: filter!.shape },
          ),
      };
    }),
    rule(tf.DepthwiseConv2dNative, ['x', 'filter'], (dy, [x, filter], attrs) => {
      undilated(attrs, 'depthwiseConv2d');
      const [inputShape, filterShape] = [x!.shape, filter!.shape];
      return {
        x: () =>
          run(
            tf.DepthwiseConv2dNativeBackpropInput,
            { dy, filter: filter! },
            { ...attrs, inputShape },
          ),
        filter: () =>
          run(tf.DepthwiseConv2dNativeBackpropFilter, { x: x!, dy }, { ...attrs, filterShape }),
      };
    }),
    rule(tf.BatchMatMul, ['a', 'b'], (dy, [a, b], attrs) => {
      const ta = attrs['transposeA'] === true;
      const tb = attrs['transposeB'] === true;
      return {
        a: () => (ta ? tf.matMul(b!, dy, tb, true) : tf.matMul(dy, b!, false, !tb)),
        b: () => (tb ? tf.matMul(dy, a!, true, ta) : tf.matMul(a!, dy, !ta, false)),
      };
    }),
    rule(
      tf.MaxPool,
      ['x'],
      (dy, [x, y], attrs) => ({
        x: () => run(tf.MaxPoolGrad, { dy, input: x!, output: y! }, attrs),
      }),
      [true],
    ),
    rule(tf.AvgPool, ['x'], (dy, [x], attrs) => ({
      x: () => run(tf.AvgPoolGrad, { dy, input: x! }, attrs),
    })),

    // Element by element. The derivatives of relu and relu6 at their corners are 0.
    rule(tf.Relu, ['x'], (dy, [x]) => ({ x: () => clampGradient(tf, dy, x!, Infinity) })),
    rule(tf.Relu6, ['x'], (dy, [x]) => ({ x: () => clampGradient(tf, dy, x!, 6) })),
    rule(tf.ClipByValue, ['x'], (dy, [x], attrs) => ({
      x: () => {
        const [min] = numbers(attrs['clipValueMin']);
        const [max] = numbers(attrs['clipValueMax']);
        const inside = tf.logicalAnd(tf.greaterEqual(x!, min!), tf.lessEqual(x!, max!));
        return tf.mul(dy, tf.cast(inside, 'float32'));
      },
    })),
    rule(tf.Square, ['x'], (dy, [x]) => ({ x: () => tf.mul(dy, tf.mul(x!, 2)) })),
    rule(tf.Sigmoid, [], (dy, [y]) => ({ x: () => tf.mul(dy, tf.mul(y!, tf.sub(1, y!))) }), [true]),
    rule(tf.Tanh, [], (dy, [y]) => ({ x: () => tf.mul(dy, tf.sub(1, tf.square(y!))) }), [true]),
    rule(tf.Neg, [], (dy) => ({ x: () => tf.neg(dy) })),
    rule(tf.Exp, [], (dy, [y]) => ({ x: () => tf.mul(dy, y!) }), [true]),
    rule(tf.Log, ['x'], (dy, [x]) => ({ x: () => tf.div(dy, x!) })),
    rule(tf.Sqrt, [], (dy, [y]) => ({ x: () => tf.div(dy, tf.mul(y!, 2)) }), [true]),
    rule(tf.Add, ['a', 'b'], (dy, [a, b]) => ({
      a: () => reducedTo(tf, dy, a!),
      b: () => reducedTo(tf, dy, b!),
    })),
    rule(tf.Sub, ['a', 'b'], (dy, [a, b]) => ({
      a: () => reducedTo(tf, dy, a!),
      b: () => reducedTo(tf, tf.neg(dy), b!),
    })),
    rule(tf.Multiply, ['a', 'b'], (dy, [a, b]) => ({
      a: () => reducedTo(tf, tf.mul(dy, b!), a!),
      b: () => reducedTo(tf, tf.mul(dy, a!), b!),
    })),
    rule(tf.RealDiv, ['a', 'b'], (dy, [a, b]) => ({
      a: () => reducedTo(tf, tf.div(dy, b!), a!),
      b: () => reducedTo(tf, tf.neg(tf.div(tf.mul(dy, a!), tf.square(b!))), b!),
    })),

    // Shape and reduction
    rule(tf.Identity, [], (dy) => ({ x: () => dy })),
    rule(tf.Cast, [], (dy) => ({ x: () => tf.cast(dy, 'float32') })),
    rule(tf.Reshape, ['x'], (dy, [x]) => ({ x: () => tf.reshape(dy, x!.shape) })),
    rule(tf.ExpandDims, ['input'], (dy, [x]) => ({ input: () => tf.reshape(dy, x!.shape) })),
    rule(tf.Transpose, ['x'], (dy, [x], attrs) => {
      const permutation = numbers(attrs['perm']);
      return {
        x: () =>
          tf.transpose(
            dy,
            x!.shape.map((_, axis) => permutation.indexOf(axis)),
          ),
      };
    }),
    rule(tf.PadV2, ['x'], (dy, [x], attrs) => ({
      x: () =>
        tf.slice(
          dy,
          pairs(attrs['paddings']).map(([before]) => before),
          x!.shape,
        ),
    })),
    rule(tf.Slice, ['x'], (dy, [x], attrs) => {
      const begin = numbers(attrs['begin']);
      return {
        x: () =>
          tf.pad(
            dy,
            begin.map((first, axis) => [first, x!.shape[axis]! - first - dy.shape[axis]!]),
          ),
      };
    }),
    {
      kernelName: tf.Concat,
      saveAllInputs: true,
      gradFunc: (dy, saved, attrs) => {
        const whole = one(dy);
        const [axis] = tf.util.parseAxisParam(numbers(attrs['axis']), whole.shape);
        let end = 0;
        return Object.fromEntries(
          saved.map(({ shape }, i) => {
            const begin = shape.map((_, each) => (each === axis ? end : 0));
            end += shape[axis!]!;
            return [i, () => tf.slice(whole, begin, shape)];
          }),
        );
      },
    },
    rule(tf.SpaceToBatchND, [], (dy, _, { blockShape, paddings }) => ({
      x: () => tf.batchToSpaceND(dy, numbers(blockShape), pairs(paddings)),
    })),
    rule(tf.BatchToSpaceND, [], (dy, _, { blockShape, crops }) => ({
      x: () => tf.spaceToBatchND(dy, numbers(blockShape), pairs(crops)),
    })),
    {
      kernelName: tf.SplitV,
      gradFunc: (dy, _, { axis }) => ({
        x: () => tf.concat(Array.isArray(dy) ? dy : [dy], numbers(axis)[0]),
      }),
    },
    rule(tf.Sum, ['x'], (dy, [x], attrs) => ({ x: () => spread(tf, dy, x!, attrs['axis']) })),
    rule(tf.Mean, ['x'], (dy, [x], attrs) => ({
      x: () => spread(tf, tf.mul(dy, dy.size / x!.size), x!, attrs['axis']),
    })),
    rule(
      tf.Max,
      ['x'],
      // Every cell that holds the maximum gets the whole gradient, as in the umbrella packages.
      (dy, [x, y], attrs) => ({
        x: () => {
          const axis = attrs['reductionIndices'];
          const holds = tf.equal(x!, tf.reshape(y!, keptShape(tf, x!, axis)));
          return tf.mul(spread(tf, dy, x!, axis), tf.cast(holds, 'float32'));
        },
      }),
      [true],
    ),
  ];
}

function undilated(attrs: NamedAttrMap, operation: string): void {
  const dilations = attrs['dilations'];
  const all = Array.isArray(dilations) ? dilations : [dilations ?? 1];
  if (all.some((d) => d !== 1)) throw new Error(`${operation} with dilations cannot be trained`);
}

/** Sums dy over the axes along which `operand` was broadcast. */
function reducedTo(tf: Tf, dy: Tensor, operand: Tensor): Tensor {
  const axes = tf.broadcast_util.getReductionAxes(operand.shape, dy.shape);
  return reshaped(tf, axes.length > 0 ? tf.sum(dy, axes) : dy, operand.shape);
}

/** The shape of x with the reduced axes kept as ones; without an axis, everything was reduced. */
function keptShape(tf: Tf, x: Tensor, axis: unknown): number[] {
  if (axis === null || axis === undefined) return x.shape.map(() => 1);
  const axes = tf.util.parseAxisParam(numbers(axis), x.shape);
  return x.shape.map((size, i) => (axes.includes(i) ? 1 : size));
}

/** dy of a reduction, repeated over what was reduced. */
function spread(tf: Tf, dy: Tensor, x: Tensor, axis: unknown): Tensor {
  return tf.mul(tf.reshape(dy, keptShape(tf, x, axis)), tf.onesLike(x));
}

function numbers(value: unknown): number[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.map((n) => {
    if (typeof n === 'number') return n;
    throw new Error(`expected numbers, got ${String(value)}`);
  });
}

function pairs(value: unknown): [number, number][] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.map((entry) => pair(entry, 'paddings'));
}

function one(dy: Tensor | Tensor[]): Tensor {
  if (!Array.isArray(dy)) return dy;
  if (dy.length === 1) return dy[0]!;
  throw new Error('expected the gradient of a single output');
}
