import { describe, expect, it } from 'vitest';
import type { Graph } from '../../../src/core/graph/graph';
import type { DenseLayer } from '../../../src/core/ops/dense/graph';
import type { Layer } from '../../../src/core/ops/graph-ops';
import { INPUT } from '../../../src/core/graph/graph';
import { createExecutor } from '../../../src/core/quant/executor';
import { INT32_MAX } from '../../../src/core/quant/fixed-point';
import {
  activationRange,
  chooseQuantization,
  inputQuantization,
} from '../../../src/core/quant/quantization';
import type { TrainedLayer } from '../../../src/core/quant/quantize-model';
import { accumulatorBound, quantizeModel } from '../../../src/core/quant/quantize-model';
import { quantizeWeights } from '../../../src/core/quant/quantize-weights';
import { UserError } from '../../../src/core/util/errors';
import { createRandom } from '../../../src/core/util/random';

describe('tensor quantisation', () => {
  it('covers the range, holds zero exactly and stays within a step of both ends', () => {
    const random = createRandom(1);
    for (let i = 0; i < 1000; i++) {
      const size = 2 ** (random.int(40) - 20);
      const [a, b] = [random.next() - random.next(), random.next() - random.next()];
      const [min, max] = [Math.min(a, b) * size, Math.max(a, b) * size];
      const { scale, zeroPoint } = chooseQuantization(min, max);
      expect(Number.isInteger(zeroPoint) && zeroPoint >= -128 && zeroPoint <= 127).toBe(true);
      expect(Math.fround(scale)).toBe(scale);
      expect(scale * (-128 - zeroPoint)).toBeLessThanOrEqual(Math.min(min, 0) + scale * 0.51);
      expect(scale * (127 - zeroPoint)).toBeGreaterThanOrEqual(Math.max(max, 0) - scale * 0.51);
    }
  });

  it('gives the usual codes', () => {
    expect(chooseQuantization(0, 255)).toEqual({ scale: 1, zeroPoint: -128 });
    expect(chooseQuantization(3, 255)).toEqual({ scale: 1, zeroPoint: -128 });
    expect(chooseQuantization(-255, -1)).toEqual({ scale: 1, zeroPoint: 127 });
    expect(chooseQuantization(-128, 127)).toEqual({ scale: 1, zeroPoint: 0 });
    expect(chooseQuantization(0, 0)).toEqual({ scale: 1, zeroPoint: 0 });
    expect(chooseQuantization(0, 1e-60)).toEqual({ scale: 1, zeroPoint: 0 });
    for (const [min, max] of [
      [NaN, 1],
      [0, Infinity],
      [1, 0],
      [-1e300, 1e300],
    ] as const) {
      expect(() => chooseQuantization(min, max)).toThrow(UserError);
    }
  });

  it('makes image codes pixel − 128', () => {
    const { scale, zeroPoint } = inputQuantization({ kind: 'uint8', mean: [121], std: [64] });
    expect([scale, zeroPoint]).toEqual([1 / 64, -7]);
    expect(() => inputQuantization({ kind: 'uint8', mean: [121.5], std: [64] })).toThrow(UserError);
    expect(() => inputQuantization({ kind: 'uint8', mean: [1, 2, 3], std: [64] })).toThrow(
      UserError,
    );
    expect(inputQuantization({ kind: 'float', mean: [0], std: [1] }, -1, 1.55).zeroPoint).toBe(-28);
  });

  it('clamps fused activations at real 0 and 6', () => {
    const tensor = { scale: 0.05, zeroPoint: -100 };
    expect(activationRange('none', tensor)).toEqual({ min: -128, max: 127 });
    expect(activationRange('relu', tensor)).toEqual({ min: -100, max: 127 });
    expect(activationRange('relu6', tensor)).toEqual({ min: -100, max: 20 });
    // 6 / 12 is a half: away from zero.
    expect(activationRange('relu6', { scale: 12, zeroPoint: 0 })).toEqual({ min: 0, max: 1 });
  });
});

