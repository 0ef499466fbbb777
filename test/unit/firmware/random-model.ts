/** Quantised models of random weights, for tests that compare the C sources with the integer executor. */
import type { TaskFacts } from '../../../src/core/tasks/facts';
import type { TaskKind } from '../../../src/core/tasks/tasks';
import { layerCodings, type LayerCodings } from '../../../src/core/codecs/coding';
import { PRODUCT_CODECS, type CodecSet } from '../../../src/core/firmware/blob-reader';
import { runtimeFile } from '../../../src/core/firmware/runtime-files';
import { encodeModel } from '../../../src/core/firmware/encode-model';
import { emitSources } from '../../../src/core/firmware/emit';
import { streamVectors } from '../../../src/core/firmware/stream-vectors';
import { encodedPlan } from '../../../src/core/plan/encoded-plan';
import { planMemory } from '../../../src/core/plan/memory';
import type { Normalization } from '../../../src/core/dataset/dataset';
import type { EncodedModel, LayerFormats } from '../../../src/core/firmware/encoded-model';
import type { MemoryPlan } from '../../../src/core/firmware/memory-plan';
import type { Vectors } from '../../../src/core/firmware/vectors';
import type { FrontendModel } from '../../../src/core/frontends/frontend';
import { computeFeatures, toCodes } from '../../../src/core/frontends/frontends';
import type { Graph } from '../../../src/core/graph/graph';
import type { WeightedLayer } from '../../../src/core/ops/graph-ops';
import {
  channelOfWeight,
  INPUT,
  isWeighted,
  outputChannels,
  sumCount,
  weightCount,
  outputSize,
} from '../../../src/core/graph/graph';
import { elements } from '../../../src/core/ops/shape';
import { constantsOf, type Constants } from '../../../src/core/quant/constants';
import { createExecutor } from '../../../src/core/quant/executor';
import { createFastExecutor } from '../../../src/core/quant/fast-executor';
import type { QuantizedModel, TensorQuantization } from '../../../src/core/quant/model';
import { type WeightFormat } from '../../../src/core/formats/formats';
import {
  avoidZeroBytes,
  hasZero,
  largestCode,
  weightsPerByte,
} from '../../../src/core/formats/packing';
import { quantizeModel } from '../../../src/core/quant/quantize-model';
import type { TrainedLayer } from '../../../src/core/quant/quantize-model';
import { rawExamples } from '../frontends/examples';
import { createRandom } from '../../../src/core/util/random';
import type { Random } from '../../../src/core/util/random';
import { defined } from '../../../src/core/util/defined';

/**
 * Gaussian weights, a fraction of them pruned in runs, random biases; every tensor is given the range it really has.
 * Codes are those of `formats`, such as the tiles of `plan` can hold.
 */
export function randomModel(
  graph: Graph,
  seed: number,
  sparsity = 0.6,
  formats: LayerFormats = {},
  plan: MemoryPlan = planMemory(graph),
): QuantizedModel {
  const random = createRandom(seed);
  const layers: Record<string, TrainedLayer> = {};
  const tensors: Record<string, TensorQuantization | { min: number; max: number }> = {
    [INPUT]: { scale: 1 / 64, zeroPoint: random.int(256) - 128 },
  };
  for (const layer of graph.layers) {
    tensors[layer.name] = { min: -8, max: 8 };
    if (!isWeighted(layer)) continue;
    const count = weightCount(layer);
    const fanIn = count / outputChannels(layer);
    const weights = Float32Array.from(
      { length: count },
      () => random.normal() / Math.sqrt(fanIn * (1 - sparsity)),
    );
    const format = formats[layer.name] ?? 'int8';
    const bias = Float32Array.from({ length: sumCount(layer) }, () => random.normal() * 0.5);
    const mask = prunedRuns(count, sparsity, random);
    const tiles = plan.tileWeights[layer.name]!;
    layers[layer.name] =
      format === 'int8'
        ? { weights, bias, mask }
        : hasZero(format)
          ? { ...fewLevels(layer, weights, largestCode(format)), bias, mask }
          : { ...withoutZero(layer, weights, mask, tiles, format), bias };
  }
  const constants = randomConstants(graph, seed);
  const coarse = quantizeModel({ graph, tensors, layers, constants });
  const executor = createFastExecutor(coarse);
  const bytes = elements(graph.inputShape);
  executor.run(Int8Array.from({ length: bytes }, () => random.int(256) - 128));
  for (const layer of graph.layers) {
    const { scale, zeroPoint } = coarse.tensors[layer.name]!;
    const codes = executor.tensor(layer.name);
    // A little narrower than what was seen, so that some outputs saturate.
    const real = (code: number): number => 0.9 * scale * (code - zeroPoint);
    const [min, max] = codes.reduce(([l, h], c) => [Math.min(l!, c), Math.max(h!, c)], [127, -128]);
    tensors[layer.name] = { min: real(min!), max: Math.max(real(max!), real(min!) + 0.01) };
  }
  return quantizeModel({ graph, tensors, layers, constants });
}

/** Gaussian constants for the layers that own any. */
export function randomConstants(graph: Graph, seed: number): Constants {
  const random = createRandom(seed + 1000);
  return Object.fromEntries(
    graph.layers.map((layer) => [
      layer.name,
      Object.fromEntries(
        constantsOf(layer).map(({ name, shape }) => [
          name,
          Float32Array.from({ length: elements(shape) }, () => random.normal()),
        ]),
      ),
    ]),
  );
}

