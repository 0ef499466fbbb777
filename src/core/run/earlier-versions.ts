/**
 * What earlier versions wrote, in today's words: the one place that knows their names. Event logs, reports and
 * checkpoints go through here as they are read; what is of today's version comes back as it is, and so does what is no
 * such thing at all, for whoever checks it next.
 */
import type { Measurement, Stage } from '../tasks/measurement';
import { STAGES, valueAt } from '../tasks/measurement';
import { isRecord } from '../util/is-record';
import type { Container } from './container';

/** All networks were classifiers, and their accuracy had a key for each stage. */
const METRIC = 'accuracy';
const STAGE_KEYS = {
  float: 'float',
  quantized: 'int8Dense',
  fitted: 'int8Sparse',
} as const satisfies Record<Stage, string>;

type StageKey = (typeof STAGE_KEYS)[Stage];

/** A line of the log: `step` and `evaluation` had an `accuracy` in place of a metric and its value. */
export function currentEvent(event: unknown): unknown {
  if (!isRecord(event) || !('accuracy' in event)) return event;
  const { accuracy: value, stage, ...rest } = event;
  if (stage === undefined) return { ...rest, metric: METRIC, value };
  return {
    ...rest,
    metric: METRIC,
    stage: STAGES.find((each) => STAGE_KEYS[each] === stage) ?? stage,
    value,
  };
}

/** A report of version 1. */
export function currentReport(report: unknown): unknown {
  if (!isRecord(report) || report['version'] !== 1 || !isRecord(report['accuracy'])) return report;
  const { accuracy, ...rest } = report;
  const { testExamples, ...stages } = accuracy;
  return { ...rest, version: 2, measured: measurementsOf(stages), testExamples };
}

/** Examples were all of classes, whose indices were an array of whole numbers. */
export function currentExamples({ meta, arrays }: Container): Container {
  const { labels, ...rest } = arrays;
  if (labels === undefined || 'targets' in rest) return { meta, arrays };
  return { meta, arrays: { ...rest, targets: Float32Array.from(labels) } };
}

/** A checkpoint whose header is of version 1. */
export function currentCheckpoint<T extends Pick<Container, 'meta'>>(checkpoint: T): T {
  const { meta } = checkpoint;
  if (!isRecord(meta) || meta['version'] !== 1) return checkpoint;
  const { floatAccuracy, denseAccuracy, best, ...rest } = meta;
  const measured = measurementsOf({ float: floatAccuracy, int8Dense: denseAccuracy });
  return { ...checkpoint, meta: { ...rest, version: 2, measured, best: currentBest(best) } };
}

function currentBest(best: unknown): unknown {
  if (!isRecord(best)) return best;
  const { accuracy: value, ...rest } = best;
  return { ...rest, value };
}

/** Without the stages that were not measured. */
function measurementsOf(stages: Readonly<Record<string, unknown>>): Measurement[] {
  return STAGES.flatMap((stage) => {
    const value = stages[STAGE_KEYS[stage]];
    return typeof value === 'number' ? [{ metric: METRIC, stage, value }] : [];
  });
}

/** The other way round, for scripts that read `east status --json`, whose keys stay. */
export function earlierStages(measured: readonly Measurement[]): Record<StageKey, number | null> {
  const value = (stage: Stage): number | null => valueAt(measured, stage) ?? null;
  return { float: value('float'), int8Dense: value('quantized'), int8Sparse: value('fitted') };
}
