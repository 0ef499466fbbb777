/** Everything there is to say about a config's text, from the text alone and from facts gathered before. Reads nothing. */
import { parseText } from '../config/parse-config';
import { keepsWeights, type ResolvedConfig } from '../config/config';
import type { ConfigDocument } from '../config/document';
import type { KeyPath, Location, Problem } from '../config/problem';
import { formatKey } from '../config/problem';
import { schemaProblems, type SchemaProblem } from '../config/validate';
import { checkConfig } from '../models/check-config';
import { UserError } from '../util/errors';
import type { Advice, AdviceCode, Fix } from './advice';
import { budgetAdvice } from './budget-advice';
import { kernelAdvice } from './kernel-advice';
import { outputAdvice } from './output-advice';
import { streamAdvice } from './stream-advice';
import { say, type Context } from './context';
import { dataPaths, missingText } from './data-paths';
import type { Facts } from './facts';
import { linkerAdvice, sourcesAdvice } from './firmware-advice';
import { defined } from '../util/defined';
import { modelFileFixes, type AboutProblem } from './model-file-fixes';
import { forecast, type Forecast } from '../plan/forecast';

export interface Advised {
  /** In the order of the text. */
  readonly advice: readonly Advice[];
  readonly document: ConfigDocument;
  /** What the text says, where nothing is wrong with that: also while nothing is known of the network in a model file. */
  readonly written?: ResolvedConfig;
  /** Present where the config is sound. */
  readonly config?: ResolvedConfig;
  readonly forecast?: Forecast;
}

/**
 * @param file path of the config, which its paths are relative to
 * @param workspace folder that no path may leave
 */
export function advise(text: string, file: string, workspace: string, facts: Facts = {}): Advised {
  const parsed = parseText(text, file, workspace);
  const { document, sound, ...checked } = checkConfig(parsed, facts.model);
  const problems = problemAdvice(checked.problems, { document, text, file, facts });
  const known = { document, ...defined({ written: parsed.config }) };
  if (sound === undefined) return { advice: problems, ...known };
  const { config, model } = sound;
  try {
    const forecasted = forecast(asForecast(config), model, facts.code);
    const context: Context = { text, document, config, forecast: forecasted, facts };
    const found = [
      ...kernelAdvice(context),
      ...outputAdvice(context),
      ...streamAdvice(context),
      ...budgetAdvice(context),
      ...linkerAdvice(context),
      ...sourcesAdvice(context),
      ...pathAdvice(context),
    ];
    const advice = [...problems, ...found].sort((a, b) => a.location.offset - b.location.offset);
    return { advice, ...known, config, forecast: forecasted };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    // What only the firmware cannot do, such as dimensions beyond 16 bits.
    const { message } = error;
    const advice = say(
      { document },
      { code: 'config', severity: 'error', message, path: ['model'] },
    );
    return { advice: [...problems, advice], ...known, config };
  }
}

/** The budget of a network that keeps its weights is for all of them. */
function asForecast(config: ResolvedConfig): ResolvedConfig {
  return keepsWeights(config) ? { ...config, east: { ...config.east, method: 'dense' } } : config;
}

function problemAdvice(problems: readonly Problem[], about: AboutProblem): Advice[] {
  const { document } = about;
  if (problems.length === 0) return [];
  const syntax = document.syntaxErrors.length > 0;
  const schema = new Map(
    syntax ? [] : schemaProblems(document.value).map((found) => [found.message, found]),
  );
  const twice = new Set(document.duplicates.map(({ location }) => location.offset));
  return problems.map((problem): Advice => {
    const { message, path, severity, offset, length, line, column } = problem;
    const code: AdviceCode = syntax
      ? 'syntax'
      : schema.has(message)
        ? 'schema'
        : twice.has(offset)
          ? 'duplicate-key'
          : 'config';
    const location = { offset, length, line, column };
    const found = schema.get(message);
    const fixes = (): Fix[] =>
      found !== undefined
        ? insteadFixes(found, location, about)
        : code === 'config'
          ? modelFileFixes(problem, about)
          : [];
    return { code, severity, message, path, location, related: [], fixes };
  });
}

/** The name that is meant in the place of another. */
function insteadFixes(
  { path, at, instead }: SchemaProblem,
  { offset, length }: Location,
  { document }: AboutProblem,
): Fix[] {
  if (instead === undefined) return [];
  // Beside a key of that name it would stand there twice.
  if (at === 'key' && document.has([...path.slice(0, -1), instead])) return [];
  const content = JSON.stringify(instead);
  return [{ kind: 'edit', title: `Write ${content}`, edits: [{ offset, length, content }] }];
}

/** Data that is not there, and paths that leave the workspace through a link. */
function pathAdvice(context: Context): Advice[] {
  const { config, facts } = context;
  const paths: [KeyPath, string | undefined][] = [
    [['model', 'file'], config.model.file],
    ...dataPaths(config),
    [['firmware', 'directory'], config.firmware.directory],
    [['firmware', 'linkerScript'], config.firmware.linkerScript],
  ];
  return paths.flatMap(([path, value]): Advice[] => {
    if (value === undefined) return [];
    const outside = facts.outside?.get(value);
    const missing = facts.missing?.get(value);
    if (outside !== undefined) {
      const message = `${formatKey(path)}: ${outside}`;
      return [say(context, { code: 'path-outside', severity: 'error', message, path })];
    }
    if (missing === undefined) return [];
    const message = missingText(path, value, missing);
    return [say(context, { code: 'dataset-missing', severity: 'warning', message, path })];
  });
}
