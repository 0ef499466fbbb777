/**
 * What else the bytes that a budget leaves for the weights would hold: a wider network, squeezed further, or the same one
 * in fewer bits. The editor tells of it as one types, reports once it is known what came of the config.
 */
import { isUntrained, type ModelConfig, type ResolvedConfig } from '../config/config';
import { computeInstructions } from '../firmware/instructions';
import type { MeasuredCode } from '../firmware/fixed-flash';
import { firmwareTarget } from '../firmware/targets/targets';
import type { WeightFormat } from '../formats/formats';
import type { Shape } from '../ops/shape';
import { DEFAULT_WIDTH } from '../models/architectures';
import { loadModel } from '../models/models';
import { nonZeroOf } from '../plan/compression';
import { forecast as forecastOf, type Forecast } from '../plan/forecast';
import { formatBytes, formatRatio } from '../report/format';
import { UserError } from '../util/errors';
import { sizeAtMost } from './edits';
import { largestWidth } from './width';

/** What is looked at of a config. */
export type OtherConfig = Pick<
  ResolvedConfig,
  'model' | 'task' | 'budget' | 'east' | 'quantization' | 'firmware' | 'frontend'
>;

export interface WiderNetwork {
  /** Undefined for a list of layers, where `factor` says how many times as many filters and units each has. */
  readonly width?: number;
  readonly factor?: number;
  /** Dense int8 bytes to those that the budget leaves. */
  readonly ratio: number;
  /** Times the instructions of an inference, without decoding. */
  readonly instructions: number;
}

export interface FewerBits {
  /** Shares of the weights that can stay non-zero, estimated. */
  readonly kept: number;
  readonly keptByFew: number;
  /** Of most weights then. */
  readonly format: WeightFormat;
}

/**
 * Compressed up to so many times, networks usually lose less by it than they win by their width (docs/measurements.md, "How wide,
 * at a fixed size"): ResNet-9 in 24 KiB is best 9 times and more smaller than dense int8, in 16 KiB between 6 and 14 times.
 */
export const SQUEEZED = 10;
/** Compressed up to so many times, there is mostly a network that makes more of the bytes: half of that. */
export const HARDLY_SQUEEZED = 5;
/** Times the width. */
const WIDEST = 4;
const FACTORS = [4, 3, 2, 1.5, 1.25] as const;
/** So many times as many weights kept are worth a word. */
const MUCH_MORE = 1.5;

/**
 * The widest network that fits the same bytes of weights, and the RAM, compressed up to SQUEEZED times. A share of the dense
 * weights is taken as the bytes that it is now, since it would grow with the network.
 */
export function widerNetwork(
  config: OtherConfig,
  { graph, flash }: Pick<Forecast, 'graph' | 'flash'>,
  code: MeasuredCode | undefined,
): WiderNetwork | undefined {
  const { model, budget } = config;
  const { blobBudget } = flash;
  if (blobBudget === undefined || blobBudget <= 0 || config.east.method === 'dense')
    return undefined;
  const inBytes = {
    ...config,
    budget: { ...budget, ...(budget.weights && { weights: { bytes: blobBudget } }) },
  };
  const planned = (wider: ModelConfig): Forecast | undefined => {
    const found = forecastOf(inBytes, loadModel(wider), code);
    const { requiredRatio } = found.flash;
    const fits =
      requiredRatio !== undefined &&
      requiredRatio <= SQUEEZED &&
      (found.ram.budget === undefined || found.ram.total <= found.ram.budget);
    return fits ? found : undefined;
  };
  const target = firmwareTarget(config.firmware.target);
  const told = (wider: ModelConfig): Pick<WiderNetwork, 'ratio' | 'instructions'> => {
    const found = forecastOf(inBytes, loadModel(wider), code);
    return {
      ratio: found.flash.requiredRatio ?? 1,
      instructions: computeInstructions(found.graph, target) / computeInstructions(graph, target),
    };
  };
  if (model.architecture !== undefined) {
    const { width = DEFAULT_WIDTH[model.architecture] } = model;
    const wider = largestWidth(
      { ...model, width: WIDEST * width + 1 },
      (m) => planned(m) !== undefined,
    );
    if (wider === undefined || wider < FACTORS.at(-1)! * width) return undefined;
    return { width: wider, ...told({ ...model, width: wider }) };
  }
  // Such a list narrows to what shall be learnt: with more of it everything passes.
  if (config.task.kind === 'anomaly') return undefined;
  for (const factor of FACTORS) {
    const wider = scaled(model, factor);
    if (wider !== undefined && keepsOutputs(wider, graph) && isPossible(() => planned(wider))) {
      return { factor, ...told(wider) };
    }
  }
  return undefined;
}

