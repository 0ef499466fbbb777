/** The README's table of the methods: accuracy at each budget, and what the same weights take in other ways. */
import { formatCount, formatPercent } from '../../src/core/report/format';
import { BUDGETS, DENSE, GREEDY, PRUNED, type Method } from './cells';
import { meanOf, type CellResult, type Mean } from './result';

/** Percent; where the bytes of the same weights stored in other ways are shown. */
const STORED_AT = 25;

export function methodsTable(cells: readonly CellResult[]): string {
  const budgets = [...BUDGETS].sort((a, b) => b - a);
  const of = ({ id }: Method, budget?: number): Mean | undefined =>
    meanOf(cells.filter((cell) => cell.method === id && cell.budget === budget));
  const measured = [...PRUNED, ...GREEDY].filter(({ id }) =>
    cells.some((cell) => cell.method === id),
  );
  const pruned = measured.map((method) => [
    method.label,
    ...budgets.map((budget) => {
      const found = of(method, budget);
      return found === undefined ? '' : `${accuracy(found)}, ${formatPercent(found.sparsity, 0)}`;
    }),
  ]);
  const denseBytes = cells[0]?.denseBytes ?? 1;
  const bytes = (size: number): string =>
    `${formatCount(size)}, ${formatPercent(size / denseBytes, 1)}`;
  const dense = DENSE.flatMap((method) => {
    const found = of(method);
    if (found === undefined) return [];
    const { packed, optimal, greedy } = found.sizes;
    return [[method.label, accuracy(found), ...[packed, optimal, greedy].map(bytes)]];
  });
  const stored = measured.flatMap((method) => {
    const found = of(method, STORED_AT);
    if (found === undefined) return [];
    const { optimal, greedy, packed, bitmap } = found.sizes;
    return [[method.label, ...[optimal, greedy, packed, bitmap].map(bytes)]];
  });
  return [
    table(['accuracy, share of zeros, at', ...budgets.map((budget) => `${budget} %`)], pruned),
    '',
    table(
      ['not pruned: bytes, share of dense int8', 'accuracy', 'packed', 'LZ4', 'greedy LZ4'],
      dense,
    ),
    '',
    table(
      [
        `the same weights, trained for ${STORED_AT} %`,
        'LZ4',
        'greedy LZ4',
        'packed',
        'bitmap, values',
      ],
      stored,
    ),
  ].join('\n');
}

/** With the number of seeds and their spread where there are several. */
function accuracy({ accuracy: value, seeds, spread }: Mean): string {
  const text = formatPercent(value, 2);
  return seeds.length === 1 ? text : `${text} ± ${(100 * spread).toFixed(2)} (${seeds.length})`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}
