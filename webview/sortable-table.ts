/**
 * A table whose columns sort by their headers, with the mouse or the keyboard. Rows are kept by key and cells are only
 * touched where something changed, so that a live update disturbs neither focus nor selection.
 */
import { h, setAttribute, setChildren, setText } from './dom';
import type { Sort } from './view-state';

export interface Column<Row> {
  readonly id: string;
  readonly label: string | ((rows: readonly Row[]) => string);
  readonly numeric: boolean;
  /** What to sort by; undefined goes last either way. */
  readonly key: (row: Row) => number | string | undefined;
  /** Fills the cell, which it may find filled by an earlier call. */
  readonly fill: (cell: HTMLElement, row: Row) => void;
  /** Names the row for screen readers. */
  readonly heading?: boolean;
}

export interface TableOptions<Row> {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rowKey: (row: Row) => string;
  readonly onSort: (sort: Sort) => void;
  readonly onRow?: (key: string) => void;
}

export interface Table<Row> {
  readonly element: HTMLElement;
  update(rows: readonly Row[], sort: Sort, selected?: string): void;
}

export function sortableTable<Row>(options: TableOptions<Row>): Table<Row> {
  const { columns, rowKey } = options;
  let sort: Sort = { column: '', descending: false };
  const headers = columns.map((column) => {
    const button = h('button', { type: 'button', class: 'sort' });
    button.addEventListener('click', () => {
      // Numbers are most interesting from the top.
      const descending = sort.column === column.id ? !sort.descending : column.numeric;
      options.onSort({ column: column.id, descending });
    });
    return { button, cell: h('th', { scope: 'col', class: cellClass(column) }, button) };
  });
  const body = h('tbody');
  const rows = new Map<string, { row: HTMLTableRowElement; cells: HTMLTableCellElement[] }>();
  const table = h(
    'table',
    {},
    h('caption', { class: 'hidden' }, options.caption),
    h('thead', {}, h('tr', {}, ...headers.map(({ cell }) => cell))),
    body,
  );

  const rowOf = (key: string): { row: HTMLTableRowElement; cells: HTMLTableCellElement[] } => {
    const existing = rows.get(key);
    if (existing !== undefined) return existing;
    const cells = columns.map((column) =>
      column.heading === true
        ? h('th', { scope: 'row', class: cellClass(column) })
        : h('td', { class: cellClass(column) }),
    );
    const row = h('tr', {}, ...cells);
    if (options.onRow !== undefined) row.addEventListener('click', () => options.onRow?.(key));
    rows.set(key, { row, cells });
    return { row, cells };
  };

  return {
    element: h(
      'div',
      { class: 'table', role: 'group', 'aria-label': options.caption, tabindex: 0 },
      table,
    ),
    update(data, wanted, selected) {
      sort = wanted;
      columns.forEach((column, i) => {
        const { button, cell } = headers[i]!;
        setText(button, typeof column.label === 'string' ? column.label : column.label(data));
        const direction = sort.descending ? 'descending' : 'ascending';
        setAttribute(cell, 'aria-sort', column.id === sort.column ? direction : undefined);
      });
      const sorted = sortRows(
        data,
        columns.find(({ id }) => id === sort.column),
        sort.descending,
      );
      const elements = sorted.map((item) => {
        const key = rowKey(item);
        const { row, cells } = rowOf(key);
        columns.forEach((column, i) => column.fill(cells[i]!, item));
        row.classList.toggle('selected', key === selected);
        return row;
      });
      setChildren(body, elements);
      const keys = new Set(data.map(rowKey));
      for (const key of rows.keys()) if (!keys.has(key)) rows.delete(key);
    },
  };
}

/** As they came where there is no column. Equal keys stay in that order. */
export function sortRows<Row>(
  rows: readonly Row[],
  column: Pick<Column<Row>, 'key'> | undefined,
  descending: boolean,
): readonly Row[] {
  if (column === undefined) return rows;
  return rows
    .map((row) => ({ row, key: column.key(row) }))
    .sort((a, b) => {
      if (a.key === undefined || b.key === undefined) {
        return Number(a.key === undefined) - Number(b.key === undefined);
      }
      const order =
        typeof a.key === 'number' && typeof b.key === 'number'
          ? a.key - b.key
          : String(a.key).localeCompare(String(b.key), 'en', { numeric: true });
      return descending ? -order : order;
    })
    .map(({ row }) => row);
}

function cellClass<Row>({ id, numeric }: Column<Row>): string {
  return numeric ? `column-${id} number` : `column-${id}`;
}
