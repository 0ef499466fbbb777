/**
 * Small networks of random operations over a window of time: spectrograms or sequences, whose convolutions and pools see no
 * further than the window (or, causal, the past), with shortcuts that are cut to fit.
 */
import type { LayerConfig } from '../../../src/core/ops/graph-ops';
import { buildGraph } from '../../../src/core/graph/build';
import type { Graph } from '../../../src/core/graph/graph';
import { createRandom } from '../../../src/core/util/random';

export interface RandomStreamOptions {
  /** Pads in front of time instead of nowhere. */
  readonly causal?: boolean;
  /** Moments of the window, in place of some number from 16 to 39. */
  readonly length?: number;
  /** Ends in what sees only the last moment, so that a longer window gives the same. */
  readonly lastOnly?: boolean;
}

export function randomStream(seed: number, options: RandomStreamOptions = {}): Graph {
  const random = createRandom(seed);
  const pick = <T>(...choices: readonly T[]): T => choices[random.int(choices.length)]!;
  const causal = options.causal ?? false;
  const sequence = pick(true, false);
  const length = options.length ?? 16 + random.int(24);
  if (options.length !== undefined) random.int(24);
  const bands = sequence ? 1 : 4 + random.int(4);
  let channels = 1 + random.int(3);
  let time = length;
  const input: [number, number, number] = sequence ? [1, time, channels] : [time, bands, channels];
  const layers: LayerConfig[] = [];
  let last = 'input';
  const push = (layer: LayerConfig): void => {
    last = `l${layers.length}`;
    layers.push({ name: last, ...layer });
  };
  const sides = (before: number, left: number, right: number): [number, number, number, number] =>
    sequence ? [0, 0, before, 0] : [before, 0, left, right];
  const both = (along: number, other: number): [number, number] =>
    sequence ? [1, along] : [along, other];
  const activation = (): 'none' | 'relu' | 'relu6' => pick('none', 'relu', 'relu6');

  const conv = (depthwise: boolean, stride: number): void => {
    const dilation = stride === 1 ? pick(1, 1, 2) : 1;
    let kernel = pick(1, 2, 3);
    if (!causal && (kernel - 1) * dilation + 1 > time - 4) kernel = 1;
    const extent = (kernel - 1) * dilation + 1;
    const before = causal ? extent - 1 : 0;
    const side = pick(0, 1);
    const window = {
      kernel: both(kernel, side === 1 ? 3 : 1),
      stride: both(stride, 1),
      dilation: both(dilation, 1),
      padding: sides(before, side, side),
      activation: activation(),
    };
    const filters = 1 + random.int(6);
    if (depthwise) push({ type: 'depthwiseConv2d', ...window });
    else {
      push({ type: 'conv2d', filters, ...window });
      channels = filters;
    }
    time = Math.floor((time + before - extent) / stride) + 1;
  };
  const pool = (): void => {
    if (causal || time < 8) return;
    const size = pick(2, 3);
    const type = pick('maxPool2d' as const, 'averagePool2d' as const);
    push({ type, pool: both(size, 1), stride: both(2, 1) });
    time = Math.floor((time - size) / 2) + 1;
  };
  // The shortcut loses its oldest moments, so that it is as long as what the convolution leaves.
  const residual = (): void => {
    const extent = 3;
    if (!causal && time < 8) return;
    const start = time;
    push(
      pick<LayerConfig>(
        { type: 'hardSwish' },
        { type: 'sigmoid' },
        { type: 'tanh' },
        { type: 'elu' },
        { type: 'leakyRelu', slope: 0.2 },
        { type: 'clip', min: -2, max: 3 },
        { type: 'requantize' },
      ),
    );
    const shortcut = last;
    push({
      type: 'conv2d',
      filters: channels,
      kernel: both(extent, 1),
      padding: sides(causal ? extent - 1 : 0, 0, 0),
      inputs: [shortcut],
    });
    const branch = last;
    time = causal ? start : start - extent + 1;
    if (!causal) {
      push({
        type: 'slice',
        inputs: [shortcut],
        begin: sequence ? [0, extent - 1, 0] : [extent - 1, 0, 0],
        extent: sequence ? [1, time, channels] : [time, bands, channels],
      });
    }
    const cut = causal ? shortcut : last;
    const inputs = [branch, cut];
    push(
      pick<LayerConfig>(
        { type: 'add', inputs, activation: activation() },
        { type: 'sub', inputs },
        { type: 'mul', inputs },
        { type: 'maximum', inputs },
        { type: 'concat', inputs },
      ),
    );
    if (layers.at(-1)?.type === 'concat') channels *= 2;
  };

  conv(false, 1);
  for (let i = 0; i < 5; i++) {
    pick(
      () => conv(false, 1),
      () => conv(true, 1),
      () => conv(false, causal ? 1 : pick(1, 2)),
      pool,
      residual,
    )();
  }
  if (options.lastOnly === true) {
    push({
      type: 'slice',
      begin: sequence ? [0, time - 1, 0] : [time - 1, 0, 0],
      extent: sequence ? [1, 1, channels] : [1, bands, channels],
    });
  } else if (random.next() < 0.6) {
    push({ type: pick('globalAveragePool', 'globalMaxPool') });
  }
  const units = 1 + random.int(6);
  push({ type: 'dense', units, activation: 'none' });
  return buildGraph({ layers, input, classes: units });
}
