/** Runs side by side: the task's metric over bytes, the question everything here is about. */
import { activityWord } from '../src/protocol/activity';
import type { DashboardState, Method, RunSummary } from '../src/protocol/dashboard';
import { markKey, scatterChart, type ChartView, type Hue, type Mark, type Scatter } from './charts';
import { checkbox, chooser, setChecked } from './controls';
import { h, setChildren, setHidden, setText } from './dom';
import {
  capitalised,
  formatBytes,
  formatCount,
  formatMetric,
  formatPercent,
  formatRatio,
  formatTick,
} from './format';
import { sortableTable, type Column } from './sortable-table';
import { setView, view } from './view-state';

export interface Compare {
  readonly element: HTMLElement;
  readonly chart: ChartView<Scatter>;
  update(state: DashboardState, runs: readonly RunSummary[]): void;
  csv(): string;
}

const METHODS: Readonly<Record<Method, { label: string; hue: Hue; mark: Mark }>> = {
  east: { label: 'EAST', hue: 'green', mark: 'circle' },
  magnitude: { label: 'Magnitude', hue: 'orange', mark: 'triangle' },
  group: { label: 'Group', hue: 'purple', mark: 'square' },
  dense: { label: 'Dense', hue: 'blue', mark: 'diamond' },
  'quantised here': { label: 'Quantised here', hue: 'blue', mark: 'circle' },
  'as it is': { label: 'As it is', hue: 'blue', mark: 'square' },
};

export function compareView(onRun: (runId: string) => void): Compare {
  const scope = chooser('Runs to compare', (value) =>
    setView({ scope: value === 'workspace' ? 'workspace' : 'config' }),
  );
  const chart = scatterChart();
  const legend = h('ul', { class: 'legend' });
  const table = sortableTable<RunSummary>({
    caption: 'Runs',
    columns: columns(onRun),
    rowKey: ({ id }) => id,
    onSort: (runSort) => setView({ runSort }),
  });
  const nothing = h(
    'p',
    { class: 'nothing' },
    'No run to compare yet. Train, change the method or the budget in the config, and train again.',
  );
  let shown: readonly RunSummary[] = [];
  return {
    element: h(
      'div',
      { class: 'compare' },
      h('div', { class: 'toolbar' }, scope.element, legend),
      nothing,
      chart.element,
      table.element,
    ),
    chart,
    update(state, runs) {
      const { scope: wanted, hiddenRuns, runSort } = view();
      scope.set(
        [
          { value: 'config', label: 'Runs of this config' },
          { value: 'workspace', label: 'All runs of the workspace' },
        ],
        wanted,
      );
      shown = runs.filter((run) => wanted === 'workspace' || run.configFile === state.configFile);
      const chosen = shown.filter(({ id }) => !hiddenRuns.includes(id));
      // Values of different metrics have no axis in common.
      const { metric } = state.results;
      const points = chosen
        .filter((run) => run.metric.name === metric.name)
        .flatMap((run) => pointOf(run, state.runId));
      const methods = new Set(chosen.map(({ method }) => method ?? 'east'));
      setChildren(
        legend,
        [...methods].map((method) => {
          const { label, hue, mark } = METHODS[method];
          return h('li', {}, markKey(hue, mark), h('span', {}, label));
        }),
      );
      setHidden(nothing, shown.length > 0);
      setHidden(chart.element, points.length === 0);
      setHidden(table.element, shown.length === 0);
      chart.update({
        title: `${capitalised(metric.name)} over bytes of weights`,
        points,
        keys: [...methods].map((method) => {
          const { label, hue, mark } = METHODS[method];
          return { name: label, hue, mark };
        }),
        xLabel: 'encoded weights',
        yLabel: `test ${metric.name}`,
        formatX: formatTick,
        formatY: (y) => formatMetric(y, metric),
        description: points
          .map(({ label, x, y }) => `${label}: ${formatMetric(y, metric)} at ${formatBytes(x)}`)
          .join('; '),
      });
      table.update(shown, runSort, state.runId);
    },
    csv() {
      const names = [
        'run',
        'config',
        'method',
        'state',
        'started',
        'metric',
        'value',
        'floatValue',
        'blobBytes',
        'flashBytes',
        'ramBytes',
        'sparsity',
        'ratio',
        'withinBudget',
      ];
      const rows = shown.map((run) => [
        run.id,
        run.configLabel,
        run.method,
        run.activity,
        run.startedAt,
        run.metric.name,
        run.value,
        run.floatValue,
        run.blobBytes,
        run.flashBytes,
        run.ramBytes,
        run.sparsity,
        run.ratio,
        run.withinBudget,
      ]);
      return `${[names, ...rows].map((row) => row.map(quote).join(',')).join('\n')}\n`;
    },
  };
}