/** Each layer of a list with `factor` times its filters or units but the last one, which puts out what it has to. */
function scaled(model: ModelConfig, factor: number): ModelConfig | undefined {
  const { layers } = model;
  if (layers === undefined) return undefined;
  const sized = layers.flatMap((layer, i) => ('filters' in layer || 'units' in layer ? [i] : []));
  if (sized.length < 2) return undefined;
  return {
    ...model,
    layers: layers.map((layer, i) => {
      if (i === sized.at(-1)) return layer;
      if ('filters' in layer && typeof layer.filters === 'number') {
        return { ...layer, filters: Math.round(factor * layer.filters) };
      }
      if ('units' in layer && typeof layer.units === 'number') {
        return { ...layer, units: Math.round(factor * layer.units) };
      }
      return layer;
    }),
  };
}

function keepsOutputs(model: ModelConfig, graph: Forecast['graph']): boolean {
  const shapes = (of: Forecast['graph']): readonly Shape[] =>
    of.layers.slice(-1).map(({ outputShape }) => outputShape);
  return isPossible(() => String(shapes(loadModel(model).graph)) === String(shapes(graph)));
}

/** Whether it is true or there; not where it cannot be built. */
function isPossible(attempt: () => unknown): boolean {
  try {
    return Boolean(attempt());
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}

/** Where weights of 8 bits are set, and those that training chooses would keep many more of them. */
export function fewerBits(
  config: OtherConfig,
  { graph, flash }: Pick<Forecast, 'graph' | 'flash'>,
): FewerBits | undefined {
  const { quantization, east } = config;
  if (quantization.weights !== 8 || east.method === 'dense' || isUntrained(config))
    return undefined;
  const kept = nonZeroOf(flash);
  const open = forecastOf(
    { ...config, quantization: { ...quantization, weights: 'auto' } },
    { graph, entries: new Map() },
  ).flash;
  const keptByFew = nonZeroOf(open);
  if (kept === undefined || keptByFew === undefined || keptByFew < MUCH_MORE * kept)
    return undefined;
  return { kept, keptByFew, format: open.format };
}

/** `a network of width 18 in place of 8 would fit the same 24.0 KiB, squeezed up to 7.9×, …`. */
export function describeWider(
  { model, budget }: OtherConfig,
  flash: Pick<Forecast['flash'], 'blobBudget'>,
  { width, factor, ratio, instructions }: WiderNetwork,
): string {
  const { architecture } = model;
  const before = model.width ?? (architecture && DEFAULT_WIDTH[architecture]);
  const network =
    width === undefined
      ? `a network of ${String(factor)} times as many filters and units in each layer but the last`
      : `a network of width ${width} in place of ${String(before)}`;
  const weights = weightsInBytes({ budget }, flash);
  const how =
    weights === undefined
      ? ''
      : `, with budget.weights as ${JSON.stringify(weights)}, for a share grows with the network`;
  const squeezed = ratio > 1 ? `squeezed up to ${formatRatio(ratio)}` : 'without being squeezed';
  return (
    `${network} would fit the same ${formatBytes(flash.blobBudget ?? 0)} ${squeezed}, ` +
    `and is often the more accurate one; it computes ${instructions.toFixed(1)} times as much${how}`
  );
}

/** The budget of the weights as bytes where it is a share, of which a wider network has more. */
export function weightsInBytes(
  { budget }: Pick<OtherConfig, 'budget'>,
  { blobBudget }: Pick<Forecast['flash'], 'blobBudget'>,
): string | number | undefined {
  return budget.weights && 'fraction' in budget.weights && blobBudget !== undefined
    ? sizeAtMost(blobBudget)
    : undefined;
}
