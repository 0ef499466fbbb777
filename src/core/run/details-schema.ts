/** What the part of a report.json on the task may say. */
import * as v from 'valibot';
import type { RocPoint } from '../tasks/ranking';
import type {
  AlarmCounts,
  AnomalyDetails,
  BinaryDetails,
  ClassificationDetails,
  LabelDetails,
  MultiLabelDetails,
  RegressionDetails,
  TargetDetails,
  TaskDetails,
} from '../tasks/details';
import { count, number, text, type Every } from '../util/stored';

const alarms = {
  threshold: number,
  positives: count,
  found: count,
  negatives: count,
  falseAlarms: count,
} satisfies Every<AlarmCounts>;

const roc = v.exactOptional(
  v.array(v.object({ falseAlarms: number, found: number } satisfies Every<RocPoint>)),
);

const label: v.GenericSchema<unknown, LabelDetails> = v.object({
  name: text,
  there: count,
  told: count,
  right: count,
} satisfies Every<LabelDetails>);

const target: v.GenericSchema<unknown, TargetDetails> = v.object({
  name: text,
  meanAbsolute: number,
  rootMeanSquare: number,
  r2: v.exactOptional(number),
  points: v.array(v.tuple([number, number])),
} satisfies Every<TargetDetails>);

export const detailsSchema: v.GenericSchema<unknown, TaskDetails> = v.variant('kind', [
  v.pipe(
    v.object({
      kind: v.literal('classification'),
      names: v.array(text),
      confusion: v.array(v.array(count)),
    } satisfies Every<ClassificationDetails>),
    v.check(
      ({ names, confusion }) =>
        [confusion, ...confusion].every(({ length }) => length === names.length),
      'Expected a row and a column for each class',
    ),
  ),
  v.object({
    kind: v.literal('multi-label'),
    labels: v.array(label),
  } satisfies Every<MultiLabelDetails>),
  v.object({
    kind: v.literal('binary'),
    name: text,
    roc,
    ...alarms,
  } satisfies Every<BinaryDetails>),
  v.object({
    kind: v.literal('regression'),
    targets: v.array(target),
  } satisfies Every<RegressionDetails>),
  v.object({
    kind: v.literal('anomaly'),
    roc,
    histogram: v.object({
      most: number,
      normal: v.array(count),
      anomalous: v.array(count),
    }),
    ...alarms,
  } satisfies Every<AnomalyDetails>),
]);
