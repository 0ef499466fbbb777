/** `east status`: the runs there are and how far each is. */
import { join, relative } from 'node:path';
import type { ResolvedConfig } from '../../core/config/config';
import { changedKeys, type ConfigKeys } from '../../core/config/config-identity';
import { findWorkspace } from '../../core/config/workspace';
import { formatDuration, formatMetric, formatPercent } from '../../core/report/format';
import { weightsIn } from '../../core/report/report';
import { earlierStages } from '../../core/run/earlier-versions';
import type { RunFolder, RunState } from '../../core/run/run-folder';
import { RunStore } from '../../core/run/run-store';
import { stateOf, type RunSummary } from '../../core/run/run-summary';
import { latest, type Measurement } from '../../core/tasks/measurement';
import { metricOf } from '../../core/tasks/tasks';
import { formatUserError, UserError } from '../../core/util/errors';
import type { Context, Outcome } from '../context';
import { EXIT } from '../exit-codes';
import { findConfig } from '../find-config';
import { damageAdvice, sinceRun } from '../find-run';
import { print, styleOf, type Terminal } from '../terminal';

/** One run as `--json` prints it; keys are never renamed or removed, only added. */
export interface RunStatus {
  readonly run: string;
  /** Absolute; null where the run is damaged. */
  readonly config: string | null;
  /** Keys of the config, as `budget.flash`, that are not as in the run of it before. */
  readonly changed: readonly string[];
  /** Of the latest run of a config: keys that are not as in the run any more. */
  readonly since: readonly string[];
  /** Of the latest run of a config: why that cannot be used as it is now. */
  readonly unusable: string | null;
  readonly state: RunState | 'running';
  readonly pid: number | null;
  readonly step: number;
  readonly totalSteps: number | null;
  readonly secondsLeft: number | null;
  readonly loss: number | null;
  /** Latest of each stage, on the set it was measured on last. */
  readonly measured: readonly Measurement[];
  /** The same by the names that the stages had at first. */
  readonly accuracy: ReturnType<typeof earlierStages>;
  readonly sparsity: number | null;
  readonly blobBytes: number | null;
  /** The same by the name that it had at first. */
  readonly encodedBytes: number | null;
  readonly targetBytes: number | null;
  readonly message: string | null;
}

export async function status(
  argument: string | undefined,
  options: { readonly json?: boolean },
  context: Context,
): Outcome {
  const { terminal, cwd } = context;
  // Without an argument: every run of the workspace, whichever folder of it one stands in.
  const config = argument === undefined ? undefined : findConfig(argument, cwd);
  const store = new RunStore(findWorkspace(config ?? join(cwd, 'x')));
  const { sound, damaged } = store.all();
  const runs = config === undefined ? sound : store.runsOf(config, sound);
  /** The latest run so far of each config file. */
  const previous = new Map<string, ConfigKeys>();
  const statuses = runs.map((run) => {
    const { file, keys } = run.configIdentity();
    const found = statusOf(run, store, previous.get(file));
    previous.set(file, keys);
    if (found.state !== 'running') run.note();
    return found;
  });
  await noteChanges(statuses, runs);
  // Which config a damaged run is of cannot be told.
  statuses.push(...damaged.map(statusOfDamaged));
  const files = new Set(statuses.map((each) => each.config));
  if (options.json) {
    print(terminal, JSON.stringify(statuses, null, 2));
  } else if (statuses.length === 0) {
    print(terminal, 'No runs yet. Start one with: east run');
  } else {
    for (const each of statuses) {
      const place = files.size > 1 && each.config !== null ? relative(cwd, each.config) : undefined;
      print(terminal, describe(each, terminal, place));
    }
  }
  return EXIT.ok;
}

/** Of the latest run of each config: what of that is another by now. */
async function noteChanges(statuses: RunStatus[], runs: readonly RunFolder[]): Promise<void> {
  const newest = new Map(statuses.map(({ config }, i) => [config, i]));
  for (const i of newest.values()) {
    const [status, run] = [statuses[i], runs[i]];
    if (status === undefined || run === undefined) continue;
    const recorded = recordedConfig(run);
    if (recorded === undefined) continue;
    const { changes, problem } = await sinceRun(recorded);
    statuses[i] = { ...status, since: changes, unusable: problem ?? null };
  }
}

