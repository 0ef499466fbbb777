/** Reads a config from the disk, and checks there what its text alone does not show. */
import { resolve } from 'node:path';
import { UserError } from '../util/errors';
import { textIfThere } from '../util/read-file';
import type { ResolvedConfig } from './config';
import { placeProblem } from './confinement';
import type { ParsedText } from './parse-config';
import { isError, parseText } from './parse-config';
import { ConfigError, formatKey } from './problem';
import type { Problem } from './problem';
import { findWorkspace, isInside } from './workspace';

export interface LoadOptions {
  /** Folder that no path may leave; default findWorkspace(file). */
  readonly workspace?: string;
  /** Told of what does not keep the config from being used. */
  readonly onWarning?: (problem: Problem) => void;
}

/** @throws ConfigError with every problem of the config; UserError when it cannot be read */
export function loadConfig(file: string, options: LoadOptions = {}): ResolvedConfig {
  const { config, problems } = parseFile(file, options);
  return requireSound(config, problems, file, options);
}

/** @throws ConfigError with every problem where nothing came of the config */
export function requireSound<Sound>(
  sound: Sound | undefined,
  problems: readonly Problem[],
  file: string,
  { onWarning }: Pick<LoadOptions, 'onWarning'> = {},
): Sound {
  if (sound === undefined) throw new ConfigError(file, problems.filter(isError));
  problems.forEach((problem) => onWarning?.(problem));
  return sound;
}

/** @throws UserError when it cannot be read */
export function parseFile(file: string, options: LoadOptions = {}): ParsedText {
  return checkConfigFile(readConfig(file), file, options);
}

/** As parseText, but also follows the symbolic links on the disk; for an editor whose text is not saved yet. */
export function checkConfigFile(
  text: string,
  file: string,
  options: Pick<LoadOptions, 'workspace'> = {},
): ParsedText {
  const workspace = resolve(options.workspace ?? findWorkspace(file));
  if (!isInside(resolve(file), workspace)) {
    throw new UserError(`the config lies outside the workspace folder ${workspace}`, { file });
  }
  const { config, ...parsed } = parseText(text, file, workspace);
  const { paths, document } = parsed;
  const problems = [...parsed.problems];
  for (const { key, fixed } of paths) {
    const problem = placeProblem(key, fixed, workspace);
    if (problem === undefined) continue;
    const message = `${formatKey(key)}: ${problem}`;
    problems.push({ ...document.locateValue(key), message, path: key, severity: 'error' });
  }
  return { ...parsed, problems, ...(config && !problems.some(isError) ? { config } : {}) };
}

function readConfig(file: string): string {
  const text = textIfThere(file, 'config');
  if (text !== undefined) return text.replace(/^\uFEFF/, '');
  throw new UserError('the config cannot be read: there is no such file', { file });
}
