/**
 * What a coder would need that takes just the entropy of a layer's codes: entropy-constrained scalar quantisation (Chou, Lookabaugh
 * and Gray 1989) with one uniform step a layer. Written apart from the product, to hold it against; sizes are counted,
 * nothing is encoded.
 */
import { nats } from '../../src/core/east/objective';

export interface IdealLayer {
  /** Float weights in storage order. */
  readonly weights: Float32Array;
  readonly channels: number;
  /** Output channel of the weight at an index. */
  readonly channelOf: (index: number) => number;
}

interface Point {
  readonly bytes: number;
  readonly nats: number;
}

/** In root mean squares of the layer's weights: a sixth apart, from over a hundred levels to a handful. */
const STEPS = Array.from({ length: 29 }, (_, i) => 0.05 * 1.165 ** i);
/** Squared steps that a bit may cost. */
const PRICES = [0, 0.02, 0.04, 0.07, 0.1, 0.14, 0.2, 0.28, 0.4, 0.55, 0.8, 1.2, 2];
const ROUNDS = 6;
const LARGEST = 127;

/** Nats that all layers lose in no more bytes than each of the budgets, by the best choice that one price of a byte makes. */
export function idealLosses(layers: readonly IdealLayer[], budgets: readonly number[]): number[] {
  const known = layers.map(pointsOf);
  return budgets.map((budget) => atBudget(known, budget));
}

function pointsOf(layer: IdealLayer): Point[] {
  const { weights } = layer;
  const energy = weights.reduce((sum, w) => sum + w * w, 0);
  if (energy === 0) return [{ bytes: 0, nats: 0 }];
  const rms = Math.sqrt(energy / weights.length);
  const nothing = { bytes: overhead(1), nats: nats(1) };
  return [
    nothing,
    ...STEPS.flatMap((step) => PRICES.map((price) => point(layer, step * rms, price, energy))),
  ];
}

/** Codes by error and price times their bits, bits by how often they occur, until neither changes much. */
function point(
  { weights, channels, channelOf }: IdealLayer,
  width: number,
  price: number,
  energy: number,
): Point {
  const scaled = Float64Array.from(weights, (w) => w / width);
  let codes = Int8Array.from(scaled, (x) => clamp(Math.round(x)));
  let bits = codeLengths(codes);
  for (let round = 0; price > 0 && round < ROUNDS; round++) {
    codes = codes.map((_, i) => cheapest(scaled[i]!, price, bits));
    bits = codeLengths(codes);
  }
  const [product, square] = [new Float64Array(channels), new Float64Array(channels)];
  codes.forEach((code, i) => {
    const c = channelOf(i);
    product[c]! += weights[i]! * code;
    square[c]! += code * code;
  });
  let kept = 0;
  for (let c = 0; c < channels; c++) if (square[c]! > 0) kept += product[c]! ** 2 / square[c]!;
  const size = codes.reduce((sum, code) => sum + bits[code + LARGEST]!, 0) / 8;
  const levels = new Set(codes).size;
  return { bytes: 1.01 * size + overhead(levels), nats: nats(1 - kept / energy) };
}

/** A table of a byte for each level, and four for whatever else. */
function overhead(levels: number): number {
  return levels + 4;
}

/** Of the codes from 0 to the nearest whole number away from it. */
function cheapest(x: number, price: number, bits: Float64Array): number {
  const sign = x < 0 ? -1 : 1;
  let best = 0;
  let least = Infinity;
  for (let level = clamp(Math.ceil(Math.abs(x))); level >= 0; level--) {
    const error = (Math.abs(x) - level) ** 2;
    const cost = error + price * bits[sign * level + LARGEST]!;
    if (cost < least) [best, least] = [sign * level, cost];
    // Farther away nothing is cheap enough.
    else if (error > least) break;
  }
  return best;
}

/** −log₂ of each code's share, by code + LARGEST; one that does not occur as if it did once. */
function codeLengths(codes: Int8Array): Float64Array {
  const counts = new Float64Array(2 * LARGEST + 1);
  for (const code of codes) counts[code + LARGEST]!++;
  return counts.map((count) => -Math.log2(Math.max(1, count) / codes.length));
}

function clamp(value: number): number {
  return Math.max(-LARGEST, Math.min(LARGEST, value));
}

/** By one price of a byte for all layers: of the choices that it makes those that fit, the best. */
function atBudget(layers: readonly (readonly Point[])[], budget: number): number {
  const choose = (price: number): Point =>
    layers.reduce<Point>(
      (sum, points) => {
        const best = points.reduce((a, b) =>
          b.nats + price * b.bytes < a.nats + price * a.bytes ? b : a,
        );
        return { bytes: sum.bytes + best.bytes, nats: sum.nats + best.nats };
      },
      { bytes: 0, nats: 0 },
    );
  let [low, high] = [-25, 5];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (choose(Math.exp(middle)).bytes > budget) low = middle;
    else high = middle;
  }
  const { bytes, nats: lost } = choose(Math.exp(high));
  if (bytes > budget) throw new Error(`no choice takes as little as ${budget} bytes`);
  return lost;
}
