/** A network that was trained elsewhere, as float numbers: what is compared with, quantised, imitated and started from. */
import type { Graph } from '../../graph/graph';
import { channelOf, weightedLayers, weightOrder } from '../../graph/graph';
import type { TrainedModel } from '../../quant/quantize-model';
import type { Constants } from '../../quant/constants';
import { defined } from '../../util/defined';
import { UserError } from '../../util/errors';
import type { LayerParameters } from '../pass/parameters';
import { BATCH_NORM_EPSILON, type BatchNorm } from '../../graph/batch-norm';
import type { LayerArrays } from '../pass/pass';
import { frameworkWeights } from '../pass/weight-quantization';
import { trainedFormat } from '../../formats/fits';

/** Batch norm folded into weights and bias. */
export type FloatNetwork = Omit<TrainedModel, 'tensors'>;

/** What a model file says of a network's numbers (models/model.ts): where batch norm is live, weights are unfolded. */
export interface FileNumbers {
  readonly graph: Graph;
  readonly weights?: FloatNetwork['layers'];
  readonly batchNorm?: Readonly<Record<string, BatchNorm>>;
  readonly constants?: Constants;
}

/** Folds the batch norm that is live in the file. @throws UserError where a weighted layer has no weights */
export function floatNetwork({
  graph,
  weights = {},
  batchNorm = {},
  constants,
}: FileNumbers): FloatNetwork {
  return {
    graph,
    ...defined({ constants }),
    layers: Object.fromEntries(
      weightedLayers(graph).map((layer) => {
        const values = weights[layer.name];
        if (values === undefined) {
          throw new UserError(`The model file has no weights for layer '${layer.name}'.`);
        }
        const norm = batchNorm[layer.name];
        if (norm === undefined) return [layer.name, values];
        const order = weightOrder(layer);
        const factor = Float64Array.from(
          norm.gamma,
          (gamma, c) => gamma / Math.sqrt(norm.variance[c]! + BATCH_NORM_EPSILON),
        );
        return [
          layer.name,
          {
            weights: values.weights.map((w, i) => w * factor[channelOf(order, i)]!),
            bias: values.bias.map((b, c) => norm.beta[c]! + (b - norm.mean[c]!) * factor[c]!),
          },
        ];
      }),
    ),
  };
}

/** As a pass takes them (train/pass/pass.ts), in the order of the weighted layers. */
export function passLayers({ graph, layers }: FloatNetwork): LayerArrays[] {
  return weightedLayers(graph).map((layer) => {
    const { weights, bias } = layers[layer.name]!;
    const parameters: LayerParameters = {
      weights,
      bias,
      gamma: undefined,
      mean: undefined,
      variance: undefined,
      mask: new Uint8Array(weights.length).fill(1),
      format: trainedFormat('int8'),
    };
    return { weights: frameworkWeights(layer, parameters, undefined), bias };
  });
}

/** Σ over an example's tensors of their numbers: what a pass over one example holds, roughly. */
export function numbersPerExample({ layers, inputShape }: Graph): number {
  const size = ([height, width, channels]: readonly number[]): number =>
    height! * width! * channels!;
  return layers.reduce((sum, layer) => sum + 2 * size(layer.outputShape), size(inputShape));
}
