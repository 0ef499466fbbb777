/** Which run a command is about: by id or folder, or the latest of a config. */
import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ResolvedConfig } from '../core/config/config';
import { loadConfig } from '../core/config/load-config';
import { findWorkspace } from '../core/config/paths';
import { formatProblem } from '../core/config/problem';
import { modelProblem } from '../core/graph/model-problem';
import type { RunFolder } from '../core/run/run-folder';
import { RunStore } from '../core/run/run-store';
import { UserError } from '../core/util/errors';
import type { Context } from './context';
import { CONFIG_SUFFIX, findConfig } from './find-config';
import { remark } from './terminal';

export interface FoundRun {
  readonly store: RunStore;
  readonly folder: RunFolder;
  /** As recorded when the run was started. */
  readonly config: ResolvedConfig;
}

/** The config of the argument, checked; warnings go to the terminal. Throws ConfigError with every problem. */
export function openConfig(
  argument: string | undefined,
  { cwd, terminal }: Context,
): ResolvedConfig {
  const file = findConfig(argument, cwd);
  return loadConfig(file, {
    checkModel: modelProblem,
    onWarning: (problem) => remark(terminal, formatProblem(problem, file)),
  });
}

/** `argument`: a run's id or folder, a config, or nothing for the only config of the folder. */
export function findRun(argument: string | undefined, context: Context): FoundRun {
  const path = argument === undefined ? undefined : resolve(context.cwd, argument);
  if (argument !== undefined && path !== undefined && !isConfigArgument(path)) {
    const inside = existsSync(path);
    // A run's folder lies in <workspace>/.east/runs/.
    const workspace = inside ? resolve(path, '../../..') : findWorkspace(join(context.cwd, 'x'));
    const store = new RunStore(workspace);
    const folder = store.open(inside ? path : argument);
    return { store, folder, config: folder.loadConfig() };
  }
  const file = findConfig(argument, context.cwd);
  const store = new RunStore(findWorkspace(file));
  const folder = store.latest(file);
  if (folder === undefined) {
    throw new UserError('the config has not been run yet; start with "east run"', { file });
  }
  return { store, folder, config: folder.loadConfig() };
}

function isConfigArgument(path: string): boolean {
  if (path.endsWith(CONFIG_SUFFIX) || existsSync(path + CONFIG_SUFFIX)) return true;
  if (!existsSync(path)) return false;
  return !statSync(path).isDirectory() || !existsSync(join(path, 'config.resolved.json'));
}
