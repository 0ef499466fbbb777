/** A config's network as the editor knows it: from its own words, or from what the background process has read of a file. */
import { basename } from 'node:path';
import { distance } from 'fastest-levenshtein';
import type { ModelConfig } from '../../core/config/config';
import { linkProblem } from '../../core/config/paths';
import { asUsed } from '../../core/models/as-used';
import { graphOfOutput } from '../../core/models/chosen-output';
import {
  checkAgainstFile,
  fileProblem,
  keyOf,
  problemOf,
  type ModelFact,
  type ModelProblem,
} from '../../core/models/check-config';
import { markOf } from '../../core/models/file-mark';
import { loadModel } from '../../core/models/models';
import { UserError } from '../../core/util/errors';
import type { KnownModel } from '../services';

/** What it takes to look at model files. */
export interface ModelSource {
  /** @throws UserError where nobody can be asked */
  read(file: string): Promise<KnownModel>;
  /** Absolute paths of the model files in the workspace folder. */
  others(): Promise<readonly string[]>;
}

/** @param workspace folder that the file may not lie outside of, behind links either */
export async function gatherKnown(
  config: ModelConfig,
  workspace: string,
  source: ModelSource,
): Promise<ModelFact> {
  const of = keyOf(config);
  try {
    return { of, ...(await networkOf(config, workspace, source)) };
  } catch (error) {
    return { of, problem: problemOf(error) };
  }
}

type WithoutKey<Fact> = Fact extends unknown ? Omit<Fact, 'of'> : never;

/** @throws ModelError where the config says what the network is not */
async function networkOf(
  config: ModelConfig,
  workspace: string,
  source: ModelSource,
): Promise<WithoutKey<ModelFact>> {
  const { file } = config;
  if (file === undefined) return { model: loadModel(config) };
  const outside = linkProblem(file, workspace);
  if (outside !== undefined) return { problem: fileProblem(file, outside) };
  if (isMissing(file)) return { problem: await missing(file, source) };
  const known = await readOrReason(file, source);
  if (typeof known === 'string') return { problem: unread(file, known) };
  if (known.network === undefined) return { problem: fileProblem(file, known.problem) };
  const { graph: whole, sha256, int8 } = known.network;
  const { output } = config;
  const graph = output === undefined ? whole : graphOfOutput(whole, known.facts, output);
  checkAgainstFile(config, { graph, int8 });
  return { model: { graph: asUsed(config.use, graph), entries: new Map() }, sha256 };
}

async function readOrReason(file: string, source: ModelSource): Promise<KnownModel | string> {
  try {
    return await source.read(file);
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}

/** Nothing is wrong with the config, as far as is known. */
function unread(file: string, why: string): ModelProblem {
  return {
    ...fileProblem(file, `nothing is known of this network, as its file has not been read: ${why}`),
    severity: 'warning',
  };
}

async function missing(file: string, source: ModelSource): Promise<ModelProblem> {
  const others = await source.others();
  return {
    ...fileProblem(file, `there is no such file (looked for ${file})`),
    instead: likeliest(file, others),
  };
}

const MOST_OFFERED = 3;

/** Those of the same name elsewhere first, then those spelled most alike. */
function likeliest(file: string, others: readonly string[]): string[] {
  const away = (other: string): number =>
    distance(basename(file).toLowerCase(), basename(other).toLowerCase());
  return [...others].sort((a, b) => away(a) - away(b) || (a < b ? -1 : 1)).slice(0, MOST_OFFERED);
}

function isMissing(file: string): boolean {
  try {
    return markOf(file) === '';
  } catch (error) {
    // It is there, and no plain file; reading it says so.
    if (error instanceof UserError) return false;
    throw error;
  }
}
