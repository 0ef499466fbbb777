/** The layers: what each takes and how much of it is zero, live while it trains. */
import type { DashboardState, LayerRow } from '../src/protocol/dashboard';
import { h, setHidden, setText } from './dom';
import { formatCount, formatPercent, formatRatio, formatShape } from './format';
import { sortableTable, type Column } from './sortable-table';
import { setView, view } from './view-state';

interface Row extends LayerRow {
  readonly order: number;
}

export interface LayersTable {
  readonly element: HTMLElement;
  update(state: DashboardState): void;
}

/** `onOpen` shows the weights of a layer. */
export function layersTable(onOpen: (layer: string) => void): LayersTable {
  const table = sortableTable<Row>({
    caption: 'Layers',
    columns: columns(onOpen),
    rowKey: ({ name }) => name,
    onSort: (layerSort) => setView({ layerSort }),
    onRow: (layer) => setView({ layer }),
  });
  return {
    element: table.element,
    update(state) {
      const rows = state.layers.map((layer, order) => ({ ...layer, order }));
      table.update(rows, view().layerSort, view().layer);
    },
  };
}

function columns(onOpen: (layer: string) => void): Column<Row>[] {
  return [
    {
      id: 'order',
      label: 'Layer',
      numeric: false,
      heading: true,
      key: ({ order }) => order,
      fill(cell, { name, kind, format, noise }) {
        if (cell.firstChild === null) {
          const open = h('button', {
            type: 'button',
            class: 'link',
            title: 'Show the weight map of this layer',
          });
          open.addEventListener('click', () => onOpen(name));
          cell.append(open, h('span', { class: 'kind' }));
        }
        setText(cell.children[0]!, name);
        setText(cell.children[1]!, kindLabel(kind, format, noise));
      },
    },
    text(
      'shape',
      'Shape',
      ({ parameters }) => parameters,
      ({ shape }) => formatShape(shape),
    ),
    text(
      'parameters',
      'Weights',
      ({ parameters }) => parameters,
      (l) => formatCount(l.parameters),
    ),
    bar('sparsity', 'Sparsity', ({ sparsity }) => sparsity),
    text(
      'ratio',
      'Ratio',
      ({ ratio }) => ratio,
      ({ ratio }) => (ratio === undefined ? '–' : formatRatio(ratio)),
    ),
    text(
      'bytes',
      'Bytes',
      (l) => l.blobBytes,
      (l) => (l.blobBytes === undefined ? '–' : formatCount(l.blobBytes)),
    ),
    bar('share', 'Share', ({ share }) => share),
  ];
}

function text(
  id: string,
  label: string,
  key: (row: Row) => number | undefined,
  show: (row: Row) => string,
): Column<Row> {
  return { id, label, numeric: true, key, fill: (cell, row) => setText(cell, show(row)) };
}

/** The number, and a bar behind it for the eye. */
function bar(id: string, label: string, value: (row: Row) => number | undefined): Column<Row> {
  return {
    id,
    label,
    numeric: true,
    key: value,
    fill(cell, row) {
      if (cell.firstElementChild === null) {
        cell.replaceChildren(
          h('span', { class: 'meter', 'aria-hidden': 'true' }, h('span', { class: `fill ${id}` })),
          h('span', { class: 'value' }),
        );
      }
      const share = value(row);
      const meter = cell.querySelector<HTMLElement>('.meter');
      if (meter !== null) setHidden(meter, share === undefined);
      const fill = cell.querySelector<HTMLElement>('.fill');
      if (fill !== null) fill.style.width = `${(100 * (share ?? 0)).toFixed(2)}%`;
      setText(cell.children[1]!, formatPercent(share));
    },
  };
}

/** The format where it is not the usual one, and what quantising did where nothing was trained. */
function kindLabel(kind: string, format = 'int8', noise: LayerRow['noise'] = {}): string {
  const { output, own } = noise;
  const alone = own === undefined ? '' : `, alone ${own.toFixed(1)} dB`;
  return (
    kind +
    (format === 'int8' ? '' : ` · ${format}`) +
    (output === undefined ? '' : ` · signal to noise ${output.toFixed(1)} dB${alone}`)
  );
}
