/** Which run a command is about: by id or folder, or the latest of a config. */
import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ResolvedConfig } from '../core/config/config';
import { configChanges } from '../core/config/config-identity';
import type { SoundConfig } from '../core/models/check-config';
import { loadConfigAndModel } from '../core/models/gather-model';
import { findWorkspace } from '../core/config/workspace';
import { ConfigError, formatProblem } from '../core/config/problem';
import type { RunFolder } from '../core/run/run-folder';
import { RunStore } from '../core/run/run-store';
import { stateOf } from '../core/run/run-summary';
import { CONFIG_SUFFIX } from '../core/config/template-choices';
import { UserError } from '../core/util/errors';
import type { Context } from './context';
import { findConfig } from './find-config';
import { remark } from './terminal';
import { defined } from '../core/util/defined';

export interface FoundRun {
  readonly store: RunStore;
  readonly folder: RunFolder;
  /** As recorded when the run was started. */
  readonly config: ResolvedConfig;
  /** Whether the run itself was named, and not only its config. */
  readonly named: boolean;
}

/** The config of the argument and its network, checked; warnings go to the terminal. Throws ConfigError with every problem. */
export async function openConfig(
  argument: string | undefined,
  { cwd, terminal }: Context,
): Promise<SoundConfig> {
  const file = findConfig(argument, cwd);
  return loadConfigAndModel(file, {
    onWarning: (problem) => remark(terminal, formatProblem(problem, file)),
  });
}

/** The run to go on with: the one that is named, or the config's latest that can be gone on with or is finished. */
export function findRunToResume(argument: string | undefined, context: Context): FoundRun {
  return findRun(
    argument,
    context,
    (runs) => runs.findLast((run) => isFinished(run) || canResume(run)),
    'nothing to resume',
  );
}

/** A run with results: the one that is named, or the config's last good one. Throws UserError saying the way on. */
export function findFinishedRun(argument: string | undefined, context: Context): FoundRun {
  const found = findRun(
    argument,
    context,
    (runs, store) => store.lastFinished(runs),
    'no run of the config is finished',
  );
  const { folder } = found;
  if (!isFinished(folder)) {
    throw new UserError(
      `run ${folder.id} is not finished, so there is no report yet and nothing to generate from; ${wayOn(folder)}`,
      { file: folder.path },
    );
  }
  return found;
}

/**
 * Whether any run is there that the argument can mean: in a fresh clone of a firmware project none is. A run that is named
 * counts: whoever names one means it.
 */
export function hasRuns(argument: string | undefined, context: Context): boolean {
  const path = argument === undefined ? undefined : resolve(context.cwd, argument);
  if (path !== undefined && !isConfigArgument(path)) return true;
  const file = findConfig(argument, context.cwd);
  return new RunStore(findWorkspace(file)).runsOf(file).length > 0;
}

/** `why` the results of a finished run cannot be read, with what helps against it. */
export function resultsError(folder: RunFolder, why: UserError): UserError {
  const way =
    folder.checkpoints.steps().length > 0
      ? `write the results anew with "east resume ${folder.id}"`
      : 'the run has no checkpoint to write it anew from; start again with "east run"';
  return new UserError(`${why.message}; ${way}`, { file: why.file ?? folder.path, cause: why });
}

/** `argument`: a run's id or folder, a config, or nothing for the only config of the folder. */
function findRun(
  argument: string | undefined,
  context: Context,
  choose: (runs: readonly RunFolder[], store: RunStore) => RunFolder | undefined,
  none: string,
): FoundRun {
  const path = argument === undefined ? undefined : resolve(context.cwd, argument);
  if (argument !== undefined && path !== undefined && !isConfigArgument(path)) {
    const inside = existsSync(path);
    // A run's folder lies in <workspace>/.east/runs/.
    const workspace = inside ? resolve(path, '../../..') : findWorkspace(join(context.cwd, 'x'));
    const store = new RunStore(workspace);
    const folder = store.open(inside ? path : argument);
    const problem = folder.problem();
    if (problem !== undefined) {
      throw new UserError(`${problem.message}; ${damageAdvice(folder)}`, {
        ...defined({ file: problem.file }),
        cause: problem,
      });
    }
    return { store, folder, config: folder.loadConfig(), named: true };
  }
  const file = findConfig(argument, context.cwd);
  const store = new RunStore(findWorkspace(file));
  const { sound, damaged } = store.all();
  if (damaged.length > 0) {
    const which = damaged.map((run) => run.id).join(', ');
    remark(context.terminal, `Passed over, damaged: ${which}; "east status" says what can be done`);
  }
  const runs = store.runsOf(file, sound);
  const folder = choose(runs, store);
  const latest = runs.at(-1);
  if (latest === undefined) {
    throw new UserError('the config has not been run yet; start with "east run"', { file });
  }
  if (folder === undefined) {
    throw new UserError(`${none}: run ${latest.id} ${condition(latest)}; ${wayOn(latest)}`, {
      file: latest.path,
    });
  }
  if (folder !== latest) {
    remark(
      context.terminal,
      `This is about run ${folder.id}. The newer run ${latest.id} ${condition(latest)}.`,
    );
  }
  return { store, folder, config: folder.loadConfig(), named: false };
}

