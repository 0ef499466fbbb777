/**
 * The architectures that have a name, written as the `layers` lists a user could have written, so that one builder
 * checks and shapes both. `width` is the channel count of the first stage; everything else is a multiple of it.
 */
import type { Architecture } from '../config/config';
import type { LayerConfig } from '../ops/graph-ops';
import type { DepthwiseConv2DConfig } from '../ops/depthwiseConv2d/graph';
import { buildGraph } from '../graph/build';
import type { Shape, Sides } from '../ops/shape';
import { convPadding } from '../ops/window';
import { ModelError } from '../graph/model-error';
import type { DescribedFormat } from './model';

interface Request {
  readonly width: number;
  readonly input: Shape;
  /** Outputs of the network. */
  readonly classes: number;
  /** Units of an autoencoder's narrowest layer. */
  readonly bottleneck: number;
}

/** As in MLPerf Tiny's autoencoder. */
export const DEFAULT_BOTTLENECK = 8;

export const DEFAULT_WIDTH: Readonly<Record<Architecture, number>> = {
  resnet9: 16,
  resnet8: 16,
  'ds-cnn': 64,
  'ds-cnn-streaming': 64,
  'mobilenet-v1': 8,
  lenet5: 6,
  cnn1d: 16,
  tcn: 16,
  mlp: 64,
  autoencoder: 64,
};

const BUILDERS: Readonly<Record<Architecture, (request: Request) => LayerConfig[]>> = {
  resnet9,
  resnet8,
  'ds-cnn': dsCnn,
  'ds-cnn-streaming': dsCnnStreaming,
  'mobilenet-v1': mobilenetV1,
  lenet5,
  cnn1d,
  tcn,
  mlp,
  autoencoder,
};

export const architecture: DescribedFormat = {
  load: ({ architecture: name, input, classes, outputs, width, bottleneck }) => {
    if (name === undefined) throw new ModelError('"model" has no "architecture"', []);
    const layers = architectureLayers(name, input, outputs, width, bottleneck);
    return {
      graph: buildGraph({
        layers,
        input,
        classes: outputs,
        ...(outputs === classes ? {} : { puts: 'numbers' }),
        architecture: name,
      }),
      entries: new Map(),
    };
  },
};

/** The layers of a named architecture, every one with a name. `width` defaults to DEFAULT_WIDTH. */
export function architectureLayers(
  architecture: Architecture,
  input: Shape,
  classes: number,
  width: number = DEFAULT_WIDTH[architecture],
  bottleneck: number = DEFAULT_BOTTLENECK,
): LayerConfig[] {
  return BUILDERS[architecture]({ width, input, classes, bottleneck });
}

type Extra = Omit<DepthwiseConv2DConfig, 'type' | 'name'>;

/** 3×3, stride 1, `same`, batch norm, ReLU: what nearly every convolution here is, unless `extra` says otherwise. */
function conv(name: string, filters: number, extra: Extra = {}): LayerConfig {
  return {
    type: 'conv2d',
    name,
    filters,
    kernel: 3,
    padding: 'same',
    batchNorm: true,
    activation: 'relu',
    ...extra,
  };
}

function depthwise(name: string, extra: Extra = {}): LayerConfig {
  return {
    type: 'depthwiseConv2d',
    name,
    kernel: 3,
    padding: 'same',
    batchNorm: true,
    activation: 'relu',
    ...extra,
  };
}

function hidden(name: string, units: number): LayerConfig {
  // Batch norm here too: without it a network collapses when masks move.
  return { type: 'dense', name, units, batchNorm: true, activation: 'relu' };
}

/** The logits. */
function output(classes: number): LayerConfig {
  return { type: 'dense', name: 'dense', units: classes, batchNorm: false, activation: 'none' };
}

function halve(name: string): LayerConfig {
  return { type: 'maxPool2d', name, pool: 2 };
}

/** The nine-layer ResNet of the DAWNBench CIFAR-10 entries (D. Page): x + ReLU(BN(conv(ReLU(BN(conv x))))). */
function resnet9({ width, classes }: Request): LayerConfig[] {
  const residual = (name: string, from: string, filters: number): LayerConfig[] => [
    conv(`${name}a`, filters),
    conv(`${name}b`, filters),
    { type: 'add', name: `${name}_add`, inputs: [from, `${name}b`] },
  ];
  return [
    conv('conv1', width),
    conv('conv2', 2 * width),
    halve('pool2'),
    ...residual('res2', 'pool2', 2 * width),
    conv('conv3', 4 * width),
    halve('pool3'),
    conv('conv4', 8 * width),
    halve('pool4'),
    ...residual('res4', 'pool4', 8 * width),
    { type: 'globalMaxPool', name: 'global_pool' },
    output(classes),
  ];
}

/**
 * MLPerf Tiny's image classification model (ResNet-8 v1, He et al. 2015): the shortcut convolutions have no batch
 * norm, and the final 8×8 average pool covers the whole plane.
 */
