import { describe, expect, it } from 'vitest';
import { architectureLayers } from '../../../src/core/models/architectures';
import { buildGraph } from '../../../src/core/graph/build';
import { outputChannels, weightCount, weightedLayers } from '../../../src/core/graph/graph';
import { trainedFormat } from '../../../src/core/formats/fits';
import { WEIGHT_FORMATS } from '../../../src/core/formats/formats';
import type { ChannelPart, TrainedLayer } from '../../../src/core/train/pass/channel-parts';
import {
  channelParts,
  emptyLayers,
  prepareChannels,
  trainedLayers,
  trainingLayers,
  updateChannels,
} from '../../../src/core/train/pass/channel-parts';
import { createOptimizer } from '../../../src/core/train/pass/optimizer';
import { initialParameters } from '../../../src/core/train/pass/parameters';
import type { LayerArrays } from '../../../src/core/train/pass/pass';
import {
  frameworkWeights,
  quantizeLayerWeights,
} from '../../../src/core/train/pass/weight-quantization';
import { createRandom } from '../../../src/core/util/random';

/** Depthwise, pointwise and ordinary convolutions with batch norm, dense without. */
const input = [16, 10, 1] as const;
const graph = buildGraph({
  input,
  classes: 5,
  layers: architectureLayers('ds-cnn', input, 5, 12),
});
const weighted = weightedLayers(graph);

/** With random masks, batch norm and formats. */
function randomLayers(seed: number): TrainedLayer[] {
  const random = createRandom(seed);
  const layers = trainedLayers(graph, initialParameters(graph, seed));
  for (const { parameters } of layers) {
    parameters.mask.forEach((_, i) => (parameters.mask[i] = random.int(2)));
    parameters.gamma?.forEach((_, i) => (parameters.gamma![i] = random.normal()));
    parameters.bias.forEach((_, i) => (parameters.bias[i] = random.normal()));
    parameters.format = trainedFormat(WEIGHT_FORMATS[random.int(WEIGHT_FORMATS.length)]!);
  }
  return layers;
}

function randomGradients(seed: number): LayerArrays[] {
  const random = createRandom(seed);
  const layers = emptyLayers(graph);
  for (const { weights, gamma, bias } of layers) {
    for (const array of [weights, gamma, bias])
      array?.forEach((_, i) => (array[i] = random.normal()));
  }
  return layers;
}

describe('channels', () => {
  it.each([1, 2, 3, 8, 100])('are each in one of %i parts', (count) => {
    const parts = channelParts(graph, count);
    expect(parts.length).toBe(count);
    weighted.forEach((layer, index) => {
      const ranges = parts.flat().filter((part) => part.layer === index);
      let next = 0;
      for (const { first, end } of ranges) {
        expect(first).toBe(next);
        expect(end).toBeGreaterThan(first);
        next = end;
      }
      expect(next).toBe(outputChannels(layer));
      if (layer.kind === 'depthwiseConv2d') expect(ranges.length).toBe(1);
    });
  });

  it('are split into parts of about as many weights', () => {
    const weightsOf = ({ layer, first, end }: ChannelPart): number =>
      ((end - first) * weightCount(weighted[layer]!)) / outputChannels(weighted[layer]!);
    const total = weighted.reduce((sum, layer) => sum + weightCount(layer), 0);
    const largest = Math.max(...weighted.map(weightCount));
    for (const part of channelParts(graph, 3)) {
      const weights = part.reduce((sum, range) => sum + weightsOf(range), 0);
      expect(Math.abs(weights - total / 3)).toBeLessThan(largest / 3);
    }
  });
});

describe.each([1, 2, 5])('parameters of %i parts', (count) => {
  const parts = channelParts(graph, count);

  it.each([false, true])('are prepared as layer by layer, quantised: %s', (quantized) => {
    const layers = randomLayers(count);
    const prepared = emptyLayers(graph);
    // What was there before does not shine through.
    for (const { weights } of prepared) weights.fill(NaN);
    for (const part of parts) prepareChannels(layers, part, quantized, prepared);
    expect(prepared).toEqual(trainingLayers(graph, layers, quantized));
    layers.forEach(({ layer, parameters }, i) => {
      const codes = quantized ? quantizeLayerWeights(layer, parameters) : undefined;
      expect(prepared[i]!.weights).toEqual(frameworkWeights(layer, parameters, codes));
      expect([...prepared[i]!.bias]).toEqual([...parameters.bias]);
      expect(prepared[i]!.gamma).toEqual(parameters.gamma && Float32Array.from(parameters.gamma));
    });
  });

  it.each([
    ['adam', false],
    ['adam', true],
    ['sgd', true],
  ] as const)('are updated as weight by weight: %s, frozen %s', (kind, freezePruned) => {
    const config = { optimizer: kind, momentum: 0.9, weightDecay: 0.01 };
    const layers = randomLayers(7);
    const expected = randomLayers(7);
    const optimizer = createOptimizer(config);
    const plain = createOptimizer(config);
    for (let step = 1; step <= 3; step++) {
      const shards = [0.5, 0.3, 0.2].map((share, s) => {
        return { share, gradients: randomGradients(10 * step + s) };
      });
      optimizer.beginStep(step);
      for (const part of parts) {
        updateChannels(layers, part, shards, optimizer, { rate: 0.01, freezePruned });
      }
      plain.beginStep(step);
      expected.forEach(({ layer, parameters: p }, l) => {
        const channels = outputChannels(layer);
        const perChannel = p.weights.length / channels;
        const average = (kind: 'weights' | 'gamma' | 'bias', i: number): number =>
          shards.reduce(
            (sum, { share, gradients }) => Math.fround(sum + share * gradients[l]![kind]![i]!),
            0,
          );
        const weights = p.weights.map((_, i) => {
          if (freezePruned && p.mask[i] === 0) return 0;
          const [c, k] = [Math.floor(i / perChannel), i % perChannel];
          return average('weights', layer.kind === 'depthwiseConv2d' ? i : k * channels + c);
        });
        plain.update(`${l}.weights`, p.weights, weights, 0.01, true);
        if (p.gamma)
          plain.update(
            `${l}.gamma`,
            p.gamma,
            p.gamma.map((_, i) => average('gamma', i)),
            0.01,
            false,
          );
        plain.update(
          `${l}.bias`,
          p.bias,
          p.bias.map((_, i) => average('bias', i)),
          0.01,
          false,
        );
      });
    }
    expect(layers).toEqual(expected);
    expect([...optimizer.state.values()]).toEqual([...plain.state.values()]);
  });
});
