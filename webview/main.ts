/** Entry of the dashboard: puts the views together, and draws what changed once per frame. */
import './dashboard.css';
import { activityWord } from '../src/protocol/activity';
import type { DashboardState, RunSummary, ToHost } from '../src/protocol/dashboard';
import { compareView } from './compare';
import { onThemeChange } from './colors';
import { button, tabs } from './controls';
import { curvesView } from './curves';
import { h, setHidden, setText } from './dom';
import { emptyState } from './empty-state';
import { composeSvg, svgToPng, type Titled } from './exporting';
import { figures } from './figures';
import { capitalised } from './format';
import { gaugeView } from './gauge';
import { header } from './header';
import { onMessage, send } from './host';
import { layersCsv } from './layers-csv';
import { layersTable } from './layers-table';
import { savingsView } from './savings';
import { spectrogram } from './spectrogram';
import { taskPictures } from './task-pictures';
import { keepView, onViewChange, setView, view } from './view-state';
import { weightMap } from './weight-map';

type ExportFormat = Extract<ToHost, { type: 'export' }>['format'];

/** Milliseconds between two drawings of the curves while values arrive, at least. */
const CURVES_EVERY = 500;
/** Where drawing takes long (a long history, a slow machine) it happens less often: a tenth of the time is enough. */
const CURVES_SHARE = 0.1;

let state: DashboardState | undefined;
let runs: readonly RunSummary[] = [];
let curvesChanged = true;
/** When, by the page's clock; -Infinity where they must be drawn at once, whatever the interval. */
let curvesDrawn = -Infinity;
let curvesInterval = CURVES_EVERY;
let scheduled = false;

const act = (action: Extract<ToHost, { type: 'action' }>['action']): void =>
  send({ type: 'action', action });
const selectRun = (runId: string | undefined): void => {
  setView({ runId });
  send(runId === undefined ? { type: 'selectRun' } : { type: 'selectRun', runId });
};

const head = header(act, selectRun);
const flash = gaugeView('flash');
const ram = gaugeView('ram');
const results = figures();
const empty = emptyState(() => act('run'));
const savings = savingsView();
const task = taskPictures();
const seen = spectrogram();
const layers = layersTable((layer) => setView({ layer, tab: 'weights' }));
const curves = curvesView();
const weights = weightMap();
const compare = compareView(selectRun);
const announcements = h('p', { class: 'hidden', role: 'status', 'aria-live': 'polite' });

const tabbed = tabs(
  'Details',
  [
    { id: 'curves', label: 'Curves', content: tabContent(curves.element, ['svg', 'png', 'csv']) },
    { id: 'weights', label: 'Weight map', content: tabContent(weights.element, ['png', 'csv']) },
    {
      id: 'compare',
      label: 'Compare',
      content: tabContent(compare.element, ['svg', 'png', 'csv']),
    },
  ],
  (id) => {
    if (id === 'curves' || id === 'weights' || id === 'compare') setView({ tab: id });
  },
);
const layersSection = h(
  'section',
  { class: 'layers', 'aria-labelledby': 'layers-title' },
  h(
    'div',
    { class: 'section-title' },
    h('h2', { id: 'layers-title' }, 'Layers'),
    exportButton('csv', () => exportLayers()),
  ),
  layers.element,
  savings.element,
);
const summary = h(
  'div',
  { class: 'cards' },
  flash.element,
  ram.element,
  results.results,
  results.compression,
);
const details = h('section', { class: 'details', 'aria-label': 'Details' }, tabbed.element);
const page = h(
  'main',
  { hidden: true },
  head.element,
  summary,
  empty.element,
  h('div', { class: 'columns' }, layersSection, details),
  task.element,
  seen.element,
  announcements,
);
document.body.append(page);

function tabContent(content: HTMLElement, formats: readonly ExportFormat[]): HTMLElement {
  return h(
    'div',
    { class: 'tab-content' },
    content,
    h(
      'div',
      { class: 'exports', role: 'group', 'aria-label': 'Export' },
      ...formats.map((format) => exportButton(format, () => void exportTab(format))),
    ),
  );
}

function exportButton(format: ExportFormat, onClick: () => void): HTMLElement {
  const control = button(`Export ${format.toUpperCase()}`, 'secondary', onClick);
  control.classList.add('small');
  return control;
}

