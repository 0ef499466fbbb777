import { describe, expect, it } from 'vitest';
import { buildGraph } from '../../../src/core/graph/build';
import { channelOfWeight, weightCount, weightedLayers } from '../../../src/core/graph/graph';
import { encodeModel } from '../../../src/core/firmware/encode-model';
import { planMemory } from '../../../src/core/plan/memory';
import { decodeTile, layerCoding, layerCodings } from '../../../src/core/codecs/coding';
import { WEIGHT_FORMATS, type WeightFormat } from '../../../src/core/formats/formats';
import { trainedFormat } from '../../../src/core/formats/fits';
import { deploy } from '../../../src/core/train/loop/deploy';
import { initialParameters, type Parameters } from '../../../src/core/train/pass/parameters';
import {
  applyMasks,
  relativeEnergy,
  select,
  selectionLayers,
  symbolLayer,
  unprunedBytes,
  zeroShares,
} from '../../../src/core/train/loop/pruning';
import { quantizeLayerWeights } from '../../../src/core/train/pass/weight-quantization';
import { createRandom } from '../../../src/core/util/random';

const graph = buildGraph({
  input: [9, 9, 3],
  classes: 5,
  layers: [
    { type: 'conv2d', filters: 14, kernel: 3, activation: 'relu' },
    { type: 'depthwiseConv2d', kernel: 3 },
    { type: 'conv2d', filters: 11, kernel: 1 },
    { type: 'dense', units: 5 },
  ],
});
// Little RAM: tiles whose weights do not fill their last bytes.
const plan = planMemory(graph, 2420);
const tiles = plan.tileWeights;
const config = {
  method: 'east',
  group: 4,
  interval: 1,
  encoder: 'optimal',
  codec: 'lz4',
  freeze: 1,
} as const;

function parametersIn(formats: (index: number) => WeightFormat): Parameters {
  const parameters = initialParameters(graph, 3);
  const random = createRandom(8);
  weightedLayers(graph).forEach((layer, index) => {
    const p = parameters.get(layer.name)!;
    p.format = trainedFormat(formats(index));
    // Batch norm may turn signs round.
    p.gamma?.forEach((_, c) => {
      p.gamma![c] = random.normal();
    });
  });
  return parameters;
}

const tensors = Object.fromEntries(
  ['input', ...graph.layers.map((layer) => layer.name)].map((name) => [
    name,
    { scale: 0.05, zeroPoint: 3 },
  ]),
);

describe.each([
  [0, 'optimal'],
  [1, 'greedy'],
  [2, 'optimal'],
  [3, 'greedy'],
  [4, 'optimal'],
] as const)('pruning layers of mixed formats, mix %i, %s encoder', (shift, encoder) => {
  const parameters = parametersIn(
    (index) => WEIGHT_FORMATS[(index + shift) % WEIGHT_FORMATS.length]!,
  );
  const dense = selectionLayers(graph, parameters, tiles, false, { encoder });

  it('has cut some tile within a byte', () => {
    expect(Object.values(tiles).flat().length).toBeGreaterThan(weightedLayers(graph).length);
  });

  it('keeps or prunes whole bytes, and counts the bytes that the firmware then takes', () => {
    const all = unprunedBytes(dense).total;
    for (const share of [0.8, 0.5, 0.3]) {
      const selection = select(dense, Math.floor(all * share), config);
      applyMasks(graph, parameters, selection.masks);
      weightedLayers(graph).forEach((layer, l) => {
        expect(selection.masks[l]!.length).toBe(weightCount(layer));
      });
      const masked = selectionLayers(graph, parameters, tiles, true, { encoder });
      const stored = unprunedBytes(masked);
      const formats = Object.fromEntries([...parameters].map(([name, p]) => [name, p.format.id]));
      const model = deploy(graph, parameters, tensors, tiles);
      const encoded = encodeModel(model, plan, layerCodings(formats, { encoder }));
      encoded.layers.forEach((layer, l) => {
        const bytes = layer.tiles.reduce((sum, tile) => sum + tile.stored.length, 0);
        expect(bytes, layer.name).toBe(stored.layerBytes[l]);
      });
      for (const p of parameters.values()) p.mask.fill(1);
    }
  });
});

