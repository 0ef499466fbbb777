/** What the float phase of a run depends on, as one hash: of two runs with the same key it ends in the same bytes. */
import { createHash, type Hash } from 'node:crypto';
import { version } from '../../../package.json';
import type { ResolvedConfig } from '../config/config';
import type { Dataset, Samples } from '../dataset/dataset';
import type { Graph } from '../graph/graph';
import type { Constants } from '../quant/constants';
import type { Computing } from '../train/loop/computing';
import type { SnapshotArray } from '../train/loop/training-state';
import { defined } from '../util/defined';
import { canonicalJson } from '../util/canonical-json';

/** Raised with whatever changes how a float network is trained or how a kept one is written, within a version of EAST. */
const METHOD = 2;

export interface FloatPhaseOrigin {
  readonly config: Pick<ResolvedConfig, 'training'> & Required<Pick<ResolvedConfig, 'dataset'>>;
  readonly graph: Graph;
  /** As it was read: held back, limited and with its normalisation. */
  readonly dataset: Dataset;
  readonly computing: Computing;
  readonly initialWeights?: Readonly<Record<string, SnapshotArray>>;
  /** Values that layers of a network in a file own besides weights. */
  readonly constants?: Constants;
}

/**
 * SHA-256 in hexadecimal digits. Examples count by their values, not by the names or dates of files; settings of the
 * training count unless they are known to matter later only.
 */
export function floatPhaseKey(origin: FloatPhaseOrigin): string {
  const { config, graph, dataset, computing, initialWeights = {}, constants = {} } = origin;
  const { task, facts, classWeights, normalization, shape } = dataset;
  const hash = createHash('sha256');
  const say = (value: unknown): void => {
    hash.update(`${canonicalJson(value)}\n`);
  };
  say({
    version,
    method: METHOD,
    graph,
    computing,
    training: { ...config.training, ...LATER },
    augment: config.dataset.augment,
    ...defined({ classWeights }),
    data: { task, ...defined({ facts }), normalization, shape },
  });
  for (const [name, array] of Object.entries(initialWeights)) {
    say({ name, type: array.constructor.name, length: array.length });
    update(hash, array);
  }
  for (const [layer, values] of Object.entries(constants)) {
    for (const [name, array] of Object.entries(values)) {
      say({ layer, name, length: array.length });
      update(hash, array);
    }
  }
  for (const set of ['train', 'validation', 'test'] as const) addSamples(hash, set, dataset[set]);
  return hash.digest('hex');
}

/** What of the training's settings matters after the float phase, or is in the key by what came of it. */
const LATER = {
  pruneEpochs: undefined,
  pruneLearningRate: undefined,
  checkpointSeconds: undefined,
  shards: undefined,
  initialWeights: undefined,
};

function addSamples(hash: Hash, set: string, { count, shape, data, targets }: Samples): void {
  const types = [data, targets].map((array) => [array.constructor.name, array.length]);
  hash.update(`${canonicalJson({ set, count, shape, types })}\n`);
  update(hash, data);
  update(hash, targets);
}

function update(hash: Hash, { buffer, byteOffset, byteLength }: SnapshotArray): void {
  hash.update(new Uint8Array(buffer, byteOffset, byteLength));
}
