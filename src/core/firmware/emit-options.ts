/** What generated sources are made from. */
import type { ResolvedConfig } from '../config/config';
import type { Normalization } from '../dataset/dataset';
import type { TaskFacts } from '../tasks/facts';
import type { TaskKind } from '../tasks/tasks';
import type { EncodedModel } from './encoded-model';
import type { MemoryPlan } from './memory-plan';
import type { ManifestInputs } from './manifest';
import type { Vectors } from './vectors';

export interface EmitOptions {
  /** Only `name` is used: the prefix of every symbol and file, a C identifier. */
  readonly config: Pick<ResolvedConfig, 'name'>;
  readonly encoded: EncodedModel;
  readonly plan: MemoryPlan;
  readonly normalization: Normalization;
  readonly task: TaskKind;
  readonly facts?: TaskFacts;
  /** What the outputs are called, in their order. */
  readonly outputNames: readonly string[];
  /** Compiled into <name>_selftest.c. */
  readonly selfTest: Vectors;
  /** Hashes of what the sources were made from; kept in the manifest, compared by checkSources. */
  readonly provenance: ManifestInputs;
}
