/** Random quantised networks for the executors' tests: seeded, and with arithmetic that is the same everywhere. */

import type { Graph } from '../../../src/core/graph/graph';
import type { Layer } from '../../../src/core/ops/graph-ops';
import type { Activation, Pair, Shape } from '../../../src/core/ops/shape';
import { INPUT, isWeighted, outputChannels, weightCount } from '../../../src/core/graph/graph';
import { elements } from '../../../src/core/ops/shape';
import { convPadding } from '../../../src/core/ops/window';
import type { QuantizedModel, TensorQuantization } from '../../../src/core/quant/model';
import type { TrainedLayer } from '../../../src/core/quant/quantize-model';
import { quantizeModel } from '../../../src/core/quant/quantize-model';
import type { Random } from '../../../src/core/util/random';
import { createRandom, mixSeed } from '../../../src/core/util/random';

export interface RandomModelOptions {
  /** Extreme weights, biases, scales and zero points instead of plausible ones. */
  readonly hostile?: boolean;
  /** Fraction of zero weights. */
  readonly sparsity?: number;
}

/** A chain of two to seven layers with additions across, ended by dense and softmax half of the time. */
export function randomModel(seed: number, options: RandomModelOptions = {}): QuantizedModel {
  const random = createRandom(mixSeed(seed, 1));
  const graph = randomGraph(random);
  const tensors: Record<string, TensorQuantization> = {
    [INPUT]: randomTensor(random, 0.03, options),
  };
  const layers: Record<string, TrainedLayer> = {};
  for (const layer of graph.layers) {
    // A few codes per weighted sum's standard deviation, so that outputs neither saturate nor vanish.
    tensors[layer.name] = randomTensor(random, 0.03, options);
    if (!isWeighted(layer)) continue;
    const fanIn = weightCount(layer) / outputChannels(layer);
    const reach = options.hostile === true ? 2 : 1.5 / Math.sqrt(fanIn);
    const uniform = (): number => reach * (2 * random.next() - 1);
    layers[layer.name] = {
      weights: Float32Array.from({ length: weightCount(layer) }, () => {
        if (random.next() < (options.sparsity ?? 0)) return 0;
        if (options.hostile === true && random.next() < 0.5) return random.next() < 0.5 ? 9 : -9;
        return uniform();
      }),
      bias: Float32Array.from(
        { length: outputChannels(layer) },
        () => uniform() * (options.hostile === true && random.next() < 0.3 ? 1e4 : 1),
      ),
      // One power of two for all units, which TFLite's single-scale FULLY_CONNECTED scales exactly.
      ...(layer.kind === 'dense' && options.hostile !== true
        ? { weightScales: new Float64Array(layer.units).fill(2 ** -8) }
        : {}),
    };
  }
  return quantizeModel({ graph, tensors, layers });
}

function randomTensor(
  random: Random,
  scale: number,
  { hostile }: RandomModelOptions,
): TensorQuantization {
  if (hostile !== true) {
    return { scale: scale * (0.5 + random.next()), zeroPoint: random.int(160) - 128 };
  }
  return {
    scale: scale * 2 ** (random.int(5) - 2),
    zeroPoint: random.next() < 0.3 ? 127 : random.next() < 0.5 ? -128 : random.int(256) - 128,
  };
}

function randomGraph(random: Random): Graph {
  const inputShape: Shape = [1 + random.int(11), 1 + random.int(11), 1 + random.int(9)];
  const layers: Layer[] = [];
  let shape = inputShape;
  let from = INPUT;
  const pick = <T>(...choices: readonly [T, ...T[]]): T =>
    choices[random.int(choices.length)] ?? choices[0];
  const activation = (): Activation => pick<Activation>('none', 'relu', 'relu6');
  const push = (layer: Layer): void => {
    layers.push(layer);
    shape = layer.outputShape;
    from = layer.name;
  };
  const base = (kind: string, outputShape: Shape) => ({
    name: `${kind}_${layers.length}`,
    inputs: [from],
    inputShape: shape,
    outputShape,
  });
  const count = 1 + random.int(5);
  for (let i = 0; i < count; i++) {
    const padding = pick('same', 'valid');
    const window = (): Pair =>
      padding === 'same'
        ? [1 + random.int(4), 1 + random.int(4)]
        : [1 + random.int(Math.min(4, shape[0])), 1 + random.int(Math.min(4, shape[1]))];
    const kernel = window();
    const stride: Pair = [1 + random.int(3), 1 + random.int(3)];
    const slid = (depth: number): Shape => [
      convPadding(shape[0], kernel[0], stride[0], padding).output,
      convPadding(shape[1], kernel[1], stride[1], padding).output,
      depth,
    ];
    const filters = 1 + random.int(9);
    switch (random.int(6)) {
      case 0:
      case 1:
        push({
          ...base('conv2d', slid(filters)),
          ...{ kind: 'conv2d', filters, kernel, stride, padding, batchNorm: true },
          activation: activation(),
        });
        break;
      case 2:
        push({
          ...base('depthwise', slid(shape[2])),
          ...{ kind: 'depthwiseConv2d', kernel, stride, padding, batchNorm: false },
          activation: activation(),
        });
        break;
      case 3:
        push({
          ...base('pool', slid(shape[2])),
          ...{ kind: pick('maxPool2d', 'averagePool2d'), pool: kernel, stride, padding },
        });
        break;
      case 4: {
        // Two branches of equal shape, then their sum.
        const source = from;
        const branch = (): void =>
          push({
            ...base('branch', [shape[0], shape[1], filters]),
            ...{ kind: 'conv2d', filters, kernel: [1, 1], stride: [1, 1], padding: 'same' },
            batchNorm: true,
            activation: activation(),
          });
        const before = shape;
        branch();
        const first = from;
        from = source;
        shape = before;
        branch();
        push({
          ...base('add', shape),
          ...{ kind: 'add', inputs: [first, from], activation: activation() },
        });
        break;
      }
      default:
        push({ ...base('clamp', shape), kind: 'activation', activation: pick('relu', 'relu6') });
    }
  }
  if (random.int(2) === 0) {
    if (random.int(2) === 0) {
      push({
        ...base('global', [1, 1, shape[2]]),
        kind: pick('globalAveragePool', 'globalMaxPool'),
      });
    }
    push({ ...base('flatten', [1, 1, elements(shape)]), kind: 'flatten' });
    const units = 2 + random.int(12);
    push({
      ...base('dense', [1, 1, units]),
      ...{ kind: 'dense', units, batchNorm: false, activation: activation() },
    });
    push({ ...base('softmax', shape), kind: 'softmax' });
  }
  return { inputShape, layers };
}

/** Codes of the network's input: uniform, nearly constant, or only extremes, by index. */
export function randomInput(shape: Shape, seed: number, index: number): Int8Array {
  const random = createRandom(mixSeed(seed, 2, index));
  const centre = random.int(240) - 120;
  const draw = [
    () => random.int(256) - 128,
    () => centre + random.int(17) - 8,
    () => (random.int(2) === 0 ? 127 : -128),
  ][index % 3]!;
  return Int8Array.from({ length: elements(shape) }, draw);
}
