/** When a run's end is worth a notification, what it says and what one would do next. Without the editor. */
import { resultOf } from '../../core/report/describe-report';
import { formatAgainst, formatBytes, formatCount } from '../../core/report/format';
import { metricIn } from '../../core/tasks/tasks';
import { WORK_WORDS, workOf } from '../../core/tasks/work';
import { COMMAND } from '../commands';
import { isActive } from '../runs/activity';
import type { RunInfo } from '../services';
import { nameOf } from './run-text';

export type NotificationLevel = 'all' | 'failures' | 'off';

export interface Ending {
  readonly severity: 'information' | 'warning' | 'error';
  readonly message: string;
  readonly actions: readonly { readonly label: string; readonly command: string }[];
}

const OPEN = { label: 'Open Dashboard', command: COMMAND.openDashboard };
const LOG = { label: 'Show Log', command: COMMAND.showLog };
const RESUME = { label: 'Resume', command: COMMAND.resume };
const GENERATE = { label: 'Regenerate Sources', command: COMMAND.generate };

/** Undefined while it goes on, and where the user stopped it: who did that knows. */
export function endingOf(run: RunInfo): Ending | undefined {
  const name = nameOf(run);
  const { doing } = WORK_WORDS[workOf(run.config?.model)];
  switch (run.activity) {
    case 'finished':
      return finished(run);
    case 'failed':
      return {
        severity: 'error',
        message: `${name}: ${doing} failed: ${firstLine(run.message) ?? 'the log says why'}`,
        actions: [LOG, OPEN],
      };
    case 'new':
      // Its process ended before it could write to the log.
      return run.message === undefined
        ? undefined
        : {
            severity: 'error',
            message: `${name}: ${doing} did not begin: ${firstLine(run.message)}`,
            actions: [RESUME, LOG],
          };
    case 'interrupted':
      return {
        severity: 'warning',
        message: `${name}: ${doing} ended unexpectedly${at(run)}${cause(run)}. Nothing up to the last checkpoint is lost.`,
        actions: [RESUME, LOG],
      };
    case 'damaged':
      return {
        severity: 'error',
        message: `${name}: the run cannot be read: ${firstLine(run.message) ?? run.path}`,
        actions: [LOG],
      };
    default:
      return undefined;
  }
}

export function isWanted({ severity }: Ending, level: NotificationLevel): boolean {
  return level === 'all' || (level === 'failures' && severity !== 'information');
}

/** The ids to remember so that an end which nobody saw is told later. */
export class WatchedRuns {
  readonly #ids: Set<string>;

  constructor(remembered: readonly string[]) {
    this.#ids = new Set(remembered);
  }

  get ids(): string[] {
    return [...this.#ids];
  }

  /** The run if it was seen at work and has ended since: once. */
  see(run: RunInfo): RunInfo | undefined {
    if (isActive(run)) {
      this.#ids.add(run.id);
      return undefined;
    }
    return this.#ids.delete(run.id) ? run : undefined;
  }

  forget(id: string): void {
    this.#ids.delete(id);
  }
}

function finished(run: RunInfo): Ending {
  const { report } = run;
  const name = nameOf(run);
  const { doing } = WORK_WORDS[workOf(run.config?.model)];
  if (report === undefined) {
    return {
      severity: 'warning',
      message: `${name}: ${doing} has finished, but its results cannot be read: ${firstLine(run.message) ?? 'see the log'}`,
      actions: [RESUME, LOG],
    };
  }
  const { flash, budget, measured, withinBudget } = report;
  const size =
    budget.flash === undefined
      ? `${formatBytes(flash.total)} of flash`
      : `${formatAgainst(flash.total, budget.flash)} of flash`;
  return {
    severity: withinBudget ? 'information' : 'warning',
    message: `${name}: ${doing} has finished with ${resultOf(report)} ${metricIn(measured).name} in ${size}${withinBudget ? '' : ', which is over budget'}.`,
    actions: [GENERATE, OPEN],
  };
}

function at({ lastStep }: RunInfo): string {
  return lastStep === undefined
    ? ''
    : ` at step ${formatCount(lastStep.step)} of ${formatCount(lastStep.totalSteps)}`;
}

function cause({ message }: RunInfo): string {
  const text = firstLine(message);
  return text === undefined ? '' : `: ${text}`;
}

function firstLine(text: string | undefined): string | undefined {
  return text?.split(/\r?\n/, 1)[0];
}
