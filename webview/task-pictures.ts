/** What the network of a finished run does of its task: sentences, and a picture or two. */
import type { DashboardState, Picture } from '../src/protocol/dashboard';
import { roundTicks } from './axis';
import { h, setChildren, setHidden } from './dom';
import { capitalised, formatCount, formatPercent } from './format';

export interface TaskPictures {
  readonly element: HTMLElement;
  update(state: DashboardState): void;
}

export function taskPictures(): TaskPictures {
  const lines = h('ul', { class: 'task-lines' });
  const pictures = h('div', { class: 'task-pictures' });
  const element = h(
    'section',
    { class: 'task', 'aria-labelledby': 'task-title' },
    h('h2', { id: 'task-title' }, 'The task'),
    lines,
    pictures,
  );
  /** What is drawn, as text: the same is not drawn again. */
  let drawn = '';
  return {
    element,
    update({ results: { task } }) {
      setHidden(element, task === undefined);
      const wanted = JSON.stringify(task ?? null);
      if (wanted === drawn) return;
      drawn = wanted;
      setChildren(
        lines,
        (task?.lines ?? []).map((line) => h('li', {}, capitalised(line))),
      );
      setChildren(pictures, (task?.pictures ?? []).map(picture));
    },
  };
}

function picture(spec: Picture): HTMLElement {
  const figure = h('figure', { class: `task-picture ${spec.kind}` });
  figure.append(h('figcaption', {}, spec.title));
  switch (spec.kind) {
    case 'matrix':
      figure.append(matrix(spec));
      break;
    case 'curve':
    case 'points':
      figure.append(plane(spec));
      if (spec.kind === 'curve') figure.append(h('p', {}, capitalised(spec.markLabel)));
      break;
    case 'histogram':
      figure.append(histogram(spec), legend(spec));
  }
  return figure;
}

/** A row for each true class, a column for each answer; the larger the share of its row, the stronger the colour. */
function matrix({ names, counts }: Extract<Picture, { kind: 'matrix' }>): HTMLElement {
  const head = h(
    'tr',
    {},
    h('th', { scope: 'col' }, 'true \\ told'),
    ...names.map((name) => h('th', { scope: 'col' }, name)),
  );
  const rows = counts.map((row, i) => {
    const all = row.reduce((sum, count) => sum + count, 0);
    const cells = row.map((count, j) => {
      const kind = i === j ? 'right' : count === 0 ? 'none' : 'wrong';
      const cell = h('td', { class: kind }, formatCount(count));
      const share = all === 0 ? 0 : count / all;
      // Few mistakes are to be seen, too.
      cell.style.setProperty('--share', String(i === j ? share : Math.sqrt(share)));
      return cell;
    });
    return h('tr', {}, h('th', { scope: 'row' }, names[i] ?? ''), ...cells);
  });
  return h('div', { class: 'matrix-scroll' }, h('table', {}, head, ...rows));
}

const SVG = 'http://www.w3.org/2000/svg';
const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT] = [360, 280, 66, 40, 12, 34];

function svg(
  tag: string,
  attributes: Readonly<Record<string, string | number>>,
  text?: string,
): Element {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  if (text !== undefined) element.textContent = text;
  return element;
}

interface Frame {
  readonly element: Element;
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
}

interface Ticks {
  readonly xTicks: readonly number[];
  readonly yTicks: readonly number[];
  readonly xText: (value: number) => string;
  readonly yText: (value: number) => string;
}

