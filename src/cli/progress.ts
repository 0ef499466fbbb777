/** A run's events as progress: a bar where a person watches, a line every few seconds elsewhere. */
import { SingleBar } from 'cli-progress';
import {
  formatAgainst,
  formatBar,
  formatDuration,
  formatMetric,
  formatPercent,
} from '../core/report/format';
import type { RunEvent } from '../core/run/events';
import { stageName, type Fitting } from '../core/tasks/measurement';
import { PHASE_NAMES } from '../core/tasks/phases';
import { metricOf } from '../core/tasks/tasks';
import type { Terminal } from './terminal';
import { remark } from './terminal';
import { elapsedMs } from '../core/util/clock';

export interface Progress {
  onEvent(event: RunEvent): void;
  /** A remark amid the progress. */
  note(text: string): void;
  /** Leaves the terminal tidy; harmless when called twice. */
  end(): void;
}

/** Milliseconds between two plain lines. */
const LINE_INTERVAL = 5000;

const PHASE_WIDTH = Math.max(...Object.values(PHASE_NAMES).map(({ length }) => length));

type Step = Extract<RunEvent, { type: 'step' }>;
type Prune = Extract<RunEvent, { type: 'prune' }>;

/** `method` of the run, for the words of its milestones. */
export function createProgress(
  terminal: Terminal,
  method: string,
  now: () => number = elapsedMs,
): Progress {
  const fitting: Fitting = { method, formats: [] };
  return terminal.isTTY ? barProgress(terminal, fitting) : lineProgress(terminal, fitting, now);
}

/** `loss 0.123 · accuracy 95.2 % · zeros 63.0 % · 61.2 KiB of 64.0 KiB · 3:10 left`. */
export function describeStep(step: Step, prune: Prune | undefined): string {
  const metric = metricOf(step.metric);
  const parts = [
    `loss ${step.loss.toFixed(3)}`,
    `${metric.name} ${formatMetric(step.value, metric)}`,
  ];
  if (prune !== undefined) {
    parts.push(
      `zeros ${formatPercent(prune.sparsity)}`,
      formatAgainst(prune.blobBytes, prune.targetBytes),
    );
  }
  return [...parts, `${formatDuration(step.secondsLeft)} left`].join(' · ');
}

/** What is worth a line of its own; undefined for everything else. */
function describeMilestone(event: RunEvent, fitting: Fitting): string | undefined {
  switch (event.type) {
    case 'started':
      return `started · ${event.trainedWith} · ${event.totalSteps} steps`;
    case 'resumed':
      return `resumed at step ${event.step} of ${event.totalSteps} · ${event.trainedWith}`;
    case 'evaluation': {
      const what = event.set === 'test' ? 'test set' : `epoch ${event.epoch}, validation`;
      const metric = metricOf(event.metric);
      return `${what}: ${stageName(event.stage, fitting)} ${metric.name} ${formatMetric(event.value, metric, 2)}`;
    }
    case 'stopped':
      return `stopped at step ${event.step}: ${event.reason}`;
    case 'finished':
      return `finished after ${event.step} steps`;
    case 'step':
    case 'prune':
    case 'checkpoint':
    case 'failed':
      return undefined;
  }
}

function lineProgress(terminal: Terminal, fitting: Fitting, now: () => number): Progress {
  let last = -Infinity;
  let prune: Prune | undefined;
  return {
    onEvent(event) {
      const milestone = describeMilestone(event, fitting);
      if (milestone !== undefined) remark(terminal, milestone);
      if (event.type === 'prune') prune = event;
      if (event.type !== 'step' || now() - last < LINE_INTERVAL) return;
      last = now();
      const { step, totalSteps, epoch, totalEpochs, phase } = event;
      remark(
        terminal,
        `${PHASE_NAMES[phase]} ${step}/${totalSteps} (epoch ${epoch}/${totalEpochs}) · ${describeStep(event, prune)}`,
      );
    },
    note: (text) => remark(terminal, text),
    end: () => undefined,
  };
}

function barProgress(terminal: Terminal, fitting: Fitting): Progress {
  let bar: SingleBar | undefined;
  let prune: Prune | undefined;
  let latest: { readonly step: Step; readonly text: string } | undefined;
  const width = terminal.columns >= 110 ? 24 : 12;
  const open = (step: Step): SingleBar => {
    const opened = new SingleBar({
      stream: terminal.stderr,
      hideCursor: true,
      clearOnComplete: true,
      // Longer lines are cut at the terminal's edge, never wrapped into a smear of half bars.
      linewrap: false,
      fps: 5,
      gracefulExit: false,
      format: (_options, { progress }) =>
        latest === undefined
          ? ''
          : `${PHASE_NAMES[latest.step.phase].padEnd(PHASE_WIDTH)} ${formatBar(progress, width)} ${latest.step.epoch}/${latest.step.totalEpochs} ${latest.text}`,
    });
    opened.start(step.totalSteps, step.step);
    return opened;
  };
  const close = (): void => {
    bar?.stop();
    bar = undefined;
  };
  /** Prints above the bar, which comes back with the next step. */
  const note = (text: string): void => {
    close();
    remark(terminal, text);
  };
  return {
    onEvent(event) {
      const milestone = describeMilestone(event, fitting);
      if (milestone !== undefined) note(milestone);
      if (event.type === 'prune') prune = event;
      if (event.type !== 'step') return;
      latest = { step: event, text: describeStep(event, prune) };
      bar ??= open(event);
      bar.update(event.step);
    },
    note,
    end: close,
  };
}
