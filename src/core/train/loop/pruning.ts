/**
 * Between the trainer, which thinks in weights, and the selection, which thinks in bytes: an element of a packed layer is
 * a byte of several weights, and zeroing it zeroes them all.
 */
import type { EastConfig } from '../../config/config';
import type { LayerMask, Selection, SelectionLayer } from '../../east/selection';
import type { EastPlans } from '../../east/layer-plan';
import type { FormatCandidate } from '../../east/choose-formats';
import { nats } from '../../east/objective';
import { chooseCandidates } from '../../east/choose-formats';
import {
  byteMasks,
  encodedBytes,
  selectEast,
  selectGroup,
  selectMagnitude,
} from '../../east/select';
import type { Graph } from '../../graph/graph';
import type { WeightedLayer } from '../../ops/graph-ops';
import { channelOf, weightedLayers, weightOrder } from '../../graph/graph';
import type { Encoder } from '../../codecs/lz4/encode';
import type { PossibleFormats } from '../../formats/possible-formats';
import type { WeightFormat } from '../../formats/packing';
import { hasZero, packedBytes, packWeights, weightsPerByte } from '../../formats/packing';
import type { LayerParameters, Parameters, QuantizedWeights } from '../pass/parameters';
import { deployedValues, quantizeLayerWeights } from '../pass/weight-quantization';

/** Weights in each of the pieces a layer is encoded in (the memory planner's tiles), by layer name. */
export type TileBytes = Readonly<Record<string, readonly number[]>>;

/** What is selected from: bytes as they would be stored, and how weights lie in them. */
export interface PruningLayer extends SelectionLayer {
  readonly weightsPerByte: number;
  /** Weights of each tile; a tile's first weight starts a byte. */
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
  if (format === 'int8') return weights.map((w) => w * w * scale);
  const least = hasZero(format) ? 0 : -Infinity;
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
  tileWeights: TileBytes,
  masked: boolean,
  encoder: Encoder = 'optimal',
): PruningLayer[] {
  return weightedLayers(graph).map((layer) => {
    const p = parameters.get(layer.name)!;
    const quantized = quantizeLayerWeights(layer, p);
    const saliency = relativeEnergy(layer, p, quantized);
    if (masked) for (let i = 0; i < saliency.length; i++) if (p.mask[i] === 0) saliency[i] = 0;
    const tiles = tileWeights[layer.name]!;
    const values = deployedValues(layer, p, quantized, masked, tiles);
    return packLayer(layer.name, values, saliency, tiles, p.format, encoder);
  });
}

/** One layer's codes and saliencies by weight, as bytes. */
export function packLayer(
  name: string,
  values: Int8Array,
  saliency: Float32Array,
  tileWeights: readonly number[],
  format: WeightFormat,
  encoder: Encoder = 'optimal',
): PruningLayer {
  const tileBytes = tileWeights.map((count) => packedBytes(count, format));
  const perByte = weightsPerByte(format);
  if (perByte === 1) {
    return { name, values, saliency, tileBytes, tileWeights, weightsPerByte: 1, encoder };
  }
  const bytes = tileBytes.reduce((sum, n) => sum + n, 0);
  const packed = new Uint8Array(bytes);
  const sums = new Float32Array(bytes);
  let weight = 0;
  let byte = 0;
  tileWeights.forEach((count, tile) => {
    packed.set(packWeights(values.subarray(weight, weight + count), format), byte);
    for (let i = 0; i < count; i++) {
      const at = byte + Math.floor(i / perByte);
      sums[at] = sums[at]! + saliency[weight + i]!;
    }
    // Zeros may be nearer than the levels are; selections rely on nothing being won by pruning.
    for (let i = byte; i < byte + tileBytes[tile]!; i++) sums[i] = Math.max(0, sums[i]!);
    weight += count;
    byte += tileBytes[tile]!;
  });
  return {
    name,
    values: new Int8Array(packed.buffer),
    saliency: sums,
    tileBytes,
    tileWeights,
    weightsPerByte: perByte,
    encoder,
  };
}

/**
 * The format of each layer's weights, by layer name: of `possible` those that lose the least of the layers' energy, by
 * quantisation and by pruning, when all are pruned to `blockBudget` bytes. Undefined: of no budget, the one of most levels.
 */
