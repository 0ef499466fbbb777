/** What a line of the event log may say. Whoever shows a run relies on it, and anybody may have written the log. */
import * as v from 'valibot';
import { WEIGHT_FORMATS } from '../formats/formats';
import { STAGES } from '../tasks/measurement';
import { PHASES } from '../tasks/phases';
import { isRecord } from '../util/is-record';
import { checkStored, count, number, text, type Every } from '../util/stored';
import type { RunEvent } from './events';

type Type = RunEvent['type'];
type Of<T extends Type> = RunEvent extends infer Each
  ? Each extends { readonly type: infer U }
    ? T extends U
      ? Each & { readonly type: T }
      : never
    : never
  : never;

/** ISO 8601 in UTC; nobody computes with it. */
export const time = v.pipe(v.string(), v.maxLength(64));

const begun = {
  time,
  step: count,
  totalSteps: count,
  trainedWith: text,
  shards: v.exactOptional(count),
  pid: count,
  floatFrom: v.exactOptional(text),
};

/** By type: the first look at a line says which of them it has to be. */
export const EVENT_SCHEMAS: { readonly [T in Type]: v.GenericSchema<unknown, Of<T>> } = {
  started: v.object({ type: v.literal('started'), ...begun } satisfies Every<Of<'started'>>),
  resumed: v.object({ type: v.literal('resumed'), ...begun } satisfies Every<Of<'resumed'>>),
  step: v.object({
    type: v.literal('step'),
    time,
    step: count,
    totalSteps: count,
    epoch: number,
    totalEpochs: number,
    phase: v.picklist(PHASES),
    loss: number,
    metric: text,
    value: number,
    learningRate: number,
    imagesPerSecond: number,
    secondsLeft: number,
  } satisfies Every<Of<'step'>>),
  prune: v.object({
    type: v.literal('prune'),
    time,
    step: count,
    targetBytes: number,
    blobBytes: number,
    sparsity: number,
    churn: number,
    layers: v.array(
      v.object({
        name: text,
        sparsity: number,
        blobBytes: number,
        format: v.exactOptional(v.picklist(WEIGHT_FORMATS)),
      }),
    ),
  } satisfies Every<Of<'prune'>>),
  evaluation: v.object({
    type: v.literal('evaluation'),
    time,
    step: count,
    epoch: number,
    set: v.picklist(['validation', 'test']),
    examples: count,
    metric: text,
    stage: v.picklist(STAGES),
    value: number,
  } satisfies Every<Of<'evaluation'>>),
  checkpoint: v.object({ type: v.literal('checkpoint'), time, step: count } satisfies Every<
    Of<'checkpoint'>
  >),
  stopped: v.object({ type: v.literal('stopped'), time, step: count, reason: text } satisfies Every<
    Of<'stopped'>
  >),
  finished: v.object({
    type: v.literal('finished'),
    time,
    step: count,
    sparsity: v.exactOptional(number),
    blobBytes: v.exactOptional(count),
  } satisfies Every<Of<'finished'>>),
  failed: v.object({ type: v.literal('failed'), time, step: count, message: text } satisfies Every<
    Of<'failed'>
  >),
};

/** undefined for what is no event. */
export function checkEvent(value: unknown): RunEvent | undefined {
  if (!isRecord(value)) return undefined;
  const { type } = value;
  if (typeof type !== 'string' || !isType(type)) return undefined;
  const schema: v.GenericSchema<unknown, RunEvent> = EVENT_SCHEMAS[type];
  const checked = checkStored(schema, value);
  return 'value' in checked ? checked.value : undefined;
}

function isType(text: string): text is Type {
  return Object.hasOwn(EVENT_SCHEMAS, text);
}
