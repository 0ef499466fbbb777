/** A run in words, for tree, status bar, tooltips and pick lists: the same words everywhere, without the editor. */
import { excesses, resultOf } from '../../core/report/describe-report';
import { notesOf } from '../../core/report/notes';
import {
  formatAgainst,
  formatBytes,
  formatCount,
  formatDuration,
  formatMetric,
  formatPercent,
  formatRatio,
} from '../../core/report/format';
import { stageName } from '../../core/tasks/measurement';
import { PHASE_WORDS } from '../../core/tasks/phases';
import { metricIn, metricOf } from '../../core/tasks/tasks';
import { workOf } from '../../core/tasks/work';
import { activityWord } from '../../protocol/activity';
import { isActive } from '../runs/activity';
import { fittingOf } from '../runs/fitting';
import { methodOf } from '../runs/method';
import type { RunInfo } from '../services';

export function nameOf(run: Pick<RunInfo, 'id' | 'config'>): string {
  return run.config?.name ?? run.id.replace(/-\d{8}-\d{6}-\d+$/, '');
}

/** `just now`, `5 min ago`, `3 h ago`, `2 days ago`, then the date. */
export function timeAgo(time: string | undefined, now: Date): string {
  const then = time === undefined ? NaN : Date.parse(time);
  if (Number.isNaN(then)) return '';
  const minutes = Math.max(0, now.getTime() - then) / 60_000;
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${Math.floor(minutes)} min ago`;
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ago`;
  const days = Math.floor(minutes / (24 * 60));
  if (days < 30) return days === 1 ? 'yesterday' : `${days} days ago`;
  return new Date(then).toISOString().slice(0, 10);
}

/** `22 Nov, 19:46`, in the local time zone; while it waits, when it was asked for. */
export function startOf({ id, startedAt }: Pick<RunInfo, 'id' | 'startedAt'>): string {
  const then = new Date(startedAt ?? id.replace(STAMP, '$1-$2-$3T$4:$5:$6Z'));
  if (Number.isNaN(then.getTime())) return id;
  return then.toLocaleString('en-GB', {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  });
}

/** The end of a run's id, in UTC. */
const STAMP = /^.*-(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)-\d+$/;

/** `7/16 · 97.8 % · 15.1 → 14.5 KiB`: epoch, metric, encoded size and where it must go. */
export function progressText(run: RunInfo): string {
  const { lastStep, lastPrune } = run;
  if (lastStep === undefined) return 'preparing';
  const { epoch, totalEpochs, metric, value } = lastStep;
  const parts = [`${epoch}/${totalEpochs}`, formatMetric(value, metricOf(metric))];
  if (lastPrune !== undefined) parts.push(sizeText(lastPrune));
  return parts.join(' · ');
}

/** The unit once where both have it. */
function sizeText({
  blobBytes,
  targetBytes,
}: {
  readonly blobBytes: number;
  readonly targetBytes: number;
}): string {
  const [from, to] = [formatBytes(blobBytes), formatBytes(targetBytes)];
  const unit = to.slice(to.indexOf(' '));
  return `${from.endsWith(unit) ? from.slice(0, -unit.length) : from} → ${to}`;
}

/** What the tree shows behind a run's name. */
export function runDescription(run: RunInfo, now: Date): string {
  const method = methodOf(run);
  const parts: string[] = [];
  if (run.activity === 'running') parts.push(progressText(run));
  else if (run.report !== undefined) {
    parts.push(
      resultOf(run.report),
      formatBytes(run.report.flash.total),
      ...(run.report.withinBudget ? [] : ['over budget']),
    );
  } else {
    parts.push(wordOf(run));
  }
  if (method !== undefined && method !== 'east') parts.push(method);
  if (!isActive(run)) parts.push(timeAgo(run.updatedAt ?? run.startedAt, now));
  return parts.filter((part) => part !== '').join(' · ');
}

