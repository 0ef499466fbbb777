/**
 * What every kind of layer must keep, whatever it computes. Its sizes, shapes and settings are drawn from the keys that its
 * graph facet describes, so that a further kind is tried without a word here.
 */
import type { Rank, Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildGraph } from '../../../src/core/graph/build';
import type { Graph } from '../../../src/core/graph/graph';
import {
  isWeighted,
  macs,
  outputChannels,
  sumCount,
  sumOf,
  weightCount,
  weightOrder,
} from '../../../src/core/graph/graph';
import { checkGraph } from '../../../src/core/graph/stored-graph';
import { emitOp } from '../../../src/core/ops/emit-ops';
import { executeOp } from '../../../src/core/ops/execute-ops';
import type { Kind, Layer, LayerConfig } from '../../../src/core/ops/graph-ops';
import { channelFlow, graphOp, inputCounts } from '../../../src/core/ops/graph-ops';
import type { KeySchema, LayerKey } from '../../../src/core/ops/layer-keys';
import type { Shape } from '../../../src/core/ops/shape';
import { elements } from '../../../src/core/ops/shape';
import type { RecurrentTrainOp, WeightedTrainOp } from '../../../src/core/ops/train-op';
import { trainOp } from '../../../src/core/ops/train-ops';
import { isConfig, wrongKey } from '../../../src/core/ops/layer-config';
import { constantOf, constantsOf, realValues } from '../../../src/core/quant/constants';
import { createExecutor } from '../../../src/core/quant/executor';
import { createFastExecutor } from '../../../src/core/quant/fast-executor';
import { clamp } from '../../../src/core/quant/fixed-point';
import type { QuantizedConstants, QuantizedModel } from '../../../src/core/quant/model';
import { tensorOf, weightsOf } from '../../../src/core/quant/model';
import { sumScales } from '../../../src/core/quant/quantize-model';
import { openEngine } from '../../../src/core/train/engines/open-engine';
import { activate } from '../../../src/core/train/kernels/activate';
import { fakeQuantize } from '../../../src/core/train/kernels/fake-quantize';
import type { Tf } from '../../../src/core/train/kernels/tf';
import { UserError } from '../../../src/core/util/errors';
import type { Random } from '../../../src/core/util/random';
import { createRandom } from '../../../src/core/util/random';
import { randomModel } from '../firmware/random-model';

const NETWORKS = 8;
/** What random sizes of windows and numbers of channels reach. */
const LARGEST = 4;
/** Name of the layer that is tried. */
const IT = 'it';

/** Real values of the layer's output, where training computes something else than the chip. */
export type Reference = (inputs: readonly Float32Array[], layer: Layer) => ArrayLike<number>;

function anyLayer(): boolean {
  return true;
}

/** A network around one layer of this kind, on an input of a random shape, with settings drawn from its keys. */
export function networkAround(
  kind: Kind,
  seed: number,
  largest = 9,
  of: (layer: Layer) => boolean = anyLayer,
): Graph {
  const random = createRandom(seed);
  const op = graphOp(kind);
  for (let round = 0; round < 1000; round++) {
    const size = (): number => 1 + random.int(largest);
    const input: [number, number, number] = [size(), size(), 1 + random.int(6)];
    const types = Object.keys(op.types);
    const config = { ...randomKeys(op.keys, random), type: types[random.int(types.length)] };
    if (!isConfig(config, op.keys)) throw new Error(`these are no settings of a ${kind}`);
    const units = 2 + random.int(4);
    const { least, most } = inputCounts(config);
    const reads = ['input', 'other', 'third'].slice(
      0,
      Math.max(least, Math.min(most, 2 + random.int(2))),
    );
    try {
      const graph =
        op.puts === 'index'
          ? indexOf(config, input, random)
          : buildGraph({
              layers: around(op, config, reads, input, units, random),
              input,
              classes: units,
            });
      if (of(layerOf(graph))) return graph;
    } catch (error) {
      // Windows that do not fit, for example.
      if (!(error instanceof UserError)) throw error;
    }
  }
  throw new Error(`no random settings of a ${kind} make a network`);
}