function pointOf(run: RunSummary, current: string | undefined): Scatter['points'] {
  if (run.value === undefined || run.blobBytes === undefined) return [];
  const { label, hue, mark } = METHODS[run.method ?? 'east'];
  return [
    {
      x: run.blobBytes,
      y: run.value,
      label: `${label} · ${whenOf(run)}`,
      hue,
      mark,
      emphasis: run.id === current,
    },
  ];
}

function columns(onRun: (runId: string) => void): Column<RunSummary>[] {
  const number = (
    id: string,
    label: string,
    key: (run: RunSummary) => number | undefined,
    show: (value: number) => string,
  ): Column<RunSummary> => ({
    id,
    label,
    numeric: true,
    key,
    fill(cell, run) {
      const value = key(run);
      setText(cell, value === undefined ? '–' : show(value));
    },
  });
  return [
    {
      id: 'started',
      label: 'Run',
      numeric: false,
      heading: true,
      key: ({ startedAt, id }) => startedAt ?? id,
      fill(cell, run) {
        if (cell.firstChild === null) {
          const show = checkbox(`Show the run of ${whenOf(run)} in the chart`, (checked) => {
            const others = view().hiddenRuns.filter((id) => id !== run.id);
            setView({ hiddenRuns: checked ? others : [...others, run.id] });
          });
          const open = h('button', { type: 'button', class: 'link', title: 'Show this run' });
          open.addEventListener('click', () => onRun(run.id));
          cell.append(show, open, h('span', { class: 'kind' }));
        }
        const [show, open, config] = cell.children;
        if (show instanceof HTMLElement) setChecked(show, !view().hiddenRuns.includes(run.id));
        setText(open!, whenOf(run));
        setText(config!, view().scope === 'workspace' ? run.configLabel : '');
      },
    },
    {
      id: 'method',
      label: 'Method',
      numeric: false,
      key: ({ method }) => method,
      fill(cell, { method }) {
        const { label, hue, mark } = METHODS[method ?? 'east'];
        if (cell.textContent?.endsWith(label) === true) return;
        cell.replaceChildren(markKey(hue, mark), ` ${label}`);
      },
    },
    {
      id: 'result',
      label: resultLabel,
      numeric: true,
      key: ({ value }) => value,
      fill(cell, { value, metric }) {
        setText(cell, formatMetric(value, metric));
      },
    },
    number('weights', 'Weights', ({ blobBytes }) => blobBytes, formatBytes),
    number('ratio', 'Ratio', ({ ratio }) => ratio, formatRatio),
    number(
      'sparsity',
      'Sparsity',
      ({ sparsity }) => sparsity,
      (value) => formatPercent(value),
    ),
    number(
      'flash',
      'Flash',
      ({ flashBytes }) => flashBytes,
      (value) => `${formatCount(value)} B`,
    ),
    {
      id: 'state',
      label: 'State',
      numeric: false,
      key: ({ activity }) => activity,
      fill(cell, { activity, work, withinBudget }) {
        setText(
          cell,
          withinBudget === false
            ? 'Over budget'
            : withinBudget === true
              ? '✓ Fits'
              : capitalised(activityWord(activity, work)),
        );
      },
    },
  ];
}

/** The metric where all runs have the same. */
function resultLabel(runs: readonly RunSummary[]): string {
  const [name, ...others] = new Set(runs.map(({ metric }) => metric.name));
  return name === undefined || others.length > 0 ? 'Result' : capitalised(name);
}

function whenOf({ startedAt, id }: RunSummary): string {
  const at = startedAt === undefined ? undefined : new Date(startedAt);
  return at === undefined || Number.isNaN(at.getTime())
    ? id
    : at.toLocaleString('en-GB', {
        day: 'numeric',
        month: 'short',
        hour: '2-digit',
        minute: '2-digit',
      });
}

/** RFC 4180; undefined is an empty field. A name must not become a formula where a spreadsheet opens it. */
function quote(value: string | number | boolean | undefined): string {
  if (typeof value !== 'string') return value === undefined ? '' : String(value);
  const safe = /^[=+\-@]/.test(value) ? `'${value}` : value;
  return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
