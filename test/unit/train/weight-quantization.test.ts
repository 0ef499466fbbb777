import { describe, expect, it } from 'vitest';
import type { WeightedLayer } from '../../../src/core/ops/graph-ops';
import { channelOfWeight, weightCount } from '../../../src/core/graph/graph';
import { hasZero, largestCode } from '../../../src/core/formats/packing';
import { trainedFormat } from '../../../src/core/formats/fits';
import type { LayerParameters } from '../../../src/core/train/pass/parameters';
import {
  addStorageGradient,
  deployedValues,
  frameworkWeights,
  quantizeLayerWeights,
} from '../../../src/core/train/pass/weight-quantization';
import { createRandom } from '../../../src/core/util/random';

const base = { name: 'l', inputs: ['input'], batchNorm: true, activation: 'none' } as const;
const layers: WeightedLayer[] = [
  {
    ...base,
    kind: 'conv2d',
    filters: 3,
    kernel: [2, 3],
    stride: [1, 1],
    padding: 'same',
    inputShape: [4, 4, 5],
    outputShape: [4, 4, 3],
  },
  {
    ...base,
    kind: 'depthwiseConv2d',
    kernel: [3, 2],
    stride: [1, 1],
    padding: 'same',
    inputShape: [4, 4, 5],
    outputShape: [4, 4, 5],
  },
  { ...base, kind: 'dense', units: 4, inputShape: [1, 2, 3], outputShape: [1, 1, 4] },
];

function parametersOf(layer: WeightedLayer, seed: number): LayerParameters {
  const random = createRandom(seed);
  const count = weightCount(layer);
  const channels = layer.outputShape[2];
  return {
    weights: Float32Array.from({ length: count }, () => random.normal()),
    gamma: Float32Array.from({ length: channels }, () => random.normal()),
    bias: new Float32Array(channels),
    mean: new Float32Array(channels),
    variance: new Float32Array(channels).fill(1),
    mask: Uint8Array.from({ length: count }, () => (random.int(3) > 0 ? 1 : 0)),
    format: trainedFormat('int8'),
  };
}

describe.each(layers)('int8 weights of $kind', (layer) => {
  const p = parametersOf(layer, 5);
  const quantized = quantizeLayerWeights(layer, p);

  it('take each channel’s scale from the largest weight it keeps', () => {
    for (let c = 0; c < layer.outputShape[2]; c++) {
      let largest = 0;
      p.weights.forEach((w, i) => {
        if (channelOfWeight(layer, i) === c && p.mask[i] === 1)
          largest = Math.max(largest, Math.abs(w));
      });
      expect(quantized.scales[c]).toBe(largest > 0 ? largest / 127 : 1);
    }
  });

  it('are within half a step of the kept float weights', () => {
    p.weights.forEach((w, i) => {
      const scale = quantized.scales[channelOfWeight(layer, i)]!;
      if (p.mask[i] === 1)
        expect(Math.abs(quantized.values[i]! * scale - w)).toBeLessThanOrEqual(scale / 2 + 1e-9);
      expect(Math.abs(quantized.values[i]!)).toBeLessThanOrEqual(127);
    });
  });

  it('are rounded half away from zero, and clamped', () => {
    const weights = p.weights.slice();
    // Whole steps and halves of them, beside a largest weight that makes a step of one; the pruned may be far larger.
    weights.forEach((_, i) => (weights[i] = (((i * 37) % 253) - 126) / 2));
    weights[0] = 127;
    weights[weights.length - 1] = -1e12;
    const mask = p.mask.map((_, i) => (i === weights.length - 1 ? 0 : 1));
    const { values, scales } = quantizeLayerWeights(layer, { ...p, weights, mask });
    weights.forEach((w, i) => {
      const steps = w / scales[channelOfWeight(layer, i)]!;
      const rounded = Math.sign(steps) * Math.min(127, Math.floor(Math.abs(steps) + 0.5));
      expect(values[i]).toBe(rounded + 0);
    });
    expect(scales[0]).toBe(1);
  });

  it('are deployed with gamma’s sign and without the pruned', () => {
    const values = deployedValues(layer, p, quantized, true, [p.weights.length]);
    values.forEach((v, i) => {
      const sign = p.gamma![channelOfWeight(layer, i)]! < 0 ? -1 : 1;
      expect(v + 0).toBe(p.mask[i] === 1 ? quantized.values[i]! * sign + 0 : 0);
    });
  });

  it('go to TensorFlow.js and gradients come back in the right places', () => {
    const there = frameworkWeights(layer, p, quantized);
    const back = new Float32Array(there.length);
    const channels = quantized.scales.length;
    const perChannel = there.length / channels;
    const together = layer.kind === 'depthwiseConv2d' ? channels : 1;
    for (let first = 0; first < channels; first += together) {
      const end = first + together;
      const part = back.subarray(first * perChannel, end * perChannel);
      addStorageGradient(layer, there, 1, { first, end }, part);
      // A power of two: exact.
      addStorageGradient(layer, there, 0.25, { first, end }, part);
    }
    back.forEach((v, i) => {
      const scale = quantized.scales[channelOfWeight(layer, i)]!;
      expect(v).toBe(
        p.mask[i] === 1 ? Math.fround(1.25 * Math.fround(quantized.values[i]! * scale)) : 0,
      );
    });
  });

  it('survive a channel whose weights are all pruned', () => {
    const none = { ...p, mask: new Uint8Array(p.mask.length) };
    const q = quantizeLayerWeights(layer, none);
    expect([...q.scales].every((s) => s === 1)).toBe(true);
    expect(frameworkWeights(layer, none, q).every((v) => v === 0)).toBe(true);
  });
});

describe.each(layers)('few levels of $kind', (layer) => {
  it.each(['int4', 'quaternary', 'ternary', 'binary'] as const)(
    '%s: the nearest level of each weight',
    (format) => {
      const p: LayerParameters = { ...parametersOf(layer, 6), format: trainedFormat(format) };
      const { values, scales } = quantizeLayerWeights(layer, p);
      const largest = largestCode(format);
      p.weights.forEach((w, i) => {
        const scale = scales[channelOfWeight(layer, i)]!;
        const error = Math.abs(values[i]! * scale - w);
        for (let code = -largest; code <= largest; code += hasZero(format) ? 1 : 2) {
          expect(error).toBeLessThanOrEqual(Math.abs(code * scale - w) + 1e-9);
        }
      });
    },
  );

  it.each(['ternary', 'binary'] as const)(
    '%s: lets a channel that is all pruned come back',
    (format) => {
      const p: LayerParameters = { ...parametersOf(layer, 6), format: trainedFormat(format) };
      p.mask.fill(0);
      const { values } = quantizeLayerWeights(layer, p);
      for (let c = 0; c < layer.outputShape[2]; c++) {
        expect(values.some((v, i) => v !== 0 && channelOfWeight(layer, i) === c)).toBe(true);
      }
    },
  );
});
