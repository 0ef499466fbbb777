/**
 * What rounding does to each layer, found layer by layer with the float network beside it, and the part of it that a
 * bias can take back: rounded weights shift a channel's mean, and every layer behind sees the shift (Nagel et al. 2019,
 * arXiv 1906.04721, §4.2, in its form with examples).
 */
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { Batch } from '../../dataset/dataset';
import { INPUT, isWeighted, outputChannels, sumOf, weightedLayers } from '../../graph/graph';
import type { Layer, WeightedLayer } from '../../ops/graph-ops';
import { trainOp } from '../../ops/train-ops';
import { realConstants } from '../../quant/constants';
import type { QuantizedModel, TensorQuantization } from '../../quant/model';
import { tensorOf, weightsOf } from '../../quant/model';
import { decibels } from '../../quant/noise';
import { defined, ifDefined } from '../../util/defined';
import type { Engine } from '../engines/engine';
import { fakeQuantize } from '../kernels/fake-quantize';
import type { Tf } from '../kernels/tf';
import { applyLayer, hasOwnScale, type LayerTensors } from '../pass/forward';
import { layerTensors } from '../pass/pass';
import { passLayers, type FloatNetwork } from './float-network';
import { valuesOf } from './observe';

export interface Corrected {
  /** By weighted layer: what its bias should be. */
  readonly biases: Readonly<Record<string, Float32Array>>;
  /**
   * By layer with a scale of its own, in decibels: the power of its float output over that of the error which its own
   * rounding brings, its input being the float network's. Infinity where there is none.
   */
  readonly own: Readonly<Record<string, number>>;
}

/**
 * @param model the network quantised, its biases as they are
 * @param batch examples that are looked at, all at a time
 */
export async function correctBiases(
  engine: Engine,
  network: FloatNetwork,
  model: QuantizedModel,
  batch: Batch,
): Promise<Corrected> {
  const { tf } = engine;
  const { graph } = network;
  const float = layerValues(tf, network);
  const onGrids = dequantized(network, model);
  const rounded = layerValues(tf, onGrids);
  const asFloat = { tensors: float, ...defined({ constants: network.constants }) };
  const asRounded = { tensors: rounded, ...defined({ constants: onGrids.constants }) };
  const biases: Record<string, Float32Array> = {};
  const own: Record<string, number> = {};
  const exact = new Map<string, Tensor4D>();
  const coarse = new Map<string, Tensor4D>();
  const lastReader = lastReaders(graph.layers);
  try {
    tf.tidy(() => {
      const x = tf.tensor4d(batch.x, [batch.examples, ...graph.inputShape]);
      exact.set(INPUT, tf.keep(tf.clone(x)));
      coarse.set(INPUT, tf.keep(onGrid(tf, x, tensorOf(model, INPUT))));
    });
    for (const [index, layer] of graph.layers.entries()) {
      const of = (from: ReadonlyMap<string, Tensor4D>): Tensor4D[] =>
        layer.inputs.map((name) => from.get(name)!);
      const grid = hasOwnScale(layer) ? tensorOf(model, layer.name) : undefined;
      const round = (tensor: Tensor4D): Tensor4D => (grid ? onGrid(tf, tensor, grid) : tensor);
      if (isWeighted(layer)) biases[layer.name] = network.layers[layer.name]!.bias;
      if (isWeighted(layer) && hasProducts(layer)) {
        const means = await valuesOf(engine, () =>
          kept(tf, () => [
            meanSums(tf, layer, of(exact)[0]!, float.get(layer.name)!),
            meanSums(tf, layer, of(coarse)[0]!, rounded.get(layer.name)!),
          ]),
        );
        const before = network.layers[layer.name]!.bias;
        const wanted = before.map((b, c) => b + means[0]![c]! - means[1]![c]!);
        biases[layer.name] = wanted;
        const values = rounded.get(layer.name)!;
        tf.dispose(values.bias);
        rounded.set(layer.name, { ...values, bias: tf.keep(tf.tensor1d(wanted)) });
      }
      const power = await valuesOf(engine, () =>
        kept(tf, () => {
          const y = applyLayer(tf, layer, of(exact), asFloat);
          const z = round(applyLayer(tf, layer, of(coarse), asRounded));
          exact.set(layer.name, tf.keep(tf.clone(y)));
          coarse.set(layer.name, tf.keep(tf.clone(z)));
          if (!grid) return [];
          const inputs = layer.inputs.map((name, i) => {
            const tensor = model.tensors[name];
            return tensor ? onGrid(tf, of(exact)[i]!, tensor) : of(exact)[i]!;
          });
          const alone = round(applyLayer(tf, layer, inputs, asRounded));
          return [tf.sum(tf.square(y)), tf.sum(tf.square(tf.sub(y, alone)))];
        }),
      );
      if (grid) own[layer.name] = decibels(power[0]![0]!, power[1]![0]!);
      for (const [name, last] of lastReader) {
        if (last !== index) continue;
        tf.dispose([exact.get(name)!, coarse.get(name)!]);
        exact.delete(name);
        coarse.delete(name);
      }
    }
  } finally {
    tf.dispose([...exact.values(), ...coarse.values()]);
    for (const values of [...float.values(), ...rounded.values()]) {
      tf.dispose([values.weights, values.bias]);
    }
  }
  return { biases, own };
}