function around(
  { last }: Pick<ReturnType<typeof graphOp>, 'last'>,
  config: LayerConfig,
  reads: readonly string[],
  input: readonly [number, number, number],
  units: number,
  random: Random,
): LayerConfig[] {
  if (last) {
    return [
      { type: 'dense', name: 'before', units },
      { ...config, name: IT },
    ];
  }
  return [
    ...reads.slice(1).map((name) => otherInput(name, input, random)),
    { ...config, name: IT, inputs: reads },
    { type: 'dense', name: 'end', units },
  ];
}

/** At each place of a map one of few channels, or of so many that half of the indices are codes below zero. */
function indexOf(
  config: LayerConfig,
  input: readonly [number, number, number],
  random: Random,
): Graph {
  const filters = random.next() < 0.3 ? 120 + random.int(137) : 2 + random.int(6);
  return buildGraph({
    layers: [
      { type: 'conv2d', name: 'before', filters, kernel: 1 },
      { ...config, name: IT },
    ],
    input: [...input],
    classes: input[0] * input[1],
    puts: 'numbers',
  });
}

/** What a layer reads besides the network's input: mostly of the same shape. */
function otherInput(
  name: string,
  [, , channels]: readonly [number, number, number],
  random: Random,
): LayerConfig {
  const inputs = ['input'];
  const chance = random.next();
  if (chance < 0.2) return { type: 'globalAveragePool', name, inputs };
  const filters = chance < 0.4 ? 1 + random.int(6) : channels;
  return { type: 'conv2d', name, filters, kernel: 1, inputs };
}

function randomKeys(keys: readonly LayerKey[], random: Random): Record<string, unknown> {
  const chosen = keys.filter((key) => key.default === undefined || random.next() < 0.7);
  return Object.fromEntries(chosen.map(({ name, schema }) => [name, randomValue(schema, random)]));
}

function randomValue(schema: KeySchema, random: Random): unknown {
  const types = typeof schema.type === 'string' ? [schema.type] : schema.type;
  if (schema.enum !== undefined) return schema.enum[random.int(schema.enum.length)];
  if (types.includes('boolean')) return random.next() < 0.5;
  const words = schema['x-words'] ?? [];
  const { minItems = 0, maxItems = minItems } = schema;
  const list = (): unknown[] => {
    const length = minItems + random.int(maxItems - minItems + 1);
    return Array.from({ length }, () => randomValue(schema.items!, random));
  };
  if (words.length > 0 && random.next() < 0.5) return words[random.int(words.length)];
  if (types.includes('string')) return list();
  if (types.includes('array') && (types.length === 1 || random.next() < 0.5)) {
    const { minItems = 1, maxItems = minItems } = schema;
    const length = minItems + random.int(maxItems - minItems + 1);
    return Array.from({ length }, () => randomValue(schema.items!, random));
  }
  // Around 0 where there is a choice.
  const least = Math.max(schema.minimum ?? 0, -LARGEST / 2);
  const most = Math.min(schema.maximum ?? Infinity, least + LARGEST);
  if (types.includes('integer')) return least + random.int(most - least);
  return least + random.next() * (most - least);
}

function layerOf(graph: Graph): Layer {
  return graph.layers.find(({ name }) => name === IT)!;
}

function randomCodes(count: number, random: Random): Int8Array {
  return Int8Array.from({ length: count }, () => random.int(256) - 128);
}

