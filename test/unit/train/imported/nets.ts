/** Float networks with weights from a seed, in the form that a model file gives them, and examples for them. */
import type { Normalization, Samples } from '../../../../src/core/dataset/dataset';
import { buildGraph } from '../../../../src/core/graph/build';
import { outputChannels, weightCount, weightedLayers } from '../../../../src/core/graph/graph';
import type { FloatNetwork } from '../../../../src/core/train/imported/float-network';
import { createRandom } from '../../../../src/core/util/random';

export const normalization: Normalization = { kind: 'uint8', mean: [128], std: [64] };

/** Residual, depthwise, pool and dense; `activation` of its convolutions. */
export function network(activation: 'relu' | 'relu6' = 'relu', spreadOfScales = 1): FloatNetwork {
  const common = { batchNorm: false, activation } as const;
  const graph = buildGraph({
    input: [8, 8, 3],
    classes: 4,
    layers: [
      { type: 'conv2d', name: 'stem', filters: 8, kernel: 3, ...common },
      { type: 'conv2d', name: 'branch', filters: 8, kernel: 3, ...common },
      { type: 'add', name: 'sum', inputs: ['stem', 'branch'] },
      { type: 'depthwiseConv2d', name: 'dw', kernel: 3, stride: 2, ...common },
      { type: 'conv2d', name: 'point', filters: 12, kernel: 1, ...common },
      { type: 'maxPool2d', pool: 2 },
      { type: 'dense', name: 'hidden', units: 16, activation: 'relu', batchNorm: false },
      { type: 'dense', name: 'scores', units: 4 },
      { type: 'softmax' },
    ],
  });
  const random = createRandom(5);
  const layers = Object.fromEntries(
    weightedLayers(graph).map((layer) => {
      const channels = outputChannels(layer);
      const count = weightCount(layer);
      const deviation = Math.sqrt((2 * channels) / count);
      const scale = Float64Array.from({ length: channels }, () =>
        Math.exp(random.normal() * (spreadOfScales - 1)),
      );
      const first = layer.kind === 'depthwiseConv2d' ? 1 : count / channels;
      return [
        layer.name,
        {
          weights: Float32Array.from(
            { length: count },
            (_, i) => random.normal() * deviation * scale[Math.floor(i / first) % channels]!,
          ),
          bias: Float32Array.from({ length: channels }, () => random.normal() * 0.2),
        },
      ];
    }),
  );
  return { graph, layers };
}

export function pictures(count: number, seed: number): Samples {
  const random = createRandom(seed);
  const data = new Uint8Array(count * 8 * 8 * 3);
  for (let n = 0; n < count; n++) {
    const [r, g, b] = [random.int(200), random.int(200), random.int(200)];
    for (let i = 0; i < 64; i++) {
      data.set(
        [r!, g!, b!].map((v) => Math.max(0, Math.min(255, v + random.normal() * 40))),
        (n * 64 + i) * 3,
      );
    }
  }
  return { count, shape: [8, 8, 3], data, targets: new Float32Array(count) };
}
