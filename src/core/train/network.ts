import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Batch } from '../dataset/dataset';
import type { Graph, WeightedLayer } from '../graph/graph';
import { outputChannels, weightShape, weightedLayers } from '../graph/graph';
import type { TensorQuantization } from '../quant/model';
import type { Engine } from './engines/engine';
import type { LayerTensors } from './forward';
import { forward } from './forward';
import { minMax } from './kernels/min-max';
import { softmaxCrossEntropy } from './kernels/softmax-cross-entropy';
import type { Optimizer } from './optimizer';
import type { LayerParameters, Parameters } from './parameters';
import { BATCH_NORM_EPSILON, trainableArrays } from './parameters';
import type { Ranges } from './ranges';
import { observeRange } from './ranges';
import { frameworkWeights, quantizeLayerWeights, storageGradient } from './weight-quantization';

/** Share of the old value when batch norm's running statistics take in a new batch. */
const STATISTICS_DECAY = 0.9;

export interface StepOptions {
  readonly optimizer: Optimizer;
  /** 1-based step since the optimiser started. */
  readonly optimizerStep: number;
  readonly rate: number;
  readonly labelSmoothing: number;
  /** Present in quantisation-aware steps: activations are rounded to these, weights to their int8 grid. */
  readonly quantization?: Readonly<Record<string, TensorQuantization>>;
  /** Where to note this batch's tensor ranges; undefined in most steps, since reading them back costs time. */
  readonly ranges?: Ranges;
  /** Pruned weights get no updates (masks are frozen). */
  readonly freezePruned: boolean;
}

/** The live network: our parameters, and the passes TensorFlow.js runs on copies of them. */
export class Network {
  private readonly layers: readonly WeightedLayer[];

  constructor(
    private readonly engine: Engine,
    readonly graph: Graph,
    readonly parameters: Parameters,
  ) {
    this.layers = weightedLayers(graph);
  }

  /** One optimiser step on a batch. Returns the mean loss and how many examples were classified right. */
  step(batch: Batch, options: StepOptions): { loss: number; correct: number } {
    const { tf } = this.engine;
    const statistics: { layer: string; mean: Tensor1D; variance: Tensor1D }[] = [];
    const observed: { name: string; extremes: Tensor }[] = [];
    const tensors = this.trainingTensors(options.quantization);
    const inputs = this.layers.flatMap((layer): Tensor[] => {
      const { weights, gamma, bias } = tensors.get(layer.name)!;
      return gamma ? [weights, gamma, bias] : [weights, bias];
    });
    const x = this.batchTensor(batch);
    const labels = tf.tensor1d(batch.y, 'int32');
    let logits: Tensor2D | undefined;
    const { value, grads } = tf.valueAndGrads(() => {
      const output = forward(tf, this.graph, x, {
        tensors,
        ...(options.quantization ? { quantization: options.quantization } : {}),
        onStatistics: (layer, mean, variance) => {
          statistics.push({ layer, mean: tf.keep(mean), variance: tf.keep(variance) });
        },
        onTensor: (name, tensor) => {
          if (options.ranges) observed.push({ name, extremes: tf.keep(minMax(tf, tensor)) });
        },
      });
      logits = tf.keep(output);
      return softmaxCrossEntropy(tf, output, labels, options.labelSmoothing);
    })(inputs);

    const loss = value.dataSync()[0]!;
    const correct = countCorrect(logits!.dataSync() as Float32Array, batch.y, this.graph.classes);
    this.applyGradients(grads, options);
    for (const { layer, mean, variance } of statistics) {
      const p = this.parameters.get(layer)!;
      blend(p.mean!, mean.dataSync() as Float32Array, STATISTICS_DECAY);
      blend(p.variance!, variance.dataSync() as Float32Array, STATISTICS_DECAY);
    }
    for (const { name, extremes } of observed) {
      const [min, max] = extremes.dataSync();
      observeRange(options.ranges!, name, min!, max!);
    }
    tf.dispose([...inputs, x, labels, value, logits!, ...grads]);
    tf.dispose(statistics.flatMap((s) => [s.mean, s.variance]));
    tf.dispose(observed.map((o) => o.extremes));
    return { loss, correct };
  }

  /** Logits [N, classes] with batch norm folded into weights and bias, optionally on the int8 grids. */
  infer(
    batch: Batch,
    quantization?: Readonly<Record<string, TensorQuantization>>,
    ranges?: Ranges,
  ): Float32Array {
    const { tf } = this.engine;
    const result = tf.tidy(() => {
      const tensors = new Map<string, LayerTensors>();
      for (const layer of this.layers) {
        const p = this.parameters.get(layer.name)!;
        const { factor, bias } = foldBatchNorm(p, outputChannels(layer));
        const quantized = quantization ? quantizeLayerWeights(layer, p) : undefined;
        tensors.set(layer.name, {
          weights: this.weightTensor(layer, frameworkWeights(layer, p, quantized, factor)),
          bias: tf.tensor1d(Float32Array.from(bias)),
        });
      }
      return forward(tf, this.graph, this.batchTensor(batch), {
        tensors,
        ...(quantization ? { quantization } : {}),
        onTensor: (name, tensor) => {
          if (!ranges) return;
          const [min, max] = minMax(tf, tensor).dataSync();
          observeRange(ranges, name, min!, max!);
        },
      });
    });
    const logits = result.dataSync() as Float32Array;
    result.dispose();
    return logits;
  }

