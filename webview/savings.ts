/** What saved the bytes of each layer of a finished run: a stacked bar each, and by what the layer is stored. */
import type { DashboardState, LayerRow } from '../src/protocol/dashboard';
import { h, setChildren, setHidden } from './dom';
import { formatCount, formatPercent } from './format';

export interface SavingsView {
  readonly element: HTMLElement;
  update(state: DashboardState): void;
}

/** Parts of the bar from its start, with the classes that colour them. */
const PARTS = [
  { name: 'left', part: 'part-0' },
  { name: 'saved by few levels', part: 'part-2' },
  { name: 'by pruning', part: 'part-1' },
  { name: 'by the encoding of the rest', part: 'part-3' },
] as const;

export function savingsView(): SavingsView {
  const rows = h('ul', { class: 'savings-rows' });
  const element = h(
    'section',
    { class: 'savings', 'aria-labelledby': 'savings-title' },
    h('h2', { id: 'savings-title' }, 'What saved the bytes'),
    rows,
    h(
      'ul',
      { class: 'legend' },
      ...PARTS.map(({ name, part }) =>
        h('li', {}, h('span', { class: `swatch ${part}`, 'aria-hidden': 'true' }), name),
      ),
    ),
  );
  return {
    element,
    update({ layers }) {
      const known = layers.flatMap(({ savings, blobBytes, ...layer }) =>
        savings === undefined || blobBytes === undefined ? [] : [{ ...layer, savings, blobBytes }],
      );
      setHidden(element, known.length === 0);
      setChildren(rows, known.map(row));
    },
  };
}

type Known = LayerRow & Required<Pick<LayerRow, 'savings' | 'blobBytes'>>;

/** The bar is as long as the weights as dense int8; what costs more than it saves has no part of it. */
function row({ name, savings, blobBytes, storedBy }: Known): HTMLElement {
  const { dense, levels, zeros, coding } = savings;
  const whole = Math.max(dense, blobBytes);
  const bytes = [blobBytes, levels, zeros, coding];
  const words = PARTS.map((part, i) =>
    bytes[i]! < 0
      ? `${part.name} ${formatCount(-bytes[i]!)} lost`
      : `${part.name} ${formatCount(bytes[i]!)}`,
  );
  const text = `${name}, ${formatCount(dense)} bytes as dense int8: ${words.join(', ')}`;
  const parts = PARTS.map(({ part }, i) => {
    const piece = h('span', { class: `part ${part}` });
    piece.style.width = `${((100 * Math.max(0, bytes[i]!)) / whole).toFixed(2)}%`;
    return piece;
  });
  return h(
    'li',
    {},
    h('span', { class: 'savings-name' }, name),
    h(
      'div',
      { class: 'bar', role: 'img', 'aria-label': text, title: text },
      h('span', { class: 'parts' }, ...parts),
    ),
    h('span', { class: 'savings-left' }, formatPercent(blobBytes / dense)),
    h('span', { class: 'stored-by', title: storedBy }, storedBy ?? ''),
  );
}
