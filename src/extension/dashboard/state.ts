/**
 * What the dashboard shows, from what is known: the run, its report once it is finished, and what its config settles
 * before. Plain data in and out, so that it can be tested without an editor.
 */
import { flashParts, type Part, ramParts } from '../../core/plan/parts';
import {
  decodingLine,
  formatName,
  frontendLine,
  storedBy,
  streamLine,
} from '../../core/report/describe-report';
import { notesOf } from '../../core/report/notes';
import type { Report } from '../../core/report/report';
import type { RunEvent } from '../../core/run/events';
import { STAGES, stageName, valueAt, type Measurement } from '../../core/tasks/measurement';
import { metricIn } from '../../core/tasks/tasks';
import { workOf, type Work } from '../../core/tasks/work';
import type { Activity } from '../../protocol/activity';
import type { DashboardState, Gauge, LayerRow, Metric } from '../../protocol/dashboard';
import { fittingOf } from '../runs/fitting';
import { methodOf as runMethod, type MethodConfig } from '../runs/method';
import type { RunInfo } from '../services';
import { actionsFor } from './actions';
import type { Expectation } from './expectation';
import { taskView } from './task-pictures';
import { defined } from '../../core/util/defined';

type EventOf<Type extends RunEvent['type']> = Extract<RunEvent, { type: Type }>;

/** The part of a run that is shown. */
export interface ShownRun extends Pick<
  RunInfo,
  | 'id'
  | 'activity'
  | 'trainedWith'
  | 'totalSteps'
  | 'lastStep'
  | 'lastPrune'
  | 'measured'
  | 'message'
  | 'report'
> {
  readonly config: (MethodConfig & { readonly frontend?: object }) | undefined;
}

export interface StateInput {
  readonly configFile: string;
  readonly configLabel: string;
  readonly name: string;
  readonly restricted: boolean;
  readonly run: ShownRun | undefined;
  readonly following: boolean;
  readonly runs: DashboardState['runs'];
  /** Of the run's recorded config, or of the file before the first run; an Error where it is impossible. */
  readonly expectation: Expectation | Error | undefined;
  /** Whether there is anything to compare with. */
  readonly runCount: number;
}

export function dashboardState(input: StateInput): DashboardState {
  const { run, expectation: expected } = input;
  const known = expected instanceof Error ? undefined : expected;
  const activity: Activity = run?.activity ?? 'none';
  const message = run?.message ?? (expected instanceof Error ? expected.message : undefined);
  const method = methodOf(run);
  const work =
    run?.config?.model === undefined ? (known?.work ?? 'train') : workOf(run.config.model);
  return {
    configFile: input.configFile,
    configLabel: input.configLabel,
    name: input.name,
    architecture: known?.architecture ?? '',
    ...defined({ method }),
    ...defined({ trainedWith: run?.trainedWith }),
    restricted: input.restricted,
    ...defined({ runId: run?.id }),
    following: input.following,
    runs: input.runs,
    activity,
    work,
    ...defined({ message: message?.slice(0, 2000) }),
    ...progressOf(run),
    actions: actionsFor(activity, {
      work,
      restricted: input.restricted,
      runCount: input.runCount,
      hasResults: run?.report !== undefined,
    }),
    ...figuresOf(run, known),
    results: resultsOf(run, work),
    hasWeights: run?.report !== undefined,
    hasExamples: run?.report !== undefined && run.config?.frontend !== undefined,
  };
}

const METHODS = ['east', 'magnitude', 'group', 'dense', 'as it is', 'quantised here'] as const;

export function methodOf(
  run: Pick<ShownRun, 'report' | 'config'> | undefined,
): DashboardState['method'] {
  const name = run?.report?.method ?? runMethod(run);
  return METHODS.find((method) => method === name);
}

function progressOf(run: ShownRun | undefined): Pick<DashboardState, 'progress'> {
  const step = run?.lastStep;
  if (run === undefined || step === undefined || run.activity === 'finished') return {};
  const { secondsLeft, imagesPerSecond } = step;
  return {
    progress: {
      step: step.step,
      totalSteps: Math.max(step.totalSteps, step.step),
      epoch: step.epoch,
      totalEpochs: step.totalEpochs,
      phase: step.phase,
      ...(run.activity === 'running' && Number.isFinite(secondsLeft) ? { secondsLeft } : {}),
      ...(run.activity === 'running' ? { imagesPerSecond } : {}),
    },
  };
}

