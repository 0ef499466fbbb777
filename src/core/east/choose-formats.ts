/**
 * Which format each layer's weights take, weighed together with how much of them is pruned: bits and zeros are two ways
 * to save the same bytes, and what one byte costs must be the same in every layer.
 */
import { searchBudget } from './budget-search';
import { atPrice, distortion, layerDistortion } from './objective';
import type { LayerMask, Selection, SelectionLayer } from './selection';
import { maskAll } from './selection';
import { estimatedLayerBytes, sampleLayer, type LayerSample } from './size-estimate';
import { maskedLayerBytes, plainLayerBytes, zeroLayerBytes } from './stored-bytes';

/** A layer in one of its formats. */
export interface FormatCandidate {
  /** As its codec would store it. */
  readonly layer: SelectionLayer;
  /** Nats lost before anything is pruned. */
  readonly loss: number;
}

export interface FormatChoice {
  /** By layer: the index of its candidate. */
  readonly picks: readonly number[];
  /** Nats lost when these are pruned to the budget. */
  readonly distortion: number;
  readonly storedBytes: number;
  /** What a byte is worth there: where the next search for masks may start. 0 where nothing needs to be pruned. */
  readonly lambda: number;
}

/** Prices that are tried. It takes two or three to find the one at which the budget is met. */
const MAX_ROUNDS = 8;
/** The price is found when the next one differs by less than this factor. */
const SAME_PRICE = 1.1;
/** Changes of one layer's candidate that are tried with the best choice, and how often with a better one. */
const CHANGES = 6;
const CHANGE_ROUNDS = 3;
/** Parts of the budget in which bytes are counted where nothing is pruned. */
const KNAPSACK_UNITS = 8192;
/** How near the comparison of whole choices comes to the budget. */
const TOLERANCE = 0.01;

interface Point {
  readonly bytes: number;
  readonly distortion: number;
}

/** What is known of a candidate so far: points that can be had, and the prices at which masks were chosen for it. */
interface Known {
  readonly candidate: FormatCandidate;
  readonly sample: LayerSample;
  readonly points: Point[];
  readonly tried: number[];
}

/**
 * The choice of least distortion that can be pruned to `budgetBytes` of really stored bytes; where none can, the one of
 * fewest bytes. At a price per byte every layer takes the candidate of least distortion + price · bytes, and the price at
 * which they all just fit is searched (Shoham & Gersho 1988). Bytes and distortion are those of real masks, of a sample
 * where the layer is large.
 *
 * Close calls near that price, every choice of one format for all that might still be better, the best choice without any
 * pruning, and the best of these with one layer changed are compared as they will be used: each pruned to the budget,
 * really encoded. Deterministic; ties go to the earlier candidate.
 */
export function chooseCandidates(
  layers: readonly (readonly FormatCandidate[])[],
  budgetBytes: number,
  layerMask: LayerMask,
): FormatChoice {
  const mask = atPrice(layerMask);
  const known = layers.map((candidates) =>
    candidates.map((candidate): Known => ({
      candidate,
      sample: sampleLayer(candidate.layer),
      points: [unprunedPoint(candidate), zeroPoint(candidate)],
      tried: [],
    })),
  );
  const dense = known.map((candidates) => leastDistortion(candidates));
  const picks = dense.map((k, l) => known[l]!.indexOf(k));
  if (sum(dense, (k) => k.points[0]!.bytes) <= budgetBytes) {
    return unpruned(picks, dense);
  }

  let price = priceOf(known, budgetBytes);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    for (const candidates of known) tryPrice(candidates, price, mask);
    const next = priceOf(known, budgetBytes);
    const change = Math.max(next / price, price / next);
    price = next;
    if (change < SAME_PRICE) break;
  }
  const choices = [...finalists(known, price), ...unprunedChoice(known, budgetBytes)];
  return bestOf(choices, known, budgetBytes, price, mask);
}

function tryPrice(candidates: readonly Known[], price: number, mask: LayerMask): void {
  const byBound = candidates
    .map((known) => ({ known, bound: leastCost(known, price) }))
    .sort((a, b) => a.bound - b.bound);
  for (const { known, bound } of byBound) {
    if (bound > cost(bestPoint(candidates, price), price)) continue;
    const { layer, factor } = known.sample;
    const chosen = mask(layer, factor * price);
    known.points.push({
      bytes: estimatedLayerBytes(known.sample, chosen),
      distortion: known.candidate.loss + layerDistortion(layer, chosen),
    });
    known.tried.push(price);
  }
}

