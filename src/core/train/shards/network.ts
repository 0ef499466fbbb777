import type { Batch } from '../../dataset/dataset';
import type { Graph } from '../../graph/graph';
import { outputChannels } from '../../graph/graph';
import type { Constants } from '../../quant/constants';
import type { TensorQuantization } from '../../quant/model';
import type { LossSettings } from '../../tasks/train-task';
import type { TrainedLayer, Update } from '../pass/channel-parts';
import { trainedLayers, trainingLayers } from '../pass/channel-parts';
import type { Optimizer } from '../pass/optimizer';
import { foldBatchNorm } from '../pass/fold-batch-norm';
import type { Parameters } from '../pass/parameters';
import type { LayerArrays, PassResult } from '../pass/pass';
import type { Ranges } from '../pass/ranges';
import { observeRange } from '../pass/ranges';
import type { Team } from './team';
import { frameworkWeights, quantizeLayerWeights } from '../pass/weight-quantization';
import { defined, ifDefined } from '../../util/defined';

/** Share of the old value when batch norm's running statistics take in a new batch. */
const STATISTICS_DECAY = 0.9;

export interface StepOptions extends Update {
  readonly optimizer: Optimizer;
  readonly loss: LossSettings;
  /** Present in quantisation-aware steps: activations are rounded to these, weights to their int8 grid. */
  readonly quantization?: Readonly<Record<string, TensorQuantization>>;
  /** Of this step, where values are left out at random in it. */
  readonly dropoutSeed?: number;
  /** Where to note this batch's tensor ranges; undefined in most steps, since reading them back costs time. */
  readonly ranges?: Ranges;
}

/** The live network: our parameters, and the steps and passes that a team of threads computes with them. */
export class Network {
  private readonly layers: readonly TrainedLayer[];

  constructor(
    readonly team: Team,
    readonly graph: Graph,
    readonly parameters: Parameters,
    private readonly constants?: Constants,
  ) {
    this.layers = trainedLayers(graph, parameters);
  }

  /** One optimiser step on a batch. Returns the mean loss and the logits, both from before it. */
  async step(batch: Batch, options: StepOptions): Promise<{ loss: number; logits: Float32Array }> {
    const { optimizer, quantization, optimizerStep, rate, freezePruned, dropoutSeed } = options;
    const { loss, logits, statistics, ranges } = await this.team.step(
      { layers: this.layers, optimizer },
      batch,
      {
        loss: options.loss,
        ...defined({
          quantization,
          constants: this.constants,
          dropout: ifDefined(dropoutSeed, (seed) => ({ seed, first: 0 })),
        }),
        ranges: options.ranges !== undefined,
      },
      { optimizerStep, rate, freezePruned },
    );
    for (const { layer, mean, variance } of statistics) {
      const p = this.parameters.get(layer)!;
      blend(p.mean!, mean, STATISTICS_DECAY);
      blend(p.variance!, variance, STATISTICS_DECAY);
    }
    if (options.ranges) observe(options.ranges, ranges);
    return { loss, logits };
  }

  /** Logits [N, outputs] with batch norm folded into weights and bias, optionally on the int8 grids. */
  async infer(
    batch: Batch,
    quantization?: Readonly<Record<string, TensorQuantization>>,
    ranges?: Ranges,
  ): Promise<Float32Array> {
    const folded = this.layers.map(({ layer, parameters: p }): LayerArrays => {
      const { factor, bias } = foldBatchNorm(p, outputChannels(layer));
      const quantized = quantization ? quantizeLayerWeights(layer, p) : undefined;
      return {
        weights: frameworkWeights(layer, p, quantized, factor),
        bias: Float32Array.from(bias),
      };
    });
    const result = await this.team.run(folded, batch, {
      kind: 'logits',
      ...defined({ quantization, constants: this.constants }),
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
    if (![...this.parameters.values()].some(({ mean }) => mean !== undefined)) return;
    const sums = new Map<string, { mean: Float64Array; variance: Float64Array; batches: number }>();
    const layers = trainingLayers(this.graph, this.layers, quantization !== undefined);
    for (const batch of batches) {
      const { statistics } = await this.team.run(layers, batch, {
        kind: 'statistics',
        ...defined({ quantization, constants: this.constants }),
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