export function chooseFormats(
  graph: Graph,
  parameters: Parameters,
  possible: PossibleFormats,
  tileWeights: TileBytes,
  blockBudget: number | undefined,
  config: EastConfig,
): Record<string, WeightFormat> {
  const layers = weightedLayers(graph);
  const mask = byteMask(config);
  const choosing = blockBudget !== undefined && mask !== undefined;
  const picks =
    choosing && layers.some(({ name }) => possible[name]!.length > 1)
      ? chooseCandidates(
          layers.map((layer) =>
            possible[layer.name]!.map((format) =>
              formatCandidate(layer, parameters, tileWeights[layer.name]!, format, config.encoder),
            ),
          ),
          blockBudget,
          mask,
        ).picks
      : layers.map(() => 0);
  return Object.fromEntries(layers.map(({ name }, l) => [name, possible[name]![picks[l]!]!]));
}

/** One layer in a format: its bytes, what pruning them would lose, and what the format has lost by then. */
export function formatCandidate(
  layer: WeightedLayer,
  parameters: Parameters,
  tileWeights: readonly number[],
  format: WeightFormat,
  encoder: Encoder = 'optimal',
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
    layer: packLayer(layer.name, values, saliency, tileWeights, format, encoder),
    loss: energy > 0 ? nats(lost / energy) : 0,
  };
}

function byteMask({ method, group }: EastConfig): LayerMask | undefined {
  if (method === 'dense') return undefined;
  return method === 'group' ? byteMasks.group(group) : byteMasks[method];
}

/** Masks of bytes as masks of the weights in them. */
function weightMask(layer: PruningLayer, mask: Uint8Array): Uint8Array {
  const { weightsPerByte, tileWeights, tileBytes } = layer;
  if (weightsPerByte === 1) return mask;
  const result = new Uint8Array(tileWeights.reduce((sum, n) => sum + n, 0));
  let weight = 0;
  let byte = 0;
  tileWeights.forEach((count, tile) => {
    for (let i = 0; i < count; i++) {
      result[weight + i] = mask[byte + Math.floor(i / weightsPerByte)]!;
    }
    weight += count;
    byte += tileBytes[tile]!;
  });
  return result;
}

/** Bytes that the layers take as they are. */
export function storedBytes(layers: readonly PruningLayer[]): {
  readonly layerBytes: readonly number[];
  readonly total: number;
} {
  return encodedBytes(
    layers,
    layers.map(({ values }) => new Uint8Array(values.length).fill(1)),
  );
}

/** Where the last search ended, for the next one to begin there. */
interface LastSearch {
  readonly lambda?: number | undefined;
  readonly plans?: EastPlans | undefined;
}

/** Masks of weights such that the encoded bytes fit; of packed layers whole bytes are kept or pruned. */
export function select(
  layers: readonly PruningLayer[],
  budget: number,
  config: EastConfig,
  last: LastSearch = {},
): Selection {
  const selection = selectBytes(layers, budget, config, last);
  const masks = layers.map((layer, l) => weightMask(layer, selection.masks[l]!));
  return { ...selection, masks };
}

function selectBytes(
  layers: readonly PruningLayer[],
  budget: number,
  config: EastConfig,
  { lambda, plans }: LastSearch,
): Selection {
  const options = {
    ...(lambda === undefined ? {} : { lambda }),
    ...(plans === undefined ? {} : { plans }),
  };
  switch (config.method) {
    case 'east':
      return selectEast(layers, budget, options);
    case 'magnitude':
      return selectMagnitude(layers, budget, options);
    case 'group':
      return selectGroup(layers, budget, { ...options, group: config.group });
    case 'dense': {
      const masks = layers.map((layer) => new Uint8Array(layer.values.length).fill(1));
      const { layerBytes, total } = encodedBytes(layers, masks);
      return { masks, layerBytes, encodedBytes: total, lambda: 0 };
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

/** Fraction of pruned weights, per layer and over all. */
export function maskSparsity(masks: readonly Uint8Array[]): { layers: number[]; total: number } {
  let pruned = 0;
  let count = 0;
  const layers = masks.map((mask) => {
    let zeros = 0;
    for (let i = 0; i < mask.length; i++) if (mask[i] === 0) zeros++;
    pruned += zeros;
    count += mask.length;
    return zeros / mask.length;
  });
  return { layers, total: pruned / count };
}
