/**
 * The fused operations of this folder on libtensorflow (tfjs-node). TensorFlow has operations for them that tfjs-node
 * does not use; composed of those it does use, they would cost several times what the convolutions around them do.
 */
import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import type { Tf } from './tf';
import { NATIVE_BATCH_NORM, type FusedActivation } from './batch-norm-kernels';
import { CLAMP_GRADIENT } from './clamp-gradient';
import { FAKE_QUANTIZE } from './fake-quantize-kernels';
import { input, number } from './kernel-arguments';
import { maxPoolKernels } from './native-max-pool';
import {
  FLOATS,
  one,
  operations,
  tensor,
  tensors,
  type Attribute,
  type Kernel,
  type Operations,
} from './native-operations';
import { reshaped } from './reshaped';
import { BATCH_NORM_TRAINING, dnnBatchNormRelu, hasOneDnn } from './one-dnn';

const BACKEND = 'tensorflow';

/** The tensorflow backend must be registered. Calling it again changes nothing. */
export function registerNativeKernels(tf: Tf): void {
  if (tf.getKernel(NATIVE_BATCH_NORM.forward, BACKEND) !== undefined) return;
  const dnn = hasOneDnn(tf);
  const kernels = [
    ...batchNorm(tf, dnn),
    ...(dnn ? maxPoolKernels() : []),
    ...fakeQuantize(tf),
    clampGradient(),
  ];
  for (const kernel of kernels) {
    tf.registerKernel({
      ...kernel,
      backendName: BACKEND,
      // What is between inputs and outputs must not live until the end of the pass.
      kernelFunc: (call) => tf.tidy(() => tensors(kernel.kernelFunc(call))),
    });
  }
}

/** x, gamma, beta → y, mean, biased variance; and dy, x, gamma, y, mean, variance → dx, dGamma, dBeta. */
function batchNorm(tf: Tf, dnn: boolean): Kernel[] {
  const attributes = (epsilon: number): Attribute[] => [
    ...BATCH_NORM_TRAINING,
    ['epsilon', 'FLOAT', epsilon],
  ];
  return [
    {
      kernelName: NATIVE_BATCH_NORM.forward,
      kernelFunc: ({ inputs, backend, attrs = {} }) => {
        const x = input(inputs, 'x');
        const run = operations(backend);
        const activation = activationOf(attrs['activation']);
        const none = tf.zeros([0]);
        const fused = dnn && activation === 'relu';
        const all: Attribute[] = [
          ...attributes(number(attrs, 'epsilon')),
          ['exponential_avg_factor', 'FLOAT', 1],
        ];
        const given = [asImages(tf, x), input(inputs, 'gamma'), input(inputs, 'beta'), none, none];
        const [normal, , , mean, variance, rest] = fused
          ? dnnBatchNormRelu(run, all, given)
          : run('FusedBatchNormV3', all, given, 6);
        if (!normal || !mean || !variance || !rest) throw new Error('six outputs expected');
        const y = fused ? normal : activate(run, normal, activation);
        const shaped = reshaped(tf, tensor(y), x.shape);
        return [shaped, tensor(mean), tensor(variance)];
      },
    },
    {
      kernelName: NATIVE_BATCH_NORM.gradient,
      kernelFunc: ({ inputs, backend, attrs = {} }) => {
        const x = input(inputs, 'x');
        const run = operations(backend);
        const activation = activationOf(attrs['activation']);
        const dy = input(inputs, 'dy');
        const dz =
          activation === 'none'
            ? dy
            : one(run(ACTIVATIONS[activation].gradient, FLOATS, [dy, input(inputs, 'y')], 1));
        const [dx, dGamma, dBeta] = run(
          'FusedBatchNormGradV3',
          attributes(number(attrs, 'epsilon')),
          [
            asImages(tf, dz),
            asImages(tf, x),
            input(inputs, 'gamma'),
            input(inputs, 'mean'),
            input(inputs, 'variance'),
            tf.zeros([0]),
          ],
          5,
        );
        if (!dx || !dGamma || !dBeta) throw new Error('five outputs expected');
        return [reshaped(tf, tensor(dx), x.shape), tensor(dGamma), tensor(dBeta)];
      },
    },
  ];
}

/** FusedBatchNorm wants four axes. */
function asImages(tf: Tf, x: TensorInfo): Tensor {
  if (x.shape.length === 4) return tensor(x);
  const channels = x.shape.at(-1)!;
  return tf.reshape(tensor(x), [1, 1, -1, channels]);
}

const ACTIVATIONS = {
  relu: { forward: 'Relu', gradient: 'ReluGrad' },
  relu6: { forward: 'Relu6', gradient: 'Relu6Grad' },
} as const;

