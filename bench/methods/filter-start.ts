/** What a cell of filter pruning starts from: the shared float network without the filters that the budget has no room for. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelConfig } from '../../src/core/config/config';
import { loadConfig } from '../../src/core/config/load-config';
import { requireDataset } from '../../src/core/config/require-dataset';
import { loadDataset } from '../../src/core/dataset/load-dataset';
import { outputSize } from '../../src/core/graph/graph';
import { loadModel } from '../../src/core/models/models';
import { readContainer, writeContainer } from '../../src/core/run/container';
import { openEngine } from '../../src/core/train/engines/open-engine';
import { checkSnapshot } from '../../src/core/train/loop/snapshot-schema';
import { pruneFilters } from './filter-pruning';

export interface FilterStart {
  readonly model: ModelConfig;
  /** Checkpoint in the work folder. */
  readonly initialWeights: string;
}

/**
 * Computed once for each size and kept in the work folder, on WASM whatever trains the cells. `configFile` is that of the
 * whole network, `checkpoint` its float parameters; `weights` bytes the blob may have.
 */
export async function filterStart(
  work: string,
  configFile: string,
  checkpoint: string,
  weights: number,
): Promise<FilterStart> {
  const initialWeights = `filters_${weights}.ckpt`;
  const modelFile = join(work, `filters_${weights}.json`);
  if (!existsSync(modelFile)) {
    const config = loadConfig(configFile);
    const checked = checkSnapshot(readContainer(join(work, checkpoint), 'checkpoint'));
    if ('problem' in checked) throw new Error(`${checkpoint}: ${checked.problem}`);
    const container = checked.value;
    const { ram } = config.budget;
    if (ram === undefined) throw new Error('the RAM decides on the tiles');
    const { graph } = loadModel(config.model);
    const dataset = await loadDataset(
      requireDataset(config),
      { input: graph.inputShape, classes: outputSize(graph) },
      config.training.seed,
      config.workspace,
    );
    const { model, arrays } = await pruneFilters({
      model: config.model,
      arrays: container.arrays,
      dataset,
      engine: await openEngine('wasm'),
      budget: { weights, ram },
      seed: config.training.seed,
    });
    writeContainer(join(work, initialWeights), { meta: container.meta, arrays });
    writeFileSync(`${modelFile}.part`, JSON.stringify(model, null, 2));
    renameSync(`${modelFile}.part`, modelFile);
  }
  const model: ModelConfig = JSON.parse(readFileSync(modelFile, 'utf8'));
  return { model, initialWeights };
}
