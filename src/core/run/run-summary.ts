/** What a run's events amount to, brought up to date event by event. */
import { defined } from '../util/defined';
import { withMeasurement, type Measurement } from '../tasks/measurement';
import type { RunEvent } from './events';

type EventOf<Type extends RunEvent['type']> = Extract<RunEvent, { type: Type }>;

export interface RunSummary {
  /** ISO 8601, of the first and of the latest event. */
  readonly startedAt?: string;
  readonly updatedAt?: string;
  /** As it was begun or resumed last. */
  readonly trainedWith?: string;
  readonly totalSteps?: number;
  readonly pid?: number;
  /** The run whose float phase it starts from. */
  readonly floatFrom?: string;
  /** Step of the last event; 0 before the first. */
  readonly step: number;
  readonly lastStep?: EventOf<'step'>;
  readonly lastPrune?: EventOf<'prune'>;
  /** The latest of each stage, on whichever set it was measured last. */
  readonly measured: readonly Measurement[];
  /** The last event where it ended the run. */
  readonly end: EventOf<'stopped' | 'finished' | 'failed'> | null;
}

export const EMPTY_SUMMARY: RunSummary = { step: 0, measured: [], end: null };

/** `events` without what a resume took back (effectiveEvents). */
export function summaryOf(events: readonly RunEvent[]): RunSummary {
  return events.reduce(withEvent, EMPTY_SUMMARY);
}

/** `event` must not take anything back. */
export function withEvent(before: RunSummary, event: RunEvent): RunSummary {
  const summary: RunSummary = {
    ...before,
    end: null,
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
    case 'finished':
    case 'failed':
      return { ...summary, end: event };
  }
}

/** What the log's last word is. `interrupted` is also a run that is going on. */
export function stateOf({
  startedAt,
  end,
}: RunSummary): 'new' | 'interrupted' | 'stopped' | 'finished' | 'failed' {
  return end?.type ?? (startedAt === undefined ? 'new' : 'interrupted');
}