/** The weights that the integers stand for, and the float biases. */
function dequantized(network: FloatNetwork, model: QuantizedModel): FloatNetwork {
  return {
    ...network,
    ...defined({ constants: ifDefined(model.constants, realConstants) }),
    layers: Object.fromEntries(
      weightedLayers(network.graph).map((layer) => {
        const { weights, weightScales } = weightsOf(model, layer.name);
        const sumAt = sumOf(layer);
        return [
          layer.name,
          {
            weights: Float32Array.from(weights, (q, i) => q * weightScales[sumAt(i)]!),
            bias: network.layers[layer.name]!.bias,
          },
        ];
      }),
    ),
  };
}

/** Parameters of all layers on the engine; whoever has them disposes of them. */
function layerValues(tf: Tf, network: FloatNetwork): Map<string, LayerTensors> {
  const arrays = passLayers(network);
  return new Map(
    weightedLayers(network.graph).map((layer, i) => {
      const { weights, bias } = layerTensors(tf, layer, arrays[i]!);
      return [layer.name, { weights: tf.keep(weights), bias: tf.keep(bias) }];
    }),
  );
}

/** Whether one bias for each channel is added to sums of products, and nothing else comes in between. */
function hasProducts(layer: WeightedLayer): boolean {
  return 'products' in trainOp(layer.kind);
}

/** [channels]: the mean of a layer's sums of products. */
function meanSums(tf: Tf, layer: WeightedLayer, x: Tensor4D, { weights }: LayerTensors): Tensor {
  const op = trainOp(layer.kind);
  if (!('products' in op)) throw new Error(`A ${layer.kind} has no weights to multiply with.`);
  const sums = op.products(tf, layer, x, weights);
  return tf.mean(tf.reshape(sums, [-1, outputChannels(layer)]), 0);
}

function onGrid(tf: Tf, tensor: Tensor4D, { scale, zeroPoint }: TensorQuantization): Tensor4D {
  return fakeQuantize(tf, tensor, scale, zeroPoint);
}

/** What `compute` gives outlives the tidying up of all else. */
function kept(tf: Tf, compute: () => Tensor[]): Tensor[] {
  const results: Tensor[] = [];
  tf.tidy(() => {
    for (const tensor of compute()) results.push(tf.keep(tf.clone(tensor)));
  });
  return results;
}

/** By tensor: the index of the layer that reads it last; what nobody reads counts as read where it is made. */
function lastReaders(layers: readonly Layer[]): Map<string, number> {
  const last = new Map<string, number>();
  layers.forEach(({ name, inputs }, index) => {
    for (const input of inputs) last.set(input, index);
    last.set(name, index);
  });
  return last;
}
