import { describe, expect, it } from 'vitest';
import { stepWarnings, suitableTraining } from '../../../src/core/config/enough-steps';

/** Steps of the float epochs, as batches are made. */
function stepsWith(examples: number): number {
  const { batchSize, epochs } = suitableTraining(examples);
  return epochs * Math.max(1, Math.floor(examples / Math.min(batchSize, examples)));
}

describe('training of few examples', () => {
  it('takes small batches and many epochs, so that there are enough steps', () => {
    expect(suitableTraining(243)).toEqual({ batchSize: 16, epochs: 30 });
    for (const examples of [1, 10, 40, 81, 100, 500, 1000, 2000, 10_000]) {
      expect(stepsWith(examples), String(examples)).toBeGreaterThanOrEqual(400);
    }
  });

  it('is as usual where there are enough', () => {
    expect(suitableTraining(50_000)).toEqual({ batchSize: 128, epochs: 20 });
  });
});

describe('a warning of too few steps', () => {
  it('says how many there are, why, and what suits', () => {
    expect(stepWarnings(81, { batchSize: 128, epochs: 17, pruneEpochs: 9 })).toEqual([
      'training has only 17 steps: 81 training examples in batches of 81, 17 epochs; set training.batchSize to 16 and training.epochs to 80',
    ]);
    expect(stepWarnings(81, { batchSize: 16, epochs: 2, pruneEpochs: 1 })).toEqual([
      'training has only 10 steps: 81 training examples in batches of 16, 2 epochs; set training.epochs to 80',
    ]);
  });

  it('counts the epochs of pruning where there are no others', () => {
    expect(stepWarnings(81, { batchSize: 128, epochs: 0, pruneEpochs: 10 })).toEqual([
      'training has only 10 steps: 81 training examples in batches of 81, 10 epochs; set training.batchSize to 16 and training.pruneEpochs to 80',
    ]);
  });

  it('is not given where what suits is done, whatever the number of examples', () => {
    for (const examples of [1, 10, 81, 1000, 50_000]) {
      const suited = suitableTraining(examples);
      expect(stepWarnings(examples, { ...suited, pruneEpochs: suited.epochs })).toEqual([]);
    }
  });
});
