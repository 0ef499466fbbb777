/** A config's network, wherever it comes from: read, however long that takes, and held against what the config says of it. */
import type { ModelConfig } from '../config/config';
import { parseFile, requireSound, type LoadOptions } from '../config/load-config';
import { ModelError } from '../graph/model-error';
import { UserError } from '../util/errors';
import { asUsed } from './as-used';
import {
  checkAgainstFile,
  checkConfig,
  fileProblem,
  keyOf,
  problemOf,
  type ModelFact,
  type SoundConfig,
} from './check-config';
import { withOutput } from './chosen-output';
import type { LoadedModel } from './model';
import { openModelFile } from './model-files';
import { loadModel } from './models';

export interface OpenedModel {
  readonly model: LoadedModel;
  /** Of the file that the network was read from, and of those beside it that it names. */
  readonly sha256?: string;
}

/** @throws ModelError with the key below `model` */
export async function openModel(config: ModelConfig): Promise<OpenedModel> {
  const { file } = config;
  if (file === undefined) return { model: loadModel(config) };
  try {
    const { model: whole, sha256 } = await openModelFile(file);
    const model = config.output === undefined ? whole : withOutput(whole, config.output);
    checkAgainstFile(config, { graph: model.graph, int8: model.quantization !== undefined });
    return { model: { ...model, graph: asUsed(config.use, model.graph) }, sha256 };
  } catch (error) {
    if (!(error instanceof UserError) || error instanceof ModelError) throw error;
    const { message, path } = fileProblem(file, error.message);
    throw new ModelError(message, path);
  }
}

/** As a fact, with what keeps it from being a network. */
export async function gatherModel(config: ModelConfig): Promise<ModelFact<LoadedModel>> {
  const of = keyOf(config);
  try {
    return { of, ...(await openModel(config)) };
  } catch (error) {
    return { of, problem: problemOf(error) };
  }
}

/** @throws ConfigError with every problem of the config and its network; UserError when it cannot be read */
export async function loadConfigAndModel(
  file: string,
  options: LoadOptions = {},
): Promise<SoundConfig<LoadedModel>> {
  const parsed = parseFile(file, options);
  const { sound, problems } = checkConfig(
    parsed,
    parsed.model && (await gatherModel(parsed.model)),
  );
  return requireSound(sound, problems, file, options);
}
