/** Quantised models of random weights, for tests that compare the C sources with the integer executor. */
import { encodeModel } from '../../../src/core/firmware/encode-model';
import { emitSources } from '../../../src/core/firmware/emit';
import { planMemory } from '../../../src/core/firmware/planner';
import type { EncodedModel, MemoryPlan } from '../../../src/core/firmware/encoded-model';
import type { Vectors } from '../../../src/core/firmware/vectors';
import type { Graph } from '../../../src/core/graph/graph';
import {
  elements,
  INPUT,
  isWeighted,
  outputChannels,
  weightCount,
} from '../../../src/core/graph/graph';
import { createExecutor } from '../../../src/core/quant/executor';
import type { QuantizedModel, TensorQuantization } from '../../../src/core/quant/model';
import { quantizeModel } from '../../../src/core/quant/quantize-model';
import type { TrainedLayer } from '../../../src/core/quant/quantize-model';
import { createRandom } from '../../../src/core/util/random';
import type { Random } from '../../../src/core/util/random';

/** Gaussian weights, a fraction of them pruned in runs, random biases, and ranges that the outputs really fill. */
export function randomModel(graph: Graph, seed: number, sparsity = 0.6): QuantizedModel {
  const random = createRandom(seed);
  const layers: Record<string, TrainedLayer> = {};
  const tensors: Record<string, TensorQuantization | { min: number; max: number }> = {
    [INPUT]: { scale: 1 / 64, zeroPoint: random.int(256) - 128 },
  };
  for (const layer of graph.layers) {
    // Wide enough for sums over many inputs, narrow enough that some outputs saturate.
    const low = -random.next() * 4;
    tensors[layer.name] = { min: low, max: low + 2 + random.next() * 6 };
    if (!isWeighted(layer)) continue;
    const count = weightCount(layer);
    const fanIn =
      layer.kind === 'depthwiseConv2d'
        ? count / layer.outputShape[2]
        : count / outputChannels(layer);
    layers[layer.name] = {
      weights: Float32Array.from(
        { length: count },
        () => random.normal() / Math.sqrt(fanIn * (1 - sparsity)),
      ),
      bias: Float32Array.from({ length: outputChannels(layer) }, () => random.normal() * 0.5),
      mask: prunedRuns(count, sparsity, random),
    };
  }
  return quantizeModel({ graph, tensors, layers });
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
  return { inputs, outputs: inputs.map((input) => executor.run(input)) };
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
  }: { name?: string; seed?: number; sparsity?: number; ram?: number } = {},
): EmittedModel {
  const model = randomModel(graph, seed, sparsity);
  const plan = planMemory(graph, ram);
  const encoded = encodeModel(model, plan);
  const files = emitSources({
    config: { name },
    encoded,
    plan,
    normalization: { kind: 'uint8', mean: [128], std: [64] },
    classNames: Array.from({ length: graph.classes }, (_, i) => `class ${i}`),
    selfTest: randomVectors(model, 2, seed + 1),
    provenance: { config: 'c', checkpoint: 'k' },
  });
  return { model, plan, encoded, files };
}
