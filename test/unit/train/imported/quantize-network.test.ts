import { beforeAll, describe, expect, it } from 'vitest';
import { inputQuantization } from '../../../../src/core/quant/quantization';
import { quantizeModel } from '../../../../src/core/quant/quantize-model';
import type { Engine } from '../../../../src/core/train/engines/engine';
import { openEngine } from '../../../../src/core/train/engines/open-engine';
import { correctBiases } from '../../../../src/core/train/imported/correct-bias';
import { equalized } from '../../../../src/core/train/imported/equalize';
import type { FloatNetwork } from '../../../../src/core/train/imported/float-network';
import { observe, outputsOf } from '../../../../src/core/train/imported/observe';
import { quantizeNetwork } from '../../../../src/core/train/imported/quantize-network';
import { signalToNoise } from '../../../../src/core/train/imported/signal-to-noise';
import { Histogram } from '../../../../src/core/train/imported/tensor-ranges';
import { sliceBatch } from '../../../../src/core/dataset/batches';
import { createRandom } from '../../../../src/core/util/random';
import { network, normalization, pictures } from './nets';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine('wasm');
});
const inputTensor = inputQuantization(normalization);

async function peaksOf(net: FloatNetwork): Promise<Map<string, Float64Array>> {
  const peaks = new Map<string, Float64Array>();
  const width = new Map(net.graph.layers.map((l) => [l.name, l.outputShape[2]]));
  await observe(engine, net, pictures(32, 1), normalization, {
    tensor: (name, values) => {
      const peak = peaks.get(name) ?? new Float64Array(width.get(name)!);
      peaks.set(name, peak);
      values.forEach((v, i) => {
        const c = i % peak.length;
        peak[c] = Math.max(peak[c]!, Math.abs(v));
      });
    },
  });
  return peaks;
}

describe('equalising channels', () => {
  it('leaves what the network computes as it is, and evens out the channels', async () => {
    const net = network('relu', 2.5);
    const before = await peaksOf(net);
    const even = equalized(net, before)!;
    const [a, b] = await Promise.all(
      [net, even].map((each) => outputsOf(engine, each, pictures(16, 2), normalization)),
    );
    const largest = a!.reduce((max, v) => Math.max(max, Math.abs(v)), 0);
    a!.forEach((v, i) => expect(Math.abs(v - b![i]!)).toBeLessThan(1e-4 * largest));
    const ratio = (peak: Float64Array): number => {
      const live = peak.filter((v) => v > 0);
      return Math.max(...live) / Math.min(...live);
    };
    const after = await peaksOf(even);
    expect(ratio(after.get('point')!)).toBeLessThan(ratio(before.get('point')!));
    expect(even.layers['dw']!.weights).toEqual(net.layers['dw']!.weights);
  });

  it('leaves channels alone that a clamp at 6 follows', async () => {
    const net = network('relu6');
    const even = equalized(net, await peaksOf(net));
    for (const name of ['stem', 'branch', 'dw', 'point']) {
      expect(even?.layers[name] ?? net.layers[name]).toEqual(net.layers[name]);
    }
  });
});

describe('choosing a range', () => {
  const random = createRandom(3);
  const values = Float32Array.from({ length: 50_000 }, () => random.normal());
  values[7] = 80;
  values[8] = -3;
  const histogram = new Histogram();
  histogram.add(values.subarray(0, 5));
  histogram.add(values.subarray(5));

  /** Mean squared error of int8 steps over a range. */
  function error({ min, max }: { min: number; max: number }): number {
    const step = (max - min) / 255;
    let sum = 0;
    for (const v of values) {
      const q = Math.round((Math.max(min, Math.min(max, v)) - min) / step) * step + min;
      sum += (v - q) ** 2;
    }
    return sum / values.length;
  }

  it('keeps everything, or cuts outliers off where that costs less', () => {
    const extremes = histogram.range('extremes');
    expect(extremes.max).toBe(80);
    expect(extremes.min).toBeLessThan(-3);
    const percentile = histogram.range('percentile');
    expect(percentile.max).toBeGreaterThan(3);
    expect(percentile.max).toBeLessThan(5);
    const least = histogram.range('least error');
    expect(error(least)).toBeLessThan(error(extremes));
    // No end on a fine grid does much better than the one found.
    for (let max = 2; max < 80; max += 2) {
      expect(error(least)).toBeLessThan(1.05 * error({ min: extremes.min, max }));
    }
  });

  it('has nothing to cut where all values are the same', () => {
    const flat = new Histogram();
    flat.add(new Float32Array(100));
    expect(flat.range('least error')).toEqual({ min: 0, max: 0 });
    expect(flat.range('percentile')).toEqual({ min: 0, max: 0 });
  });
});

