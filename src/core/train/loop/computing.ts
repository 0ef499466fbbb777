/** What computes a run's steps, as far as its bytes depend on it: kept in every checkpoint, and the same at every resume. */
import { defined } from '../../util/defined';
import { UserError } from '../../util/errors';
import type { Engine } from '../engines/engine';
import type { Team } from '../shards/team';
import { shardsOf, type Snapshot, type SnapshotMeta } from './training-state';

export interface Computing extends Pick<SnapshotMeta, 'engine' | 'threads'> {
  readonly build: string;
  readonly shards: number;
}

export function computingOf(
  { name, build, threads }: Engine,
  { shards }: Pick<Team, 'shards'>,
): Computing {
  return { engine: name, build, shards, ...defined({ threads }) };
}

/** @throws UserError for another engine, another build of it, or another number of shards or threads. */
export function requireSameComputing(
  snapshot: Snapshot,
  { engine, build, shards, threads }: Computing,
): void {
  const { meta } = snapshot;
  if (meta.engine !== engine) {
    throw new UserError(
      `the run was trained with the ${meta.engine} engine; resume it with "engine": "${meta.engine}" (other engines round differently) or start a new run`,
    );
  }
  if (meta.build !== undefined && meta.build !== build) {
    throw new UserError(
      `the run was trained with ${meta.build}, and here is ${build}, which rounds differently; resume it on a machine, and with a version of EAST, that has ${meta.build}, or start a new run`,
    );
  }
  const before = shardsOf(snapshot);
  if (before !== shards) {
    throw new UserError(
      `the run splits each batch into ${before} shard(s); go on with "shards": ${before} under "training" (another number gives another result) or start a new run`,
    );
  }
  if (meta.threads !== threads) {
    throw new UserError(
      `the run was trained with ${meta.threads ?? 1} thread(s) of the ${engine} engine, this is ${threads ?? 1} (another number gives another result); resume it in a process of its own or start a new run`,
    );
  }
}
