/** The text of a new config, checked as any other is, before it is written anywhere. */
import { isError, parseText } from '../config/parse-config';
import { configTemplate, type TemplateChoices } from '../config/template';
import { checkConfig } from '../models/check-config';

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
