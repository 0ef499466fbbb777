/**
 * What selections minimise, and how a price per byte becomes each layer's own multiplier.
 *
 * A layer passes on the share of its signal that its kept weights carry, and a signal that goes through the layers one
 * after the other keeps the product of those shares. So the loss is Σ −ln(share kept), in nats: as good as linear while
 * little is lost, but no layer is ever worth nothing, as it would be if shares were just added up.
 */
import type { LayerMask, SelectionLayer } from './selection';
import { sampleLayer, type Sampling } from './size-estimate';

/** A layer that keeps nothing has lost ln(1 / this): finite, so that even the smallest budget has a best choice. */
const LEAST_SHARE = 1e-3;
/** Multipliers are found within this factor. */
const NEAR = 1.02;
const MAX_STEPS = 16;
/** For shares of saliency: whether a weight is kept hardly depends on weights far away. */
const FOR_SHARES: Sampling = { least: 4096, share: 1 / 8, piece: 512 };

/** Nats that the layer loses by what the mask prunes; 0 where that is nothing. */
export function layerDistortion(layer: SelectionLayer, mask: Uint8Array): number {
  return natsKeeping(keptShare(layer, mask));
}

/** Nats lost by all layers. */
export function distortion(
  layers: readonly SelectionLayer[],
  masks: readonly Uint8Array[],
): number {
  return layers.reduce((sum, layer, l) => sum + layerDistortion(layer, masks[l]!), 0);
}

/** Nats lost where a `share` of a layer's energy is lost. */
export function nats(share: number): number {
  return natsKeeping(Math.max(0, 1 - share));
}

function natsKeeping(share: number): number {
  return -Math.log((share + LEAST_SHARE) / (1 + LEAST_SHARE));
}

/**
 * Turns masks at a multiplier (saliency a byte may cost) into masks at a price (nats a byte may cost). The more a layer has
 * lost, the more nats is a unit of its saliency worth, and the less it keeps, the more it has lost: the multiplier is the
 * root of m = price · saliency kept at m, found on a sample of the layer. Remembers each layer's root as the next start.
 */
export function atPrice(mask: LayerMask): LayerMask {
  const known = new WeakMap<SelectionLayer, Balance>();
  return (layer, price) => {
    let balance = known.get(layer);
    if (balance === undefined) {
      const { layer: sample } = sampleLayer(layer, FOR_SHARES);
      balance = { sample, total: total(layer), share: 1 };
      known.set(layer, balance);
    }
    return mask(layer, multiplierAt(balance, mask, price));
  };
}

interface Balance {
  readonly sample: SelectionLayer;
  /** Σ saliency of the whole layer. */
  readonly total: number;
  /** Kept at the last root. */
  share: number;
}

/** Saliency a byte may cost in a layer that keeps that share of it, at a price in nats. */
function multiplierAt(balance: Balance, mask: LayerMask, price: number): number {
  const { sample, total } = balance;
  if (total === 0) return price;
  const whole = price * total;
  let low = whole * LEAST_SHARE;
  let high = whole * (1 + LEAST_SHARE);
  let m = whole * (balance.share + LEAST_SHARE);
  let last: { readonly x: number; readonly excess: number } | undefined;
  for (let step = 0; step < MAX_STEPS && high / low > NEAR; step++) {
    balance.share = keptShare(sample, mask(sample, m));
    const x = Math.log(m);
    const excess = x - Math.log(whole * (balance.share + LEAST_SHARE));
    // The excess rises at least as fast as x; twice as fast is as good a guess as any before there are two points.
    const slope = last === undefined || last.x === x ? 2 : (excess - last.excess) / (x - last.x);
    const next = Math.exp(x - excess / Math.max(1, slope));
    // So near it is taken unseen: the root must not jump with the price, or bytes would.
    if (Math.abs(excess) < Math.log(NEAR)) return next;
    if (excess > 0) high = Math.min(high, m);
    else low = Math.max(low, m);
    // Where masks change abruptly such steps may crawl: each third one halves what is left.
    m = step % 3 < 2 && next > low && next < high ? next : Math.sqrt(low * high);
    last = { x, excess };
  }
  return m;
}

function keptShare(layer: SelectionLayer, mask: Uint8Array): number {
  const { saliency } = layer;
  let all = 0;
  let kept = 0;
  for (let i = 0; i < saliency.length; i++) {
    all += saliency[i]!;
    if (mask[i] !== 0) kept += saliency[i]!;
  }
  return all > 0 ? kept / all : 1;
}

function total({ saliency }: SelectionLayer): number {
  let sum = 0;
  for (let i = 0; i < saliency.length; i++) sum += saliency[i]!;
  return sum;
}
