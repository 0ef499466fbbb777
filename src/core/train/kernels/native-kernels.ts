/**
 * The fused operations of this folder on libtensorflow (tfjs-node). TensorFlow has operations for them that tfjs-node
 * does not use; composed of those it does use, they would cost several times what the convolutions around them do.
 */
import type { KernelConfig, Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import type { Tf } from '../engines/engine';
import { NATIVE_BATCH_NORM, type FusedActivation } from './batch-norm-kernels';
import { CLAMP_GRADIENT } from './clamp-gradient';
import { FAKE_QUANTIZE } from './fake-quantize-kernels';
import { input, number } from './kernel-arguments';

const BACKEND = 'tensorflow';

/** The tensorflow backend must be registered. Calling it again changes nothing. */
export function registerNativeKernels(tf: Tf): void {
  if (tf.getKernel(NATIVE_BATCH_NORM.forward, BACKEND) !== undefined) return;
  for (const kernel of [...batchNorm(tf), ...fakeQuantize(tf), clampGradient()]) {
    tf.registerKernel({
      ...kernel,
      backendName: BACKEND,
      // What is between inputs and outputs must not live until the end of the pass.
      kernelFunc: (call) => tf.tidy(() => tensors(kernel.kernelFunc(call))),
    });
  }
}

type Kernel = Omit<KernelConfig, 'backendName'>;

/** x, gamma, beta → y, mean, biased variance; and dy, x, gamma, y, mean, variance → dx, dGamma, dBeta. */
function batchNorm(tf: Tf): Kernel[] {
  const attributes = (epsilon: number): Attribute[] => [
    ['T', 'TYPE', 'float'],
    ['U', 'TYPE', 'float'],
    ['epsilon', 'FLOAT', epsilon],
    ['data_format', 'STRING', 'NHWC'],
    ['is_training', 'BOOL', true],
  ];
  return [
    {
      kernelName: NATIVE_BATCH_NORM.forward,
      kernelFunc: ({ inputs, backend, attrs = {} }) => {
        const x = input(inputs, 'x');
        const run = operations(backend);
        const none = tf.zeros([0]);
        const pixels = asImages(tf, x);
        const [normal, , , mean, variance, rest] = run(
          'FusedBatchNormV3',
          [...attributes(number(attrs, 'epsilon')), ['exponential_avg_factor', 'FLOAT', 1]],
          [pixels, input(inputs, 'gamma'), input(inputs, 'beta'), none, none],
          6,
        );
        if (!normal || !mean || !variance || !rest) throw new Error('six outputs expected');
        const y = activate(run, normal, activationOf(attrs['activation']));
        const shaped = tf.reshape(tensor(y), x.shape);
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
        return [tf.reshape(tensor(dx), x.shape), tensor(dGamma), tensor(dBeta)];
      },
    },
  ];
}

/** FusedBatchNorm wants four axes. */
function asImages(tf: Tf, x: TensorInfo): Tensor {
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
        // Signed, symmetric, with as many bits as it takes; -2^(bits-1) as the lower end makes its step the scale.
        const bits = low === -128 && high === 127 ? 8 : 9;
        const lowest = -(2 ** (bits - 1));
        const rounded = one(
          run(
            'QuantizeAndDequantizeV2',
            [
              ['T', 'TYPE', 'float'],
              ['signed_input', 'BOOL', true],
              ['num_bits', 'INT', bits],
              ['range_given', 'BOOL', true],
              ['round_mode', 'STRING', 'HALF_TO_EVEN'],
              ['narrow_range', 'BOOL', false],
              ['axis', 'INT', -1],
            ],
            [x, tf.scalar(lowest * scale!), tf.scalar(0)],
            1,
          ),
        );
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

type Attribute = readonly [name: string, kind: AttributeKind, value: string | number | boolean];
type AttributeKind = 'TYPE' | 'FLOAT' | 'INT' | 'BOOL' | 'STRING';

const FLOATS: readonly Attribute[] = [['T', 'TYPE', 'float']];

/** Runs one of TensorFlow's operations by its name in TensorFlow. */
type Operations = (
  name: string,
  attributes: readonly Attribute[],
  inputs: readonly TensorInfo[],
  outputs: number,
) => TensorInfo[];

/** What is used of tfjs-node's backend. */
interface NodeBackend {
  readonly binding: Readonly<Record<string, unknown>>;
  executeMultipleOutputs(
    name: string,
    attributes: readonly { name: string; type: unknown; value: unknown }[],
    inputs: readonly TensorInfo[],
    outputs: number,
  ): TensorInfo[];
}

function operations(backend: unknown): Operations {
  if (!isNodeBackend(backend)) throw new Error('these kernels run on the backend of tfjs-node');
  return (name, attributes, inputs, outputs) =>
    backend.executeMultipleOutputs(
      name,
      attributes.map(([attribute, kind, value]) => ({
        name: attribute,
        type: backend.binding[`TF_ATTR_${kind}`],
        value: kind === 'TYPE' ? backend.binding[`TF_${String(value).toUpperCase()}`] : value,
      })),
      inputs,
      outputs,
    );
}

function isNodeBackend(backend: unknown): backend is NodeBackend {
  return (
    typeof backend === 'object' &&
    backend !== null &&
    'binding' in backend &&
    typeof backend.binding === 'object' &&
    'executeMultipleOutputs' in backend &&
    typeof backend.executeMultipleOutputs === 'function'
  );
}

function one(outputs: readonly TensorInfo[]): TensorInfo {
  const output = outputs[0];
  if (!output) throw new Error('an operation without an output');
  return output;
}

function tensors(outputs: TensorInfo | TensorInfo[]): Tensor[] {
  return (Array.isArray(outputs) ? outputs : [outputs]).map(tensor);
}

/** What runs in a kernel of tfjs-node are whole tensors, whatever the type says. */
function tensor(info: TensorInfo): Tensor {
  if (isTensor(info)) return info;
  throw new Error('expected a tensor');
}

function isTensor(info: TensorInfo): info is Tensor {
  return 'dataSync' in info && 'rank' in info;
}
