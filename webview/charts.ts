/**
 * The only module that knows Observable Plot. Colours are theme variables, which SVG resolves by itself, so a chart
 * follows a switch of the theme without being drawn again.
 */
import * as Plot from '@observablehq/plot';
import { byteTicks, placeLabels, type Band } from './axis';
import { h, setChildren, setText } from './dom';
import { downsample, type Point } from './downsample';

export const HUES = {
  blue: 'var(--vscode-charts-blue, #1a85ff)',
  green: 'var(--vscode-charts-green, #388a34)',
  orange: 'var(--vscode-charts-orange, #d18616)',
  purple: 'var(--vscode-charts-purple, #652d90)',
  red: 'var(--vscode-charts-red, #e51400)',
  muted: 'var(--vscode-descriptionForeground, #717171)',
} as const;
export type Hue = keyof typeof HUES;
export type Mark = 'circle' | 'square' | 'triangle' | 'diamond';

/** More points than this are thinned out before they are drawn. */
const MOST_POINTS = 1000;

export interface Series {
  readonly name: string;
  readonly hue: Hue;
  /** Sorted by x. */
  readonly points: readonly Point[];
  readonly style: 'line' | 'dashed' | 'step' | 'dots' | 'faint';
}

export interface LineChart {
  readonly title: string;
  readonly series: readonly Series[];
  readonly bands: readonly Band[];
  readonly xLabel: string;
  readonly domainX: readonly [number, number];
  readonly format: (y: number) => string;
  /** Limits of y where they are given by the matter. */
  readonly domain?: readonly [number, number] | undefined;
  /** Whether y is bytes, whose round numbers are powers of two. */
  readonly bytes?: boolean;
  /** What it says, for those who cannot see it. */
  readonly description: string;
}

export interface ScatterPoint extends Point {
  readonly label: string;
  readonly hue: Hue;
  readonly mark: Mark;
  readonly emphasis: boolean;
}

export interface Scatter {
  readonly title: string;
  readonly points: readonly ScatterPoint[];
  readonly keys: readonly { readonly name: string; readonly hue: Hue; readonly mark: Mark }[];
  readonly xLabel: string;
  readonly yLabel: string;
  readonly formatX: (x: number) => string;
  readonly formatY: (y: number) => string;
  readonly description: string;
}

export interface ChartView<Spec> {
  readonly element: HTMLElement;
  /** Of what was drawn last. */
  title(): string;
  /** Draws in a size of its place; leaves a chart alone whose values are being read off with the pointer. */
  update(spec: Spec): void;
  svg(): SVGSVGElement | undefined;
  /** What its marks stand for, for an image that has no page around it. */
  keys(): readonly ChartKey[];
}

export interface ChartKey {
  readonly name: string;
  /** Of CSS. */
  readonly color: string;
  /** One character that looks like the mark. */
  readonly symbol: string;
}

export function lineChart(): ChartView<LineChart> {
  const legend = h('ul', { class: 'legend' });
  return view(
    legend,
    (spec: LineChart, width) => {
      setChildren(
        legend,
        spec.series.map(({ name, hue, style }) =>
          h(
            'li',
            {},
            h('span', { class: `key ${style} hue-${hue}`, 'aria-hidden': 'true' }),
            h('span', {}, name),
          ),
        ),
      );
      return drawLines(spec, width, 190);
    },
    ({ series }) =>
      series.map(({ name, hue, style }) => ({
        name,
        color: HUES[hue],
        symbol: style === 'dots' ? '●' : style === 'dashed' ? '╌' : '—',
      })),
  );
}

export function scatterChart(): ChartView<Scatter> {
  return view(
    undefined,
    (spec: Scatter, width) =>
      drawScatter(spec, width, Math.round(Math.min(360, Math.max(220, width * 0.5)))),
    ({ keys }) =>
      keys.map(({ name, hue, mark }) => ({ name, color: HUES[hue], symbol: SYMBOLS[mark] })),
  );
}

