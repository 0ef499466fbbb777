/**
 * What a training step on the WASM engine spends its time on: GFLOP/s of each convolution forward and backward, and the
 * milliseconds of everything else, for ResNet-9 of width 16 on 32×32×3 images and the strided layers of ResNet-8.
 * Run with `npx tsx bench/kernels.ts [batch]`; prints a table and writes bench/results/kernels.json.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import Table from 'cli-table3';
import { openEngine } from '../src/core/train/engines/open-engine';
import { batchNormTrain } from '../src/core/train/kernels/batch-norm';
import { fakeQuantize } from '../src/core/train/kernels/fake-quantize';
import { minMax } from '../src/core/train/kernels/min-max';

type Size = [height: number, width: number, channels: number];
interface Conv {
  name: string;
  input: Size;
  filters: number;
  kernel: number;
  stride: number;
}

const resnet9: Conv[] = [
  { name: 'conv1', input: [32, 32, 3], filters: 16, kernel: 3, stride: 1 },
  { name: 'conv2', input: [32, 32, 16], filters: 32, kernel: 3, stride: 1 },
  { name: 'res1a', input: [16, 16, 32], filters: 32, kernel: 3, stride: 1 },
  { name: 'res1b', input: [16, 16, 32], filters: 32, kernel: 3, stride: 1 },
  { name: 'conv3', input: [16, 16, 32], filters: 64, kernel: 3, stride: 1 },
  { name: 'conv4', input: [8, 8, 64], filters: 128, kernel: 3, stride: 1 },
  { name: 'res2a', input: [4, 4, 128], filters: 128, kernel: 3, stride: 1 },
  { name: 'res2b', input: [4, 4, 128], filters: 128, kernel: 3, stride: 1 },
];
const strided: Conv[] = [
  { name: 'w16 3×3', input: [32, 32, 16], filters: 16, kernel: 3, stride: 1 },
  { name: 'w16 3×3 /2', input: [32, 32, 16], filters: 32, kernel: 3, stride: 2 },
  { name: 'w16 1×1 /2', input: [32, 32, 16], filters: 32, kernel: 1, stride: 2 },
  { name: 'w32 3×3 /2', input: [16, 16, 32], filters: 64, kernel: 3, stride: 2 },
];

interface ConvResult {
  name: string;
  forward: number;
  input: number;
  filter: number;
  ms: number;
}
interface OtherResult {
  name: string;
  forward: number;
  backward: number;
}

const batch = Number(process.argv[2] ?? 128);
const engine = await openEngine('wasm');
const tf = engine.tf;

/** Best of several runs in milliseconds of processor time, which other processes disturb least. */
function time(run: () => Tensor | Tensor[]): number {
  let best = Infinity;
  for (let i = 0; i < 8; i++) {
    const start = process.cpuUsage();
    const result = run();
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, (user + system) / 1000);
    tf.dispose(result);
  }
  return best;
}

/** Backward time of one operation: its gradients less its forward pass. */
function gradientTime(f: (...x: Tensor[]) => Tensor, inputs: Tensor[], forward: number): number {
  const dy = tf.tidy(() => tf.onesLike(f(...inputs)));
  const total = time(() => tf.grads(f)(inputs, dy));
  dy.dispose();
  return Math.max(0, total - forward);
}

function benchConv(conv: Conv): ConvResult {
  const x: Tensor4D = tf.randomNormal([batch, ...conv.input]);
  const w: Tensor4D = tf.randomNormal([conv.kernel, conv.kernel, conv.input[2], conv.filters]);
  const f = (x: Tensor, w: Tensor): Tensor =>
    tf.conv2d(
      tf.reshape<Tensor4D['rankType']>(x, [batch, ...conv.input]),
      tf.reshape<Tensor4D['rankType']>(w, w.shape as Tensor4D['shape']),
      conv.stride,
      'same',
    );
  const y = f(x, w);
  const flops = 2 * (y.size / conv.filters) * w.size;
  const dy = tf.onesLike(y);
  const attrs = { strides: conv.stride, pad: 'same', dataFormat: 'NHWC' };
  const run = (kernel: string, inputs: Record<string, Tensor>, more: object): Tensor | Tensor[] =>
    tf.engine().runKernel(kernel, inputs, { ...attrs, ...more });
  const forward = time(() => f(x, w));
  const input = time(() => run(tf.Conv2DBackpropInput, { dy, filter: w }, { inputShape: x.shape }));
  const filter = time(() => run(tf.Conv2DBackpropFilter, { x, dy }, { filterShape: w.shape }));
  tf.dispose([x, w, y, dy]);
  const rate = (ms: number): number => flops / ms / 1e6;
  return {
    name: conv.name,
    forward: rate(forward),
    input: rate(input),
    filter: rate(filter),
    ms: forward + input + filter,
  };
}