function fileName(what: string): string {
  const name = (state?.name ?? 'east').replaceAll(/[^\w.-]/g, '_').slice(0, 60);
  return `${name}-${what}`.replaceAll(/[^\w.-]/g, '_').slice(0, 100);
}

function exportLayers(): void {
  if (state === undefined) return;
  send({
    type: 'export',
    format: 'csv',
    name: fileName('layers'),
    content: layersCsv(state.layers),
  });
}

async function exportTab(format: ExportFormat): Promise<void> {
  const { tab } = view();
  const what = tab === 'weights' ? `weights-${weights.layer() ?? ''}` : tab;
  try {
    const content = await contentOf(tab, format);
    if (content === undefined) setText(announcements, 'There is nothing to export yet.');
    else send({ type: 'export', format, name: fileName(what), content });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    send({ type: 'problem', message: `export failed: ${message}` });
    setText(announcements, 'The export failed.');
  }
}

async function contentOf(
  tab: ReturnType<typeof view>['tab'],
  format: ExportFormat,
): Promise<string | undefined> {
  if (format === 'csv') {
    return { curves: curves.csv, weights: weights.csv, compare: compare.csv }[tab]();
  }
  if (tab === 'weights') return weights.png();
  const charts = (tab === 'curves' ? curves.charts : [compare.chart]).flatMap((chart): Titled[] => {
    const svg = chart.svg();
    return svg === undefined ? [] : [{ title: chart.title(), keys: chart.keys(), svg }];
  });
  if (charts.length === 0) return undefined;
  const { text, width, height } = composeSvg(charts);
  return format === 'svg' ? text : svgToPng(text, width, height);
}

function schedule(): void {
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame(() => {
    scheduled = false;
    render();
  });
}

function render(): void {
  if (state === undefined) return;
  setHidden(page, false);
  head.update(state);
  for (const gauge of state.gauges) {
    (gauge.key === 'flash' ? flash : ram).update(gauge, state.basis);
  }
  setHidden(summary, state.gauges.length === 0);
  results.update(state);
  empty.update(state);
  layers.update(state);
  savings.update(state);
  task.update(state);
  seen.update(state);
  setHidden(layersSection, state.layers.length === 0);
  const hasRun = state.runId !== undefined || runs.length > 0;
  setHidden(details, !hasRun);
  page.classList.toggle('no-details', !hasRun);
  const { tab } = view();
  tabbed.select(tab);
  if (tab === 'curves') drawCurves(state.results);
  else if (tab === 'weights') weights.update(state);
  else compare.update(state, runs);
}

/** Charts are the dearest part of a frame; twice a second is as live as an eye needs. */
function drawCurves(results: DashboardState['results']): void {
  if (!curvesChanged) return;
  const wait = curvesInterval - (performance.now() - curvesDrawn);
  if (wait > 0) {
    setTimeout(schedule, wait);
    return;
  }
  curvesChanged = false;
  const start = performance.now();
  curves.draw(results);
  curvesDrawn = performance.now();
  curvesInterval = Math.max(CURVES_EVERY, (curvesDrawn - start) / CURVES_SHARE);
}

onMessage((message) => {
  switch (message.type) {
    case 'state': {
      // Once per change of state, not per figure: a screen reader must stay usable while it trains.
      if (state !== undefined && state.activity !== message.state.activity) {
        setText(
          announcements,
          `${message.state.name}: ${capitalised(activityWord(message.state.activity, message.state.work))}`,
        );
      }
      state = message.state;
      document.title = `EAST: ${state.name}`;
      break;
    }
    case 'curves':
      curves.add(message);
      if (message.reset) curvesDrawn = -Infinity;
      curvesChanged = true;
      break;
    case 'runs':
      runs = message.runs;
      break;
    case 'weights':
    case 'weightsFailed':
      weights.receive(message);
      return;
    case 'example':
    case 'exampleFailed':
      seen.receive(message);
      return;
    case 'exported':
      setText(announcements, message.message);
      return;
    case 'show':
      setView({ tab: message.tab });
      return;
  }
  schedule();
});
onViewChange(() => {
  curvesChanged = true;
  curvesDrawn = -Infinity;
  schedule();
});
onThemeChange(seen.draw);
keepView();
const { runId } = view();
send(runId === undefined ? { type: 'ready' } : { type: 'ready', runId });
