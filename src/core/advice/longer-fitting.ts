/** What a finished training says of more epochs of fitting, where it lost much in fewer than mostly pay. */
import type { ResolvedConfig } from '../config/config';
import { formatMetric } from '../report/format';
import type { Report } from '../report/report';
import { valueAt } from '../tasks/measurement';
import { isNearBaseline, metricIn } from '../tasks/tasks';

/** As many times the float epochs are worth a try (docs/decisions/training.md). */
const ENOUGH = 2;
/** The most that a config may have. */
const MOST = 10_000;
/** Of a metric that is 1 at best: lost by fitting, and worth a word, if it is not just a few answers of the test set. */
const LOST = 0.01;
const FEW_ANSWERS = 3;
/** Of a metric that is 0 at best, the share that came to it. */
const GREW = 0.1;

/** A sentence, or nothing: of networks whose float epochs are known, and that still tell something. */
export function longerFitting(
  {
    method,
    measured,
    baseline,
    testExamples,
  }: Pick<Report, 'method' | 'measured' | 'baseline' | 'testExamples'>,
  { model, training }: Pick<ResolvedConfig, 'model' | 'training'>,
): string[] {
  const { epochs, pruneEpochs, initialWeights } = training;
  const enough = Math.min(MOST, ENOUGH * epochs);
  if (method === 'dense' || model.file !== undefined || initialWeights !== undefined) return [];
  if (pruneEpochs >= enough) return [];
  const metric = metricIn(measured);
  const [before, after] = [valueAt(measured, 'quantized'), valueAt(measured, 'fitted')];
  if (before === undefined || after === undefined) return [];
  if (baseline !== undefined && isNearBaseline(metric, after, baseline)) return [];
  const lost =
    metric.better === 'higher'
      ? before - after >= LOST && (before - after) * testExamples >= FEW_ANSWERS
      : after > before && after >= before * (1 + GREW);
  if (!lost) return [];
  return [
    `fitting cost the network some of its ${metric.name}, from ${formatMetric(before, metric)} to ${formatMetric(after, metric)}, ` +
      `in ${pruneEpochs} ${pruneEpochs === 1 ? 'epoch' : 'epochs'}: training.pruneEpochs of ${enough}, twice the float epochs, mostly win back a part of it`,
  ];
}