describe('correcting biases', () => {
  it('brings the integer network nearer to the float one where weights are rounded coarsely', async () => {
    const net = network();
    const samples = pictures(32, 4);
    // Weights that are far coarser than int8: what correction is for.
    const coarse = Object.fromEntries(
      Object.entries(net.layers).map(([name, { weights, bias }]) => {
        const peak = weights.reduce((max, w) => Math.max(max, Math.abs(w)), 0);
        const step = peak / 3;
        return [name, { weights: weights.map((w) => Math.round(w / step) * step), bias }];
      }),
    );
    const seen = await quantizeNetwork(engine, net, { samples, normalization, inputTensor });
    const { tensors } = seen.model;
    const plain = quantizeModel({ graph: net.graph, tensors, layers: coarse });
    const batch = sliceBatch(samples, normalization, 0, 32);
    const { biases, own } = await correctBiases(engine, net, plain, batch);
    const corrected = quantizeModel({
      graph: net.graph,
      tensors,
      layers: Object.fromEntries(
        Object.entries(coarse).map(([name, l]) => [name, { ...l, bias: biases[name]! }]),
      ),
    });
    const float = new Map([['scores', await outputsOf(engine, net, samples, normalization)]]);
    const noise = (model: typeof plain): number =>
      signalToNoise(model, samples, normalization, float).get('scores')!;
    expect(noise(corrected)).toBeGreaterThan(noise(plain) + 1);
    expect(own['stem']).toBeLessThan(25);
    expect(engine.tf.memory().numTensors).toBe(0);
  });
});

describe('quantising a network', () => {
  it('comes near to the float network, says how near layer by layer, and is the same every time', async () => {
    const net = network('relu', 2);
    const options = { samples: pictures(64, 6), normalization, inputTensor };
    const { model, noise, choice } = await quantizeNetwork(engine, net, options);
    expect(noise.map(({ layer }) => layer)).toEqual([
      'stem',
      'branch',
      'sum',
      'dw',
      'point',
      'hidden',
      'scores',
    ]);
    for (const { output, own } of noise) {
      expect(output).toBeGreaterThan(20);
      expect(own).toBeGreaterThan(output - 3);
    }
    expect(choice.examples).toBe(64);
    const again = await quantizeNetwork(engine, net, options);
    expect(again.model).toEqual(model);
    expect(again.noise).toEqual(noise);
  });

  it('shows the layer that spoils it', async () => {
    const net = network();
    const spoiled = net.layers['point']!;
    // One channel's outlier takes all steps of the tensor from the others, and its reader makes little of it.
    const weights = spoiled.weights.slice();
    for (let i = 0; i < 8; i++) weights[i] = weights[i]! * 4000;
    const bad: FloatNetwork = {
      graph: net.graph,
      layers: { ...net.layers, point: { weights, bias: spoiled.bias } },
    };
    const samples = pictures(32, 8);
    const seen = await quantizeNetwork(engine, net, { samples, normalization, inputTensor });
    const clipped = { ...seen.model.tensors, point: { scale: 1e-3, zeroPoint: -128 } };
    const model = quantizeModel({ graph: bad.graph, tensors: clipped, layers: bad.layers });
    const { own } = await correctBiases(
      engine,
      bad,
      model,
      sliceBatch(samples, normalization, 0, 32),
    );
    const worst = Object.entries(own).sort(([, a], [, b]) => a - b)[0]![0];
    expect(worst).toBe('point');
  });
});
