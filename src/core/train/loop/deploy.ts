import type { Graph } from '../../graph/graph';
import {
  channelOf,
  outputChannels,
  weightedLayers,
  weightOrder,
  withoutDropout,
} from '../../graph/graph';
import type { Constants } from '../../quant/constants';
import type { QuantizedModel, TensorQuantization } from '../../quant/model';
import { hasZero } from '../../formats/packing';
import type { TrainedLayer } from '../../quant/quantize-model';
import { quantizeModel } from '../../quant/quantize-model';
import { foldBatchNorm } from '../pass/fold-batch-norm';
import type { Parameters } from '../pass/parameters';
import type { TileWeights } from './pruning';
import { channelSign, deployedValues, quantizeLayerWeights } from '../pass/weight-quantization';

/** Still a normal float32. */
const SMALLEST_SCALE = 1e-30;

/**
 * The integer model the chip will run: batch norm folded, weights on exactly the grid the training steps saw, but for what
 * cannot be stored (deployedValues). `tileWeights`: weights of each tile, by layer name.
 */
export function deploy(
  graph: Graph,
  parameters: Parameters,
  tensors: Readonly<Record<string, TensorQuantization>>,
  tileWeights: TileWeights,
  constants: Constants = {},
): QuantizedModel {
  const layers: Record<string, TrainedLayer> = {};
  for (const layer of weightedLayers(graph)) {
    const p = parameters.get(layer.name)!;
    const channels = outputChannels(layer);
    const quantized = quantizeLayerWeights(layer, p);
    const { factor, bias } = foldBatchNorm(p, channels);
    const weightScales = new Float64Array(channels);
    for (let c = 0; c < channels; c++) {
      // gamma = 0 silences the channel; a tiny scale keeps its stored weights valid, and the bias carries the rest.
      const scale = quantized.scales[c]! * factor[c]! * channelSign(p, c);
      weightScales[c] = Math.max(scale, SMALLEST_SCALE);
    }
    const values = deployedValues(layer, p, quantized, true, tileWeights[layer.name]!);
    const order = weightOrder(layer);
    const weights = new Float32Array(values.length);
    for (let i = 0; i < values.length; i++) {
      weights[i] = values[i]! * weightScales[channelOf(order, i)]!;
    }
    layers[layer.name] = {
      weights,
      weightScales,
      bias: Float32Array.from(bias),
      ...(hasZero(p.format.id) ? {} : { codes: values }),
    };
  }
  return quantizeModel({ graph: withoutDropout(graph), tensors, layers, constants });
}
