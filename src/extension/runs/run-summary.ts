/** What a run's events amount to, brought up to date event by event. */
import { ASKED_TO_STOP, type RunEvent } from '../../core/run/events';
import type { RunState } from '../../core/run/run-folder';
import { withMeasurement } from '../../core/tasks/measurement';
import { defined } from '../../core/util/defined';
import type { RunInfo } from '../services';

export interface RunSummary extends Pick<
  RunInfo,
  | 'startedAt'
  | 'updatedAt'
  | 'trainedWith'
  | 'floatFrom'
  | 'totalSteps'
  | 'lastStep'
  | 'lastPrune'
  | 'measured'
> {
  /** As RunFolder.state(); `damaged` is for others to see. */
  readonly state: Exclude<RunState, 'damaged'>;
  /** The process that began or resumed it last. */
  readonly pid?: number;
  /** Step of the last event. */
  readonly step: number;
  /** Why it failed or was interrupted, as far as the log says. */
  readonly failure?: string | undefined;
}

export const EMPTY_SUMMARY: RunSummary = { state: 'new', step: 0, measured: [] };

/** `event` must not take anything back (effectiveEvents). */
export function withEvent(before: RunSummary, event: RunEvent): RunSummary {
  const summary: RunSummary = {
    ...before,
    state: 'interrupted',
    failure: undefined,
    startedAt: before.startedAt ?? event.time,
    updatedAt: event.time,
    step: event.step,
  };
  switch (event.type) {
    case 'started':
    case 'resumed': {
      const { trainedWith, totalSteps, pid, floatFrom } = event;
      return { ...summary, trainedWith, totalSteps, pid, ...defined({ floatFrom }) };
    }
    case 'step':
      return { ...summary, lastStep: event };
    case 'prune':
      return { ...summary, lastPrune: event };
    case 'evaluation':
      return { ...summary, measured: withMeasurement(before.measured, event) };
    case 'checkpoint':
      return summary;
    case 'stopped':
      // Nobody wanted it: for people that is an interruption, if one with a checkpoint.
      return event.reason === ASKED_TO_STOP
        ? { ...summary, state: 'stopped' }
        : { ...summary, failure: event.reason };
    case 'finished':
      return { ...summary, state: 'finished' };
    case 'failed':
      return { ...summary, state: 'failed', failure: event.message };
  }
}