/** `of`: only layers of the kind that this is true of, which `title` tells. */
export function describeOp(
  kind: Kind,
  reference?: Reference,
  title: string = kind,
  of: (layer: Layer) => boolean = anyLayer,
): void {
  describe(title, () => {
    const op = graphOp(kind);
    const graphs = Array.from({ length: NETWORKS }, (_, seed) => networkAround(kind, seed, 9, of));
    let tf: Tf;
    beforeAll(async () => {
      ({ tf } = await openEngine('wasm'));
    });

    it('is configured by its example', () => {
      for (const type of Object.keys(op.types)) {
        expect(wrongKey(op.keys, { ...op.example, type })).toBeUndefined();
      }
      expect(Object.keys(op.types)).toContain(op.example.type);
      const known = ['type', 'name', 'inputs', ...op.keys.map(({ name }) => name)];
      for (const key of Object.keys(op.example)) expect(known).toContain(key);
    });

    it('has weights, MACs and channels as it says', () => {
      for (const graph of graphs) {
        const layer = layerOf(graph);
        expect(layer.kind).toBe(kind);
        for (const n of layer.outputShape) expect(n).toBeGreaterThan(0);
        expect('weightShape' in trainOp(kind)).toBe(isWeighted(layer));
        if (!['mixed', 'bound', 'own'].includes(channelFlow(layer))) {
          // Flattened, output channel i is of input channel i mod their number.
          expect(layer.outputShape[2] % layer.inputShape[2]).toBe(0);
        }
        if (!isWeighted(layer)) {
          expect(macs(layer)).toBe(0);
          continue;
        }
        const { channels, perChannel } = weightOrder(layer);
        expect(channels * perChannel).toBe(weightCount(layer));
        expect(channels).toBe(outputChannels(layer));
        // Each output adds up the weights of its channel. Transposed, each input is multiplied with all that meet it, and
        // recurrent layers need all of them at each step.
        const [height, width] = layer.inputShape;
        expect(macs(layer)).toBe(
          kind === 'conv2dTranspose' || isRecurrent(layer)
            ? height * width * weightCount(layer)
            : elements(layer.outputShape) * perChannel,
        );
      }
    });

    it('is read back from a stored graph, and nothing else is', () => {
      for (const graph of graphs) {
        const stored = JSON.stringify(graph);
        expect(checkGraph(JSON.parse(stored))).toEqual({ value: graph });
        const changed = graph.layers.map((layer) =>
          layer.name === IT
            ? { ...layer, outputShape: layer.outputShape.map((n, i) => (i === 1 ? n + 1 : n)) }
            : layer,
        );
        expect(checkGraph({ ...graph, layers: changed })).toHaveProperty('problem');
      }
    });

    it('gives on the chip, to a code, what it gives in real numbers', () => {
      graphs.forEach((graph, seed) => {
        const model = randomModel(graph, seed);
        const layer = layerOf(graph);
        const executor = createExecutor(model);
        executor.run(randomCodes(elements(graph.inputShape), createRandom(seed)));
        const inputs = layer.inputs.map((name) => executor.tensor(name));
        const reals = inputs.map((codes, i) => dequantized(model, layer.inputs[i]!, codes));
        const expected = reference?.(reals, layer) ?? trained(tf, graph, model, layer, reals);
        const { scale, zeroPoint } = tensorOf(model, IT);
        const codes = executor.tensor(IT);
        expect(codes.length).toBe(expected.length);
        codes.forEach((code, i) => {
          const exact = clamp(expected[i]! / scale + zeroPoint, -128, 127);
          expect(Math.abs(code - exact), `${JSON.stringify(layer)} at ${i}`).toBeLessThan(1.01);
        });
      });
    });

    it('gives the same bytes fast', () => {
      graphs.forEach((graph, seed) => {
        const model = randomModel(graph, seed);
        const [slow, fast] = [createExecutor(model), createFastExecutor(model)];
        for (let round = 0; round < 3; round++) {
          const input = randomCodes(elements(graph.inputShape), createRandom(100 * seed + round));
          expect(fast.run(input)).toEqual(slow.run(input));
          expect(fast.tensor(IT)).toEqual(slow.tensor(IT));
        }
      });
    });

    it('mixes no channels that it says it keeps apart, and leaves its input as it is', () => {
      graphs.forEach((graph, seed) => {
        const model = randomModel(graph, seed);
        const layer = layerOf(graph);
        const random = createRandom(seed);
        const inputs = inputShapes(graph, layer).map((s) => randomCodes(elements(s), random));
        const before = inputs.map((codes) => codes.slice());
        const run = (): Int8Array => executeOp(kind).run(layer, model, inputs).slice();
        const output = run();
        expect(inputs).toEqual(before);
        if (emitOp(layer).output === 'input') expect(output).toEqual(inputs[0]);
        if (['mixed', 'bound', 'own'].includes(channelFlow(layer))) return;
        const depth = layer.inputShape[2];
        const channel = random.int(depth);
        inputs[0]!.forEach((code, i) => {
          if (i % depth === channel) inputs[0]![i] = code ^ 0x55;
        });
        run().forEach((code, i) => {
          if (i % depth !== channel) expect(code).toBe(output[i]);
        });
      });
    });

    it('has the gradient of finite differences', () => {
      for (let seed = 0; seed < 3; seed++) {
        const graph = networkAround(kind, 50 + seed, 3, of);
        const layer = layerOf(graph);
        const train = trainOp(kind);
        const random = createRandom(seed);
        const shapes = inputShapes(graph, layer).map((shape) => [1, ...shape]);
        if ('weightShape' in train) shapes.push(train.weightShape(layer));
        if ('states' in train && isWeighted(layer)) shapes.push([sumCount(layer)]);
        // Moved by a little from one to the next, so that their sums and differences keep away from corners, too.
        const values = shapes.map((shape, i) =>
          apart(elements(shape), random).map((value) => value + i / 64),
        );
        const f = (...x: Tensor[]): Tensor =>
          'weightShape' in train
            ? weightedOutput(tf, layer, train, as4(tf, x[0]!, shapes[0]!), x[1]!, x[2])
            : train.forward(
                tf,
                layer,
                x.map((each, i) => as4(tf, each, shapes[i]!)),
                constantsApart(tf, layer, seed),
              );
        expectGradient(tf, f, values, shapes, random);
      }
    });
  });
}