function resnet8({ width, classes }: Request): LayerConfig[] {
  const stack = (index: number, from: string, filters: number, stride: 1 | 2): LayerConfig[] => {
    const shortcut = stride === 1 ? from : `res${index}_skip`;
    return [
      conv(`res${index}a`, filters, { inputs: [from], stride }),
      conv(`res${index}b`, filters, { activation: 'none' }),
      ...(stride === 1
        ? []
        : [
            conv(shortcut, filters, {
              inputs: [from],
              kernel: 1,
              stride,
              batchNorm: false,
              activation: 'none',
            }),
          ]),
      {
        type: 'add',
        name: `res${index}_add`,
        inputs: [shortcut, `res${index}b`],
        activation: 'relu',
      },
    ];
  };
  return [
    conv('conv1', width),
    ...stack(1, 'conv1', width, 1),
    ...stack(2, 'res1_add', 2 * width, 2),
    ...stack(3, 'res2_add', 4 * width, 2),
    { type: 'globalAveragePool', name: 'global_pool' },
    output(classes),
  ];
}

/**
 * MLPerf Tiny's keyword spotting model (DS-CNN-S, Zhang et al. 2017), made for 49 frames × 10 MFCCs. For other
 * inputs every kernel is cut to the input's size; a window of raw samples ([1, time, channels]) is filtered along
 * its time axis by the long side of the first kernel.
 */
function dsCnn({ width, input, classes }: Request): LayerConfig[] {
  const [h, w] = input;
  const first: readonly [number, number] =
    h === 1 ? [1, Math.min(10, w)] : [Math.min(10, h), Math.min(4, w)];
  const stride: readonly [number, number] = [h === 1 ? 1 : 2, w === 1 ? 1 : 2];
  const inner: readonly [number, number] = [h === 1 ? 1 : 3, w === 1 ? 1 : 3];
  const blocks = [1, 2, 3, 4].flatMap((block) => [
    depthwise(`dw${block}`, { kernel: inner }),
    conv(`pw${block}`, width, { kernel: 1 }),
  ]);
  return [
    conv('conv1', width, { kernel: first, stride }),
    ...blocks,
    { type: 'globalAveragePool', name: 'global_pool' },
    output(classes),
  ];
}

const STREAMING_BLOCKS = 4;

/**
 * ds-cnn with padding across the bands alone: no convolution pads time, so what it computed of earlier frames stays true while the
 * window moves on, and a stream computes of every layer only what is new. The second half of its blocks sees fewer frames than
 * ds-cnn's, so it takes less time over a whole window, too.
 */
function dsCnnStreaming({ width, input, classes }: Request): LayerConfig[] {
  const [h, w] = input;
  const sequence = h === 1;
  const time = sequence ? w : h;
  const first = { kernel: 10, stride: 2 };
  const least = first.kernel + first.stride * 2 * STREAMING_BLOCKS;
  if (time < least) {
    throw new ModelError(
      `ds-cnn-streaming pads no time and needs ${least} frames or more; "input" has ${time}. Take ds-cnn for windows this short`,
      ['input'],
    );
  }
  const conv1 = acrossBands(sequence ? undefined : w, Math.min(4, w), w === 1 ? 1 : 2, first);
  const bands = sequence ? undefined : Math.ceil(w / conv1.stride[1]);
  const inner = acrossBands(bands, w === 1 ? 1 : 3, 1, { kernel: 3, stride: 1 });
  const blocks = Array.from({ length: STREAMING_BLOCKS }, (_, i) => [
    depthwise(`dw${i + 1}`, inner),
    conv(`pw${i + 1}`, width, { kernel: 1 }),
  ]).flat();
  return [
    conv('conv1', width, conv1),
    ...blocks,
    { type: 'globalAveragePool', name: 'global_pool' },
    output(classes),
  ];
}

/** A window over time, without padding there, and bands, padded as "same" does; over time alone where there are none. */
function acrossBands(
  bands: number | undefined,
  kernel: number,
  stride: number,
  time: { readonly kernel: number; readonly stride: number },
): { kernel: [number, number]; stride: [number, number]; padding: Sides } {
  if (bands === undefined) {
    return { kernel: [1, time.kernel], stride: [1, time.stride], padding: [0, 0, 0, 0] };
  }
  const { before, output } = convPadding(bands, kernel, stride, 'same');
  const after = Math.max(0, (output - 1) * stride + kernel - bands) - before;
  return {
    kernel: [time.kernel, kernel],
    stride: [time.stride, stride],
    padding: [0, 0, before, after],
  };
}

