/** How the run went: the task's metric, loss, sparsity, and the encoded size following the falling budget. */
import { PHASE_NAMES } from '../src/core/tasks/phases';
import type {
  DashboardState,
  EvaluationPoint,
  PrunePoint,
  StepPoint,
  ToPage,
} from '../src/protocol/dashboard';
import type { Band } from './axis';
import { lineChart, type ChartView, type Hue, type LineChart } from './charts';
import { h } from './dom';
import type { Point } from './downsample';
import { capitalised, formatCount, formatMetric, formatPercent, formatTick } from './format';

export interface Curves {
  readonly element: HTMLElement;
  readonly charts: readonly ChartView<LineChart>[];
  add(message: Extract<ToPage, { type: 'curves' }>): void;
  draw(results: Results): void;
  csv(): string;
}

type Results = DashboardState['results'];

const STAGE_HUES = {
  float: 'purple',
  quantized: 'orange',
  fitted: 'green',
} as const satisfies Record<EvaluationPoint['stage'], Hue>;
const X = 'step';
/** So many values tell where most of them lie. */
const SAMPLE = 2000;

export function curvesView(): Curves {
  const steps: StepPoint[] = [];
  const prunes: PrunePoint[] = [];
  const evaluations: EvaluationPoint[] = [];
  const size = lineChart();
  const metricChart = lineChart();
  const loss = lineChart();
  const sparsity = lineChart();
  const charts = [metricChart, size, loss, sparsity];
  let metricName = '';

  return {
    element: h('div', { class: 'curves' }, ...charts.map((chart) => chart.element)),
    charts,
    add(message) {
      if (message.reset) for (const list of [steps, prunes, evaluations]) list.length = 0;
      for (const point of message.steps) steps.push(point);
      for (const point of message.prunes) prunes.push(point);
      for (const point of message.evaluations) evaluations.push(point);
    },
    draw({ metric: leading, stages }) {
      // Values of two metrics do not belong on one axis: the one that training was followed by is drawn.
      const metric = evaluations[0]?.metric ?? leading;
      metricName = metric.name;
      const measured = evaluations.filter((point) => point.metric.name === metric.name);
      const bands = bandsOf(steps);
      const evaluated = (stage: EvaluationPoint['stage']): { x: number; y: number }[] =>
        measured
          .filter((point) => point.stage === stage)
          .map((point) => ({ x: point.step, y: point.value }));
      const last = Math.max(0, steps.at(-1)?.step ?? 0, prunes.at(-1)?.step ?? 0);
      const domainX = [0, Math.max(1, last)] as const;
      /** What was chosen last holds until now. */
      const held = (points: readonly Point[]): readonly Point[] => {
        const end = points.at(-1);
        return end === undefined || end.x >= last ? points : [...points, { x: last, y: end.y }];
      };
      const training = steps.map((point) => ({ x: point.step, y: point.value }));
      const latest = measured.at(-1);
      metricChart.update({
        title: capitalised(metric.name),
        series: [
          { name: 'training', hue: 'muted', points: training, style: 'faint' },
          ...stages.map(({ stage, name }) => ({
            name,
            hue: STAGE_HUES[stage],
            points: evaluated(stage),
            style: 'dots' as const,
          })),
        ],
        bands,
        domainX,
        xLabel: X,
        format: (y) => formatMetric(y, metric),
        domain:
          metric.unit === '%'
            ? shareDomain([...training, ...measured.map(({ value: y }) => ({ y }))])
            : undefined,
        description:
          latest === undefined
            ? 'Nothing evaluated yet.'
            : `Latest evaluation: ${formatMetric(latest.value, metric)} on the ${latest.set} set at step ${latest.step}.`,
      });
      const encoded = held(prunes.map((point) => ({ x: point.step, y: point.blobBytes })));
      const target = held(prunes.map((point) => ({ x: point.step, y: point.targetBytes })));
      const prune = prunes.at(-1);
      size.update({
        title: 'Encoded weights',
        series: [
          { name: 'encoded', hue: 'blue', points: encoded, style: 'step' },
          { name: 'budget', hue: 'red', points: target, style: 'dashed' },
        ],
        bands,
        domainX,
        xLabel: X,
        format: formatTick,
        bytes: true,
        domain:
          prune === undefined
            ? undefined
            : [0, 1.05 * Math.max(...encoded.map(({ y }) => y), ...target.map(({ y }) => y))],
        description:
          prune === undefined
            ? 'Nothing pruned yet.'
            : `${formatCount(prune.blobBytes)} of ${formatCount(prune.targetBytes)} bytes at step ${prune.step}.`,
      });
      const losses = steps.map((point) => ({ x: point.step, y: point.loss }));
      loss.update({
        title: 'Loss',
        series: [{ name: 'training', hue: 'blue', points: losses, style: 'line' }],
        bands,
        domainX,
        xLabel: X,
        // Ticks of a loss that hardly falls lie close together.
        format: (y) => String(Number(y.toPrecision(4))),
        description:
          losses.length === 0
            ? 'No step yet.'
            : `From ${losses[0]!.y.toPrecision(3)} to ${losses.at(-1)!.y.toPrecision(3)} at step ${losses.at(-1)!.x}.`,
      });
      sparsity.update({
        title: 'Sparsity',
        series: [
          {
            name: 'pruned weights',
            hue: 'green',
            points: held(prunes.map((point) => ({ x: point.step, y: point.sparsity }))),
            style: 'step',
          },
        ],
        bands,
        domainX,
        xLabel: X,
        format: (y) => formatPercent(y, 0),
        domain: [0, 1],
        description:
          prune === undefined
            ? 'Nothing pruned yet.'
            : `${formatPercent(prune.sparsity)} of the weights are zero at step ${prune.step}.`,
      });
    },
    csv() {
      const rows = [
        ...steps.flatMap(({ step, phase, loss: mean, value }) => [
          { step, row: [step, phase, 'loss', mean] },
          { step, row: [step, phase, `${metricName}:training`, value] },
        ]),
        ...prunes.flatMap(({ step, targetBytes, blobBytes, sparsity: zero }) => [
          { step, row: [step, '', 'budgetBytes', targetBytes] },
          { step, row: [step, '', 'blobBytes', blobBytes] },
          { step, row: [step, '', 'sparsity', zero] },
        ]),
        ...evaluations.map(({ step, stage, set, metric, value }) => ({
          step,
          row: [step, '', `${metric.name}:${stage}:${set}`, value],
        })),
      ];
      rows.sort((a, b) => a.step - b.step);
      return (
        ['step,phase,quantity,value', ...rows.map(({ row }) => row.join(','))].join('\n') + '\n'
      );
    },
  };
}

/** Where each phase begins and ends, in steps. */
export function bandsOf(steps: readonly Pick<StepPoint, 'step' | 'phase'>[]): Band[] {
  const bands: { from: number; to: number; label: string }[] = [];
  for (const { step, phase } of steps) {
    const label = PHASE_NAMES[phase];
    const last = bands.at(-1);
    if (last?.label === label) last.to = step;
    else {
      if (last !== undefined) last.to = step;
      bands.push({ from: step, to: step, label });
    }
  }
  return bands;
}

/** Full scale hides what matters near the top, and a tight one exaggerates noise. */
function shareDomain(points: readonly { readonly y: number }[]): [number, number] {
  const every = Math.ceil(points.length / SAMPLE);
  const values = points
    .filter((_, i) => i % every === 0)
    .map(({ y }) => y)
    .sort((a, b) => a - b);
  // The first steps of a network that knows nothing may lie below.
  const low = values[Math.floor(values.length * 0.04)] ?? 0;
  return [Math.max(0, Math.floor(low * 20) / 20), 1];
}
