/** Who computes a pass: this thread alone, or several that share each batch (shard-team.ts). */
import type { Batch } from '../../dataset/dataset';
import type { Graph } from '../../graph/graph';
import type { Engine } from '../engines/engine';
import type { LayerArrays, PassOptions, PassResult } from '../pass';
import { computePass } from '../pass';

export interface Team {
  /**
   * Parts a batch is split into. Each has its own batch norm statistics, so the number is part of what decides the
   * result; how many cores compute them is not.
   */
  readonly shards: number;
  /** One pass at a time. Rejects with the cause when a thread has ended. */
  run(layers: readonly LayerArrays[], batch: Batch, options: PassOptions): Promise<PassResult>;
  close(): Promise<void>;
}

/** One shard: the batch as it is, in this thread. */
export function soloTeam(engine: Engine, graph: Graph): Team {
  return {
    shards: 1,
    run: (layers, batch, options) => computePass(engine, graph, layers, batch, options),
    close: () => Promise.resolve(),
  };
}
