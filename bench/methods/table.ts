/** Tables of the methods: accuracy at each budget, and what the same weights take in other ways. */
import { formatCount, formatPercent } from '../../src/core/report/format';
import { markdownTable } from '../lib/measured';
import { BUDGETS, DENSE, GREEDY, PRUNED, type Method } from './cells';
import { meanOf, type CellResult, type Mean } from './result';
import type { Study } from './studies';

/** Percent; where the bytes of the same weights stored in other ways are shown. */
const STORED_AT = 25;

/** What the README shows of a study. */
const SUMMARY_BUDGETS = [15, 10, 6];

/** Accuracy at the small budgets of every method that is made to fit them, and how far EAST is ahead; a dash: not run. */
export function summaryTable({ cells: planned }: Study, cells: readonly CellResult[]): string {
  const methods = methodsOf(planned).filter(
    ({ id, family }) => family !== 'dense' && cells.some(({ method }) => method === id),
  );
  const at = ({ id }: Method, budget: number): Mean | undefined =>
    meanOf(cells.filter((cell) => cell.method === id && cell.budget === budget));
  const rows = methods.map((method) => [
    method.label,
    ...SUMMARY_BUDGETS.map((budget) => {
      const found = at(method, budget);
      if (found === undefined) return '–';
      const seeds = found.seeds.length === 1 ? '' : ` (${found.seeds.length})`;
      return `${formatPercent(found.accuracy, 1)}${seeds}`;
    }),
  ]);
  const best = (east: boolean, budget: number): number =>
    Math.max(
      ...methods
        .filter(({ family }) => (family === 'east') === east)
        .map((method) => at(method, budget)?.accuracy ?? -Infinity),
    );
  const lead = SUMMARY_BUDGETS.map((budget) => {
    const points = 100 * (best(true, budget) - best(false, budget));
    return Number.isFinite(points) ? points.toFixed(1) : '–';
  });
  return markdownTable(
    ['accuracy at', ...SUMMARY_BUDGETS.map((budget) => `${budget} %`)],
    [...rows, ['points by which EAST is ahead of all others', ...lead]],
  );
}

function methodsOf(cells: Study['cells']): Method[] {
  return [...new Map(cells.map(({ method }) => [method.id, method])).values()];
}

/** Of each study that has any cells: accuracy and share of zeros at each budget. */
export function studiesTables(
  studies: readonly { readonly study: Study; readonly cells: readonly CellResult[] }[],
): string {
  return studies
    .flatMap(({ study, cells }) => {
      if (cells.length === 0) return [];
      const budgets = [25, 20, 15, 10, 6].filter((budget) =>
        cells.some((cell) => cell.budget === budget),
      );
      const rows = methodsOf(study.cells).flatMap((method) => {
        const found = (budget?: number): Mean | undefined =>
          meanOf(cells.filter((cell) => cell.method === method.id && cell.budget === budget));
        if (!cells.some((cell) => cell.method === method.id)) return [];
        const columns = budgets.map((budget) => {
          const mean = found(budget);
          return mean === undefined ? '' : `${accuracy(mean)}, ${formatPercent(mean.sparsity, 0)}`;
        });
        const all = found();
        const whole =
          all === undefined ? '' : `${accuracy(all)} in ${formatCount(all.sizes.packed)} bytes`;
        return [[method.label, ...columns, whole]];
      });
      const { floatEpochs, epochs, title } = study;
      const { float } = Object.fromEntries(
        (cells[0]?.measured ?? []).map(({ stage, value }) => [stage, value]),
      );
      const head = `${title}, ${floatEpochs} + ${epochs} epochs, float ${formatPercent(float ?? 0, 2)}`;
      return [markdownTable([head, ...budgets.map((budget) => `${budget} %`), 'not pruned'], rows)];
    })
    .join('\n\n');
}

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
  /** Points of accuracy by which the best of `ours` is above the best of `rivals`, and which of them that is. */
  const lead = (budget: number, ours: readonly Method[], rivals: readonly Method[]): string => {
    const [best, rival] = [ours, rivals].map((methods) =>
      methods
        .flatMap((method) => {
          // What is not pruned has one size, and may or may not fit.
          const found = method.family === 'dense' ? of(method) : of(method, budget);
          const fits =
            method.family !== 'dense' || (found?.bytes ?? 0) <= (budget / 100) * denseBytes;
          return found !== undefined && fits ? [{ method, accuracy: found.accuracy }] : [];
        })
        .sort((a, b) => b.accuracy - a.accuracy)
        .at(0),
    );
    if (best === undefined || rival === undefined) return '';
    const points = 100 * (best.accuracy - rival.accuracy);
    return `${points < 0 ? '−' : '+'}${Math.abs(points).toFixed(2)}, ${rival.method.label}`;
  };
  const every = [...PRUNED, ...GREEDY, ...DENSE];
  const east = every.filter(({ family }) => family === 'east');
  const int8 = east.filter(({ id }) => id === 'east_8');
  const leads = [
    [
      'points EAST is above the best other',
      ...budgets.map((b) =>
        lead(
          b,
          east,
          every.filter(({ family }) => family !== 'east'),
        ),
      ),
    ],
    [
      'points EAST, int8 is above the best of magnitude and groups',
      ...budgets.map((b) =>
        lead(
          b,
          int8,
          every.filter(({ family }) => family === 'magnitude' || family === 'group'),
        ),
      ),
    ],
  ];
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
    markdownTable(
      ['accuracy, share of zeros, at', ...budgets.map((budget) => `${budget} %`)],
      [...pruned, ...leads],
    ),
    '',
    markdownTable(
      ['not pruned: bytes, share of dense int8', 'accuracy', 'packed', 'LZ4', 'greedy LZ4'],
      dense,
    ),
    '',
    markdownTable(
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
