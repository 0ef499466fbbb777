/** Decides how many threads share a batch, and starts them. */
import type { Graph } from '../../graph/graph';
import type { Engine } from '../engines/engine';
import { startShardTeam } from './shard-team';
import type { Team } from './team';
import { soloTeam } from './team';
import { usableCores } from '../../util/usable-cores';

/** Batch norm's statistics over fewer examples than this are too rough to train with. */
const SMALLEST_SHARD = 16;

/** One shard for each core, none of them too small. The other engines use the machine's cores in their own way. */
export function defaultShards(engine: Engine['name'], batchSize: number): number {
  if (engine !== 'wasm') return 1;
  return Math.max(1, Math.min(usableCores(), Math.floor(batchSize / SMALLEST_SHARD)));
}

/** The engine alone, or a thread more for each further shard; no more shards than a batch has examples. */
export function openTeam(
  engine: Engine,
  graph: Graph,
  batchSize: number,
  shards: number,
): Promise<Team> {
  const count = engine.name === 'wasm' ? Math.min(shards, batchSize) : 1;
  if (count < 2) return Promise.resolve(soloTeam(engine, graph));
  return startShardTeam({ engine, graph, batchSize, shards: count });
}

/** What trains, as a run's record names it, e.g. `WASM SIMD+FMA 4.22.0, 2 threads`. */
export function describeTeam(engine: Engine, { shards }: Pick<Team, 'shards'>): string {
  const threads = engine.name === 'wasm' ? shards : engine.threads;
  if (threads === undefined) return engine.build;
  return `${engine.build}, ${threads} thread${threads === 1 ? '' : 's'}`;
}
