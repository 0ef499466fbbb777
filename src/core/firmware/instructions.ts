/**
 * Instructions of one inference by what they cost on a target: estimates, within a tenth for whole networks of the usual kinds, by
 * which decoding is weighed against computing before anything is compiled.
 */
import { holdsPacked } from '../codecs/coding';
import { codecOf } from '../codecs/codecs';
import type { WeightFormat } from '../formats/formats';
import { packedBytes } from '../formats/packing';
import type { FrontendConfig } from '../frontends/config';
import { layoutOf } from '../frontends/frontends';
import { transformSize } from '../frontends/spectral/fft';
import { macs, type Graph } from '../graph/graph';
import { stepOf } from '../graph/stream';
import { emitOp } from '../ops/emit-ops';
import type { Layer } from '../ops/graph-ops';
import { elements } from '../ops/shape';
import { keepsPacked, type EncodedModel } from './encoded-model';
import type { KernelCosts, Target } from './targets/target';

/**
 * All but decoding: what an inference takes whose weights lie in flash as they are multiplied; where the network runs along a
 * stream, a step of it.
 *
 * @param codesOf format of the codes that a layer's kernel is given; int8 where nothing has been chosen yet
 */
export function computeInstructions(
  graph: Graph,
  { instructions }: Target,
  codesOf: (layer: Layer) => WeightFormat = () => 'int8',
): number {
  const { layers } = stepOf(graph)?.graph ?? graph;
  const { kernels, others, inference } = instructions;
  return layers.reduce((sum, layer) => {
    const op = emitOp(layer);
    if (op.kernel === undefined) return sum;
    const costs = kernels[op.kernelFor?.(codesOf(layer), layers) ?? op.kernel] ?? others;
    return sum + kernelInstructions(layer, costs);
  }, inference);
}

/** The same with the kernels that stored layers get. */
export function storedComputeInstructions(
  { model, layers }: Pick<EncodedModel, 'model' | 'layers'>,
  target: Target,
): number {
  return computeInstructions(model.graph, target, (layer) => {
    const encoded = layers.find(({ name }) => name === layer.name);
    return encoded && keepsPacked(layer, encoded) ? encoded.representation.packing : 'int8';
  });
}

function kernelInstructions(layer: Layer, costs: KernelCosts): number {
  const { multiply = 0, output = 0, input = 0 } = costs;
  return (
    multiply * macs(layer) +
    output * elements(layer.outputShape) +
    input * elements(layer.inputShape) +
    gatherInstructions(layer, costs)
  );
}

/** Of the columns that a convolution multiplies, once. */
function gatherInstructions(
  layer: Layer,
  { gathered = 0, gatheredApart = 0 }: KernelCosts,
): number {
  const [, , channels] = layer.outputShape;
  const gather = layer.inputShape[2] % 4 === 0 ? gathered : gatheredApart;
  return (gather * macs(layer)) / channels;
}

/** What an inference takes more than `computeInstructions` because each tile of a layer gathers its columns anew. */
export function tilingInstructions(
  { model, layers }: Pick<EncodedModel, 'model' | 'layers'>,
  { instructions: { kernels, others } }: Target,
): number {
  return model.graph.layers.reduce((sum, layer) => {
    const { kernel } = emitOp(layer);
    const tiles = layers.find(({ name }) => name === layer.name)?.tiles.length ?? 1;
    if (kernel === undefined) return sum;
    return sum + (tiles - 1) * gatherInstructions(layer, kernels[kernel] ?? others);
  }, 0);
}

/** Most instructions of decoding beside those of computing, so that they are that share of the sum. */
export function decodingLimit(compute: number, share: number): number {
  return share >= 1 ? Infinity : (compute * share) / (1 - share);
}

/** Of `tiles` of so many weights each, all by that codec, until they are what the layer's kernel multiplies. */
export function layerDecoding(
  layer: Layer,
  format: WeightFormat,
  codec: string,
  tiles: readonly number[],
  target: Target,
): number {
  return tiles.reduce((sum, weights) => {
    const packed = holdsPacked({ codec });
    const kept = packed && emitOp(layer).kernelFor?.(format, []) !== undefined;
    return sum + tileDecoding({ codec, weights }, format, kept, target);
  }, 0);
}

/** Of a model as it is stored. */
export function decodingOf({ model, layers }: EncodedModel, target: Target): number {
  return model.graph.layers.reduce((sum, layer) => {
    const encoded = layers.find(({ name }) => name === layer.name);
    if (encoded === undefined) return sum;
    const { packing } = encoded.representation;
    const kept = keepsPacked(layer, encoded);
    return encoded.tiles.reduce(
      (all, tile) => all + tileDecoding(tile, packing, kept, target),
      sum,
    );
  }, 0);
}

/** @param kept whether the kernel multiplies packed codes, so that nothing is unpacked */
export function tileDecoding(
  { codec, weights }: { readonly codec: string; readonly weights: number },
  format: WeightFormat,
  kept: boolean,
  { instructions }: Target,
): number {
  const { symbol, tile } = costOf(codec, instructions.decode);
  if (codecOf(codec).symbols === 'weights') return tile + symbol * weights;
  const unpack = kept ? 0 : instructions.unpack[format] * weights;
  return tile + symbol * packedBytes(weights, format) + unpack;
}

function costOf(
  codec: string,
  costs: Target['instructions']['decode'],
): Target['instructions']['decode'][keyof Target['instructions']['decode']] {
  const found = Object.entries(costs).find(([id]) => id === codec);
  if (found === undefined) throw new Error(`nobody has measured the codec ${codec}`);
  return found[1];
}

/** Of one frame of a front end, codes included. */
export function frameInstructions(config: FrontendConfig, { instructions }: Target): number {
  const cost = instructions.frontend;
  const { window, channels, features } = layoutOf(config);
  const own = cost.frame + cost.feature * features;
  if (config.kind === 'window') return own;
  const size = transformSize(config.window);
  const ofChannel =
    (cost.sample + (config.kind === 'spectrum' ? cost.statistic : 0)) * window +
    (config.bands === 0 ? 0 : cost.transform * size * Math.log2(size) + cost.band * config.bands);
  const products = config.kind === 'mfcc' ? config.bands * config.coefficients : 0;
  return own + (config.kind === 'spectrum' ? channels : 1) * ofChannel + cost.product * products;
}
