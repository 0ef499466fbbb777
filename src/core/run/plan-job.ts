/**
 * What is settled before the first training step: the network, where everything lies in RAM, how weights are cut into
 * blocks, and how many bytes the blocks may take. An impossible budget is found here, not after an hour.
 */
import type { ResolvedConfig } from '../config/config';
import { locateKey } from '../config/document';
import { formatKey, type KeyPath } from '../config/problem';
import { loadModel } from '../models/load';
import { isHopeless } from '../plan/compression';
import { describeCompression } from '../report/describe-compression';
import { dataPaths, missingText } from '../advice/data-paths';
import { forecast, possibleOf, tilesOf, type FlashForecast } from '../plan/forecast';
import type { PossibleFormats } from '../east/possible-formats';
import { findMissing } from '../advice/read-facts';
import type { MemoryPlan } from '../firmware/encoded-model';
import { codeBytes, type CodeSize } from '../firmware/code-size';
import { planMemory } from '../plan/memory';
import type { Graph } from '../graph/graph';
import type { TileWeights } from '../train/loop/pruning';
import { UserError } from '../util/errors';
import { readText } from '../util/read-file';

export interface JobPlan {
  readonly graph: Graph;
  readonly memory: MemoryPlan;
  readonly tileWeights: TileWeights;
  /** That training may choose from. */
  readonly formats: PossibleFormats;
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

/**
 * Throws UserError where the network or a budget is impossible, with the smallest budget that is not. `code` is what an
 * earlier plan of the same run measured: another compiler would give another budget and so other weights.
 */
export async function planJob(config: ResolvedConfig, recorded?: CodeSize): Promise<JobPlan> {
  const model = loadModel(config.model);
  const { graph, codeFormats } = forecast(config, model);
  atKey(config, ['budget', 'ram'], () => planMemory(graph, config.budget.ram));
  const code = recorded ?? (await codeBytes(graph, codeFormats));
  const { memory, flash } = forecast(config, model, code);
  const { blobBudget, overhead } = flash;
  const warnings: string[] = [];
  if (blobBudget !== undefined) {
    if (flash.leastBlob > blobBudget) throw unreachable(config, flash, blobBudget);
    if (isHopeless(flash)) warnings.push(`warning: ${describeCompression(flash)}`);
  }
  return {
    graph,
    memory,
    tileWeights: tilesOf({ graph, memory }),
    formats: possibleOf(config, graph),
    code,
    denseBytes: flash.denseBytes,
    blobBudget,
    blockBudget: blobBudget === undefined ? undefined : blobBudget - overhead,
    overheadBytes: overhead,
    warnings,
  };
}

/** Throws UserError, at its key, for data or weights that are not there: better now than in a run that fails. */
export async function requireData(config: ResolvedConfig): Promise<void> {
  const missing = await findMissing(config);
  for (const [key, path] of dataPaths(config)) {
    const problem = path === undefined ? undefined : missing.get(path);
    if (path === undefined || problem === undefined) continue;
    throw new UserError(missingText(key, path, problem), placeOf(config, key));
  }
}

function unreachable(config: ResolvedConfig, flash: FlashForecast, blobBudget: number): UserError {
  const byFlash = flash.limitedBy === 'flash';
  const path = ['budget', byFlash ? 'flash' : 'weights'];
  const smallest = byFlash ? flash.least : flash.leastBlob;
  const given = byFlash ? config.budget.flash : blobBudget;
  const why = byFlash
    ? `code, biases and tables take ${flash.fixed} bytes and the weights at least ${flash.leastBlob}`
    : `the weights take at least ${flash.leastBlob} bytes`;
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
    const { line, column } = locateKey(readText(file, 'config'), path);
    return { file, line, column };
  } catch {
    return { file };
  }
}
