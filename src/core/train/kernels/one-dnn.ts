/**
 * Operations of oneDNN inside libtensorflow, several times faster than what TensorFlow's graph optimiser puts them in
 * the place of. That optimiser does not see operations that are run one by one, so they are named here. They are no
 * public interface: used only where a trial gives TensorFlow's own bits.
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Tf } from './tf';
import { FLOATS, operations, tensor, type Attribute, type Operations } from './native-operations';

/** How TensorFlow marks kernels that take plain tensors. */
const KERNEL: Attribute = ['_kernel', 'STRING', 'MklNameChangeOp'];

export interface PoolWindow {
  readonly pool: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly pad: 'same' | 'valid';
}

/** x → y, places */
export function dnnMaxPool(run: Operations, x: TensorInfo, window: PoolWindow): TensorInfo[] {
  return run('_MklNativeMaxPool', [...pooling(window), ...WITH_PLACES], [x], 2);
}

/** → dx */
export function dnnMaxPoolGradient(
  run: Operations,
  inputs: { x: TensorInfo; y: TensorInfo; dy: TensorInfo; places: TensorInfo },
  window: PoolWindow,
): TensorInfo[] {
  const { x, y, dy, places } = inputs;
  const attributes = [...pooling(window), ...WITH_PLACES];
  return run('_MklNativeMaxPoolGrad', attributes, [x, y, dy, places], 1);
}

const WITH_PLACES: readonly Attribute[] = [['workspace_enabled', 'BOOL', true], KERNEL];

function pooling({ pool, stride, pad }: PoolWindow): Attribute[] {
  return [
    ...FLOATS,
    ['ksize', 'INT', [1, ...pool, 1]],
    ['strides', 'INT', [1, ...stride, 1]],
    ['padding', 'STRING', pad.toUpperCase()],
    ['data_format', 'STRING', 'NHWC'],
  ];
}

/** FusedBatchNormV3 with relu; `attributes` and `inputs` are those of FusedBatchNormV3. */
export function dnnBatchNormRelu(
  run: Operations,
  attributes: readonly Attribute[],
  inputs: readonly TensorInfo[],
): TensorInfo[] {
  const relu: Attribute[] = [
    ['num_side_inputs', 'INT', 0],
    ['activation_mode', 'STRING', 'Relu'],
    KERNEL,
  ];
  return run('_MklNativeFusedBatchNormEx', [...attributes, ...relu], inputs, 6);
}

export const BATCH_NORM_TRAINING: readonly Attribute[] = [
  ...FLOATS,
  ['U', 'TYPE', 'float'],
  ['data_format', 'STRING', 'NHWC'],
  ['is_training', 'BOOL', true],
];

/** Whether they are there and agree with TensorFlow's own. The tensorflow backend must be in use. */
export function hasOneDnn(tf: Tf): boolean {
  // Who turns oneDNN off wants the other operations' bits.
  if (process.env['TF_ENABLE_ONEDNN_OPTS'] === '0') return false;
  try {
    return tf.tidy(() => {
      const run = operations(tf.backend());
      return poolsAlike(tf, run) && normsAlike(tf, run);
    });
  } catch {
    return false;
  }
}

/** Small whole numbers, so that many cells of a window are equal. */
function sample(tf: Tf, ...shape: [number, number, number, number]) {
  const values = Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => (i * i) % 7);
  return tf.tensor4d(values, shape, 'float32');
}

function poolsAlike(tf: Tf, run: Operations): boolean {
  const x = sample(tf, 2, 5, 6, 16);
  const window: PoolWindow = { pool: [2, 2], stride: [2, 2], pad: 'same' };
  const [y, places] = dnnMaxPool(run, x, window);
  const [expected] = run('MaxPool', pooling(window), [x], 1);
  const dy = sample(tf, 2, 3, 3, 16);
  const [dx] = dnnMaxPoolGradient(run, { x, y: y!, dy, places: places! }, window);
  const [expectedGradient] = run('MaxPoolGrad', pooling(window), [x, expected!, dy], 1);
  return alike(y!, expected!) && alike(dx!, expectedGradient!);
}

function normsAlike(tf: Tf, run: Operations): boolean {
  const attributes: Attribute[] = [
    ...BATCH_NORM_TRAINING,
    ['epsilon', 'FLOAT', 1e-3],
    ['exponential_avg_factor', 'FLOAT', 1],
  ];
  const none = tf.zeros([0]);
  const inputs = [sample(tf, 2, 5, 6, 16), tf.ones([16]), tf.zeros([16]), none, none];
  const [y, , , mean, variance] = dnnBatchNormRelu(run, attributes, inputs);
  const [normal, , , expectedMean, expectedVariance] = run(
    'FusedBatchNormV3',
    attributes,
    inputs,
    6,
  );
  const [expected] = run('Relu', FLOATS, [normal!], 1);
  return alike(y!, expected!) && alike(mean!, expectedMean!) && alike(variance!, expectedVariance!);
}

function alike(a: TensorInfo, b: TensorInfo): boolean {
  const [values, others] = [tensor(a).dataSync(), tensor(b).dataSync()];
  return values.length === others.length && values.every((value, i) => value === others[i]);
}
