/** What a finished network does of its task beyond the one metric that leads: in the report, by the kind of the task. */
import type { RocPoint } from './ranking';

export interface ClassificationDetails {
  readonly kind: 'classification';
  readonly names: readonly string[];
  /** [true class][answer]: examples. */
  readonly confusion: readonly (readonly number[])[];
}

export interface LabelDetails {
  readonly name: string;
  /** Examples that have the label, for which it was told, and both. */
  readonly there: number;
  readonly told: number;
  readonly right: number;
}

export interface MultiLabelDetails {
  readonly kind: 'multi-label';
  readonly labels: readonly LabelDetails[];
}

/** By the threshold that the firmware has. */
export interface AlarmCounts {
  readonly threshold: number;
  /** Examples with what is to be found, and those of them that were. */
  readonly positives: number;
  readonly found: number;
  /** Examples without it, and those of them that raised an alarm. */
  readonly negatives: number;
  readonly falseAlarms: number;
}

export interface BinaryDetails extends AlarmCounts {
  readonly kind: 'binary';
  readonly name: string;
  readonly roc?: readonly RocPoint[];
}

export interface TargetDetails {
  readonly name: string;
  readonly meanAbsolute: number;
  readonly rootMeanSquare: number;
  /** 1 less the share of the targets' variance that is left in the errors; absent where all targets are the same. */
  readonly r2?: number;
  /** Some examples, evenly over the set: target and answer. */
  readonly points: readonly (readonly [target: number, answer: number])[];
}

export interface RegressionDetails {
  readonly kind: 'regression';
  readonly targets: readonly TargetDetails[];
}

export interface AnomalyDetails extends AlarmCounts {
  readonly kind: 'anomaly';
  readonly roc?: readonly RocPoint[];
  /** Examples by their error: bins of the same width from 0 to `most`, the last with all above. */
  readonly histogram: {
    readonly most: number;
    readonly normal: readonly number[];
    readonly anomalous: readonly number[];
  };
}

export type TaskDetails =
  ClassificationDetails | MultiLabelDetails | BinaryDetails | RegressionDetails | AnomalyDetails;

/** Precision and recall in one; 1 where a label is neither there nor told. */
export function f1Of({ there, told, right }: Omit<LabelDetails, 'name'>): number {
  return told + there === 0 ? 1 : (2 * right) / (told + there);
}

/** Of each class the share of its examples that were found; undefined where there is none. */
export function recalls({
  confusion,
}: Pick<ClassificationDetails, 'confusion'>): (number | undefined)[] {
  return confusion.map((row, i) => {
    const all = row.reduce((sum, count) => sum + count, 0);
    return all === 0 ? undefined : row[i]! / all;
  });
}
