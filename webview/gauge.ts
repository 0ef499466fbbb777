/** A memory budget: its parts stacked against the limit, and by how much it is exceeded. */
import type { DashboardState, Gauge } from '../src/protocol/dashboard';
import { h, setChildren, setHidden, setText } from './dom';
import { formatAgainst, formatBytes, formatCount } from './format';

export interface GaugeView {
  readonly element: HTMLElement;
  update(gauge: Gauge, basis: DashboardState['basis']): void;
}

const NAMES = { flash: 'Flash', ram: 'RAM' } as const;
const BASIS = {
  forecast: 'expected',
  live: 'so far',
  report: '',
} as const;

export function gaugeView(key: Gauge['key']): GaugeView {
  const total = h('span', { class: 'total' });
  const basisLabel = h('span', { class: 'basis' });
  const verdict = h('span', { class: 'verdict' });
  const parts = h('span', { class: 'parts' });
  const limitMark = h('span', { class: 'limit' });
  const bar = h('div', { class: 'bar', role: 'img' }, parts, limitMark);
  const legend = h('ul', { class: 'legend' });
  const note = h('p', { class: 'note' });
  const element = h(
    'section',
    { class: `card gauge ${key}`, 'aria-labelledby': `gauge-${key}` },
    h('h2', { id: `gauge-${key}` }, NAMES[key], ' ', basisLabel),
    h('p', { class: 'line' }, total, verdict),
    bar,
    legend,
    note,
  );
  return {
    element,
    update(gauge, basis) {
      const exceeds = gauge.limit !== undefined && gauge.total > gauge.limit;
      // Training starts with all weights and brings them under the budget: on the way there is nothing wrong.
      const shrinking = exceeds && basis === 'live' && key === 'flash';
      const over = exceeds && !shrinking;
      // The bar ends at the budget, or where it is exceeded at what is needed.
      const end = Math.max(gauge.limit ?? 0, gauge.total, 1);
      element.classList.toggle('over', over);
      setText(basisLabel, BASIS[basis]);
      setText(
        total,
        gauge.limit === undefined
          ? `${formatBytes(gauge.total)}, no limit`
          : formatAgainst(gauge.total, gauge.limit),
      );
      setText(verdict, shrinking ? wayToGo(gauge) : verdictOf(gauge));
      update(parts, legend, gauge, end);
      setHidden(limitMark, !exceeds);
      limitMark.style.left = `${(100 * (gauge.limit ?? end)) / end}%`;
      bar.setAttribute(
        'aria-label',
        `${NAMES[key]} ${total.textContent}: ` +
          gauge.parts.map((part) => `${part.name} ${formatCount(part.bytes)} bytes`).join(', '),
      );
      setText(note, gauge.note ?? '');
      setHidden(note, gauge.note === undefined);
    },
  };
}

function verdictOf({ total, limit }: Gauge): string {
  if (limit === undefined) return '';
  return total > limit
    ? `✗ over by ${formatBytes(total - limit)}`
    : `✓ ${formatBytes(limit - total)} free`;
}

function wayToGo({ total, limit = total }: Gauge): string {
  return `${formatBytes(total - limit)} to go`;
}

function update(bar: HTMLElement, legend: HTMLElement, gauge: Gauge, end: number): void {
  if (bar.childElementCount !== gauge.parts.length) {
    setChildren(
      bar,
      gauge.parts.map((_, i) => h('span', { class: `part part-${i}` })),
    );
    setChildren(
      legend,
      gauge.parts.map((_, i) =>
        h(
          'li',
          {},
          h('span', { class: `swatch part-${i}`, 'aria-hidden': 'true' }),
          h('span', {}),
          h('b', {}),
        ),
      ),
    );
  }
  gauge.parts.forEach(({ name, bytes }, i) => {
    const part = bar.children[i];
    if (part instanceof HTMLElement) {
      part.style.width = `${(100 * bytes) / end}%`;
      part.title = `${name}: ${formatCount(bytes)} B`;
    }
    const [, label, value] = legend.children[i]!.children;
    setText(label!, name);
    setText(value!, formatBytes(bytes));
  });
}
