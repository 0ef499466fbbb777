/** Small networks of random operations, odd sizes included, whose whole last tensor is the output. */
import type { LayerConfig } from '../../../src/core/ops/graph-ops';
import { buildGraph } from '../../../src/core/graph/build';
import type { Graph } from '../../../src/core/graph/graph';
import { convPadding } from '../../../src/core/ops/window';
import { createRandom } from '../../../src/core/util/random';

export function randomGraph(seed: number, operations = 6): Graph {
  const random = createRandom(seed);
  const pick = <T>(...options: readonly T[]): T => options[random.int(options.length)]!;
  const input: [number, number, number] = [
    3 + random.int(10),
    3 + random.int(10),
    1 + random.int(7),
  ];
  let [height, width, channels] = input;
  const layers: LayerConfig[] = [];
  let last = 'input';
  const push = (layer: LayerConfig): void => {
    last = `l${layers.length}`;
    layers.push({ name: last, ...layer });
  };
  const window = (
    size: number,
  ): { size: [number, number]; stride: [number, number]; padding: 'same' | 'valid' } => {
    const kernel: [number, number] = [1 + random.int(size), 1 + random.int(size)];
    const fits = kernel[0] <= height && kernel[1] <= width;
    const stride: [number, number] =
      height * width > 12 ? [pick(1, 1, 2, 3), pick(1, 1, 2)] : [1, 1];
    const padding = fits ? pick('same', 'valid') : 'same';
    height = convPadding(height, kernel[0], stride[0], padding).output;
    width = convPadding(width, kernel[1], stride[1], padding).output;
    return { size: kernel, stride, padding };
  };
  const activation = (): 'none' | 'relu' | 'relu6' => pick('none', 'relu', 'relu6');
  const conv = (filters: number): void => {
    const { size, stride, padding } = window(4);
    push({ type: 'conv2d', filters, kernel: size, stride, padding, activation: activation() });
    channels = filters;
  };
  const depthwise = (): void => {
    const { size, stride, padding } = window(4);
    push({ type: 'depthwiseConv2d', kernel: size, stride, padding, activation: activation() });
  };
  const pool = (): void => {
    const { size, stride, padding } = window(3);
    push({ type: pick('maxPool2d', 'averagePool2d'), pool: size, stride, padding });
  };
  // A shortcut around a convolution, sometimes with a clamp that cannot be fused: both branches read its input.
  const residual = (): void => {
    if (random.next() < 0.5) push({ type: pick('relu', 'relu6'), inputs: [last] });
    const shortcut = last;
    push({
      type: 'conv2d',
      filters: channels,
      kernel: pick(1, 3),
      padding: 'same',
      inputs: [last],
    });
    push({
      type: 'add',
      inputs: random.next() < 0.5 ? [last, shortcut] : [shortcut, last],
      activation: activation(),
    });
  };
  // A pool takes no clamp over, so that the one behind it stays a layer of its own.
  const clamp = (): void => {
    push({ type: 'maxPool2d', pool: 1, stride: 1 });
    const type = pick('relu', 'relu6');
    push(layers.length % 3 === 0 ? { type: 'leakyRelu', slope: 0.2 } : { type });
  };

  conv(1 + random.int(9));
  for (let i = 0; i < operations; i++) {
    pick(() => conv(1 + random.int(12)), depthwise, pool, residual, residual, clamp)();
  }
  const ending = random.int(4);
  if (ending === 0) {
    push({ type: pick('globalAveragePool', 'globalMaxPool') });
    return buildGraph({ layers, input, classes: channels });
  }
  if (ending === 1) {
    push({ type: 'flatten' });
    return buildGraph({ layers, input, classes: height * width * channels });
  }
  const units = 1 + random.int(15);
  if (ending === 2) push({ type: 'flatten' });
  push({ type: 'dense', units, activation: 'none' });
  if (random.next() < 0.5) push({ type: 'softmax' });
  return buildGraph({ layers, input, classes: units });
}