/**
 * A candidate's cost at a price is at least this, for its least cost is concave in the price, 0 bytes costing nothing: it
 * falls no faster than the price does, and does not fall when the price rises. (As far as masks were the best there are.)
 */
function leastCost({ candidate, points, tried }: Known, price: number): number {
  return tried.reduce((least, other) => {
    const found = Math.min(...points.map((point) => cost(point, other)));
    return Math.max(least, found * Math.min(1, price / other));
  }, candidate.loss);
}

/** The lowest price at which the cheapest points fit the budget together; a huge one where they never do. */
function priceOf(known: readonly (readonly Known[])[], budgetBytes: number): number {
  const fits = (logPrice: number): boolean =>
    sum(known, (candidates) => bestPoint(candidates, Math.exp(logPrice)).bytes) <= budgetBytes;
  let [low, high] = [-60, 20];
  while (high - low > 1e-6) {
    const middle = (low + high) / 2;
    if (fits(middle)) high = middle;
    else low = middle;
  }
  return Math.exp(high);
}

/** Picks at the price and a little to both sides of it, and each format for all layers. */
function finalists(known: readonly (readonly Known[])[], price: number): number[][] {
  const near = [1, 0.9, 1.1].map((factor) =>
    known.map((candidates) => bestCandidate(candidates, factor * price)),
  );
  const most = Math.max(...known.map((candidates) => candidates.length));
  const uniform = Array.from({ length: most }, (_, format) =>
    known.map((candidates) => Math.min(format, candidates.length - 1)),
  );
  return [...near, ...uniform];
}

/** The best of the choices, each pruned to the budget. */
function bestOf(
  choices: readonly number[][],
  known: readonly (readonly Known[])[],
  budgetBytes: number,
  price: number,
  mask: LayerMask,
): FormatChoice {
  let best: FormatChoice | undefined;
  // As if what the search leaves over by its tolerance had been spent, too.
  const spent = ({ distortion, storedBytes }: FormatChoice): number =>
    distortion - price * Math.min(TOLERANCE * budgetBytes, budgetBytes - storedBytes);
  const seen = new Set<string>();
  const consider = (picks: readonly number[]): void => {
    if (seen.has(picks.join())) return;
    seen.add(picks.join());
    const picked = picks.map((pick, l) => known[l]![pick]!);
    // Whatever fits costs at least what it would with bytes paid for, less the price of all that there are.
    const bound = sum(picked, (k) => leastCost(k, price)) - price * budgetBytes;
    if (best !== undefined && bound >= spent(best)) return;
    const choice = pruned(picks, picked, budgetBytes, price, mask);
    if (choice === undefined) return;
    if (best === undefined || spent(choice) < spent(best)) best = choice;
  };
  for (const picks of choices) consider(picks);
  for (let round = 0; round < CHANGE_ROUNDS; round++) {
    const before: FormatChoice | undefined = best;
    if (before === undefined) break;
    for (const picks of nearest(before.picks, known, price)) consider(picks);
    if (best === before) break;
  }
  return best ?? fewestBytes(known);
}

/** With another candidate for one layer: those that cost the least more by what is known at the price. */
function nearest(
  picks: readonly number[],
  known: readonly (readonly Known[])[],
  price: number,
): number[][] {
  const costOf = ({ points }: Known): number =>
    Math.min(...points.map((point) => cost(point, price)));
  return known
    .flatMap((candidates, l) => {
      const now = costOf(candidates[picks[l]!]!);
      return candidates.flatMap((candidate, pick) =>
        pick === picks[l] ? [] : [{ l, pick, more: costOf(candidate) - now }],
      );
    })
    .sort((a, b) => a.more - b.more)
    .slice(0, CHANGES)
    .map(({ l, pick }) => picks.map((before, other) => (other === l ? pick : before)));
}

/**
 * The picks of least distortion that fit without any pruning, if any do: a knapsack problem with a choice for each layer,
 * solved exactly but for bytes being counted in parts of the budget, rounded up. Prices alone do not find it: in formats
 * without a zero, pruning the first few bytes costs more than the same bytes cost later.
 */