/** The config of a run as it is now; undefined where it is gone or cannot be read any more. */
export async function presentConfig(recorded: ResolvedConfig): Promise<ResolvedConfig | undefined> {
  if (!existsSync(recorded.file)) return undefined;
  try {
    const { workspace } = recorded;
    return (await loadConfigAndModel(recorded.file, { workspace })).config;
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/** What is no longer as the run has it: keys of the config, or why that cannot be read any more. */
export interface SinceRun {
  readonly changes: readonly string[];
  readonly problem?: string;
}

/** A config whose file is gone says nothing any more; one that cannot be read, a model file that is gone included, does. */
export async function sinceRun(recorded: ResolvedConfig): Promise<SinceRun> {
  if (!existsSync(recorded.file)) return { changes: [] };
  try {
    const { file, workspace } = recorded;
    const { config } = await loadConfigAndModel(file, { workspace });
    const sameFile = config.model.file === recorded.model.file;
    const changes = configChanges(recorded, config).map((key) =>
      key === 'model.file' && sameFile ? 'another network in model.file' : key,
    );
    return { changes };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const problem = error instanceof ConfigError ? error.problems[0]?.message : undefined;
    return { changes: [], problem: problem ?? error.message };
  }
}

/** Tells of what is no longer as the run has it. `about`: what is said is about the run nevertheless. */
export async function remarkOnChanges(
  recorded: ResolvedConfig,
  about: string,
  { terminal }: Context,
): Promise<void> {
  const { changes, problem } = await sinceRun(recorded);
  if (problem !== undefined) {
    remark(terminal, `The config cannot be used as it is now (${problem}); ${about}.`);
  } else if (changes.length > 0) {
    remark(terminal, `The config has changed since this run (${changes.join(', ')}); ${about}.`);
  }
}

function isFinished(run: RunFolder): boolean {
  return run.state() === 'finished';
}

function canResume(run: RunFolder): boolean {
  const state = run.state();
  return state === 'stopped' || state === 'interrupted' || run.checkpoints.steps().length > 0;
}

function condition(run: RunFolder): string {
  const summary = run.summary();
  if (isFinished(run)) return 'has results that cannot be used';
  if (stateOf(summary) === 'new') return 'has not begun';
  if (summary.end?.type === 'failed') return `failed (${summary.end.message})`;
  return 'is not finished, so there is no report yet';
}

/** What to do about a run that is not finished. */
function wayOn(run: RunFolder): string {
  // One that has not begun is only gone on with by its id: a newer config may be what is meant.
  if (canResume(run) || run.state() === 'new')
    return `go on with "east resume ${run.id}", look with "east status"`;
  return run.state() === 'failed'
    ? 'mend what made it fail and start again with "east run"'
    : 'start again with "east run"';
}

/** What to do about a run with a problem(). What was computed in it is not given up: another version may have written it. */
export function damageAdvice(run: RunFolder): string {
  return run.holdsWork()
    ? `what it has computed is still in ${run.path}: the version of EAST that wrote it may go on with it, or start again with "east run"`
    : `nothing has been computed in it, so its folder ${run.path} can be deleted`;
}

function isConfigArgument(path: string): boolean {
  if (path.endsWith(CONFIG_SUFFIX) || existsSync(path + CONFIG_SUFFIX)) return true;
  if (!existsSync(path)) return false;
  return !statSync(path).isDirectory() || !existsSync(join(path, 'config.resolved.json'));
}
