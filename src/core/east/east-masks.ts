/**
 * EAST's masks: for each layer the way of choosing that pays best for it, all at one multiplier. Its codec has several
 * price lists for zeros (codecs/prices.ts); each is tried and judged by the bytes that the codec really needs.
 */
import type { PriceModels } from '../codecs/prices';
import type { LayerPlan } from './layer-plan';
import { atPrice, layerDistortion } from './objective';
import { runMask } from './run-masks';
import type { SelectionLayer } from './selection';
import { maskedLayerBytes } from './stored-bytes';

/** Where a search starts. */
export function defaultPlan({ coding: { codec, options } }: SelectionLayer): LayerPlan {
  return { model: codec.prices.defaultModel(options), scale: 1 };
}

/** Whether the layer's codec has the prices that the plan goes by; one from a file may be of another. */
export function hasPlan(layer: SelectionLayer, { model }: LayerPlan): boolean {
  return Object.hasOwn(modelsOf(layer), model);
}

function modelsOf({ coding: { codec, options }, symbols }: SelectionLayer): PriceModels {
  return codec.prices.models(options, symbols);
}

export function eastMask(
  layer: SelectionLayer,
  { model, scale }: LayerPlan,
  lambda: number,
): Uint8Array {
  const costs = modelsOf(layer)[model];
  if (costs === undefined) throw new Error(`layer ${layer.name} has no prices called ${model}`);
  return runMask(layer, costs, lambda * scale);
}

/**
 * The plan with the least distortion + price · stored bytes for the layer: `current`, or any other model, then
 * the best one's scale by steps.
 */
export function bestPlan(layer: SelectionLayer, price: number, current: LayerPlan): LayerPlan {
  const evaluate = (plan: LayerPlan): number => {
    const mask = atPrice((of, multiplier) => eastMask(of, plan, multiplier))(layer, price);
    return layerDistortion(layer, mask) + price * maskedLayerBytes(layer, mask);
  };
  let best = current;
  let least = evaluate(current);
  const improve = (plan: LayerPlan): boolean => {
    const value = evaluate(plan);
    if (value >= least) return false;
    best = plan;
    least = value;
    return true;
  };
  for (const model of Object.keys(modelsOf(layer))) improve({ model, scale: 1 });
  const { model, scale } = best;
  if (improve({ model, scale: scale * STEP })) improve({ model, scale: scale * STEP * STEP });
  else if (improve({ model, scale: scale / STEP })) improve({ model, scale: scale / STEP / STEP });
  return best;
}

/** Between the scales that are tried. */
const STEP = 1.3;