/** What the tree shows behind a config: what is going on, else the last good result, else how the last run ended. */
export function configDescription(
  current: RunInfo | undefined,
  lastGood: RunInfo | undefined,
): string {
  if (current === undefined) return 'no runs yet';
  if (isActive(current)) {
    return current.activity === 'running' ? progressText(current) : wordOf(current);
  }
  const shown = lastGood ?? current;
  const { report } = shown;
  if (report === undefined) return wordOf(shown);
  const { flash } = report.budget;
  const size =
    flash === undefined
      ? formatBytes(report.flash.total)
      : formatAgainst(report.flash.total, flash);
  return `${resultOf(report)} · ${size}`;
}

/** What it is doing, or how it ended. */
function wordOf({ activity, config }: RunInfo): string {
  return activityWord(activity, workOf(config?.model));
}

/** `$(sync~spin) EAST meter 7/16 · …`, and how many wait. */
export function statusText(running: RunInfo, queued: number): string {
  const icon = running.activity === 'queued' ? '$(clock)' : '$(sync~spin)';
  const what = running.activity === 'running' ? progressText(running) : wordOf(running);
  const more = queued > 0 ? ` (+${queued} queued)` : '';
  return `${icon} EAST ${nameOf(running)} ${what}${more}`;
}

/** Markdown; every text of the user's is escaped. */
export function runTooltip(run: RunInfo, now: Date): string {
  const lines = [`**${escape(nameOf(run))}** · ${wordOf(run)}`, ''];
  const row = (name: string, value: string | undefined): void => {
    if (value !== undefined && value !== '') lines.push(`| ${name} | ${escape(value)} |`);
  };
  lines.push('| | |', '| --- | --- |');
  const { lastStep, lastPrune, report } = run;
  const rowOfResults = (): void => row(metricIn(run.measured).name, resultsText(run));
  if (report !== undefined) {
    const { flash, ram, budget } = report;
    const against = (bytes: number, limit: number | undefined): string =>
      limit === undefined ? formatBytes(bytes) : formatAgainst(bytes, limit);
    rowOfResults();
    row('flash', against(flash.total, budget.flash));
    row('RAM', against(ram.total, budget.ram));
    row('weights', `${formatBytes(flash.weights)}, ${formatRatio(report.ratio)} smaller than int8`);
    row('sparsity', formatPercent(report.sparsity));
  } else if (lastStep !== undefined) {
    row('phase', PHASE_WORDS[lastStep.phase]);
    row('epoch', `${lastStep.epoch} of ${lastStep.totalEpochs}`);
    row('step', `${formatCount(lastStep.step)} of ${formatCount(lastStep.totalSteps)}`);
    row('loss', lastStep.loss.toPrecision(3));
    const metric = metricOf(lastStep.metric);
    row(`batch ${metric.name}`, formatMetric(lastStep.value, metric));
    rowOfResults();
    if (lastPrune !== undefined) {
      row('weights', sizeText(lastPrune));
      row('sparsity', formatPercent(lastPrune.sparsity));
    }
    if (run.activity === 'running') row('time left', formatDuration(lastStep.secondsLeft));
  }
  row('method', methodOf(run));
  row('trained with', run.trainedWith);
  row('float phase', run.floatFrom && `taken from run ${run.floatFrom}`);
  row('started', run.startedAt === undefined ? undefined : timeAgo(run.startedAt, now));
  row('run', run.id);
  const problems = [
    ...(run.message === undefined ? [] : [run.message]),
    ...(report === undefined ? [] : [...excesses(report), ...notesOf(report)]),
  ];
  return [...lines, ...problems.flatMap((problem) => ['', escape(problem)])].join('\n');
}

/** `float 99.1 % → quantised 99.0 % → EAST 98.7 %`, as far as measured. */
function resultsText(run: RunInfo): string {
  const fitting = fittingOf(run);
  return run.measured
    .map(
      ({ metric, stage, value }) =>
        `${stageName(stage, fitting)} ${formatMetric(value, metricOf(metric))}`,
    )
    .join(' → ');
}

/** Nothing in a text that comes from files becomes a link, a table cell or an icon. */
function escape(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]()#+!|<>$~]/g, '\\$&').replaceAll(/\r?\n/g, ' ');
}
