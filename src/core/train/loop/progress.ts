/** What the training loop tells while it runs; a run's log adds the time and keeps it (run/events.ts). */
import type { WeightFormat } from '../../formats/formats';
import type { Measurement } from '../../tasks/measurement';
import type { Phase } from '../../tasks/phases';

export type TrainProgress =
  | {
      readonly type: 'step';
      readonly step: number;
      readonly totalSteps: number;
      readonly epoch: number;
      readonly totalEpochs: number;
      readonly phase: Phase;
      readonly loss: number;
      /** The task's metric and its value over the recent training batches. */
      readonly metric: string;
      readonly value: number;
      readonly learningRate: number;
      readonly imagesPerSecond: number;
      readonly secondsLeft: number;
    }
  | {
      /** After each choice of masks. */
      readonly type: 'prune';
      readonly step: number;
      /** What all tiles together may take as they are stored at this step, and what they take. */
      readonly storedTarget: number;
      readonly storedBytes: number;
      readonly sparsity: number;
      /** Fraction of mask bits that changed since the last choice. */
      readonly churn: number;
      readonly layers: readonly {
        readonly name: string;
        readonly sparsity: number;
        readonly storedBytes: number;
        /** Absent in logs from before there was a choice. */
        readonly format?: WeightFormat;
      }[];
    }
  | (Measurement & {
      /** After each epoch, and at the end of each stage. */
      readonly type: 'evaluation';
      readonly step: number;
      readonly epoch: number;
      readonly set: 'validation' | 'test';
      readonly examples: number;
    });