function dequantized(model: QuantizedModel, name: string, codes: Int8Array): Float32Array {
  const { scale, zeroPoint } = tensorOf(model, name);
  return Float32Array.from(codes, (code) => scale * (code - zeroPoint));
}

/** What training computes of the layer, with the weights that the chip has. */
function trained(
  tf: Tf,
  graph: Graph,
  model: QuantizedModel,
  layer: Layer,
  inputs: readonly Float32Array[],
): ArrayLike<number> {
  const train = trainOp(layer.kind);
  return tf.tidy(() => {
    const shapes = inputShapes(graph, layer);
    const tensors = inputs.map((values, i) => as4(tf, tf.tensor1d(values), [1, ...shapes[i]!]));
    if (!('weightShape' in train)) {
      const constants = constantTensors(tf, layer, model.constants);
      return train.forward(tf, layer, tensors, constants).dataSync();
    }
    if (!isWeighted(layer)) throw new Error(`a ${layer.kind} has no weights`);
    const { weights, weightScales, bias } = weightsOf(model, layer.name);
    const { channels, channelStep, weightStep } = weightOrder(layer);
    const sumAt = sumOf(layer);
    const real = Float32Array.from({ length: weights.length }, (_, at) => {
      const i = (at % channels) * channelStep + Math.floor(at / channels) * weightStep;
      return weights[i]! * weightScales[sumAt(i)]!;
    });
    const scales = sumScales(layer, model.tensors);
    const biases = Float32Array.from(bias, (b, sum) => {
      return b * scales[Math.floor(sum / channels)]!.input.scale * weightScales[sum]!;
    });
    const grid = tensorOf(model, layer.name);
    return weightedOutput(
      tf,
      layer,
      train,
      tensors[0]!,
      tf.tensor(real, train.weightShape(layer)),
      tf.tensor1d(biases),
      (state) => fakeQuantize(tf, state, grid.scale, grid.zeroPoint),
    ).dataSync();
  });
}

