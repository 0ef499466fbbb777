/** A config and its network, from text or file, or everything that is wrong with either. */
import type { ResolvedConfig } from '../config/config';
import type { LoadOptions } from '../config/load-config';
import { parseFile, requireSound } from '../config/load-config';
import type { ParsedText } from '../config/parse-config';
import type { LoadedModel } from './model';
import type { ModelFact } from './model-fact';
import { gatherModel } from './model-fact';

export interface SoundConfig {
  readonly config: ResolvedConfig;
  readonly model: LoadedModel;
}

export interface CheckedConfig extends Pick<ParsedText, 'document' | 'problems'> {
  /** Present when no problem is an error. */
  readonly sound?: SoundConfig;
}

/** Adds what is wrong with the network to what is wrong with the text; `fact` is of the text's network. */
export function withModel(parsed: ParsedText, fact: ModelFact | undefined): CheckedConfig {
  const { document, config } = parsed;
  if (fact !== undefined && 'problem' in fact) {
    const path = ['model', ...fact.problem.path];
    const { message } = fact.problem;
    const added = { ...document.locateValue(path), message, path, severity: 'error' as const };
    const problems = [...parsed.problems, added].sort((a, b) => a.offset - b.offset);
    return { document, problems };
  }
  const { problems } = parsed;
  if (config === undefined || fact === undefined) return { document, problems };
  return { document, problems, sound: { config, model: fact.model } };
}

/** @throws ConfigError with every problem of the config and its network; UserError when it cannot be read */
export async function loadConfigAndModel(
  file: string,
  options: LoadOptions = {},
): Promise<SoundConfig> {
  const parsed = parseFile(file, options);
  const fact = parsed.model && (await gatherModel(parsed.model));
  const { sound, problems } = withModel(parsed, fact);
  return requireSound(sound, problems, file, options);
}
