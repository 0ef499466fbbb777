/** A config and its network, from text or file, or everything that is wrong with either. */
import type { ModelConfig, ResolvedConfig } from '../config/config';
import type { LoadOptions } from '../config/load-config';
import { parseFile, requireSound } from '../config/load-config';
import type { ParsedText } from '../config/parse-config';
import type { KeyPath } from '../config/problem';
import { ModelError } from '../graph/model-error';
import type { LoadedModel } from './model';
import { loadModel, openModel } from './models';
import { defined } from '../util/defined';

/** The network of a config, or what keeps it from being one: a sentence, and the key below `model` it is about. */
export type ModelFact = {
  /** What it was found for, so that one which the text has moved away from is not held against it. */
  readonly of: string;
} & (
  | {
      readonly model: LoadedModel;
      /** Of the file it was read from. */
      readonly sha256?: string;
    }
  | { readonly problem: { readonly message: string; readonly path: KeyPath } }
);

/** Takes its time where the network lies in a file. */
export async function gatherModel(config: ModelConfig): Promise<ModelFact> {
  const of = keyOf(config);
  try {
    return { of, ...(await openModel(config)) };
  } catch (error) {
    return { of, problem: problemOf(error) };
  }
}

export interface SoundConfig {
  readonly config: ResolvedConfig;
  readonly model: LoadedModel;
}

export interface CheckedConfig extends Pick<ParsedText, 'document' | 'problems'> {
  /** Present when no problem is an error. */
  readonly sound?: SoundConfig;
}

/**
 * Adds what is wrong with the network to what is wrong with the text.
 *
 * @param gathered counts where it is of the very network that the text describes; else the text tells at once
 */
export function checkConfig(parsed: ParsedText, gathered?: ModelFact): CheckedConfig {
  const { document, config, problems } = parsed;
  if (parsed.model === undefined) return { document, problems };
  const of = keyOf(parsed.model);
  const fact = gathered?.of === of ? gathered : describedModel(parsed.model, of);
  // A file is read when there is time; until then nothing is known of its network, neither good nor bad.
  if (fact === undefined) return { document, problems };
  if ('problem' in fact) {
    const path = ['model', ...fact.problem.path];
    const { message } = fact.problem;
    const added = { ...document.locateValue(path), message, path, severity: 'error' as const };
    return { document, problems: [...problems, added].sort((a, b) => a.offset - b.offset) };
  }
  if (config === undefined) return { document, problems };
  const model = { ...config.model, ...defined({ sha256: fact.sha256 }) };
  return { document, problems, sound: { config: { ...config, model }, model: fact.model } };
}

/** @throws ConfigError with every problem of the config and its network; UserError when it cannot be read */
export async function loadConfigAndModel(
  file: string,
  options: LoadOptions = {},
): Promise<SoundConfig> {
  const parsed = parseFile(file, options);
  const { sound, problems } = checkConfig(
    parsed,
    parsed.model && (await gatherModel(parsed.model)),
  );
  return requireSound(sound, problems, file, options);
}

/** undefined where the network is not described by the config itself. */
function describedModel(config: ModelConfig, of: string): ModelFact | undefined {
  if (config.file !== undefined) return undefined;
  try {
    return { of, model: loadModel(config) };
  } catch (error) {
    return { of, problem: problemOf(error) };
  }
}

function problemOf(error: unknown): { readonly message: string; readonly path: KeyPath } {
  if (!(error instanceof ModelError)) throw error;
  return { message: error.message, path: error.path };
}

/** The file's hash is what is found, and not what is asked. */
function keyOf(config: ModelConfig): string {
  return JSON.stringify({ ...config, sha256: undefined });
}
