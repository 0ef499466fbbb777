/** Finds the multiplier at which a method's masks, really encoded, just fit the budget. All methods share this. */
import { UserError } from '../util/errors';
import { maskedBytes, minimumBytes } from './stored-bytes';
import { distortion } from './objective';
import type { MaskChooser, Selection, SelectionLayer, SelectionOptions } from './selection';

const DEFAULT_TOLERANCE = 0.005;
/** Encodings per search. Eight suffice from nothing, four from a good start; the rest is for odd weights. */
const MAX_STEPS = 24;
/** After so many twice the tolerance will do: masks may change by more at once than it allows. */
const PATIENT_STEPS = 4;

export interface SearchOptions extends SelectionOptions {
  /** Takes the codecs' place; then all that is promised holds for what this says, and only the multiplier is of use. */
  readonly measure?: typeof maskedBytes;
  /** About by how many percent bytes fall where the multiplier rises by one; asked for if the first trial is off. */
  readonly elasticity?: (lambda: number) => number;
}

interface Trial {
  readonly logLambda: number;
  readonly bytes: number;
}

/**
 * Masks of the multiplier of the least distortion among those tried whose stored bytes are ≤ `budgetBytes`
 * (a whole layer's tiles together, no headers). Weights are left alone if they fit as they are.
 *
 * Bytes fall as the multiplier grows, but not strictly: the encoder has its surprises. So a bracket is only a guide,
 * and only masks that were encoded and fit are ever returned. Throws a UserError if even all zeros do not fit.
 */
export function searchBudget(
  layers: readonly SelectionLayer[],
  budgetBytes: number,
  choose: MaskChooser,
  options: SearchOptions = {},
): Selection {
  const { measure = maskedBytes, elasticity } = options;
  checkLayers(layers);
  const tolerance = options.tolerance ?? DEFAULT_TOLERANCE;
  const enough = budgetBytes * (1 - tolerance);
  const nearlyEnough = budgetBytes * (1 - 2 * tolerance);
  const aim = budgetBytes * (1 - tolerance / 2);

  let best: Selection | undefined;
  let bestLoss = Infinity;
  const attempt = (lambda: number, masks: Uint8Array[]): number => {
    const { layerBytes, total } = measure(layers, masks);
    if (total <= budgetBytes) {
      const loss = distortion(layers, masks);
      if (loss < bestLoss) {
        best = { masks, layerBytes, storedBytes: total, lambda };
        bestLoss = loss;
      }
    }
    return total;
  };
  const tryDense = (): boolean =>
    attempt(
      0,
      layers.map((layer) => new Uint8Array(layer.symbols.length).fill(1)),
    ) <= budgetBytes;

  const warm =
    options.lambda !== undefined && options.lambda > 0 && Number.isFinite(options.lambda);
  if (!warm && tryDense()) return best!;

  let high: Trial | undefined; // fits
  let low: Trial | undefined; // does not
  let x = Math.log(warm ? options.lambda! : usualPrice(layers));
  let stride = warm ? 0.1 : 1;
  for (let step = 0; step < MAX_STEPS && stride < 100; step++) {
    const bytes = attempt(Math.exp(x), choose(Math.exp(x)));
    const trial = { logLambda: x, bytes };
    if (bytes <= budgetBytes) high = trial;
    else low = trial;
    if (bytes <= budgetBytes && bytes >= (step < PATIENT_STEPS ? enough : nearlyEnough)) break;

    if (high !== undefined && low !== undefined) {
      if (high.logLambda - low.logLambda < 1e-6) break;
      // Where a straight line meets the aim, kept off the ends so that the bracket shrinks whatever the curve.
      const t = (low.bytes - aim) / Math.max(1, low.bytes - high.bytes);
      x = low.logLambda + Math.min(0.9, Math.max(0.1, t)) * (high.logLambda - low.logLambda);
    } else {
      if (high !== undefined && stride > 3 && tryDense()) break;
      // From a good start as far as bytes follow multipliers; where that is not known, a little more: to the other side.
      const off = warm && step === 0 ? Math.abs(Math.log(bytes / aim)) : 0;
      if (off > 0) stride = Math.min(0.5, off / (elasticity?.(Math.exp(x)) ?? 0.5));
      x += high !== undefined ? -stride : stride;
      stride *= 2;
    }
  }
  if (best !== undefined) return best;

  attempt(
    Number.MAX_VALUE,
    layers.map((layer) => new Uint8Array(layer.symbols.length)),
  );
  if (best !== undefined) return best;
  throw new UserError(
    `the weights cannot be pruned to ${budgetBytes} bytes: with every weight zero they still take ${minimumBytes(layers)}; raise budget.weights, or budget.flash, by at least the difference`,
  );
}

/** A nat a layer for all their bytes: within a factor of ten of most budgets' prices. */
function usualPrice(layers: readonly SelectionLayer[]): number {
  return layers.length / layers.reduce((bytes, { symbols }) => bytes + symbols.length, 1);
}

function checkLayers(layers: readonly SelectionLayer[]): void {
  for (const { name, symbols, saliency, tileSymbols } of layers) {
    const tiled = tileSymbols.reduce((sum, count) => sum + count, 0);
    if (saliency.length !== symbols.length || tiled !== symbols.length) {
      throw new Error(
        `layer ${name}: ${symbols.length} symbols, ${saliency.length} saliencies, tiles of ${tiled} symbols in all`,
      );
    }
    for (let i = 0; i < saliency.length; i++) {
      if (!(saliency[i]! >= 0 && saliency[i]! < Infinity)) {
        throw new UserError(
          `layer ${name}: the saliency of symbol ${i} is ${saliency[i]!}; the training diverged, lower the learning rate`,
        );
      }
    }
  }
}