/** Scales at which all codes but few occur, and the largest are clipped. */
function fewLevels(
  layer: WeightedLayer,
  weights: Float32Array,
  largest: number,
): Pick<TrainedLayer, 'weights' | 'weightScales'> {
  const channels = outputChannels(layer);
  const rms = Math.sqrt(weights.reduce((sum, w) => sum + w * w, 0) / weights.length);
  const weightScales = Float64Array.from({ length: channels }, (_, c) =>
    Math.fround((rms * (1 + (c % 3) / 8)) / Math.sqrt(largest)),
  );
  return {
    weights: weights.map((w, i) => {
      const scale = weightScales[channelOfWeight(layer, i)]!;
      return scale * Math.max(-largest, Math.min(largest, Math.round(w / scale)));
    }),
    weightScales,
  };
}

/** Both signs and all magnitudes; pruned where the first weight of a byte is. */
function withoutZero(
  layer: WeightedLayer,
  weights: Float32Array,
  mask: Uint8Array,
  tiles: readonly number[],
  format: WeightFormat,
): Pick<TrainedLayer, 'weights' | 'weightScales' | 'codes'> {
  const largest = largestCode(format);
  const rms = Math.sqrt(weights.reduce((sum, w) => sum + w * w, 0) / weights.length);
  const weightScales = new Float64Array(outputChannels(layer)).fill(Math.fround(rms / 2));
  const codes = new Int8Array(weights.length);
  let tile = 0;
  for (const count of tiles) {
    for (let i = 0; i < count; i++) {
      const first = i - (i % weightsPerByte(format));
      if (mask[tile + first] === 0) continue;
      const w = weights[tile + i]!;
      codes[tile + i] = Math.sign(w) * (largest > 1 && Math.abs(w) > rms ? largest : 1);
    }
    tile += count;
  }
  avoidZeroBytes(codes, tiles, format);
  return {
    codes,
    weights: Float32Array.from(codes, (q, i) => q * weightScales[channelOfWeight(layer, i)]!),
    weightScales,
  };
}

function prunedRuns(count: number, sparsity: number, random: Random): Uint8Array {
  const mask = new Uint8Array(count).fill(1);
  for (let i = 0; i < count;) {
    const length = 1 + random.int(12);
    if (random.next() < sparsity) mask.fill(0, i, i + length);
    i += length;
  }
  return mask;
}

/** Random inputs, the first two the extremes, with the executor's outputs. */
export function randomVectors(model: QuantizedModel, count: number, seed: number): Vectors {
  const random = createRandom(seed);
  const bytes = elements(model.graph.inputShape);
  const executor = createExecutor(model);
  const inputs = Array.from({ length: count }, (_, i) =>
    i === 0
      ? new Int8Array(bytes).fill(-128)
      : i === 1
        ? new Int8Array(bytes).fill(127)
        : Int8Array.from({ length: bytes }, () => random.int(256) - 128),
  );
  return {
    inputs,
    outputs: inputs.map((input) => executor.run(input)),
    ...defined({ stream: streamVectors(model, model.graph, { inputs: inputs.slice(1) }) }),
  };
}

/** What a network with a front end makes of raw samples. */
export function rawVectors(model: QuantizedModel, raw: readonly Int16Array[]): Vectors {
  const { frontend } = model;
  if (frontend === undefined) throw new Error('The model has no front end.');
  const executor = createExecutor(model);
  const inputs = raw.map((samples) => {
    const codes = new Uint8Array(elements(model.graph.inputShape));
    toCodes(frontend, computeFeatures(frontend.config, samples), codes);
    return Int8Array.from(codes, (code) => code - 128);
  });
  return {
    inputs,
    outputs: inputs.map((input) => executor.run(input).slice()),
    raw,
    ...defined({ stream: streamVectors(model, model.graph, { inputs, raw }) }),
  };
}

export interface EmittedModel {
  readonly model: QuantizedModel;
  readonly plan: MemoryPlan;
  readonly encoded: EncodedModel;
  readonly files: Map<string, string>;
}

export function emitRandom(
  graph: Graph,
  {
    name = 'unit',
    seed = 1,
    sparsity = 0.6,
    ram,
    formats = {},
    altered = (model) => model,
    codings = () => layerCodings(formats),
    codecs = PRODUCT_CODECS,
    textOf = runtimeFile,
    normalization = { kind: 'uint8', mean: [128], std: [64] },
    outputNames = Array.from({ length: outputSize(graph) }, (_, i) => `class ${i}`),
    frontend,
    task = 'classification',
    facts = {},
  }: {
    name?: string;
    seed?: number;
    sparsity?: number;
    ram?: number;
    formats?: LayerFormats;
    /** Makes another of the random model. */
    altered?: (model: QuantizedModel) => QuantizedModel;
    /** How the weights are stored, where it is not as usual; and with which codecs, whose C files are read by `textOf`. */
    codings?: (model: QuantizedModel) => LayerCodings;
    codecs?: CodecSet;
    textOf?: (file: string) => string;
    normalization?: Normalization;
    outputNames?: readonly string[];
    /** What the network listens through. */
    frontend?: FrontendModel;
    task?: TaskKind;
    facts?: TaskFacts;
  } = {},
): EmittedModel {
  const tiles = planMemory(graph, ram);
  const network = altered(randomModel(graph, seed, sparsity, formats, tiles));
  const model = frontend === undefined ? network : { ...network, frontend };
  const encoded = encodeModel(model, tiles, codings(model), codecs.codecs);
  const plan = encodedPlan(encoded, tiles);
  const options = {
    config: { name },
    encoded,
    plan,
    normalization,
    task,
    facts,
    outputNames,
    selfTest: frontend
      ? rawVectors(model, rawExamples(frontend.config).slice(-2))
      : randomVectors(model, 2, seed + 1),
    provenance: { config: 'c', checkpoint: 'k' },
  } as const;
  return { model, plan, encoded, files: emitSources(options, codecs, textOf) };
}
