/**
 * Between the trainer, which thinks in weights, and the selection, which thinks in symbols of a codec: one of a packed
 * layer is a byte of several weights, and zeroing it zeroes them all.
 */
import type { EastConfig } from '../../config/config';
import type { LayerMask, Selection, SelectionLayer } from '../../east/selection';
import type { EastPlans } from '../../east/layer-plan';
import type { FormatCandidate } from '../../east/choose-formats';
import { nats } from '../../east/objective';
import { chooseWithin, type TimedCandidate } from '../../east/choose-within';
import { byteMasks, selectEast, selectGroup, selectMagnitude } from '../../east/select';
import { maskedBytes, type StoredBytes } from '../../east/stored-bytes';
import type { Graph } from '../../graph/graph';
import type { WeightedLayer } from '../../ops/graph-ops';
import { channelOf, weightedLayers, weightOrder } from '../../graph/graph';
import type { CodecOptions } from '../../codecs/options';
import { withPlain } from '../../codecs/choice';
import { layerCoding, symbolCount, symbolsOf, type LayerCoding } from '../../codecs/coding';
import type { QuantizedWeights } from '../../formats/fit';
import type { TrainedFormat, TrainedFormats } from '../../formats/fits';
import { hasZero, weightsPerByte } from '../../formats/packing';
import type { LayerParameters, Parameters } from '../pass/parameters';
import { deployedValues, quantizeLayerWeights } from '../pass/weight-quantization';
import type { DecodingLimit } from './decoding-limit';
import { defined } from '../../util/defined';

/** How many weights are in each of the pieces a layer is encoded in (the memory planner's tiles), by layer name. */
export type TileWeights = Readonly<Record<string, readonly number[]>>;

/** What is selected from: symbols, and how weights lie in them. */
export interface PruningLayer extends SelectionLayer {
  readonly weightsPerSymbol: number;
  /** By weight, nothing pruned. */
  readonly codes: Int8Array;
  /** Weights of each tile; a tile's first weight starts a symbol. */
  readonly tileWeights: readonly number[];
}

/**
 * Saliency of a weight: the share of its layer's energy that is lost with it. A layer's output noise from pruning,
 * relative to its signal, is about the sum of these over the pruned weights, so the layers' numbers may be added and
 * compared; small layers protect themselves, since each of their weights is a large share. With int8 that is w² / Σw².
 * With few levels a weight is not what its code says, and what is lost is w² less what was lost before: its error². (That
 * is below zero for small weights in a format without a zero; what counts there is the sum over a byte.)
 */
export function relativeEnergy(
  layer: WeightedLayer,
  { weights, format }: Pick<LayerParameters, 'weights' | 'format'>,
  { values, scales }: QuantizedWeights,
): Float32Array {
  let energy = 0;
  for (let i = 0; i < weights.length; i++) energy += weights[i]! * weights[i]!;
  const scale = energy > 0 ? 1 / energy : 0;
  if (format.fit.fine) return weights.map((w) => w * w * scale);
  const least = hasZero(format.id) ? 0 : -Infinity;
  const order = weightOrder(layer);
  return weights.map((w, i) => {
    const error = w - values[i]! * scales[channelOf(order, i)]!;
    return Math.max(least, w * w - error * error) * scale;
  });
}

/** What the methods choose from: the dense shadow, or only what the masks keep (`masked`), as the firmware stores it. */
export function selectionLayers(
  graph: Graph,
  parameters: Parameters,
  tileWeights: TileWeights,
  masked: boolean,
  options: CodecOptions = {},
): PruningLayer[] {
  return weightedLayers(graph).map((layer) => {
    const p = parameters.get(layer.name)!;
    const quantized = quantizeLayerWeights(layer, p);
    const saliency = relativeEnergy(layer, p, quantized);
    if (masked) for (let i = 0; i < saliency.length; i++) if (p.mask[i] === 0) saliency[i] = 0;
    const tiles = tileWeights[layer.name]!;
    const values = deployedValues(layer, p, quantized, masked, tiles);
    return symbolLayer(
      layer.name,
      values,
      saliency,
      tiles,
      layerCoding(p.format.id, options, p.format.codec),
    );
  });
}

