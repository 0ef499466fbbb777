/** The text of a new config, checked as any other is, before it is written anywhere. */
import { parseConfig } from '../config/parse-config';
import { configTemplate, type TemplateChoices } from '../config/template';
import { modelProblem } from '../graph/model-problem';

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
  const { problems } = parseConfig(text, file, workspace, { checkModel: modelProblem });
  const errors = problems
    .filter(({ severity }) => severity === 'error')
    .map(({ message }) => message);
  return { text, errors };
}
