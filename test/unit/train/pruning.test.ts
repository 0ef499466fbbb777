import { describe, expect, it } from 'vitest';
import { buildGraph } from '../../../src/core/graph/build';
import { channelOfWeight, weightCount, weightedLayers } from '../../../src/core/graph/graph';
import { encodeModel } from '../../../src/core/firmware/encode-model';
import { tileBytes } from '../../../src/core/firmware/encode-model';
import { planMemory } from '../../../src/core/firmware/planner';
import { WEIGHT_FORMATS, type WeightFormat } from '../../../src/core/quant/packing';
import { deploy } from '../../../src/core/train/deploy';
import { initialParameters, type Parameters } from '../../../src/core/train/parameters';
import {
  applyMasks,
  packLayer,
  relativeEnergy,
  select,
  selectionLayers,
  storedBytes,
} from '../../../src/core/train/pruning';
import { quantizeLayerWeights } from '../../../src/core/train/weight-quantization';
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
const tiles = Object.fromEntries(weightedLayers(graph).map((l) => [l.name, tileBytes(l, plan)]));
const config = { method: 'east', group: 4, interval: 1, freeze: 1 } as const;

function parametersIn(formats: (index: number) => WeightFormat): Parameters {
  const parameters = initialParameters(graph, 3);
  const random = createRandom(8);
  weightedLayers(graph).forEach((layer, index) => {
    const p = parameters.get(layer.name)!;
    p.format = formats(index);
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

describe.each([0, 1, 2, 3])('pruning layers of mixed formats, mix %i', (shift) => {
  const parameters = parametersIn((index) => WEIGHT_FORMATS[(index + shift) % 4]!);
  const dense = selectionLayers(graph, parameters, tiles, false);

  it('has cut some tile within a byte', () => {
    expect(Object.values(tiles).flat().length).toBeGreaterThan(weightedLayers(graph).length);
  });

  it('keeps or prunes whole bytes, and counts the bytes that the firmware then takes', () => {
    const all = storedBytes(dense).total;
    for (const share of [0.8, 0.5, 0.3]) {
      const selection = select(dense, Math.floor(all * share), config);
      applyMasks(graph, parameters, selection.masks);
      weightedLayers(graph).forEach((layer, l) => {
        expect(selection.masks[l]!.length).toBe(weightCount(layer));
      });
      const masked = selectionLayers(graph, parameters, tiles, true);
      const stored = storedBytes(masked);
      const formats = Object.fromEntries([...parameters].map(([name, p]) => [name, p.format]));
      const encoded = encodeModel(deploy(graph, parameters, tensors), plan, formats);
      encoded.layers.forEach((layer, l) => {
        const bytes = layer.tiles.reduce((sum, tile) => sum + tile.stored.length, 0);
        expect(bytes, layer.name).toBe(stored.layerBytes[l]);
      });
      for (const p of parameters.values()) p.mask.fill(1);
    }
  });
});

describe('the saliency of packed weights', () => {
  it('is that of all weights in a byte', () => {
    const values = Int8Array.of(1, 0, -1, 1, 0, 0, 0);
    const saliency = Float32Array.of(1, 2, 4, 8, 16, 32, 64);
    const layer = packLayer('l', values, saliency, [5, 2], 'int2');
    expect([...layer.saliency]).toEqual([15, 16, 96]);
    expect([...layer.values]).toEqual([0b01110001, 0, 0]);
    expect(layer.tileBytes).toEqual([2, 1]);
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