function unprunedChoice(known: readonly (readonly Known[])[], budgetBytes: number): number[][] {
  const unit = Math.max(1, budgetBytes / KNAPSACK_UNITS);
  const units = Math.max(0, Math.floor(budgetBytes / unit));
  // By units that all layers so far may take: their least distortion, and what the last of them took for it.
  let least = new Float64Array(units + 1);
  const taken = known.map((candidates) => {
    const next = new Float64Array(units + 1).fill(Infinity);
    const picks = new Int32Array(units + 1).fill(-1);
    candidates.forEach(({ points }, pick) => {
      const { bytes, distortion } = points[0]!;
      for (let left = 0, all = Math.ceil(bytes / unit); all <= units; left++, all++) {
        const sum = least[left]! + distortion;
        if (sum < next[all]!) {
          next[all] = sum;
          picks[all] = pick;
        }
      }
    });
    least = next;
    return picks;
  });
  const picks: number[] = [];
  let rest = units;
  for (let l = known.length - 1; l >= 0; l--) {
    const pick = taken[l]![rest]!;
    if (pick < 0) return [];
    picks.unshift(pick);
    rest -= Math.ceil(known[l]![pick]!.points[0]!.bytes / unit);
  }
  return [picks];
}

/** Undefined where these formats cannot be pruned to the budget. */
function pruned(
  picks: readonly number[],
  picked: readonly Known[],
  budgetBytes: number,
  price: number,
  mask: LayerMask,
): FormatChoice | undefined {
  const dense = unpruned(picks, picked);
  if (dense.storedBytes <= budgetBytes) return dense;
  if (sum(picked, (k) => k.points[1]!.bytes) > budgetBytes) return undefined;
  const layers = picked.map(({ candidate }) => candidate.layer);
  const { masks, storedBytes, lambda }: Selection = searchBudget(
    layers,
    budgetBytes,
    maskAll(layers, mask),
    { lambda: price, tolerance: TOLERANCE },
  );
  const lost = dense.distortion + distortion(layers, masks);
  return { picks, distortion: lost, storedBytes, lambda };
}

function unpruned(picks: readonly number[], picked: readonly Known[]): FormatChoice {
  return {
    picks,
    distortion: sum(picked, (k) => k.candidate.loss),
    storedBytes: sum(picked, (k) => k.points[0]!.bytes),
    lambda: 0,
  };
}

/** Nothing fits: the search for masks will say so, and what would. */
function fewestBytes(known: readonly (readonly Known[])[]): FormatChoice {
  const zero = (k: Known): Point => k.points[1]!;
  const picked = known.map((candidates) =>
    candidates.reduce((least, k) => (zero(k).bytes < zero(least).bytes ? k : least)),
  );
  return {
    picks: picked.map((k, l) => known[l]!.indexOf(k)),
    distortion: sum(picked, (k) => zero(k).distortion),
    storedBytes: sum(picked, (k) => zero(k).bytes),
    lambda: 0,
  };
}

/**
 * Nothing pruned. What a codec of packed bytes saves of that is not worth looking for; one of single weights is chosen for what
 * it makes of all of them.
 */
function unprunedPoint({ layer, loss }: FormatCandidate): Point {
  const bytes =
    layer.coding.codec.symbols === 'weights'
      ? maskedLayerBytes(layer, new Uint8Array(layer.symbols.length).fill(1))
      : plainLayerBytes(layer);
  return { bytes, distortion: loss };
}

function zeroPoint({ layer, loss }: FormatCandidate): Point {
  return {
    bytes: zeroLayerBytes(layer),
    distortion: loss + layerDistortion(layer, new Uint8Array(layer.symbols.length)),
  };
}

function leastDistortion(candidates: readonly Known[]): Known {
  return candidates.reduce((least, k) => (k.candidate.loss < least.candidate.loss ? k : least));
}

function bestPoint(candidates: readonly Known[], price: number): Point {
  const { points } = candidates[bestCandidate(candidates, price)]!;
  return points.reduce((best, point) => (cost(point, price) < cost(best, price) ? point : best));
}

function bestCandidate(candidates: readonly Known[], price: number): number {
  let best = 0;
  let least = Infinity;
  candidates.forEach(({ points }, i) => {
    for (const point of points) {
      if (cost(point, price) < least) {
        least = cost(point, price);
        best = i;
      }
    }
  });
  return best;
}

function cost({ bytes, distortion }: Point, price: number): number {
  return distortion + price * bytes;
}

function sum<T>(values: readonly T[], of: (value: T) => number): number {
  return values.reduce((total, value) => total + of(value), 0);
}