function activate(run: Operations, x: TensorInfo, activation: FusedActivation): TensorInfo {
  if (activation === 'none') return x;
  return one(run(ACTIVATIONS[activation].forward, FLOATS, [x], 1));
}

function activationOf(value: unknown): FusedActivation {
  if (value === 'none' || value === 'relu' || value === 'relu6') return value;
  throw new Error(`unknown activation ${String(value)}`);
}

function fakeQuantize(tf: Tf): Kernel[] {
  return [
    {
      kernelName: FAKE_QUANTIZE.forward,
      kernelFunc: ({ inputs, backend, attrs }) => {
        const x = input(inputs, 'x');
        const [scale, low, high] = ['scale', 'low', 'high'].map((name) => number(attrs, name));
        const run = operations(backend);
        const round = (signed: boolean, bits: number, ends: [number, number]): TensorInfo =>
          one(
            run(
              'QuantizeAndDequantizeV2',
              [
                ['T', 'TYPE', 'float'],
                ['signed_input', 'BOOL', signed],
                ['num_bits', 'INT', bits],
                ['range_given', 'BOOL', true],
                ['round_mode', 'STRING', 'HALF_TO_EVEN'],
                ['narrow_range', 'BOOL', false],
                ['axis', 'INT', -1],
              ],
              [x, ...ends.map((end) => tf.scalar(end))],
              1,
            ),
          );
        // What follows a relu: its upper end makes the step, and it clamps by itself.
        if (low === 0 && high === 255) return round(false, 8, [0, upperEnd(scale!)]);
        // Signed, symmetric, with as many bits as it takes; -2^(bits-1) as the lower end makes its step the scale.
        const bits = low === -128 && high === 127 ? 8 : 9;
        const rounded = round(true, bits, [-(2 ** (bits - 1)) * scale!, 0]);
        if (bits === 8) return rounded;
        return one(
          run(
            'ClipByValue',
            FLOATS,
            [
              rounded,
              tf.scalar(low! * Math.fround(scale!)),
              tf.scalar(high! * Math.fround(scale!)),
            ],
            1,
          ),
        );
      },
    },
    {
      kernelName: FAKE_QUANTIZE.gradient,
      kernelFunc: ({ inputs, backend, attrs }) => {
        const [scale, low, high] = ['scale', 'low', 'high'].map((name) => number(attrs, name));
        const outputs = operations(backend)(
          'QuantizeAndDequantizeV4Grad',
          [
            ['T', 'TYPE', 'float'],
            ['axis', 'INT', -1],
          ],
          [
            input(inputs, 'dy'),
            input(inputs, 'x'),
            tf.scalar(lastThatRoundsTo(low!, scale!, -1)),
            tf.scalar(lastThatRoundsTo(high!, scale!, 1)),
          ],
          3,
        );
        return [one(outputs)];
      },
    },
  ];
}

/** The float32 that gives the scale when it is divided by 255; or, very rarely, a neighbour of it. */
function upperEnd(scale: number): number {
  const end = Math.fround(255 * Math.fround(scale));
  const ends = [end, neighbour(end, 1), neighbour(end, -1)];
  return ends.find((candidate) => Math.fround(candidate / 255) === Math.fround(scale)) ?? end;
}

/** The float32 furthest in `direction` that, divided by the scale and rounded half to even, is not beyond `level`. */
function lastThatRoundsTo(level: number, scale: number, direction: 1 | -1): number {
  const step = Math.fround(scale);
  const beyond = (x: number): boolean => {
    const quotient = Math.fround(x / step);
    const excess = direction * (quotient - level);
    return excess > 0.5 || (excess === 0.5 && level % 2 !== 0);
  };
  let x = Math.fround((level + direction / 2) * step);
  while (!beyond(x)) x = neighbour(x, direction);
  while (beyond(x)) x = neighbour(x, direction === 1 ? -1 : 1);
  return x;
}

const bits = new Int32Array(1);
const float = new Float32Array(bits.buffer);

/** The next float32 above or below; x is not 0. */
function neighbour(x: number, direction: 1 | -1): number {
  float[0] = x;
  bits[0]! += x > 0 === (direction === 1) ? 1 : -1;
  return float[0];
}

function clampGradient(): Kernel {
  return {
    kernelName: CLAMP_GRADIENT,
    kernelFunc: ({ inputs, backend, attrs }) => {
      const name = number(attrs, 'high') === 6 ? 'Relu6Grad' : 'ReluGrad';
      return one(operations(backend)(name, FLOATS, [input(inputs, 'dy'), input(inputs, 'x')], 1));
    },
  };
}
