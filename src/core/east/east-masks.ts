/**
 * EAST's masks: for each layer the way of choosing that pays best for it, all at one multiplier. What a zero saves
 * depends on its neighbours and on how much the encoder has to match with, so no single way is best for a block of
 * 400 bytes and for one of 40,000; each is tried and judged by the bytes that the encoder really needs.
 */
import { layerBytes } from './encoded-bytes';
import { EAST_MODELS, type EastModel, type LayerPlan } from './layer-plan';
import { atPrice, layerDistortion } from './objective';
import { runMask, type RunCosts } from './run-masks';
import type { SelectionLayer } from './selection';

/**
 * Prices in bytes by the number of zeros before (run-masks.ts). `magnitude` and `runs` are the two classical
 * methods. The others were found by random search over tables a + b·exp(−zeros / c), for the most energy kept in 50 %
 * and 25 % of the bytes of Gaussian weights under the optimal parse. Absolute scale: what a byte more in the budget
 * then really buys, so that one multiplier means the same to all.
 */
const RUN_COSTS = {
  /** A kept weight costs the same wherever it is. */
  magnitude: flat(1.45),
  /** A zero is a literal until the fourth makes a match; then they are free. */
  runs: { zero: Float64Array.of(1, 1, 1, 0, 0), keep: Float64Array.of(1, 1, 1, 1, 1) },
  /** Kept weights are cheaper together: near to `magnitude`. */
  clusters: decaying({ zero: [0.12, -0.264, 1.47], keep: [2.4, -0.984, 1.18] }),
  /** The same with the first zeros dearer: nearer to `runs`. */
  gaps: decaying({ zero: [0, 0.683, 0.85], keep: [0.65, 0.572, 1.8] }),
} satisfies Record<EastModel, RunCosts>;

function flat(keep: number): RunCosts {
  return { zero: Float64Array.of(0, 0), keep: Float64Array.of(keep, keep) };
}

function decaying(costs: Record<'zero' | 'keep', readonly [number, number, number]>): RunCosts {
  const table = ([limit, extra, length]: readonly [number, number, number]): Float64Array =>
    Float64Array.from({ length: 8 }, (_, zeros) => limit + extra * Math.exp(-zeros / length));
  return { zero: table(costs.zero), keep: table(costs.keep) };
}

/** Where a search starts. A greedy parse finds nothing but runs in weights that are trained no matches. */
export function defaultPlan({ encoder }: SelectionLayer): LayerPlan {
  return { model: encoder === 'greedy' ? 'runs' : 'clusters', scale: 1 };
}

export function eastMask(
  layer: SelectionLayer,
  { model, scale }: LayerPlan,
  lambda: number,
): Uint8Array {
  return runMask(layer, RUN_COSTS[model], lambda * scale);
}

/**
 * The plan with the least distortion + price · encoded bytes for the layer: `current`, or any other model, then
 * the best one's scale by steps.
 */
export function bestPlan(layer: SelectionLayer, price: number, current: LayerPlan): LayerPlan {
  const evaluate = (plan: LayerPlan): number => {
    const mask = atPrice((of, multiplier) => eastMask(of, plan, multiplier))(layer, price);
    return layerDistortion(layer, mask) + price * layerBytes(layer, mask);
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
  for (const model of EAST_MODELS) improve({ model, scale: 1 });
  const { model, scale } = best;
  if (improve({ model, scale: scale * STEP })) improve({ model, scale: scale * STEP * STEP });
  else if (improve({ model, scale: scale / STEP })) improve({ model, scale: scale / STEP / STEP });
  return best;
}

/** Between the scales that are tried. */
const STEP = 1.3;
