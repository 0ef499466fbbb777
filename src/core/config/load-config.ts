/** Reads a config from the disk, and checks there what its text alone does not show. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { UserError } from '../util/errors';
import type { ResolvedConfig } from './config';
import { parseWithPaths } from './parse-config';
import type { ParseOptions, ParsedConfig } from './parse-config';
import { linkProblem } from './paths';
import { ConfigError, formatKey } from './problem';
import type { Problem } from './problem';
import { findWorkspace, isInside } from './workspace';

export interface LoadOptions extends ParseOptions {
  /** Folder that no path may leave; default findWorkspace(file). */
  readonly workspace?: string;
  /** Told of what does not keep the config from being used. */
  readonly onWarning?: (problem: Problem) => void;
}

/** @throws ConfigError with every problem of the config; UserError when it cannot be read */
export function loadConfig(file: string, options: LoadOptions = {}): ResolvedConfig {
  const { config, problems } = checkConfigFile(readConfig(file), file, options);
  if (!config) {
    throw new ConfigError(
      file,
      problems.filter(({ severity }) => severity === 'error'),
    );
  }
  problems.forEach((problem) => options.onWarning?.(problem));
  return config;
}

/** As parseConfig, but also follows the symbolic links on the disk; for an editor whose text is not saved yet. */
export function checkConfigFile(
  text: string,
  file: string,
  options: LoadOptions = {},
): ParsedConfig {
  const workspace = resolve(options.workspace ?? findWorkspace(file));
  if (!isInside(resolve(file), workspace)) {
    throw new UserError(`the config lies outside the workspace folder ${workspace}`, { file });
  }
  const { config, problems, paths, document } = parseWithPaths(text, file, workspace, options);
  const all = [...problems];
  for (const { key, fixed } of paths) {
    const problem = linkProblem(fixed, workspace);
    if (problem === undefined) continue;
    const message = `${formatKey(key)}: ${problem}`;
    all.push({ ...document.locateValue(key), message, path: key, severity: 'error' });
  }
  const failed = all.some(({ severity }) => severity === 'error');
  return config && !failed ? { config, problems: all } : { problems: all };
}

function readConfig(file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(`the config cannot be read (${reason})`, { file, cause: error });
  }
}