/** undefined where it cannot be read, which others tell of. */
function recordedConfig(run: RunFolder): ResolvedConfig | undefined {
  try {
    return run.loadConfig();
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/** `previous`: the config of the run of the same file before this one, to tell in what they differ. */
export function statusOf(run: RunFolder, store: RunStore, previous?: ConfigKeys): RunStatus {
  const config = run.configIdentity();
  const summary = run.summary();
  const { pid, lastStep, lastPrune, measured, end } = summary;
  const recorded = stateOf(summary);
  // The lock is the config's; of its runs only the one that this process began or resumed is going on.
  const holder = recorded === 'interrupted' ? store.holder(config.file) : undefined;
  const running = holder !== undefined && pid === holder;
  const weights = (recorded === 'finished' ? finishedWeights(run, summary) : lastPrune) ?? {};
  return {
    run: run.id,
    config: config.file,
    changed: previous === undefined ? [] : changedKeys(previous, config.keys),
    since: [],
    unusable: null,
    state: running ? 'running' : recorded,
    pid: running ? holder : null,
    step: summary.step,
    totalSteps: summary.totalSteps ?? null,
    secondsLeft: running ? (lastStep?.secondsLeft ?? null) : null,
    loss: lastStep?.loss ?? null,
    measured,
    accuracy: earlierStages(measured),
    sparsity: weights.sparsity ?? null,
    blobBytes: weights.blobBytes ?? null,
    encodedBytes: weights.blobBytes ?? null,
    targetBytes: lastPrune?.targetBytes ?? null,
    message:
      end?.type === 'failed'
        ? end.message
        : end?.type === 'stopped'
          ? end.reason
          : (run.logRemark() ?? null),
  };
}

/**
 * As the report counts them: weights that became zero without being pruned, too. Reports are read for runs of earlier versions
 * alone, whose logs do not tell.
 */
function finishedWeights(
  run: RunFolder,
  { end, lastPrune }: RunSummary,
): { readonly sparsity?: number; readonly blobBytes?: number } | undefined {
  if (end?.type === 'finished' && end.sparsity !== undefined) return end;
  try {
    const report = run.loadReport();
    return report && weightsIn(report);
  } catch (error) {
    if (error instanceof UserError) return lastPrune;
    throw error;
  }
}

function statusOfDamaged(run: RunFolder): RunStatus {
  const problem = run.problem();
  const why = problem === undefined ? '' : `${formatUserError(problem)}; `;
  return {
    run: run.id,
    config: null,
    changed: [],
    since: [],
    unusable: null,
    state: 'damaged',
    pid: null,
    step: 0,
    totalSteps: null,
    secondsLeft: null,
    loss: null,
    measured: [],
    accuracy: earlierStages([]),
    sparsity: null,
    blobBytes: null,
    encodedBytes: null,
    targetBytes: null,
    message: `${why}${damageAdvice(run)}`,
  };
}

/** `place`: where the config lies, where runs of several are told. */
function describe(run: RunStatus, terminal: Terminal, place: string | undefined): string {
  const style = styleOf(terminal);
  const mark =
    run.state === 'failed' || run.state === 'damaged'
      ? style.bad
      : run.state === 'finished'
        ? style.good
        : style.bold;
  const parts = [`${run.run}  ${mark(run.state)}`];
  if (place !== undefined) parts.push(place);
  if (run.changed.length > 0) parts.push(`other than the run before: ${run.changed.join(', ')}`);
  if (run.since.length > 0) parts.push(`the config has changed since: ${run.since.join(', ')}`);
  if (run.unusable !== null) parts.push(`the config cannot be used as it is now: ${run.unusable}`);
  if (run.totalSteps !== null) parts.push(`step ${run.step}/${run.totalSteps}`);
  const result = latest(run.measured);
  if (result !== undefined) {
    const metric = metricOf(result.metric);
    parts.push(`${metric.name} ${formatMetric(result.value, metric)}`);
  }
  if (run.sparsity !== null) {
    // Until a run has finished only its masks are known.
    const what = run.state === 'finished' ? 'sparsity' : 'pruned';
    parts.push(`${what} ${formatPercent(run.sparsity)}`);
  }
  if (run.secondsLeft !== null) parts.push(`${formatDuration(run.secondsLeft)} left`);
  if (run.pid !== null) parts.push(`process ${run.pid}`);
  if (run.message !== null) parts.push(run.message);
  return parts.join(' · ');
}