/** An empty plot with its axes. */
function frame(
  label: string,
  [x0, x1]: readonly [number, number],
  [y0, y1]: readonly [number, number],
  [xLabel, yLabel]: readonly [string, string],
  {
    xTicks = roundTicks(x0, x1),
    yTicks = roundTicks(y0, y1),
    xText = short,
    yText = short,
  }: Partial<Ticks> = {},
): Frame {
  const x = (value: number): number =>
    LEFT + ((value - x0) / (x1 - x0 || 1)) * (WIDTH - LEFT - RIGHT);
  const y = (value: number): number =>
    HEIGHT - BOTTOM - ((value - y0) / (y1 - y0 || 1)) * (HEIGHT - BOTTOM - TOP);
  const element = svg('svg', {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    role: 'img',
    'aria-label': label,
  });
  element.append(
    svg('line', { class: 'axis', x1: LEFT, x2: WIDTH - RIGHT, y1: y(y0), y2: y(y0) }),
    svg('line', { class: 'axis', x1: LEFT, x2: LEFT, y1: TOP, y2: y(y0) }),
    ...xTicks.map((value) =>
      svg('text', { x: x(value), y: HEIGHT - BOTTOM + 15, 'text-anchor': 'middle' }, xText(value)),
    ),
    ...yTicks.map((value) =>
      svg('text', { x: LEFT - 6, y: y(value) + 4, 'text-anchor': 'end' }, yText(value)),
    ),
    svg('text', { x: (LEFT + WIDTH) / 2, y: HEIGHT - 6, 'text-anchor': 'middle' }, xLabel),
    svg(
      'text',
      {
        'text-anchor': 'middle',
        transform: `translate(12 ${(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)`,
      },
      yLabel,
    ),
  );
  return { element, x, y };
}

function plane(spec: Extract<Picture, { kind: 'curve' | 'points' }>): Element {
  const values = spec.kind === 'curve' ? [0, 1] : spec.points.flat();
  const range = [Math.min(...values), Math.max(...values)] as const;
  const { element, x, y } = frame(spec.title, range, range, [spec.xLabel, spec.yLabel]);
  const [low, high] = range;
  element.append(
    svg('line', { class: 'diagonal', x1: x(low), y1: y(low), x2: x(high), y2: y(high) }),
  );
  if (spec.kind === 'points') {
    element.append(
      ...spec.points.map(([a, b]) => svg('circle', { class: 'dot', cx: x(a), cy: y(b), r: 2.5 })),
    );
    return element;
  }
  const points = spec.points.map(([a, b]) => `${x(a).toFixed(1)},${y(b).toFixed(1)}`);
  const [a, b] = spec.mark;
  element.append(
    svg('polyline', { class: 'curve', points: points.join(' ') }),
    svg('circle', { class: 'mark', cx: x(a), cy: y(b), r: 5 }),
  );
  return element;
}

function histogram({
  title,
  most,
  beyond,
  threshold,
  groups,
}: Extract<Picture, { kind: 'histogram' }>): Element {
  // Groups are of different sizes: each bar is a share of its own group.
  const shares = groups.map(({ counts }) => {
    const all = counts.reduce((sum, count) => sum + count, 0);
    return counts.map((count) => count / Math.max(all, 1));
  });
  const top = Math.max(0.01, ...shares.flat());
  const error = (value: number): string =>
    beyond && value === most ? `${short(value)} or more` : short(value);
  const { element, x, y } = frame(
    title,
    [0, most || 1],
    [0, top],
    ['error', 'share of the group'],
    {
      xTicks: [0, (most || 1) / 2, most || 1],
      xText: error,
      yText: (value) => formatPercent(value, 0),
    },
  );
  shares.forEach((bars, group) => {
    const width = (most || 1) / bars.length;
    bars.forEach((share, i) => {
      if (share === 0) return;
      element.append(
        svg('rect', {
          class: `bar-${group}`,
          x: x(i * width),
          y: y(share),
          width: Math.max(1, x(width) - x(0) - 0.5),
          height: y(0) - y(share),
        }),
      );
    });
  });
  if (threshold <= most) {
    element.append(
      svg('line', { class: 'threshold', x1: x(threshold), x2: x(threshold), y1: TOP, y2: y(0) }),
    );
  }
  return element;
}

function legend({ groups }: Extract<Picture, { kind: 'histogram' }>): HTMLElement {
  const keys = [
    ...groups.map(({ name }, i) => ({ name, key: `bar-${i}` })),
    { name: 'threshold', key: 'threshold' },
  ];
  return h(
    'ul',
    { class: 'legend' },
    ...keys.map(({ name, key }) =>
      h('li', {}, h('span', { class: `swatch ${key}`, 'aria-hidden': 'true' }), name),
    ),
  );
}

function short(value: number): string {
  return String(Number(value.toPrecision(3))).replace('-', '−');
}
