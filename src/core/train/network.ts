import type { Batch } from '../dataset/dataset';
import type { Graph, WeightedLayer } from '../graph/graph';
import { outputChannels, weightedLayers } from '../graph/graph';
import type { TensorQuantization } from '../quant/model';
import type { Optimizer } from './optimizer';
import type { LayerParameters, Parameters } from './parameters';
import { BATCH_NORM_EPSILON, trainableArrays } from './parameters';
import type { LayerArrays, PassResult } from './pass';
import type { Ranges } from './ranges';
import { observeRange } from './ranges';
import type { Team } from './shards/team';
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

/** The live network: our parameters, and the passes that a team of threads runs on copies of them. */
export class Network {
  private readonly layers: readonly WeightedLayer[];

  constructor(
    readonly team: Team,
    readonly graph: Graph,
    readonly parameters: Parameters,
  ) {
    this.layers = weightedLayers(graph);
  }

  /** One optimiser step on a batch. Returns the mean loss and how many examples were classified right. */
  async step(batch: Batch, options: StepOptions): Promise<{ loss: number; correct: number }> {
    const { quantization, labelSmoothing } = options;
    const { loss, correct, gradients, statistics, ranges } = await this.team.run(
      this.trainingArrays(quantization),
      batch,
      {
        kind: 'gradients',
        labelSmoothing,
        ...(quantization ? { quantization } : {}),
        ranges: options.ranges !== undefined,
      },
    );
    this.applyGradients(gradients, options);
    for (const { layer, mean, variance } of statistics) {
      const p = this.parameters.get(layer)!;
      blend(p.mean!, mean, STATISTICS_DECAY);
      blend(p.variance!, variance, STATISTICS_DECAY);
    }
    if (options.ranges) observe(options.ranges, ranges);
    return { loss, correct };
  }

  /** Logits [N, classes] with batch norm folded into weights and bias, optionally on the int8 grids. */
  async infer(
    batch: Batch,
    quantization?: Readonly<Record<string, TensorQuantization>>,
    ranges?: Ranges,
  ): Promise<Float32Array> {
    const folded = this.layers.map((layer): LayerArrays => {
      const p = this.parameters.get(layer.name)!;
      const { factor, bias } = foldBatchNorm(p, outputChannels(layer));
      const quantized = quantization ? quantizeLayerWeights(layer, p) : undefined;
      return {
        weights: frameworkWeights(layer, p, quantized, factor),
        bias: Float32Array.from(bias),
      };
    });
    const result = await this.team.run(folded, batch, {
      kind: 'logits',
      labelSmoothing: 0,
      ...(quantization ? { quantization } : {}),
      ranges: ranges !== undefined,
    });
    if (ranges) observe(ranges, result.ranges);
    return result.logits;
  }

  /**
   * Replaces batch norm's running statistics by averages over the given batches with the weights as they are now
   * ("precise batch norm", Wu & Johnson 2021): moving averages lag behind weights that were just pruned.
   */
  async recomputeStatistics(
    batches: Iterable<Batch>,
    quantization?: Readonly<Record<string, TensorQuantization>>,
  ): Promise<void> {
    const sums = new Map<string, { mean: Float64Array; variance: Float64Array; batches: number }>();
    const layers = this.trainingArrays(quantization);
    for (const batch of batches) {
      const { statistics } = await this.team.run(layers, batch, {
        kind: 'statistics',
        labelSmoothing: 0,
        ...(quantization ? { quantization } : {}),
        ranges: false,
      });
      for (const { layer, mean, variance } of statistics) {
        const sum = sums.get(layer) ?? {
          mean: new Float64Array(mean.length),
          variance: new Float64Array(mean.length),
          batches: 0,
        };
        addTo(sum.mean, mean);
        addTo(sum.variance, variance);
        sum.batches++;
        sums.set(layer, sum);
      }
    }
    for (const [name, sum] of sums) {
      const p = this.parameters.get(name)!;
      p.mean!.set(sum.mean.map((v) => v / sum.batches));
      p.variance!.set(sum.variance.map((v) => v / sum.batches));
    }
  }

  /** All parameters, batch norm live; weights on their int8 grid where `quantization` is given. */
  private trainingArrays(
    quantization: Readonly<Record<string, TensorQuantization>> | undefined,
  ): LayerArrays[] {
    return this.layers.map((layer) => {
      const p = this.parameters.get(layer.name)!;
      const quantized = quantization ? quantizeLayerWeights(layer, p) : undefined;
      const weights = frameworkWeights(layer, p, quantized);
      return p.gamma
        ? { weights, gamma: p.gamma.slice(), bias: p.bias.slice() }
        : { weights, bias: p.bias.slice() };
    });
  }

  private applyGradients(gradients: readonly LayerArrays[], options: StepOptions): void {
    const byKey = new Map<string, Float32Array>();
    this.layers.forEach((layer, i) => {
      const { mask } = this.parameters.get(layer.name)!;
      const { weights, gamma, bias } = gradients[i]!;
      const gradient = storageGradient(layer, weights);
      if (options.freezePruned) {
        for (let w = 0; w < gradient.length; w++) if (mask[w] === 0) gradient[w] = 0;
      }
      byKey.set(`${layer.name}.weights`, gradient);
      if (gamma) byKey.set(`${layer.name}.gamma`, gamma);
      byKey.set(`${layer.name}.bias`, bias);
    });
    options.optimizer.beginStep(options.optimizerStep);
    for (const { key, values, decay } of trainableArrays(this.parameters)) {
      options.optimizer.update(key, values, byKey.get(key)!, options.rate, decay);
    }
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

function observe(ranges: Ranges, observed: PassResult['ranges']): void {
  for (const [name, min, max] of observed) observeRange(ranges, name, min, max);
}

function blend(running: Float32Array, fresh: Float32Array, decay: number): void {
  for (let i = 0; i < running.length; i++)
    running[i] = decay * running[i]! + (1 - decay) * fresh[i]!;
}

function addTo(sum: Float64Array, values: Float32Array): void {
  for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + values[i]!;
}