function view<Spec extends { readonly title: string }>(
  legend: HTMLElement | undefined,
  draw: (spec: Spec, width: number) => SVGSVGElement | undefined,
  keysOf: (spec: Spec) => readonly ChartKey[],
): ChartView<Spec> {
  const place = h('div', { class: 'place' });
  const title = h('span', { class: 'chart-title' });
  const caption = h('figcaption', {}, title, legend);
  const element = h('figure', { class: 'chart-figure' }, caption, place);
  let latest: Spec | undefined;
  let svg: SVGSVGElement | undefined;
  let drawnWidth = 0;
  const redraw = (): void => {
    const width = Math.floor(place.clientWidth);
    if (latest === undefined || width < 80) return;
    drawnWidth = width;
    svg = draw(latest, width);
    if (svg === undefined) {
      place.replaceChildren(h('p', { class: 'nothing' }, 'No values yet'));
    } else {
      place.replaceChildren(svg);
    }
  };
  new ResizeObserver(() => {
    if (Math.floor(place.clientWidth) !== drawnWidth) redraw();
  }).observe(place);
  return {
    element,
    title: () => latest?.title ?? '',
    update(spec) {
      latest = spec;
      setText(title, spec.title);
      if (!place.matches(':hover') || svg === undefined) redraw();
    },
    svg: () => svg,
    keys: () => (latest === undefined ? [] : keysOf(latest)),
  };
}

const TIP = {
  fill: 'var(--vscode-editorHoverWidget-background, #252526)',
  stroke: 'var(--vscode-editorHoverWidget-border, #454545)',
  pathFilter: 'none',
  textPadding: 6,
  fontSize: 11,
} as const;

function finish(svg: (SVGSVGElement | HTMLElement) & Plot.Plot): SVGSVGElement | undefined {
  if (!(svg instanceof SVGSVGElement)) return undefined;
  // Its rules are in our own style sheet, which the page's policy lets in.
  for (const style of svg.querySelectorAll('style')) style.remove();
  // One image with one description: names of its parts would be read to nobody's use.
  for (const part of svg.querySelectorAll('[aria-label]')) {
    part.setAttribute('data-mark', part.getAttribute('aria-label') ?? '');
    part.removeAttribute('aria-label');
  }
  svg.setAttribute('role', 'img');
  return svg;
}

const [MARGIN_LEFT, MARGIN_RIGHT] = [54, 10];

function drawLines(
  { title, series, bands, xLabel, format, domain, domainX, bytes, description }: LineChart,
  width: number,
  height: number,
): SVGSVGElement | undefined {
  const thin = series.map((each) => ({ ...each, points: downsample(each.points, MOST_POINTS) }));
  const all = thin.flatMap(({ name, points }) => points.map((point) => ({ ...point, name })));
  if (all.length === 0) return undefined;
  const shown = bands.filter(({ from, to }) => to > from);
  const labels = placeLabels(shown, domainX, width - MARGIN_LEFT - MARGIN_RIGHT);
  const above = { text: 'label', frameAnchor: 'top', dy: -14, fill: HUES.muted } as const;
  const marks: Plot.Markish[] = [
    Plot.rectX(
      shown.filter((_, i) => i % 2 === 1),
      { x1: 'from', x2: 'to', fill: HUES.muted, fillOpacity: 0.09 },
    ),
    Plot.ruleX(shown.slice(1), { x: 'from', stroke: HUES.muted, strokeOpacity: 0.5 }),
    Plot.text(labels.starts, { ...above, x: 'from', textAnchor: 'start', dx: 4 }),
    Plot.text(labels.end === undefined ? [] : [labels.end], {
      ...above,
      x: domainX[1],
      textAnchor: 'end',
    }),
  ];
  for (const { points, hue, style } of thin) {
    const channels = { x: 'x', y: 'y' } as const;
    if (style === 'dots') {
      marks.push(
        Plot.lineY(points, { ...channels, stroke: HUES[hue], strokeWidth: 1, strokeOpacity: 0.6 }),
        Plot.dot(points, { ...channels, fill: HUES[hue], r: 3 }),
      );
    } else {
      marks.push(
        Plot.lineY(points, {
          ...channels,
          stroke: HUES[hue],
          strokeWidth: style === 'faint' ? 1 : 1.75,
          strokeOpacity: style === 'faint' ? 0.7 : 1,
          ...(style === 'dashed' ? { strokeDasharray: '5 4' } : {}),
          ...(style === 'step' || style === 'dashed' ? { curve: 'step-after' } : {}),
          clip: true,
        }),
      );
    }
  }
  marks.push(
    Plot.ruleX(all, Plot.pointerX({ x: 'x', stroke: HUES.muted, strokeOpacity: 0.7 })),
    Plot.tip(
      all,
      Plot.pointer({
        ...TIP,
        x: 'x',
        y: 'y',
        title: (d: (typeof all)[number]) =>
          `${d.name} ${format(d.y)}\n${xLabel} ${d.x.toLocaleString('en-US')}`,
      }),
    ),
  );
  return finish(
    Plot.plot({
      className: 'chart',
      width,
      height,
      marginLeft: MARGIN_LEFT,
      marginRight: MARGIN_RIGHT,
      marginTop: 20,
      marginBottom: 26,
      ariaLabel: title,
      ariaDescription: description,
      x: {
        label: null,
        domain: [...domainX],
        ticks: Math.max(2, Math.floor(width / 90)),
        tickFormat: ',d',
      },
      y: {
        label: null,
        grid: true,
        ticks: bytes === true && domain !== undefined ? byteTicks(domain[0], domain[1], 4) : 4,
        tickFormat: format,
        ...(domain === undefined ? { nice: true } : { domain: [...domain] }),
      },
      marks,
    }),
  );
}

