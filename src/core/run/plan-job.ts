/**
 * What is settled before the first training step: the network, where everything lies in RAM, how weights are cut into
 * blocks, and how many bytes the blocks may take. An impossible budget is found here, not after an hour.
 */
import type { ResolvedConfig } from '../config/config';
import { minimumBytes } from '../east/select';
import { blobOverhead } from '../firmware/blob';
import { tileBytes } from '../firmware/encode-model';
import type { MemoryPlan } from '../firmware/encoded-model';
import { codeBytes, fixedFlashBytes, type CodeSize } from '../firmware/flash-usage';
import { planMemory } from '../firmware/planner';
import { buildGraph } from '../graph/build';
import type { Graph } from '../graph/graph';
import { weightCount, weightedLayers } from '../graph/graph';
import type { TileBytes } from '../train/pruning';
import { UserError } from '../util/errors';

export interface JobPlan {
  readonly graph: Graph;
  readonly memory: MemoryPlan;
  readonly tileBytes: TileBytes;
  readonly code: CodeSize;
  /** Dense int8 weights, bytes. */
  readonly denseBytes: number;
  /** Most bytes the blob (header, tile table, blocks) may take; undefined: not limited. */
  readonly blobBudget: number | undefined;
  /** The same without header and table. */
  readonly blockBudget: number | undefined;
}

/** Throws UserError where the network or a budget is impossible, with the smallest budget that is not. */
export async function planJob(config: ResolvedConfig): Promise<JobPlan> {
  const graph = buildGraph(config.model);
  const memory = planMemory(graph, config.budget.ram);
  const layers = weightedLayers(graph);
  const tiles = Object.fromEntries(layers.map((layer) => [layer.name, tileBytes(layer, memory)]));
  const overhead = blobOverhead(Object.values(tiles).reduce((n, t) => n + t.length, 0));
  const denseBytes = layers.reduce((bytes, layer) => bytes + weightCount(layer), 0);
  const code = await codeBytes(graph);
  const fixed = fixedFlashBytes(graph, memory, code);
  const { flash, weights } = config.budget;
  const limits: number[] = [];
  if (flash !== undefined) limits.push(flash - fixed);
  if (weights !== undefined) {
    limits.push('bytes' in weights ? weights.bytes : Math.floor(weights.fraction * denseBytes));
  }
  const blobBudget = limits.length > 0 ? Math.min(...limits) : undefined;
  if (blobBudget !== undefined) {
    const least = overhead + leastBlockBytes(config, graph, tiles, denseBytes);
    if (least > blobBudget) throw unreachable(config, least, fixed, blobBudget);
  }
  return {
    graph,
    memory,
    tileBytes: tiles,
    code,
    denseBytes,
    blobBudget,
    blockBudget: blobBudget === undefined ? undefined : blobBudget - overhead,
  };
}

/** Blocks when every weight is pruned; the dense method prunes nothing. */
function leastBlockBytes(
  config: ResolvedConfig,
  graph: Graph,
  tiles: TileBytes,
  denseBytes: number,
): number {
  if (config.east.method === 'dense') return denseBytes;
  return minimumBytes(
    weightedLayers(graph).map((layer) => ({
      name: layer.name,
      values: new Int8Array(weightCount(layer)),
      saliency: new Float32Array(weightCount(layer)),
      tileBytes: tiles[layer.name]!,
    })),
  );
}

function unreachable(
  config: ResolvedConfig,
  least: number,
  fixed: number,
  blobBudget: number,
): UserError {
  const byFlash = config.budget.flash !== undefined && config.budget.flash - fixed === blobBudget;
  const key = byFlash ? 'budget.flash' : 'budget.weights';
  const smallest = byFlash ? fixed + least : least;
  const given = byFlash ? config.budget.flash : blobBudget;
  const why = byFlash
    ? `code, biases and tables take ${fixed} bytes and the weights at least ${least}`
    : `the weights take at least ${least} bytes`;
  const how =
    config.east.method === 'dense'
      ? 'method "dense" does not prune; use "east", or raise the budget'
      : 'raise it (useful accuracy needs a good deal more than the minimum) or make model.width smaller';
  return new UserError(
    `${key} of ${given} bytes cannot be met: ${why}, so the smallest possible is ${smallest} bytes; ${how}`,
    { file: config.file },
  );
}
