/** What a training is given: by a run (run/run-job.ts), a test or a bench. */
import type { ResolvedConfig } from '../../config/config';
import type { TrainingBatches } from '../../dataset/batches';
import type { Dataset } from '../../dataset/dataset';
import type { TrainedFormats } from '../../formats/fits';
import type { Graph } from '../../graph/graph';
import type { Constants } from '../../quant/constants';
import type { Engine } from '../engines/engine';
import type { FloatNetwork } from '../imported/float-network';
import type { Team } from '../shards/team';
import type { DecodingLimit } from './decoding-limit';
import type { TrainProgress } from './progress';
import type { TileWeights } from './pruning';
import type { Snapshot, SnapshotArray } from './training-state';

export interface TrainingSetup {
  readonly config: Pick<ResolvedConfig, 'training' | 'east'>;
  readonly graph: Graph;
  readonly dataset: Dataset;
  readonly batches: TrainingBatches;
  readonly engine: Engine;
  /** Threads that share each batch; undefined: the engine alone, in this thread. */
  readonly team?: Team;
  readonly tileWeights: TileWeights;
  /** Bytes that all blocks together may take (tile table and header already taken off); undefined: no limit. */
  readonly blockBudget: number | undefined;
  /** What decoding may take of an inference, to choose formats within; undefined: no limit. */
  readonly decoding?: DecodingLimit;
  /** Where to go on; undefined starts afresh. */
  readonly snapshot?: Snapshot;
  /** Parameters to start from instead of random ones, by the keys of a snapshot. */
  readonly initialWeights?: Readonly<Record<string, SnapshotArray>>;
  /** Of the layers that own any: they are part of the network as its graph is, and no step changes them. */
  readonly constants?: Constants;
  /**
   * The network that is imitated, of the same graph but for batch norm: its outputs take the place of the targets in the
   * loss. Undefined: the targets are learnt.
   */
  readonly teacher?: FloatNetwork;
  /**
   * Told once the float network is trained and calibrated: all that comes after depends on the budget too. The
   * snapshot's arrays are live and change with the next step.
   */
  readonly keepFloatPhase?: (snapshot: Snapshot) => void;
  /** What each layer may be trained in from the end of the float epochs on; where it is several, the training chooses. */
  readonly formats: TrainedFormats;
  /** Checked between two steps. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: TrainProgress) => void;
  /** Must not return before the snapshot is safe; its arrays are live and change with the next step. */
  readonly saveCheckpoint: (snapshot: Snapshot) => void;
}

/** Bytes that masks and formats have to keep to; undefined where nothing is to be pruned. */
export function pruningBudget({ blockBudget, config }: TrainingSetup): number | undefined {
  return config.east.method === 'dense' ? undefined : blockBudget;
}
