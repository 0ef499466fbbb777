/** How well the network of the sources does, as their manifest records it: for a fresh clone, where no run need be. */
import type { ManifestInputs } from '../firmware/manifest';
import { valueAt, type Measurement } from '../tasks/measurement';

export interface RecordedResult {
  /** Name of the task's metric. */
  readonly metric: string;
  readonly value: number;
}

/** Nothing where it was not measured. */
export function recordResult(measured: readonly Measurement[]): ManifestInputs {
  const value = valueAt(measured, 'fitted');
  const [first] = measured;
  return first === undefined || value === undefined
    ? {}
    : { metric: first.metric, result: String(value) };
}

/** undefined where a manifest has none, or what is no number. */
export function recordedResult(recorded: ManifestInputs): RecordedResult | undefined {
  const { metric, result } = recorded;
  const value = Number(result);
  return metric === undefined || result === undefined || !Number.isFinite(value)
    ? undefined
    : { metric, value };
}
