/** The README's table of the methods: accuracy at each budget, and what the same weights take in other ways. */
import { formatCount, formatPercent } from '../../src/core/report/format';
import { BUDGETS, DENSE, GREEDY, PRUNED, type Method } from './cells';
import { meanOf, type CellResult, type Mean } from './result';

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
  const dense = DENSE.flatMap((method) => {
    const found = of(method);
    if (found === undefined) return [];
    const { packed, optimal, greedy } = found.sizes;
    const sizes = [packed, optimal, greedy].map(formatCount);
    return [[method.label, accuracy(found), ...sizes]];
  });
  return [
    table(['accuracy, share of zeros, at', ...budgets.map((budget) => `${budget} %`)], pruned),
    '',
    table(['not pruned', 'accuracy', 'packed, bytes', 'with LZ4', 'with greedy LZ4'], dense),
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