describe('weight quantisation', () => {
  it('is symmetric, per channel, and rounds halves away from zero', () => {
    const weights = Float32Array.of(127, 0.5, -0.5, 1.5, 0, 0, 0, 0, -254, 1, 3, -1);
    const { values, scales } = quantizeWeights(weights, (i) => i >> 2, 3);
    expect([...scales]).toEqual([1, 1, 2]);
    expect([...values]).toEqual([127, 1, -1, 2, 0, 0, 0, 0, -127, 1, 2, -1]);
  });

  it('survives weights too small to scale and refuses what is not finite', () => {
    const tiny = quantizeWeights(Float32Array.of(1e-45, -1e-45), () => 0, 1);
    expect([...tiny.values, ...tiny.scales]).toEqual([0, 0, 1]);
    for (const bad of [NaN, Infinity]) {
      expect(() => quantizeWeights(Float32Array.of(1, bad), () => 0, 1)).toThrow(/Weight 1/);
    }
  });
});

const UNITS = 3;
const INPUTS = 4;

function denseGraph(...after: Layer[]): Graph {
  const dense: DenseLayer = {
    name: 'fc',
    kind: 'dense',
    inputs: [INPUT],
    inputShape: [1, 1, INPUTS],
    outputShape: [1, 1, UNITS],
    units: UNITS,
    batchNorm: false,
    activation: 'none',
  };
  return { inputShape: [1, 1, INPUTS], layers: [dense, ...after] };
}

function quantizeDense(layer: Partial<TrainedLayer>, output = { min: -4, max: 4 }) {
  return quantizeModel({
    graph: denseGraph(),
    tensors: { input: { scale: 1 / 64, zeroPoint: 3 }, fc: output },
    layers: {
      fc: {
        weights: Float32Array.from({ length: UNITS * INPUTS }, (_, i) => (i - 5) / 10),
        bias: Float32Array.of(0.5, -1, 2),
        ...layer,
      },
    },
  });
}

