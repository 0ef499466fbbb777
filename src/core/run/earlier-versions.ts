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

/**
 * A line of the log: `step` and `evaluation` had an `accuracy` in place of a metric and its value, `started` and `resumed`
 * called `engine` what they trained with, and `prune` called `encodedBytes` the blob's bytes (those of a layer without
 * its entries of the tile table, which the log does not tell).
 */
export function currentEvent(event: unknown): unknown {
  if (!isRecord(event)) return event;
  if ('accuracy' in event) return withMetric(event);
  if ('engine' in event) return renamed(event, 'engine', 'trainedWith');
  if ('encodedBytes' in event) return withBlobBytes(event);
  return event;
}

function withMetric({ accuracy: value, stage, ...rest }: Record<string, unknown>): unknown {
  if (stage === undefined) return { ...rest, metric: METRIC, value };
  return {
    ...rest,
    metric: METRIC,
    stage: STAGES.find((each) => STAGE_KEYS[each] === stage) ?? stage,
    value,
  };
}

function withBlobBytes(prune: Record<string, unknown>): Record<string, unknown> {
  return withBlobBytesOfLayers(renamed(prune, 'encodedBytes', 'blobBytes'));
}

function withBlobBytesOfLayers(record: Record<string, unknown>): Record<string, unknown> {
  const { layers } = record;
  if (!Array.isArray(layers)) return record;
  return {
    ...record,
    layers: layers.map((layer: unknown) =>
      isRecord(layer) ? renamed(layer, 'encodedBytes', 'blobBytes') : layer,
    ),
  };
}

/** In its place among the keys. */
function renamed(
  record: Record<string, unknown>,
  before: string,
  now: string,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(record).map(([key, value]) => [key === before ? now : key, value]),
  );
}

/** A report of version 1 (see STAGE_KEYS) or 2, in which words of versions before stood (see `currentEvent`). */
export function currentReport(report: unknown): unknown {
  const second = secondReport(report);
  if (!isRecord(second) || second['version'] !== 2) return second;
  return { ...withBlobBytesOfLayers(renamed(second, 'engine', 'trainedWith')), version: 3 };
}

function secondReport(report: unknown): unknown {
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

/** A checkpoint whose header is of version 1, or of version 2, where the best state had `encodedBytes`. */
export function currentCheckpoint<T extends Pick<Container, 'meta'>>(checkpoint: T): T {
  const meta = secondMeta(checkpoint.meta);
  if (!isRecord(meta) || meta['version'] !== 2) return checkpoint;
  const { best } = meta;
  const current = isRecord(best) ? renamed(best, 'encodedBytes', 'storedBytes') : best;
  return { ...checkpoint, meta: { ...meta, version: 3, best: current } };
}

function secondMeta(meta: unknown): unknown {
  if (!isRecord(meta) || meta['version'] !== 1) return meta;
  const { floatAccuracy, denseAccuracy, best, ...rest } = meta;
  const measured = measurementsOf({ float: floatAccuracy, int8Dense: denseAccuracy });
  const second = isRecord(best) ? renamed(best, 'accuracy', 'value') : best;
  return { ...rest, version: 2, measured, best: second };
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