function drawScatter(
  { title, points, xLabel, yLabel, formatX, formatY, description }: Scatter,
  width: number,
  height: number,
): SVGSVGElement | undefined {
  if (points.length === 0) return undefined;
  const channels = {
    x: 'x',
    y: 'y',
    symbol: (d: ScatterPoint) => d.mark,
    stroke: (d: ScatterPoint) => HUES[d.hue],
  } as const;
  return finish(
    Plot.plot({
      className: 'chart',
      width,
      height,
      marginLeft: 54,
      marginRight: 20,
      marginTop: 26,
      marginBottom: 36,
      ariaLabel: title,
      ariaDescription: description,
      x: {
        label: xLabel,
        labelArrow: false,
        grid: true,
        ticks: byteTicks(...around(points.map(({ x }) => x)), Math.max(2, Math.floor(width / 110))),
        tickFormat: formatX,
        domain: around(points.map(({ x }) => x)),
      },
      y: {
        label: yLabel,
        labelArrow: false,
        grid: true,
        ticks: 5,
        tickFormat: formatY,
        domain: around(points.map(({ y }) => y)),
      },
      color: { type: 'identity' },
      symbol: { type: 'identity' },
      marks: [
        Plot.dot(points, {
          ...channels,
          fill: (d: ScatterPoint) => HUES[d.hue],
          fillOpacity: 0.25,
          strokeWidth: 2,
          r: 6,
        }),
        Plot.dot(
          points.filter(({ emphasis }) => emphasis),
          { x: 'x', y: 'y', r: 11, stroke: 'var(--vscode-foreground, #888888)', strokeWidth: 1.5 },
        ),
        Plot.tip(
          points,
          Plot.pointer({
            ...TIP,
            x: 'x',
            y: 'y',
            title: (d: ScatterPoint) => `${d.label}\n${formatY(d.y)} at ${formatX(d.x)}`,
          }),
        ),
      ],
    }),
  );
}

/** A little room on either side, also around a single value. */
function around(values: readonly number[]): [number, number] {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const room = Math.max((most - least) * 0.12, Math.abs(most) * 0.01, 1e-6);
  return [least - room, most + room];
}

const SYMBOLS = { circle: '●', square: '■', triangle: '▲', diamond: '◆' } as const;

/** For a legend outside of a chart. */
export function markKey(hue: Hue, mark: Mark): HTMLElement {
  const key = h('span', { class: `mark hue-${hue} ${mark}`, 'aria-hidden': 'true' });
  setText(key, SYMBOLS[mark]);
  return key;
}