function resultsOf(run: ShownRun | undefined, work: Work): DashboardState['results'] {
  const { measured } = run?.report ?? run ?? { measured: [] };
  const fitting = fittingOf(run);
  return {
    metric: shownMetric(measured),
    // What is not trained is quantised once, and that is the end of it.
    stages: STAGES.filter((stage) => work === 'train' || stage !== 'quantized').map((stage) => {
      const value = valueAt(measured, stage);
      return {
        stage,
        name: stageName(stage, fitting),
        ...defined({ value }),
      };
    }),
    ...defined({
      testExamples: run?.report?.testExamples,
      task: taskView(run?.report?.details),
    }),
    notes: run?.report === undefined ? [] : notesWithStream(run.report),
  };
}

function notesWithStream(report: Report): string[] {
  const frontend = frontendLine(report);
  const stream = streamLine(report);
  return [
    ...notesOf(report),
    ...(frontend === undefined ? [] : [`front end: ${frontend}`]),
    ...(stream === undefined ? [] : [`along the stream: ${stream}`]),
  ];
}

/** As far as it crosses to the page. */
export function shownMetric(measured: readonly Measurement[]): Metric {
  const { name, unit, better } = metricIn(measured);
  return { name, unit, better };
}

type Figures = Pick<
  DashboardState,
  | 'basis'
  | 'gauges'
  | 'layers'
  | 'weightBudget'
  | 'denseBytes'
  | 'blobBytes'
  | 'sparsity'
  | 'ratio'
  | 'note'
  | 'decoding'
>;

function figuresOf(run: ShownRun | undefined, expected: Expectation | undefined): Figures {
  if (run?.report !== undefined) return reported(run.report);
  if (expected === undefined) return { basis: 'forecast', gauges: [], layers: [] };
  return run?.lastPrune === undefined ? forecast(expected) : live(run.lastPrune, expected);
}

function reported(report: Report): Figures {
  const { flash, ram, budget } = report;
  return {
    basis: 'report',
    gauges: [flashGauge(flash, budget.flash), ramGauge(ram, budget.ram)],
    layers: report.layers.map((layer) => ({
      ...layer,
      shape: [...layer.shape],
      format: formatName(layer),
      storedBy: storedBy(layer),
    })),
    ...defined({ weightBudget: budget.weights, decoding: decodingLine(report) }),
    denseBytes: report.denseBytes,
    blobBytes: flash.weights,
    sparsity: report.sparsity,
    ratio: report.ratio,
  };
}

function live(prune: EventOf<'prune'>, expected: Expectation): Figures {
  const byName = new Map(prune.layers.map((layer) => [layer.name, layer]));
  const total = prune.layers.reduce((sum, layer) => sum + layer.blobBytes, 0);
  const layers = expected.layers.map((layer): LayerRow => {
    const now = byName.get(layer.name);
    if (now === undefined) return { ...layer };
    return {
      ...layer,
      sparsity: now.sparsity,
      blobBytes: now.blobBytes,
      ...defined({ format: now.format }),
      ...(now.blobBytes > 0 ? { ratio: layer.parameters / now.blobBytes } : {}),
      ...(total > 0 ? { share: now.blobBytes / total } : {}),
    };
  });
  return {
    basis: 'live',
    gauges: gaugesOf(expected, prune.blobBytes),
    layers,
    ...defined({ weightBudget: expected.budget.weights }),
    denseBytes: expected.denseBytes,
    blobBytes: prune.blobBytes,
    sparsity: prune.sparsity,
    ratio: expected.denseBytes / Math.max(1, prune.blobBytes),
  };
}

function forecast(expected: Expectation): Figures {
  return {
    basis: 'forecast',
    gauges: gaugesOf(expected, expected.flash.weights),
    layers: expected.layers.map((layer) => ({ ...layer })),
    ...defined({ weightBudget: expected.budget.weights }),
    denseBytes: expected.denseBytes,
    ...defined({ note: expected.compression }),
  };
}

function gaugesOf({ flash, ram, budget }: Expectation, weights: number): Gauge[] {
  return [flashGauge({ ...flash, weights }, budget.flash), ramGauge(ram, budget.ram)];
}

function flashGauge(flash: Expectation['flash'], limit: number | undefined): Gauge {
  const note =
    flash.codeSource === 'table'
      ? 'Code size from the table of known kernels, not measured.'
      : undefined;
  const { weights, biases, tables, code } = flash;
  return gauge('flash', flashParts({ weights, biases, tables, code }), limit, note);
}

function ramGauge(ram: Expectation['ram'], limit: number | undefined): Gauge {
  return gauge('ram', ramParts(ram), limit, `Peak in layer ${ram.peakLayer}.`);
}

function gauge(
  key: Gauge['key'],
  parts: readonly Part[],
  limit: number | undefined,
  note: string | undefined,
): Gauge {
  return {
    key,
    parts: parts.map(([name, bytes]) => ({ name, bytes })),
    total: parts.reduce((sum, [, bytes]) => sum + bytes, 0),
    ...defined({ limit, note }),
  };
}
