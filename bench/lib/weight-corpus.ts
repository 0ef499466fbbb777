/** Weights of real networks to encode and to select from: the published ones in ../shared and those this project trained. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { codecOf } from '../../src/core/codecs/codecs';
import { layerCoding } from '../../src/core/codecs/coding';
import { planMemory } from '../../src/core/plan/memory';
import type { EncodedModel } from '../../src/core/firmware/encoded-model';
import { channelOfWeight, sumCount, weightedLayers } from '../../src/core/graph/graph';
import type { QuantizedModel } from '../../src/core/quant/model';
import type { WeightFormat } from '../../src/core/formats/formats';
import { packedBytes } from '../../src/core/formats/packing';
import { trainedFormat } from '../../src/core/formats/fits';
import { readTflite } from '../../src/core/models/tflite/tflite';
import { RunStore } from '../../src/core/run/run-store';
import { relativeEnergy, symbolLayer, type PruningLayer } from '../../src/core/train/loop/pruning';
import {
  deployedValues,
  quantizeLayerWeights,
} from '../../src/core/train/pass/weight-quantization';

export interface NamedModel {
  readonly name: string;
  readonly model: QuantizedModel;
}

const PUBLISHED = ['mlperf_tiny_resnet8_int8', 'mlperf_tiny_dscnn_int8'];

/** Throws Error where ../shared (or $EAST_SHARED) is not there. */
export function publishedModels(root: string): NamedModel[] {
  const folder = join(process.env['EAST_SHARED'] ?? resolve(root, '../shared'), 'models');
  return PUBLISHED.map((name) => {
    const file = join(folder, `${name}.tflite`);
    if (!existsSync(file)) throw new Error(`${file} is missing: set EAST_SHARED to its folder`);
    return { name, model: readTflite(readFileSync(file)) };
  });
}

export interface TrainedModel {
  readonly name: string;
  readonly method: string;
  readonly encoded: EncodedModel;
}

/** The finished runs of a workspace. */
export function trainedModels(workspace: string): TrainedModel[] {
  return new RunStore(workspace).list().flatMap((run) => {
    const loaded = run.state() === 'finished' ? run.loadModel() : undefined;
    if (!loaded) return [];
    const { name, east } = run.loadConfig();
    return [{ name, method: east.method, encoded: loaded.encoded }];
  });
}

/** The bytes that were given to the codec, tile by tile. */
export function packedTiles({ layers }: EncodedModel): Uint8Array[] {
  return layers.flatMap(({ tiles, representation }) =>
    tiles.map(({ codec, stored, weights }) =>
      codecOf(codec).decode(stored, packedBytes(weights, representation.packing), {}),
    ),
  );
}

/**
 * A dense int8 network as the trainer would select from it, its real weights being what its codes say, in a format and
 * in the tiles that the memory planner cuts.
 */
export function pruningLayers(
  { graph, layers }: QuantizedModel,
  format: WeightFormat,
): PruningLayer[] {
  const plan = planMemory(graph);
  return weightedLayers(graph).map((layer) => {
    const { weights: codes, weightScales } = layers[layer.name]!;
    const weights = Float32Array.from(
      codes,
      (q, i) => q * weightScales[channelOfWeight(layer, i)]!,
    );
    const parameters = {
      weights,
      mask: new Uint8Array(weights.length).fill(1),
      format: trainedFormat(format),
      bias: new Float32Array(sumCount(layer)),
      gamma: undefined,
      mean: undefined,
      variance: undefined,
    };
    const quantized = quantizeLayerWeights(layer, parameters);
    const tiles = plan.tileWeights[layer.name]!;
    const values = deployedValues(layer, parameters, quantized, false, tiles);
    const saliency = relativeEnergy(layer, parameters, quantized);
    return symbolLayer(layer.name, values, saliency, tiles, layerCoding(format));
  });
}