function benchBatchNorm(conv: Conv): OtherResult {
  const [height, width] = [conv.input[0] / conv.stride, conv.input[1] / conv.stride];
  const x = tf.randomNormal([batch, height, width, conv.filters]);
  const gamma = tf.ones([conv.filters]);
  const beta = tf.zeros([conv.filters]);
  const f = (x: Tensor, gamma: Tensor, beta: Tensor): Tensor =>
    batchNormTrain(tf, x, gamma, beta, 1e-3, 'relu').y;
  const forward = time(() => tf.tidy(() => f(x, gamma, beta)));
  const backward = gradientTime((x, g, b) => f(x!, g!, b!), [x, gamma, beta], forward);
  tf.dispose([x, gamma, beta]);
  return { name: `batch norm + relu ${height}×${width}×${conv.filters}`, forward, backward };
}

function benchUnary(name: string, shape: number[], f: (x: Tensor) => Tensor): OtherResult {
  const x = tf.randomNormal(shape);
  const forward = time(() => tf.tidy(() => f(x)));
  const backward = gradientTime((x) => f(x!), [x], forward);
  x.dispose();
  return { name, forward, backward };
}

const convs = resnet9.map(benchConv);
const stridedConvs = strided.map(benchConv);
const norms = resnet9.map(benchBatchNorm);
const plane = [batch, 32, 32, 32];
const as4 = (x: Tensor): Tensor4D => tf.reshape(x, x.shape as Tensor4D['shape']);
// Not itself: TensorFlow.js adds up the two gradients of one tensor and disposes of the first, which is dy.
const summand = tf.randomNormal([batch, 16, 16, 32]);
const others: OtherResult[] = [
  benchUnary('max pool 2×2 of 32×32×32', plane, (x) => tf.maxPool(as4(x), 2, 2, 'same')),
  benchUnary('average pool 2×2 of 32×32×32', plane, (x) => tf.avgPool(as4(x), 2, 2, 'same')),
  benchUnary('global average of 8×8×128', [batch, 8, 8, 128], (x) => tf.mean(x, [1, 2])),
  benchUnary('relu of 32×32×32', plane, (x) => tf.relu(x)),
  benchUnary('add of 16×16×32', [batch, 16, 16, 32], (x) => tf.add(x, summand)),
  benchUnary('fake quantize 32×32×32', plane, (x) => fakeQuantize(tf, x, 0.02, 3)),
];
const range = tf.randomNormal(plane);
others.push({ name: 'range of 32×32×32', forward: time(() => minMax(tf, range)), backward: 0 });
range.dispose();
const depthwise = ((): OtherResult => {
  const x: Tensor4D = tf.randomNormal([batch, 25, 5, 64]);
  const w: Tensor4D = tf.randomNormal([3, 3, 64, 1]);
  const f = (x: Tensor, w: Tensor): Tensor => tf.depthwiseConv2d(as4(x), as4(w), 1, 'same');
  const forward = time(() => tf.tidy(() => f(x, w)));
  const backward = gradientTime((x, w) => f(x!, w!), [x, w], forward);
  return { name: 'depthwise 3×3 of 25×5×64', forward, backward };
})();
others.push(depthwise);

const round = (value: number): string => value.toFixed(1);
const convTable = new Table({ head: ['GFLOP/s', 'forward', 'dInput', 'dFilter', 'ms'] });
for (const c of [...convs, ...stridedConvs]) {
  convTable.push([c.name, round(c.forward), round(c.input), round(c.filter), round(c.ms)]);
}
const otherTable = new Table({ head: ['ms', 'forward', 'backward'] });
for (const o of [...norms, ...others])
  otherTable.push([o.name, round(o.forward), round(o.backward)]);
const convMs = convs.reduce((sum, c) => sum + c.ms, 0);
const normMs = norms.reduce((sum, n) => sum + n.forward + n.backward, 0);
console.log(`${engine.build}, batch ${batch}`);
console.log(convTable.toString());
console.log(otherTable.toString());
console.log(
  `ResNet-9 w16, per step: convolutions ${round(convMs)} ms, batch norm + relu ${round(normMs)} ms ` +
    `(${round((100 * normMs) / (normMs + convMs))} % of the two)`,
);
const folder = new URL('./results/', import.meta.url);
mkdirSync(folder, { recursive: true });
const report = {
  engine: engine.build,
  machine: `${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`,
  batch,
  gflops: [...convs, ...stridedConvs],
  milliseconds: [...norms, ...others],
  perStep: { convolutionMs: convMs, batchNormMs: normMs },
};
writeFileSync(new URL('kernels.json', folder), JSON.stringify(report, undefined, 2) + '\n');
