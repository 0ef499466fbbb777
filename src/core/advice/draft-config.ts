/** The text of a new config, checked as any other is, before it is written anywhere. */
import type { ModelConfig } from '../config/config';
import { isError, parseText } from '../config/parse-config';
import { configTemplate, type TemplateChoices } from '../config/template';
import { checkConfig } from '../models/check-config';
import { loadModel } from '../models/models';
import { forecast } from '../plan/forecast';
import { formatBytes } from '../report/format';
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

/** Of widths that are chosen for somebody: kernels take channels in pairs and fours. */
const STEP = 4;

export interface RamAdvice {
  /** About the widest that the network can be in its RAM. */
  readonly width?: number;
  /** What there is to be said of it, or of RAM that nothing fits. */
  readonly note: string;
}

/**
 * Where the network of sound choices does not fit their RAM: a width with which it does, unless they say one; undefined where it
 * fits. Parameters as for draftConfig.
 */
export function ramAdvice(
  choices: TemplateChoices,
  file: string,
  workspace: string,
): RamAdvice | undefined {
  const { config } = parseText(configTemplate(choices), file, workspace);
  const limit = config?.budget.ram;
  if (config === undefined || limit === undefined || 'modelFile' in choices) return undefined;
  const leastOf = (model: ModelConfig): number => forecast(config, loadModel(model)).ram.least;
  const needed = leastOf(config.model);
  if (needed <= limit) return undefined;
  const widest =
    choices.width === undefined
      ? largestWidth(config.model, (model) => leastOf(model) <= limit)
      : undefined;
  if (widest === undefined) {
    const any = choices.width === undefined ? ' at any width' : '';
    return {
      note: `the network does not fit the RAM of ${formatBytes(limit)}${any}: it needs ${formatBytes(needed)}; give more (--ram), or a smaller network or input`,
    };
  }
  const width = widest < STEP ? widest : widest - (widest % STEP);
  return {
    width,
    note: `model.width is ${width}, about the most that fits the RAM of ${formatBytes(limit)}; for a wider network give more (--ram)`,
  };
}
