/** Runs in a browser: draws accuracy over bytes and hands the SVG back. Bundled by plot.ts. */
import * as Plot from '@observablehq/plot';

export interface Point {
  readonly label: string;
  readonly family: string;
  readonly bytes: number;
  /** Percent. */
  readonly accuracy: number;
  /** The last one of its method, where its name stands. */
  readonly named: boolean;
}

/** One width of a network, made to fit one size. */
export interface WidthPoint {
  readonly width: number;
  /** `16 KiB`. */
  readonly size: string;
  readonly kibibytes: number;
  /** Percent. */
  readonly accuracy: number;
}

const COLOURS = {
  east: '#178a3c',
  magnitude: '#c2620a',
  group: '#7a4fb5',
  filters: '#8a6d1d',
  clusters: '#c01f5d',
  'entropy-coded clusters': '#e07a9f',
  dense: '#2563b0',
};

function draw(points: readonly Point[]): string {
  const chart = Plot.plot({
    width: 900,
    height: 520,
    marginRight: 150,
    style: { background: 'white', color: '#222', fontSize: '12px' },
    x: { type: 'log', label: 'weights in flash, KiB', tickFormat: String, grid: true },
    y: { label: 'test accuracy, %', grid: true },
    color: { domain: Object.keys(COLOURS), range: Object.values(COLOURS) },
    marks: [
      Plot.line(points, { x: 'bytes', y: 'accuracy', z: 'label', stroke: 'family' }),
      Plot.dot(points, { x: 'bytes', y: 'accuracy', fill: 'family', symbol: 'family', r: 4 }),
      Plot.text(
        points.filter(({ named }) => named),
        { x: 'bytes', y: 'accuracy', text: 'label', fill: 'family', dx: 8, textAnchor: 'start' },
      ),
    ],
  });
  return svgOf(chart);
}

function drawWidths(points: readonly WidthPoint[]): string {
  const ordered = [...points].sort((a, b) => a.kibibytes - b.kibibytes || a.width - b.width);
  const widest = Math.max(...points.map(({ width }) => width));
  const named = ordered.filter(({ width }) => width === widest);
  const chart = Plot.plot({
    width: 700,
    height: 420,
    marginRight: 70,
    style: { background: 'white', color: '#222', fontSize: '12px' },
    x: {
      type: 'log',
      label: 'width of the network',
      ticks: [...new Set(points.map(({ width }) => width))],
      tickFormat: String,
    },
    y: { label: 'test accuracy, %', grid: true },
    color: { domain: [...new Set(ordered.map(({ size }) => size))] },
    marks: [
      Plot.line(ordered, { x: 'width', y: 'accuracy', z: 'size', stroke: 'size' }),
      Plot.dot(ordered, { x: 'width', y: 'accuracy', fill: 'size', r: 4 }),
      Plot.text(named, {
        x: 'width',
        y: 'accuracy',
        text: 'size',
        fill: 'size',
        dx: 8,
        textAnchor: 'start',
      }),
    ],
  });
  return svgOf(chart);
}

function svgOf(chart: Element): string {
  chart.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  return chart.outerHTML;
}

Object.assign(globalThis, { draw, drawWidths });