describe('model quantisation', () => {
  it('stays close to the real network', () => {
    const random = createRandom(3);
    const weights = Float32Array.from({ length: UNITS * INPUTS }, () => random.next() - 0.5);
    const bias = Float32Array.of(0.5, -1, 2);
    const model = quantizeDense({ weights, bias });
    const { scale, zeroPoint } = model.tensors['fc']!;
    for (let k = 0; k < 50; k++) {
      const input = Int8Array.from({ length: INPUTS }, () => random.int(256) - 128);
      createExecutor(model)
        .run(input)
        .forEach((code, o) => {
          let real = bias[o]!;
          input.forEach((q, i) => (real += ((q - 3) / 64) * weights[o * INPUTS + i]!));
          const clamped = Math.max(-4, Math.min(4, real));
          expect(Math.abs(scale * (code - zeroPoint) - clamped)).toBeLessThan(0.03);
        });
    }
  });

  it('puts masked weights to exactly zero and leaves the scale to the others', () => {
    const weights = Float32Array.of(9, 1, -1, 0.5, 9, 1, -1, 0.5, 9, 1, -1, 0.5);
    const mask = Uint8Array.of(0, 1, 1, 1, 1, 1, 0, 1, 0, 0, 0, 0);
    const { fc } = quantizeDense({ weights, mask }).layers;
    expect([...fc!.weights]).toEqual([0, 127, -127, 64, 127, 14, 0, 7, 0, 0, 0, 0]);
    expect(fc!.weightScales[0]).toBe(Math.fround(1 / 127));
  });

  it('keeps the bias of a channel without weights', () => {
    const model = quantizeDense({ mask: new Uint8Array(UNITS * INPUTS) });
    const { scale, zeroPoint } = model.tensors['fc']!;
    const output = createExecutor(model).run(new Int8Array(INPUTS));
    [0.5, -1, 2].forEach((bias, o) => {
      expect(output[o]).toBe(Math.round(bias / scale) + zeroPoint);
    });
  });

  it("uses the trainer's scales and saturates at 127", () => {
    const weightScales = Float64Array.of(0.01, 0.001, 0.25);
    const { fc } = quantizeDense({
      weights: Float32Array.of(0.5, 1.27, 9, 0.004, 0.5, -0.5, 0, 0, 0.25, 0.125, -0.125, 0.12),
      weightScales,
    }).layers;
    expect([...fc!.weights]).toEqual([50, 127, 127, 0, 127, -127, 0, 0, 1, 1, -1, 0]);
    expect([...fc!.weightScales]).toEqual([...weightScales].map(Math.fround));
  });

  it('raises the weight scale where the bias would not fit, and never overflows', () => {
    const weights = Float32Array.from({ length: UNITS * INPUTS }, () => 1e-9);
    const model = quantizeDense({ weights, bias: Float32Array.of(1000, -1, 1e-8) });
    const { fc } = model.layers;
    expect(Math.abs(fc!.bias[0]!)).toBeLessThanOrEqual(2 ** 30 + 64);
    const [dense] = model.graph.layers;
    if (dense?.kind !== 'dense') throw new Error('expected a dense layer');
    for (const bound of accumulatorBound(dense, fc!, model.tensors)) {
      expect(bound).toBeLessThan(INT32_MAX);
    }
    const { scale, zeroPoint } = model.tensors['fc']!;
    const output = createExecutor(model).run(new Int8Array(INPUTS));
    expect([...output]).toEqual([127, Math.round(-1 / scale) + zeroPoint, zeroPoint]);
  });

  it('passes quantisations through and fixes that of softmax', () => {
    const shape = [1, 1, UNITS] as const;
    const base = { inputShape: shape, outputShape: shape };
    const model = quantizeModel({
      graph: denseGraph(
        { ...base, name: 'clamp', kind: 'activation', inputs: ['fc'], activation: 'relu' },
        { ...base, name: 'softmax', kind: 'softmax', inputs: ['clamp'] },
      ),
      tensors: { input: { min: 0, max: 1 }, fc: { min: -1, max: 2 }, clamp: { min: 0, max: 9 } },
      layers: { fc: { weights: new Float32Array(12), bias: new Float32Array(3) } },
    });
    expect(model.tensors['clamp']).toEqual(model.tensors['fc']);
    expect(model.tensors['softmax']).toEqual({ scale: 1 / 256, zeroPoint: -128 });
    // Three equal logits: a third each, in 1/256.
    expect([...createExecutor(model).run(new Int8Array(4))]).toEqual([-43, -43, -43]);
  });

  it('names the layer in every error', () => {
    const cases: [Partial<TrainedLayer>, RegExp][] = [
      [{ weights: new Float32Array(11) }, /'fc' has 11 weights; its shape asks for 12/],
      [{ bias: new Float32Array(4) }, /'fc' has 4 biases/],
      [{ mask: new Uint8Array(1) }, /'fc' has 1 mask/],
      [{ weightScales: new Float64Array(2) }, /'fc' has 2 weight scales/],
      [{ weightScales: Float64Array.of(1, 0, 1) }, /'fc', channel 1.*scale 0/],
      [{ bias: Float32Array.of(0, 0, NaN) }, /'fc', channel 2: bias NaN/],
      [{ weights: new Float32Array(12).fill(NaN) }, /'fc': Weight 0 is NaN/],
    ];
    for (const [layer, message] of cases) {
      expect(() => quantizeDense(layer)).toThrow(UserError);
      expect(() => quantizeDense(layer)).toThrow(message);
    }
    expect(() => quantizeDense({}, { min: 0, max: NaN })).toThrow(/'fc'/);
    // Weights a million times coarser than the output: the left shift would overflow.
    expect(() => quantizeDense({}, { min: 0, max: 1e-12 })).toThrow(/'fc', channel 0/);
    expect(() =>
      quantizeModel({ graph: denseGraph(), tensors: { input: { min: 0, max: 1 } }, layers: {} }),
    ).toThrow(/tensor 'fc'/);
  });
});
