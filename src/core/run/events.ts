/** What happens in a run, one JSON object a line in its append-only `events.jsonl`; the last word on a step wins. */
import type { TrainProgress } from '../train/loop/progress';

/** Reason of `stopped` where the user wanted it; another one says what else ended the run before its time. */
export const ASKED_TO_STOP = 'asked to stop';

/** Adds when it happened, ISO 8601 in UTC, to each kind of event. */
type Timed<Event> = Event extends unknown ? Event & { readonly time: string } : never;

type PruneProgress = Extract<TrainProgress, { type: 'prune' }>;
type LayerProgress = PruneProgress['layers'][number];

/**
 * The trainer counts tiles as they are stored; people compare with a report, which counts the blob: the tiles' entries of
 * its table are a layer's, its header is in the total alone.
 */
interface PruneEvent extends Omit<PruneProgress, 'storedTarget' | 'storedBytes' | 'layers'> {
  readonly targetBytes: number;
  readonly blobBytes: number;
  readonly layers: readonly (Omit<LayerProgress, 'storedBytes'> & {
    /** In logs of earlier versions without the entries of the tile table. */
    readonly blobBytes: number;
  })[];
}

export type RunEvent = Timed<
  | Exclude<TrainProgress, PruneProgress>
  | PruneEvent
  | {
      readonly type: 'started' | 'resumed';
      readonly step: number;
      readonly totalSteps: number;
      /** Build of the engine, and threads: `WASM SIMD+FMA 4.22.0, 2 threads`. */
      readonly trainedWith: string;
      /** Parts each batch is split into; absent in logs from before there was a choice. */
      readonly shards?: number;
      readonly pid: number;
      /** The run whose float phase this one starts from, if any. */
      readonly floatFrom?: string;
    }
  | { readonly type: 'checkpoint'; readonly step: number }
  | { readonly type: 'stopped'; readonly step: number; readonly reason: string }
  | {
      readonly type: 'finished';
      readonly step: number;
      /** As the report has them; absent in logs of earlier versions. */
      readonly sparsity?: number;
      readonly blobBytes?: number;
    }
  | { readonly type: 'failed'; readonly step: number; readonly message: string }
>;
