/** Derives a run's report from the bytes that lie in flash; every other place shows these numbers. */
import type { BudgetConfig, ResolvedConfig } from '../config/config';
import { BLOB_ENTRY_BYTES, BLOB_HEADER_BYTES } from '../firmware/blob';
import type { EncodedLayer, EncodedModel, MemoryPlan } from '../firmware/encoded-model';
import { peakLayer } from '../firmware/planner';
import type { WeightedLayer } from '../graph/graph';
import { weightCount, weightedLayers, weightShape } from '../graph/graph';
import type { AccuracyReport, FlashReport, LayerReport, Report } from './report';

export interface ReportInput {
  readonly encoded: EncodedModel;
  readonly plan: MemoryPlan;
  /** What the sources put in flash besides the blob, bytes. */
  readonly flash: Omit<FlashReport, 'weights' | 'total'>;
  readonly accuracy: AccuracyReport;
  readonly run: { readonly id: string; readonly engine: string };
  readonly config: Pick<ResolvedConfig, 'name' | 'east' | 'training' | 'budget'>;
}

/**
 * The layers' encoded bytes (blocks and table entries) and the blob's header add up to `flash.weights`, which is the
 * blob's length. Throws Error where the model contradicts itself.
 */
export function buildReport({ encoded, plan, flash, accuracy, run, config }: ReportInput): Report {
  const byName = new Map(encoded.layers.map((layer) => [layer.name, layer]));
  const measured = weightedLayers(encoded.model.graph).map((layer) => {
    const stored = byName.get(layer.name);
    const weights = encoded.model.layers[layer.name]?.weights;
    if (stored === undefined || weights?.length !== weightCount(layer)) {
      throw new Error(`the encoded model does not have layer ${layer.name}'s weights`);
    }
    return measure(layer, stored, weights);
  });
  const sum = (of: (layer: Measured) => number): number =>
    measured.reduce((total, layer) => total + of(layer), 0);
  const encodedBytes = sum((layer) => layer.encodedBytes);
  const weights = encoded.blob.length;
  if (encodedBytes + BLOB_HEADER_BYTES !== weights) {
    throw new Error(`the layers take ${encodedBytes} bytes, but the blob has ${weights}`);
  }
  const parameters = sum((layer) => layer.parameters);
  const total = weights + flash.biases + flash.tables + flash.code;
  const budget = limits(config.budget, parameters);
  return {
    version: 1,
    name: config.name,
    run: run.id,
    method: config.east.method,
    engine: run.engine,
    seed: config.training.seed,
    layers: measured.map(({ zeros, ...layer }): LayerReport => ({
      ...layer,
      sparsity: zeros / layer.parameters,
      ratio: layer.parameters / layer.encodedBytes,
      share: layer.encodedBytes / encodedBytes,
    })),
    parameters,
    denseBytes: parameters,
    sparsity: sum((layer) => layer.zeros) / parameters,
    ratio: parameters / weights,
    flash: { ...flash, weights, total },
    ram: {
      activations: plan.activationBytes,
      scratch: plan.scratchBytes,
      decode: plan.decodeBytes,
      total: plan.ramBytes,
      peakLayer: peakLayer(encoded.model.graph, plan),
    },
    accuracy,
    budget,
    withinBudget:
      within(total, budget.flash) &&
      within(plan.ramBytes, budget.ram) &&
      within(weights, budget.weights),
  };
}

/** The config's limits in bytes; a fraction is one of the dense int8 weights, rounded down. */
export function limits(budget: BudgetConfig, denseBytes: number): Report['budget'] {
  const { flash, ram, weights } = budget;
  return {
    ...(flash === undefined ? {} : { flash }),
    ...(ram === undefined ? {} : { ram }),
    ...(weights === undefined
      ? {}
      : {
          weights: 'bytes' in weights ? weights.bytes : Math.floor(weights.fraction * denseBytes),
        }),
  };
}

type Measured = Omit<LayerReport, 'sparsity' | 'ratio' | 'share'> & { readonly zeros: number };

function measure(layer: WeightedLayer, stored: EncodedLayer, weights: Int8Array): Measured {
  let zeros = 0;
  for (let i = 0; i < weights.length; i++) if (weights[i] === 0) zeros++;
  return {
    name: layer.name,
    kind: layer.kind,
    shape: weightShape(layer),
    parameters: weights.length,
    zeros,
    encodedBytes: stored.tiles.reduce(
      (bytes, tile) => bytes + BLOB_ENTRY_BYTES + tile.stored.length,
      0,
    ),
    tiles: stored.tiles.length,
    rawTiles: stored.tiles.filter((tile) => tile.storage === 'raw').length,
  };
}

function within(bytes: number, limit: number | undefined): boolean {
  return limit === undefined || bytes <= limit;
}