/** One layer's codes and saliencies by weight, as symbols of its codec. */
export function symbolLayer(
  name: string,
  codes: Int8Array,
  saliency: Float32Array,
  tileWeights: readonly number[],
  coding: LayerCoding,
): PruningLayer {
  const perSymbol = coding.codec.symbols === 'weights' ? 1 : weightsPerByte(coding.format);
  const tileSymbols = tileWeights.map((count) => symbolCount(coding, count));
  const total = tileSymbols.reduce((sum, n) => sum + n, 0);
  const symbols = new Uint8Array(total);
  const sums = new Float32Array(total);
  let weight = 0;
  let symbol = 0;
  tileWeights.forEach((count, tile) => {
    symbols.set(symbolsOf(coding, codes.subarray(weight, weight + count)), symbol);
    for (let i = 0; i < count; i++) {
      const at = symbol + Math.floor(i / perSymbol);
      sums[at] = sums[at]! + saliency[weight + i]!;
    }
    // Zeros may be nearer than the levels are; selections rely on nothing being won by pruning.
    for (let i = symbol; i < symbol + tileSymbols[tile]!; i++) sums[i] = Math.max(0, sums[i]!);
    weight += count;
    symbol += tileSymbols[tile]!;
  });
  return {
    name,
    symbols,
    saliency: sums,
    tileSymbols,
    tileWeights,
    weightsPerSymbol: perSymbol,
    codes,
    coding,
  };
}

/**
 * The format of each layer's weights, by layer name: of `possible` those that lose the least of the layers' energy, by
 * quantisation and by pruning, when all are pruned to `blockBudget` bytes. Undefined: of no budget, the one of most levels.
 */
export function chooseFormats(
  graph: Graph,
  parameters: Parameters,
  possible: TrainedFormats,
  tileWeights: TileWeights,
  blockBudget: number | undefined,
  config: EastConfig,
  decoding?: DecodingLimit,
): Record<string, TrainedFormat> {
  const layers = weightedLayers(graph);
  const mask = byteMask(config);
  const choosing = blockBudget !== undefined && mask !== undefined;
  if (!choosing || layers.every(({ name }) => possible[name]!.length === 1)) {
    return Object.fromEntries(layers.map(({ name }) => [name, possible[name]![0]!]));
  }
  const offered = withPlain(possible);
  const candidates = (plain: boolean): TimedCandidate[][] =>
    layers.map((layer) =>
      (plain ? offered : possible)[layer.name]!.map((format) => ({
        ...formatCandidate(layer, parameters, tileWeights[layer.name]!, format, config),
        instructions: decoding?.of(layer, format) ?? 0,
      })),
    );
  const { picks } = chooseWithin(candidates, blockBudget, mask, decoding?.most ?? Infinity);
  return Object.fromEntries(layers.map(({ name }, l) => [name, offered[name]![picks[l]!]!]));
}

/** One layer in a format: its symbols, what pruning them would lose, and what the format has lost by then. */
export function formatCandidate(
  layer: WeightedLayer,
  parameters: Parameters,
  tileWeights: readonly number[],
  format: TrainedFormat,
  options: CodecOptions = {},
): FormatCandidate {
  const p = { ...parameters.get(layer.name)!, format };
  const quantized = quantizeLayerWeights(layer, p);
  const order = weightOrder(layer);
  let energy = 0;
  let lost = 0;
  p.weights.forEach((w, i) => {
    const error = w - quantized.values[i]! * quantized.scales[channelOf(order, i)]!;
    energy += w * w;
    lost += error * error;
  });
  const values = deployedValues(layer, p, quantized, false, tileWeights);
  const saliency = relativeEnergy(layer, p, quantized);
  return {
    layer: symbolLayer(
      layer.name,
      values,
      saliency,
      tileWeights,
      layerCoding(format.id, options, format.codec),
    ),
    loss: energy > 0 ? nats(lost / energy) : 0,
  };
}

