import { describe, expect, it } from 'vitest';
import { longerFitting } from '../../../src/core/advice/longer-fitting';
import type { ResolvedConfig } from '../../../src/core/config/config';
import type { Report } from '../../../src/core/report/report';
import { sampleReport } from '../cli/fixtures';
import { resolvedConfig } from '../run/fixtures';
import { accuracies } from '../tasks/accuracies';

const usual = resolvedConfig('/w');
const training = { ...usual.training, epochs: 6, pruneEpochs: 6 };
const lost: Partial<Report> = {
  measured: accuracies({ float: 0.93, quantized: 0.92, fitted: 0.9 }),
  testExamples: 500,
};

function told(
  changes: Partial<ResolvedConfig['training']>,
  report: Partial<Report>,
  model = usual.model,
): string[] {
  return longerFitting(sampleReport(report), { model, training: { ...training, ...changes } });
}

describe('longer fitting', () => {
  it('is proposed where much was lost in fewer epochs than mostly pay', () => {
    expect(told({}, lost)).toEqual([
      'fitting cost the network some of its accuracy, from 92.0 % to 90.0 %, in 6 epochs: ' +
        'training.pruneEpochs of 12, twice the float epochs, mostly win back a part of it',
    ]);
    expect(told({ pruneEpochs: 12 }, lost)).toEqual([]);
    expect(told({ epochs: 9000, pruneEpochs: 9000 }, lost)[0]).toMatch(/pruneEpochs of 10000,/);
  });

  it('is not proposed where nobody knows how long the float network was trained', () => {
    expect(told({ epochs: 0 }, lost)).toEqual([]);
    expect(told({ initialWeights: 'w.ckpt' }, lost)).toEqual([]);
    expect(told({}, lost, { ...usual.model, file: '/w/net.tflite' })).toEqual([]);
  });

  it('is not proposed where next to nothing is lost, or all', () => {
    expect(told({}, { ...lost, method: 'dense' })).toEqual([]);
    const hardly = accuracies({ float: 0.93, quantized: 0.92, fitted: 0.915 });
    expect(told({}, { ...lost, measured: hardly })).toEqual([]);
    // Two answers.
    expect(told({}, { ...lost, testExamples: 100 })).toEqual([]);
    const nothing = accuracies({ float: 0.93, quantized: 0.92, fitted: 0.12 });
    expect(told({}, { ...lost, measured: nothing, baseline: 0.1 })).toEqual([]);
  });

  it('knows errors, which grow', () => {
    const errors = (before: number, after: number): string[] =>
      told(
        {},
        {
          testExamples: 500,
          measured: (['quantized', 'fitted'] as const).map((stage) => ({
            metric: 'mean absolute error',
            stage,
            value: stage === 'quantized' ? before : after,
          })),
        },
      );
    expect(errors(2, 2.5)).toHaveLength(1);
    expect(errors(2, 2.1)).toEqual([]);
    expect(errors(0, 0)).toEqual([]);
  });
});
