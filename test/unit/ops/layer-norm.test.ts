/** The integer rule of layer normalisation against real numbers, on inputs that strain it. */
import { describe, expect, it } from 'vitest';
import { buildGraph } from '../../../src/core/graph/build';
import { createExecutor } from '../../../src/core/quant/executor';
import type { QuantizedModel } from '../../../src/core/quant/model';
import { quantizeModel } from '../../../src/core/quant/quantize-model';
import { createRandom } from '../../../src/core/util/random';

const LAYER = 'norm';

interface Case {
  readonly channels: number;
  readonly epsilon: number;
  readonly scale: number;
}

function modelOf({ channels, epsilon, scale }: Case, seed: number): QuantizedModel {
  const random = createRandom(seed);
  const graph = buildGraph({
    layers: [{ type: 'layerNorm', name: LAYER, epsilon }],
    input: [1, 1, channels],
    classes: channels,
  });
  return quantizeModel({
    graph,
    tensors: {
      input: { scale, zeroPoint: random.int(256) - 128 },
      [LAYER]: { min: -5, max: 4 },
    },
    layers: {
      [LAYER]: {
        weights: Float32Array.from({ length: channels }, () => random.normal()),
        bias: Float32Array.from({ length: channels }, () => random.normal() / 2),
      },
    },
  });
}

/** What real numbers give, in codes not yet rounded. */
function exact(model: QuantizedModel, codes: Int8Array, epsilon: number): number[] {
  const input = model.tensors['input']!;
  const output = model.tensors[LAYER]!;
  const { weights, weightScales, bias } = model.layers[LAYER]!;
  const x = Array.from(codes, (code) => input.scale * (code - input.zeroPoint));
  const mean = x.reduce((sum, v) => sum + v, 0) / x.length;
  const variance = x.reduce((sum, v) => sum + (v - mean) ** 2, 0) / x.length;
  return x.map((v, c) => {
    const scale = weightScales[c]!;
    const normalised = (v - mean) / Math.sqrt(variance + epsilon);
    const y = normalised * weights[c]! * scale + bias[c]! * scale * 2 ** -15;
    return Math.min(127, Math.max(-128, y / output.scale + output.zeroPoint));
  });
}

function inputs(channels: number): Int8Array[] {
  const random = createRandom(channels);
  const of = (code: (i: number) => number): Int8Array =>
    Int8Array.from({ length: channels }, (_, i) => code(i));
  return [
    of(() => random.int(256) - 128),
    of(() => random.int(3)),
    of(() => -128),
    of((i) => (i === 0 ? 127 : -128)),
    of((i) => (i === channels - 1 ? 1 : 0)),
    of((i) => (i % 2 === 0 ? 127 : -128)),
  ];
}

describe('layer normalisation in integers', () => {
  it.each<Case>(
    [1, 2, 3, 16, 127, 1000, 8192].flatMap((channels) =>
      [1e-12, 1e-5, 1e-3, 1].flatMap((epsilon) =>
        [1 / 512, 0.05, 3].map((scale) => ({ channels, epsilon, scale })),
      ),
    ),
  )(
    'is within half a step of real numbers: $channels channels, epsilon $epsilon, scale $scale',
    (its) => {
      const model = modelOf(its, 7);
      const executor = createExecutor(model);
      for (const input of inputs(its.channels)) {
        const wanted = exact(model, input, its.epsilon);
        const worst = executor
          .run(input)
          .reduce((most, code, c) => Math.max(most, Math.abs(code - wanted[c]!)), 0);
        expect(worst).toBeLessThan(0.51);
      }
    },
  );

  it('refuses an input whose scale is nothing beside its epsilon', () => {
    expect(() => modelOf({ channels: 4096, epsilon: 1, scale: 1e-6 }, 1)).toThrow(
      /scale .* of its input is too small beside its epsilon 1/,
    );
  });

  it('refuses more channels than its sums hold', () => {
    expect(() => modelOf({ channels: 8193, epsilon: 1e-3, scale: 1 }, 1)).toThrow(
      /normalises 8193 channels; up to 8192/,
    );
  });
});