function byteMask({ method, group }: EastConfig): LayerMask | undefined {
  if (method === 'dense') return undefined;
  return method === 'group' ? byteMasks.group(group) : byteMasks[method];
}

/** Masks of symbols as masks of the weights in them. */
function weightMask(layer: PruningLayer, mask: Uint8Array): Uint8Array {
  const { weightsPerSymbol, tileWeights, tileSymbols } = layer;
  if (weightsPerSymbol === 1) return mask;
  const result = new Uint8Array(tileWeights.reduce((sum, n) => sum + n, 0));
  let weight = 0;
  let symbol = 0;
  tileWeights.forEach((count, tile) => {
    for (let i = 0; i < count; i++) {
      result[weight + i] = mask[symbol + Math.floor(i / weightsPerSymbol)]!;
    }
    weight += count;
    symbol += tileSymbols[tile]!;
  });
  return result;
}

/** Bytes that the layers take as they are. */
export function unprunedBytes(layers: readonly PruningLayer[]): StoredBytes {
  return maskedBytes(
    layers,
    layers.map(({ symbols }) => new Uint8Array(symbols.length).fill(1)),
  );
}

/** Where the last search ended, for the next one to begin there. */
interface LastSearch {
  readonly lambda?: number | undefined;
  readonly plans?: EastPlans | undefined;
}

/** Masks of weights such that the stored bytes fit; what is kept or pruned are whole symbols. */
export function select(
  layers: readonly PruningLayer[],
  budget: number,
  config: EastConfig,
  last: LastSearch = {},
): Selection {
  const selection = selectSymbols(layers, budget, config, last);
  const masks = layers.map((layer, l) => weightMask(layer, selection.masks[l]!));
  return { ...selection, masks };
}

function selectSymbols(
  layers: readonly PruningLayer[],
  budget: number,
  config: EastConfig,
  { lambda, plans }: LastSearch,
): Selection {
  const options = {
    ...defined({ lambda, plans }),
  };
  switch (config.method) {
    case 'east':
      return selectEast(layers, budget, options);
    case 'magnitude':
      return selectMagnitude(layers, budget, options);
    case 'group':
      return selectGroup(layers, budget, { ...options, group: config.group });
    case 'dense': {
      const masks = layers.map((layer) => new Uint8Array(layer.symbols.length).fill(1));
      const { layerBytes, total } = maskedBytes(layers, masks);
      return { masks, layerBytes, storedBytes: total, lambda: 0 };
    }
  }
}

/** Puts the masks in force. Returns the fraction of mask bits that changed. */
export function applyMasks(
  graph: Graph,
  parameters: Parameters,
  masks: readonly Uint8Array[],
): number {
  let changed = 0;
  let count = 0;
  weightedLayers(graph).forEach((layer, index) => {
    const { mask } = parameters.get(layer.name)!;
    const chosen = masks[index]!;
    for (let i = 0; i < mask.length; i++) if (mask[i] !== chosen[i]) changed++;
    count += mask.length;
    mask.set(chosen);
  });
  return changed / count;
}

/** Fraction of zero weights, pruned or rounded to zero, per layer and over all: as reports count them. */
export function zeroShares(
  pruning: readonly Pick<PruningLayer, 'codes'>[],
  masks: readonly Uint8Array[],
): { layers: number[]; total: number } {
  let all = 0;
  let count = 0;
  const layers = masks.map((mask, l) => {
    const { codes } = pruning[l]!;
    let zeros = 0;
    for (let i = 0; i < mask.length; i++) if (mask[i] === 0 || codes[i] === 0) zeros++;
    all += zeros;
    count += mask.length;
    return zeros / mask.length;
  });
  return { layers, total: all / count };
}