function constantTensors(tf: Tf, layer: Layer, constants: QuantizedConstants = {}): Tensor4D[] {
  return constantsOf(layer).map(({ name, shape }) => {
    const values = realValues(constantOf({ constants }, layer, name));
    return as4(tf, tf.tensor1d(values), [1, ...shape]);
  });
}

/** Constants that, added to values of `apart`, keep them away from corners. */
function constantsApart(tf: Tf, layer: Layer, seed: number): Tensor4D[] {
  const random = createRandom(seed);
  return constantsOf(layer).map(({ shape }) =>
    tf.tensor4d(
      Float32Array.from({ length: elements(shape) }, () => (random.int(32) - 16) / 16),
      [1, ...shape],
    ),
  );
}

/** Shapes of all that the layer reads. */
function inputShapes({ inputShape, layers }: Graph, { inputs }: Layer): Shape[] {
  return inputs.map(
    (name) => layers.find((layer) => layer.name === name)?.outputShape ?? inputShape,
  );
}

function weightedOutput(
  tf: Tf,
  layer: Layer,
  train: WeightedTrainOp<Layer> | RecurrentTrainOp<Layer>,
  x: Tensor4D,
  weights: Tensor,
  bias?: Tensor,
  round = (state: Tensor2D): Tensor2D => state,
): Tensor4D {
  if ('states' in train) {
    const biases = tf.reshape<Rank.R1>(bias!, [bias!.size]);
    return train.output(tf, layer, train.states(tf, layer, x, weights, biases, round));
  }
  const sums = train.products(tf, layer, x, weights);
  if (bias === undefined || !isWeighted(layer)) return sums;
  return activate(tf, tf.add<Tensor4D>(sums, bias), layer.activation);
}

function isRecurrent(layer: Layer): boolean {
  return 'states' in trainOp(layer.kind);
}

function as4(tf: Tf, x: Tensor, shape: readonly number[]): Tensor4D {
  const [n, h, w, c] = shape;
  return tf.reshape(x, [n!, h!, w!, c!]);
}

/** Random values of which no two are close, nor one to 0: no corner lies within a small step of any. */
function apart(count: number, random: Random): Float32Array {
  const places = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = random.int(i + 1);
    [places[i], places[j]] = [places[j]!, places[i]!];
  }
  return Float32Array.from(places, (place) => (place + 0.5 - Math.floor(count / 2)) / 16);
}

function expectGradient(
  tf: Tf,
  f: (...x: Tensor[]) => Tensor,
  values: readonly Float32Array[],
  shapes: readonly (readonly number[])[],
  random: Random,
): void {
  const tensors = (parts: readonly Float32Array[]): Tensor[] =>
    parts.map((part, i) => tf.tensor(part, [...shapes[i]!]));
  const size = tf.tidy(() => f(...tensors(values)).size);
  const dy = Float32Array.from({ length: size }, () => random.normal());
  const loss = (parts: readonly Float32Array[]): number =>
    tf.tidy(() =>
      Array.from(f(...tensors(parts)).dataSync()).reduce((sum, v, i) => sum + v * dy[i]!, 0),
    );
  const gradients = tf.tidy(() => {
    const inputs = tensors(values);
    const y = f(...inputs);
    return tf
      .grads((...x: Tensor[]) => f(...x))(inputs, tf.tensor(dy, y.shape))
      .map((gradient) => gradient.dataSync());
  });
  const step = 1 / 128;
  values.forEach((part, which) => {
    part.forEach((_, i) => {
      const moved = (by: number): Float32Array[] =>
        values.map((each, j) => (j === which ? each.map((v, k) => (k === i ? v + by : v)) : each));
      const numeric = (loss(moved(step)) - loss(moved(-step))) / (2 * step);
      const wrong = Math.abs(numeric - gradients[which]![i]!);
      expect(wrong, `input ${which}, element ${i}`).toBeLessThan(
        0.01 * Math.max(1, Math.abs(numeric)),
      );
    });
  });
}
