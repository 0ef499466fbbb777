/**
 * What is settled before the first training step: the network, where everything lies in RAM, how weights are cut into
 * blocks, and how many bytes the blocks may take. An impossible budget is found here, not after an hour.
 */
import { readFileSync } from 'node:fs';
import type { ResolvedConfig } from '../config/config';
import { locateKey } from '../config/document';
import { formatKey, type KeyPath } from '../config/problem';
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
  /** Header and tile table of the blob. */
  readonly overheadBytes: number;
  /** What the user should know before hours are spent. */
  readonly warnings: readonly string[];
}

/** Below this share of the dense bytes accuracy is usually gone. */
const HOPELESS_SHARE = 0.04;

/**
 * Throws UserError where the network or a budget is impossible, with the smallest budget that is not. `code` is what an
 * earlier plan of the same run measured: another compiler would give another budget and so other weights.
 */
export async function planJob(config: ResolvedConfig, recorded?: CodeSize): Promise<JobPlan> {
  const graph = buildGraph(config.model);
  const memory = atKey(config, ['budget', 'ram'], () => planMemory(graph, config.budget.ram));
  const layers = weightedLayers(graph);
  const tiles = Object.fromEntries(layers.map((layer) => [layer.name, tileBytes(layer, memory)]));
  const overhead = blobOverhead(Object.values(tiles).reduce((n, t) => n + t.length, 0));
  const denseBytes = layers.reduce((bytes, layer) => bytes + weightCount(layer), 0);
  const code = recorded ?? (await codeBytes(graph));
  const fixed = fixedFlashBytes(graph, memory, code);
  const { flash, weights } = config.budget;
  const limits: number[] = [];
  if (flash !== undefined) limits.push(flash - fixed);
  if (weights !== undefined) {
    limits.push('bytes' in weights ? weights.bytes : Math.floor(weights.fraction * denseBytes));
  }
  const blobBudget = limits.length > 0 ? Math.min(...limits) : undefined;
  const warnings: string[] = [];
  if (blobBudget !== undefined) {
    const least = overhead + leastBlockBytes(config, graph, tiles, denseBytes);
    if (least > blobBudget) throw unreachable(config, least, fixed, blobBudget);
    if (blobBudget < HOPELESS_SHARE * denseBytes) {
      const share = ((100 * blobBudget) / denseBytes).toFixed(1);
      warnings.push(
        `warning: the budget leaves ${blobBudget} bytes for weights of ${denseBytes}, ${share} %; hardly any accuracy will be left`,
      );
    }
  }
  return {
    graph,
    memory,
    tileBytes: tiles,
    code,
    denseBytes,
    blobBudget,
    blockBudget: blobBudget === undefined ? undefined : blobBudget - overhead,
    overheadBytes: overhead,
    warnings,
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
  const path = ['budget', byFlash ? 'flash' : 'weights'];
  const smallest = byFlash ? fixed + least : least;
  const given = byFlash ? config.budget.flash : blobBudget;
  const why = byFlash
    ? `code, biases and tables take ${fixed} bytes and the weights at least ${least}`
    : `the weights take at least ${least} bytes`;
  const how =
    config.east.method === 'dense'
      ? 'method "dense" does not prune; use "east", or raise the budget'
      : 'raise it (useful accuracy needs a good deal more than the minimum) or make the network smaller';
  return new UserError(
    `${formatKey(path)} of ${given} bytes cannot be met: ${why}, so the smallest possible is ${smallest} bytes; ${how}`,
    placeOf(config, path),
  );
}

/** Gives a UserError of `operation` the place of the key it is about. */
function atKey<T>(config: ResolvedConfig, path: KeyPath, operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    if (!(error instanceof UserError) || error.file !== undefined) throw error;
    throw new UserError(error.message, { ...placeOf(config, path), cause: error });
  }
}

/** Of a key in the config file; the file alone where it cannot be read any more. */
function placeOf(
  { file }: ResolvedConfig,
  path: KeyPath,
): { file: string; line?: number; column?: number } {
  try {
    const { line, column } = locateKey(readFileSync(file, 'utf8'), path);
    return { file, line, column };
  } catch {
    return { file };
  }
}