  /**
   * Replaces batch norm's running statistics by averages over the given batches with the weights as they are now
   * ("precise batch norm", Wu & Johnson 2021): moving averages lag behind weights that were just pruned.
   */
  recomputeStatistics(
    batches: Iterable<Batch>,
    quantization?: Readonly<Record<string, TensorQuantization>>,
  ): void {
    const { tf } = this.engine;
    const sums = new Map<string, { mean: Float64Array; variance: Float64Array; batches: number }>();
    for (const batch of batches) {
      tf.tidy(() => {
        forward(tf, this.graph, this.batchTensor(batch), {
          tensors: this.trainingTensors(quantization),
          ...(quantization ? { quantization } : {}),
          onStatistics: (name, mean, variance) => {
            const channels = mean.shape[0];
            const sum = sums.get(name) ?? {
              mean: new Float64Array(channels),
              variance: new Float64Array(channels),
              batches: 0,
            };
            addTo(sum.mean, mean.dataSync() as Float32Array);
            addTo(sum.variance, variance.dataSync() as Float32Array);
            sum.batches++;
            sums.set(name, sum);
          },
        });
      });
    }
    for (const [name, sum] of sums) {
      const p = this.parameters.get(name)!;
      p.mean!.set(sum.mean.map((v) => v / sum.batches));
      p.variance!.set(sum.variance.map((v) => v / sum.batches));
    }
  }

  /** Copies of all parameters, batch norm live; weights on their int8 grid where `quantization` is given. */
  private trainingTensors(
    quantization: Readonly<Record<string, TensorQuantization>> | undefined,
  ): Map<string, LayerTensors> {
    const { tf } = this.engine;
    const tensors = new Map<string, LayerTensors>();
    for (const layer of this.layers) {
      const p = this.parameters.get(layer.name)!;
      const quantized = quantization ? quantizeLayerWeights(layer, p) : undefined;
      const weights = this.weightTensor(layer, frameworkWeights(layer, p, quantized));
      const bias = tf.tensor1d(p.bias.slice());
      const gamma = p.gamma && tf.tensor1d(p.gamma.slice());
      tensors.set(layer.name, gamma ? { weights, gamma, bias } : { weights, bias });
    }
    return tensors;
  }

  private applyGradients(grads: Tensor[], options: StepOptions): void {
    const byKey = new Map<string, Float32Array>();
    let next = 0;
    for (const layer of this.layers) {
      const p = this.parameters.get(layer.name)!;
      const gradient = storageGradient(layer, grads[next++]!.dataSync() as Float32Array);
      if (options.freezePruned) {
        for (let i = 0; i < gradient.length; i++) if (p.mask[i] === 0) gradient[i] = 0;
      }
      byKey.set(`${layer.name}.weights`, gradient);
      if (p.gamma) byKey.set(`${layer.name}.gamma`, grads[next++]!.dataSync() as Float32Array);
      byKey.set(`${layer.name}.bias`, grads[next++]!.dataSync() as Float32Array);
    }
    options.optimizer.beginStep(options.optimizerStep);
    for (const { key, values, decay } of trainableArrays(this.parameters)) {
      options.optimizer.update(key, values, byKey.get(key)!, options.rate, decay);
    }
  }

  private weightTensor(layer: WeightedLayer, values: Float32Array): Tensor {
    const { tf } = this.engine;
    const shape = weightShape(layer);
    switch (layer.kind) {
      case 'conv2d':
        return tf.tensor4d(values, [shape[1]!, shape[2]!, shape[3]!, shape[0]!]);
      case 'depthwiseConv2d':
        return tf.tensor4d(values, [shape[0]!, shape[1]!, shape[2]!, 1]);
      case 'dense':
        return tf.tensor2d(values, [shape[1]!, shape[0]!]);
    }
  }

  private batchTensor({ x, y }: Batch): Tensor4D {
    return this.engine.tf.tensor4d(x, [y.length, ...this.graph.inputShape]);
  }
}

/** Factor of each channel's weights, and the bias, with batch norm's running statistics folded in. */
export function foldBatchNorm(
  p: LayerParameters,
  channels: number,
): { factor: Float64Array; bias: Float64Array } {
  const factor = new Float64Array(channels).fill(1);
  const bias = Float64Array.from(p.bias);
  if (p.gamma && p.mean && p.variance) {
    for (let c = 0; c < channels; c++) {
      const f = p.gamma[c]! / Math.sqrt(p.variance[c]! + BATCH_NORM_EPSILON);
      factor[c] = f;
      bias[c] = p.bias[c]! - p.mean[c]! * f;
    }
  }
  return { factor, bias };
}

/** How many rows of logits [N, classes] have their (first) largest entry at the label. */
export function countCorrect(logits: Float32Array, labels: Int32Array, classes: number): number {
  let correct = 0;
  for (let n = 0; n < labels.length; n++) {
    let best = 0;
    for (let c = 1; c < classes; c++) {
      if (logits[n * classes + c]! > logits[n * classes + best]!) best = c;
    }
    if (best === labels[n]) correct++;
  }
  return correct;
}

function blend(running: Float32Array, fresh: Float32Array, decay: number): void {
  for (let i = 0; i < running.length; i++)
    running[i] = decay * running[i]! + (1 - decay) * fresh[i]!;
}

function addTo(sum: Float64Array, values: Float32Array): void {
  for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + values[i]!;
}