/** MobileNet v1 (Howard et al. 2017); width 32 is the paper's 1.0, the default 8 is MLPerf Tiny's 0.25. */
function mobilenetV1({ width, classes }: Request): LayerConfig[] {
  // [multiple of width, stride] of each depthwise separable block.
  const blocks = [
    [2, 1],
    [4, 2],
    [4, 1],
    [8, 2],
    [8, 1],
    [16, 2],
    [16, 1],
    [16, 1],
    [16, 1],
    [16, 1],
    [16, 1],
    [32, 2],
    [32, 1],
  ] as const;
  return [
    conv('conv1', width, { stride: 2 }),
    ...blocks.flatMap(([multiple, stride], i) => [
      depthwise(`dw${i + 1}`, { stride }),
      conv(`pw${i + 1}`, multiple * width, { kernel: 1 }),
    ]),
    { type: 'globalAveragePool', name: 'global_pool' },
    output(classes),
  ];
}

/**
 * LeNet-5 (LeCun et al. 1998) as it is used today: ReLU and max pooling. The paper pads 28×28 digits to 32×32, which
 * is `same` padding in the first layer for anything smaller than 32×32.
 */
function lenet5({ width, input, classes }: Request): LayerConfig[] {
  const [h, w] = input;
  return [
    conv('conv1', width, { kernel: 5, padding: h < 32 || w < 32 ? 'same' : 'valid' }),
    halve('pool1'),
    conv('conv2', Math.round((width * 16) / 6), { kernel: 5, padding: 'valid' }),
    halve('pool2'),
    hidden('fc1', 20 * width),
    hidden('fc2', 14 * width),
    output(classes),
  ];
}

/** Past this many the window is longer than what is worth its layers. */
const MOST_TCN_BLOCKS = 8;

function requireSequence(architecture: Architecture, [height, width, channels]: Shape): void {
  if (height === 1) return;
  throw new ModelError(
    `${architecture} reads a sequence, and "input" says ${height}×${width}×${channels}; write a sequence as [time, channels], such as ` +
      `[${height}, ${width * channels}], or choose resnet8 or ds-cnn for images and spectrograms`,
    ['input'],
  );
}

/**
 * Convolutions along time, each followed by a pool that halves it: the usual network for windows of motion and other
 * measured channels. Windows too short for a pool do without it.
 */
function cnn1d({ width, input, classes }: Request): LayerConfig[] {
  requireSequence('cnn1d', input);
  let time = input[1];
  const stages = [1, 2, 4].flatMap((multiple, i): LayerConfig[] => {
    const stage: LayerConfig = {
      type: 'conv1d',
      name: `conv${i + 1}`,
      filters: multiple * width,
      kernel: 5,
      padding: 'same',
      batchNorm: true,
      activation: 'relu',
    };
    if (time < 4) return [stage];
    time = Math.floor(time / 2);
    return [stage, { type: 'maxPool1d', name: `pool${i + 1}`, pool: 2 }];
  });
  return [...stages, { type: 'globalAveragePool1d', name: 'global_pool' }, output(classes)];
}

/**
 * The temporal convolutional network of Bai, Kolter and Koltun 2018 (arXiv 1803.01271): residual blocks of two causal
 * convolutions whose dilation doubles, as many as it takes for the last step, which is the one that is read, to see the whole
 * window. Batch norm in place of weight norm: it folds into the weights.
 */
function tcn({ width, input, classes }: Request): LayerConfig[] {
  requireSequence('tcn', input);
  const [, time] = input;
  const kernel = 3;
  const seen = (blocks: number): number => 1 + 2 * (kernel - 1) * (2 ** blocks - 1);
  let blocks = 1;
  while (seen(blocks) < time && blocks < MOST_TCN_BLOCKS) blocks++;
  const causal = (name: string, extra: object): LayerConfig => ({
    type: 'conv1d',
    name,
    filters: width,
    kernel,
    padding: 'causal',
    batchNorm: true,
    activation: 'relu',
    ...extra,
  });
  const layers: LayerConfig[] = [causal('stem', { kernel: 1 })];
  for (let block = 1; block <= blocks; block++) {
    const before = block === 1 ? 'stem' : `block${block - 1}_add`;
    const dilation = 2 ** (block - 1);
    layers.push(
      causal(`block${block}a`, { dilation, inputs: [before] }),
      causal(`block${block}b`, { dilation, activation: 'none' }),
      {
        type: 'add',
        name: `block${block}_add`,
        inputs: [before, `block${block}b`],
        activation: 'relu',
      },
    );
  }
  return [
    ...layers,
    { type: 'slice', name: 'last', begin: [0, time - 1, 0], extent: [1, 1, width] },
    output(classes),
  ];
}

/** Two hidden layers of `width` units. */
function mlp({ width, classes }: Request): LayerConfig[] {
  return [hidden('fc1', width), hidden('fc2', width), output(classes)];
}

/**
 * Down to the bottleneck and up again, as MLPerf Tiny's anomaly detection does with width 128: what the few numbers in the
 * middle cannot hold is not rebuilt.
 */
function autoencoder({ width, classes, bottleneck }: Request): LayerConfig[] {
  return [
    hidden('down1', width),
    hidden('down2', width),
    hidden('bottleneck', bottleneck),
    hidden('up1', width),
    hidden('up2', width),
    output(classes),
  ];
}
