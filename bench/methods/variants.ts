/** What the cells of some rivals change about the common config, how they train, and what they count themselves. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadModel } from '../../src/core/models/models';
import type { FlashForecast } from '../../src/core/plan/flash';
import { forecast } from '../../src/core/plan/forecast';
import { loadConfig } from '../../src/core/config/load-config';
import type { EncodedModel } from '../../src/core/firmware/encoded-model';
import type { Graph } from '../../src/core/graph/graph';
import type { Report } from '../../src/core/report/report';
import { readContainer } from '../../src/core/run/container';
import type { TileWeights } from '../../src/core/train/loop/pruning';
import { checkSnapshot } from '../../src/core/train/loop/snapshot-schema';
import type { Cell } from './cells';
import { chooseLevels, clusteredBytes, type Storage } from './clustering';
import { parametersOf } from './filter-pruning';
import { filterStart } from './filter-start';
import type { CellResult } from './result';

/** As it is written; sections that a variant does not look into are left open. */
export interface CellConfig {
  readonly training: { readonly initialWeights: string };
  readonly budget: { readonly ram: string; readonly weights?: string | number };
  readonly [key: string]: unknown;
}

export interface Variant {
  readonly config: CellConfig;
  /** Node's arguments before those of `east`; its own program where undefined. */
  readonly command?: readonly string[];
  /** What the report does not say as those of other cells do. */
  readonly count?: (report: Report, encoded: EncodedModel) => Partial<CellResult>;
}

/** Most cells are what their config says. */
export async function variantOf(
  { id, method: { family } }: Cell,
  config: CellConfig,
  work: string,
): Promise<Variant> {
  if (family === 'filters') return withoutFilters(id, config, work);
  if (family === 'clusters') return clustered(id, config, work, 'packed');
  return family === 'entropy-coded clusters' ? clustered(id, config, work, 'entropy') : { config };
}

interface Whole {
  readonly file: string;
  readonly graph: Graph;
  readonly tiles: TileWeights;
  readonly flash: FlashForecast;
  /** Most bytes of the blob. */
  readonly limit: number;
}

/** What is planned for the network before anything is taken from it. */
function wholeNetwork(id: string, config: CellConfig, work: string): Whole {
  const file = join(work, `${id}.whole.east.json`);
  // Of method dense a budget below the dense bytes would be refused.
  writeFileSync(file, JSON.stringify({ ...config, east: { method: 'east' } }));
  const whole = loadConfig(file);
  const { graph, memory, flash } = forecast(whole, loadModel(whole.model));
  if (flash.blobBudget === undefined) throw new Error(`${id} has no budget`);
  return { file, graph, tiles: memory.tileWeights, flash, limit: flash.blobBudget };
}

/** Trains the network that is left without filters, as dense int8. */
async function withoutFilters(id: string, config: CellConfig, work: string): Promise<Variant> {
  const { training, budget } = config;
  const { file, flash, limit } = wholeNetwork(id, config, work);
  const { model, initialWeights } = await filterStart(work, file, training.initialWeights, limit);
  return {
    config: {
      ...config,
      model,
      training: { ...training, initialWeights },
      budget: { ...budget, weights: limit },
    },
    count: () => ({ denseBytes: flash.denseBytes }),
  };
}

/** Trains with as many levels in each layer as the budget has room for. */
function clustered(id: string, config: CellConfig, work: string, storage: Storage): Variant {
  const { graph, tiles, limit } = wholeNetwork(id, config, work);
  const file = join(work, config.training.initialWeights);
  const checkpoint = checkSnapshot(readContainer(file, 'checkpoint'));
  if ('problem' in checkpoint) throw new Error(`the float network: ${checkpoint.problem}`);
  const levels = chooseLevels(
    graph,
    parametersOf(graph, checkpoint.value.arrays),
    tiles,
    limit,
    storage,
  );
  const levelsFile = join(work, `${id}.levels.json`);
  writeFileSync(levelsFile, JSON.stringify(levels));
  const program = join(import.meta.dirname, 'train-clustered.ts');
  return {
    // The product knows nothing of these formats: it trains without a budget, and the bytes are counted here.
    config: { ...config, budget: { ram: config.budget.ram } },
    command: ['--import', import.meta.resolve('tsx'), program, levelsFile],
    count: ({ layers }, { model }) => {
      const codes = Object.fromEntries(
        Object.entries(model.layers).map(([name, { weights }]) => [name, weights]),
      );
      const found = clusteredBytes(graph, codes, tiles, levels, storage);
      if (found.blobBytes > limit) throw new Error(`${id}: ${found.blobBytes} of ${limit} bytes`);
      const all = found.layers.reduce((sum, { bytes }) => sum + bytes, 0);
      return {
        blobBytes: found.blobBytes,
        sizes: found.sizes,
        levels,
        layers: layers.map((layer, l) => {
          const { bytes, rawTiles } = found.layers[l]!;
          const [ratio, share] = [layer.parameters / bytes, bytes / all];
          return { ...layer, blobBytes: bytes, ratio, share, rawTiles };
        }),
      };
    },
  };
}
