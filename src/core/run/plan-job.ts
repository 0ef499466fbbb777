/**
 * What is settled before the first training step: the network, where everything lies in RAM, how weights are cut into
 * blocks, and how many bytes the blocks may take. An impossible budget is found here, not after an hour.
 */
import { isAsIs, isUntrained, type ResolvedConfig } from '../config/config';
import { locateKey } from '../config/document';
import { formatKey, type KeyPath } from '../config/problem';
import type { LoadedModel } from '../models/model';
import { openModel } from '../models/gather-model';
import { ModelError } from '../graph/model-error';
import { isHopeless } from '../plan/compression';
import { describeCompression } from '../report/describe-compression';
import { dataPaths, missingText } from '../advice/data-paths';
import { kernelsOf, type MeasuredCode } from '../firmware/fixed-flash';
import { possibleOf, type FlashForecast } from '../plan/flash';
import { asDeployed, forecast, streamProblem, type Forecast } from '../plan/forecast';
import { findMissing } from '../advice/read-facts';
import type { CodeSize } from '../firmware/code-table';
import { measureCode } from '../firmware/measure-code';
import { firmwareTarget } from '../firmware/targets/targets';
import { requireArena } from '../plan/frontend-ram';
import { requireTrainable } from '../plan/training-memory';
import { FIXED_FLASH } from '../plan/parts';
import type { EncodedModel } from '../firmware/encoded-model';
import { asIsModel, encodeUntrained } from './encode-untrained';
import { defined } from '../util/defined';
import { UserError } from '../util/errors';
import { readText } from '../util/read-file';

export interface JobPlan extends Forecast {
  readonly model: LoadedModel;
  /** What its code was counted with. */
  readonly code: MeasuredCode;
  /** Where the codes of a file are taken as they are: what comes of it, which nothing can change any more. */
  readonly encoded?: EncodedModel;
  /** What the user should know before hours are spent. */
  readonly warnings: readonly string[];
}

/**
 * Throws UserError where the network or a budget is impossible, with the smallest budget that is not. `recorded` is what an
 * earlier plan of the same run measured: another compiler would give another budget and so other weights.
 */
export async function planJob(config: ResolvedConfig, recorded?: CodeSize): Promise<JobPlan> {
  const model = await modelOf(config);
  const asIs = isAsIs(config);
  if (!isUntrained(config))
    atKey(config, ['model'], () => requireTrainable(model.graph, config.training));
  const { frontend } = config;
  const impossible = streamProblem(model.graph, config);
  if (impossible !== undefined) {
    atKey(config, ['firmware', 'stream'], () => {
      throw new UserError(impossible);
    });
  }
  const graph = asDeployed(model.graph, config);
  const formats = possibleOf(config, graph);
  const code =
    recorded === undefined
      ? await measureCode(
          graph,
          formats,
          firmwareTarget(config.firmware.target),
          undefined,
          frontend,
        )
      : { kernels: kernelsOf(graph, formats, frontend), size: recorded };
  const plan = forecast(config, model, code);
  const { memory, flash } = plan;
  atKey(config, ['budget', 'ram'], () => requireArena(memory, config.budget.ram, config.frontend));
  const warnings: string[] = [];
  if (asIs) {
    const { encoded, flash } = encodeUntrained(config, { ...plan, model, code }, asIsModel(model));
    const problem = overBudget(config, flash, encoded);
    if (problem !== undefined) throw problem;
    return { ...plan, flash, model, code, encoded, warnings };
  }
  if (flash.blobBudget !== undefined) {
    if (flash.leastBlob > flash.blobBudget) throw unreachable(config, flash, flash.blobBudget);
    if (isHopeless(flash)) warnings.push(`warning: ${describeCompression(flash)}`);
  }
  return { ...plan, model, code, warnings };
}

/** Throws UserError, at its key, where there is no network, or in its file another one than the run began with. */
async function modelOf(config: ResolvedConfig): Promise<LoadedModel> {
  const { file, sha256: recorded } = config.model;
  try {
    const { model, sha256 } = await openModel(config.model);
    if (recorded === undefined || sha256 === recorded) return model;
    throw new UserError(
      'the file of model.file has changed since the run was started, and with it the network; start a new run with "east run", or put the file back as it was',
      defined({ file }),
    );
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    const path = ['model', ...error.path];
    throw new UserError(error.message, { ...placeOf(config, path), cause: error });
  }
}

/** By how much the codes of a file, which are what they are, go beyond the budget, and what can be done. */
export function overBudget(
  config: ResolvedConfig,
  flash: FlashForecast,
  { blob }: EncodedModel,
  what = 'as it is',
): UserError | undefined {
  const { blobBudget } = flash;
  if (blobBudget === undefined || blob.length <= blobBudget) return undefined;
  const byFlash = flash.limitedBy === 'flash';
  const path = ['budget', byFlash ? 'flash' : 'weights'];
  const over = blob.length - blobBudget;
  const needed = byFlash ? flash.fixed + blob.length : blob.length;
  return new UserError(
    `${formatKey(path)} is too small by ${over} bytes: ${what}, the network takes ${needed} bytes there; ` +
      'raise it, or set model.use to "fit", which trains the network on from its weights until it fits',
    placeOf(config, path),
  );
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
    ? `${FIXED_FLASH} take ${flash.fixed} bytes and the weights at least ${flash.leastBlob}`
    : `the weights take at least ${flash.leastBlob} bytes`;
  const how = isUntrained(config)
    ? 'raise it, or set model.use to "fit", which trains the network on from its weights until it fits'
    : config.east.method === 'dense'
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