describe('a deployed network whose weights have no zero', () => {
  /** Codes as the chip reads them, by layer. */
  function unpacked(parameters: Parameters): [string, Int8Array, Int8Array][] {
    const formats = Object.fromEntries([...parameters].map(([name, p]) => [name, p.format.id]));
    const model = deploy(graph, parameters, tensors, tiles);
    return encodeModel(model, plan, layerCodings(formats)).layers.map(({ name, tiles }) => {
      const codes = tiles.flatMap((tile) => [...decodeTile(tile, tile.weights, formats[name]!)]);
      return [name, model.layers[name]!.weights, Int8Array.from(codes)];
    });
  }

  it.each(['quaternary', 'binary'] as const)(
    '%s: is what its bytes say, in every layer',
    (format) => {
      const parameters = parametersIn(() => format);
      const seen = new Set<number>();
      for (const sign of [0, -1, 1]) {
        for (const { weights, gamma } of parameters.values()) {
          // All of one sign, so that every full byte would be 0x00 somewhere.
          if (sign !== 0) weights.forEach((_, i) => (weights[i] = sign));
          if (sign !== 0) gamma?.fill(1);
        }
        for (const [name, weights, codes] of unpacked(parameters)) {
          expect(codes, name).toEqual(weights);
          for (const code of codes) seen.add(code);
        }
      }
      expect([...seen].sort((a, b) => a - b)).toEqual(
        format === 'binary' ? [-1, 1] : [-3, -1, 1, 3],
      );
    },
  );

  it('keeps its codes where batch norm silences a channel or a bias asks for a larger scale', () => {
    const parameters = parametersIn((index) => (index % 2 === 0 ? 'binary' : 'quaternary'));
    for (const { gamma, bias, weights } of parameters.values()) {
      gamma?.fill(0, 0, 2);
      bias.fill(3);
      weights.fill(0, 0, 300);
    }
    for (const [name, weights, codes] of unpacked(parameters)) {
      expect(codes, name).toEqual(weights);
      expect(codes.every((code) => code !== 0)).toBe(true);
    }
  });
});

describe('the share of zeros', () => {
  it('counts weights that were rounded to zero with those that were pruned, as reports do', () => {
    const codes = Int8Array.of(0, 3, -1, 0, 2, 1, 0, 5);
    const mask = Uint8Array.of(1, 1, 0, 0, 1, 1, 1, 1);
    const ones = { codes: Int8Array.of(1, 1), mask: Uint8Array.of(1, 1) };
    expect(zeroShares([{ codes }, ones], [mask, ones.mask])).toEqual({
      layers: [0.5, 0],
      total: 0.4,
    });
  });
});

describe('the saliency of packed weights', () => {
  it('is that of all weights in a byte', () => {
    const values = Int8Array.of(1, 3, -1, 1, -3, 0, 0);
    const saliency = Float32Array.of(1, -2, 4, 8, -16, 32, 64);
    const layer = symbolLayer('l', values, saliency, [5, 2], layerCoding('quaternary'));
    // Nothing is won by pruning.
    expect([...layer.saliency]).toEqual([11, 0, 96]);
    expect([...layer.symbols]).toEqual([0b10011110, 0b11111100, 0]);
    expect(layer.tileSymbols).toEqual([2, 1]);
  });

  it('is the energy less the error that is there already', () => {
    const [layer] = weightedLayers(graph);
    const p = parametersIn(() => 'ternary').get(layer!.name)!;
    const quantized = quantizeLayerWeights(layer!, p);
    const energy = p.weights.reduce((sum, w) => sum + w * w, 0);
    relativeEnergy(layer!, p, quantized).forEach((s, i) => {
      const error =
        p.weights[i]! - quantized.values[i]! * quantized.scales[channelOfWeight(layer!, i)]!;
      expect(s).toBeCloseTo((p.weights[i]! ** 2 - error ** 2) / energy, 6);
      if (quantized.values[i] === 0) expect(s).toBe(0);
    });
  });
});
