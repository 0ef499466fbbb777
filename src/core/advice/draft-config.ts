/** The text of a new config, checked as any other is, before it is written anywhere. */
import type { ModelConfig } from '../config/config';
import { isError, parseText } from '../config/parse-config';
import { configTemplate, type TemplateChoices } from '../config/template';
import { checkConfig } from '../models/check-config';
import { loadModel } from '../models/models';
import { forecast } from '../plan/forecast';
import { largestWidth } from './width';

export interface ConfigDraft {
  readonly text: string;
  /** What keeps the choices from being a config, a sentence each. */
  readonly errors: readonly string[];
}

/**
 * @param file absolute path the config shall have, which its paths are relative to
 * @param workspace folder that no path may leave
 */
export function draftConfig(
  choices: TemplateChoices,
  file: string,
  workspace: string,
): ConfigDraft {
  const text = configTemplate(choices);
  const parsed = parseText(text, file, workspace);
  const { problems } = checkConfig(parsed);
  return { text, errors: problems.filter(isError).map(({ message }) => message) };
}

/** Channels of which kernels read four at a time. */
const EVEN = 4;

/**
 * The widest that the network of these choices can be in their RAM, in steps of four, where of its usual width it would not
 * fit; undefined where it fits, or at no width does. Parameters as for draftConfig.
 */
export function widthForRam(
  choices: TemplateChoices,
  file: string,
  workspace: string,
): number | undefined {
  const { config } = parseText(configTemplate(choices), file, workspace);
  const limit = config?.budget.ram;
  if (config === undefined || limit === undefined || config.model.file !== undefined)
    return undefined;
  const ramOf = (model: ModelConfig): number => forecast(config, loadModel(model)).ram.total;
  if (ramOf(config.model) <= limit) return undefined;
  const widest = largestWidth(config.model, (model) => ramOf(model) <= limit);
  return widest === undefined || widest < EVEN ? widest : widest - (widest % EVEN);
}
