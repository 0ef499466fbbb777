import type { EastConfig } from '../config/config';
import type { Selection, SelectionLayer } from '../east/selection';
import { encodedBytes, selectEast, selectGroup, selectMagnitude } from '../east/select';
import type { Graph } from '../graph/graph';
import { weightedLayers } from '../graph/graph';
import type { LayerParameters, Parameters } from './parameters';
import { deployedValues, quantizeLayerWeights } from './weight-quantization';

/** Bytes of the pieces each layer is encoded in (the memory planner's tiles), by layer name. */
export type TileBytes = Readonly<Record<string, readonly number[]>>;

/**
 * Saliency of a weight: the share of its layer's energy that is lost with it, w² / Σw². A layer's output noise from
 * pruning, relative to its signal, is about the sum of these over the pruned weights, so the layers' numbers may be
 * added and compared; small layers protect themselves, since each of their weights is a large share.
 */
export function relativeEnergy({ weights }: LayerParameters): Float32Array {
  let energy = 0;
  for (let i = 0; i < weights.length; i++) energy += weights[i]! * weights[i]!;
  const scale = energy > 0 ? 1 / energy : 0;
  return weights.map((w) => w * w * scale);
}

/** What the methods choose from: the dense shadow, or only what the masks keep (`masked`), as the firmware stores it. */
export function selectionLayers(
  graph: Graph,
  parameters: Parameters,
  tileBytes: TileBytes,
  masked: boolean,
): SelectionLayer[] {
  return weightedLayers(graph).map((layer) => {
    const p = parameters.get(layer.name)!;
    const saliency = relativeEnergy(p);
    if (masked) for (let i = 0; i < saliency.length; i++) if (p.mask[i] === 0) saliency[i] = 0;
    return {
      name: layer.name,
      values: deployedValues(layer, p, quantizeLayerWeights(layer, p), masked),
      saliency,
      tileBytes: tileBytes[layer.name]!,
    };
  });
}

export function select(
  layers: readonly SelectionLayer[],
  budget: number,
  config: EastConfig,
  lambda: number | undefined,
): Selection {
  const options = lambda === undefined ? {} : { lambda };
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
