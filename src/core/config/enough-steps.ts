/**
 * How few examples become enough steps: an epoch of them is but a few batches of the usual size, and with the usual number of
 * epochs the optimiser hardly begins.
 */
import type { TrainingConfig } from './config';

type Steps = Pick<TrainingConfig, 'batchSize' | 'epochs' | 'pruneEpochs'>;

/** The defaults of a config. */
export const USUAL_TRAINING = { batchSize: 128, epochs: 20 };
/** Batches an epoch is to have, where they need not become smaller than the least for that. */
const BATCHES = 8;
const LEAST_BATCH = 16;
const ENOUGH = 400;
/** With fewer steps a network has mostly not learnt what it could. */
const FEW = 100;

/** What suits so many training examples; the usual where these are enough. */
export function suitableTraining(examples: number): Pick<Steps, 'batchSize' | 'epochs'> {
  const wanted = 2 ** Math.floor(Math.log2(Math.max(1, examples / BATCHES)));
  const batchSize = Math.min(USUAL_TRAINING.batchSize, Math.max(LEAST_BATCH, wanted));
  const least = ENOUGH / stepsOf(examples, batchSize);
  return { batchSize, epochs: Math.max(USUAL_TRAINING.epochs, 10 * Math.ceil(least / 10)) };
}

/** As batches are made: what is left at the end of an epoch is no batch. */
function stepsOf(examples: number, batchSize: number): number {
  return Math.max(1, Math.floor(examples / Math.min(batchSize, Math.max(1, examples))));
}

/** A sentence where the float epochs, or those behind them where there are none, have too few steps; usually none. */
export function stepWarnings(
  examples: number,
  { batchSize, epochs, pruneEpochs }: Steps,
): string[] {
  const trained = epochs > 0 ? epochs : pruneEpochs;
  const steps = trained * stepsOf(examples, batchSize);
  const enough = epochs > 0 ? FEW : FEW / 2;
  if (trained === 0 || steps >= enough) return [];
  const suited = suitableTraining(examples);
  const key = epochs > 0 ? 'training.epochs' : 'training.pruneEpochs';
  const smaller =
    suited.batchSize < batchSize ? `training.batchSize to ${suited.batchSize} and ` : '';
  return [
    `training has only ${steps} steps: ${examples} training examples in batches of ${Math.min(batchSize, examples)}, ${trained} ${trained === 1 ? 'epoch' : 'epochs'}; ` +
      `set ${smaller}${key} to ${suited.epochs}`,
  ];
}
