/** What happens in a run, one JSON object a line in its append-only `events.jsonl`; the last word on a step wins. */
import type { TrainPhase, TrainProgress } from '../train/loop/progress';

/** Reason of `stopped` where the user wanted it; another one says what else ended the run before its time. */
export const ASKED_TO_STOP = 'asked to stop';

export type Phase = TrainPhase;

/** Adds when it happened, ISO 8601 in UTC, to each kind of event. */
type Timed<Event> = Event extends unknown ? Event & { readonly time: string } : never;

export type RunEvent = Timed<
  | TrainProgress
  | {
      readonly type: 'started' | 'resumed';
      readonly step: number;
      readonly totalSteps: number;
      readonly engine: string;
      /** Parts each batch is split into; absent in logs from before there was a choice. */
      readonly shards?: number;
      readonly pid: number;
    }
  | { readonly type: 'checkpoint'; readonly step: number }
  | { readonly type: 'stopped'; readonly step: number; readonly reason: string }
  | { readonly type: 'finished'; readonly step: number }
  | { readonly type: 'failed'; readonly step: number; readonly message: string }
>;
