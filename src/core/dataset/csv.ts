/**
 * Format `csv`: what the rows of tables mean. Without `window` each row is an example whose columns fill model.input in
 * order; with it `window` consecutive rows are one example, [1, time, columns], and the next starts `step` rows later.
 *
 * A window has one label: windows never cross a change of label or the end of a file but start afresh there, since a
 * window of two activities belongs to neither. Rows that end up in no window are counted and reported in the notes.
 * Overlapping windows (`step` < `window`) share rows between training and validation, so trust the test set, which
 * comes from other files.
 */
import type { Shape } from '../ops/shape';
import { UserError } from '../util/errors';
import type { CsvTable } from './csv-table';
import type { Samples } from './dataset';
import { allocateFloats } from './memory';
import { defined } from '../util/defined';

/**
 * Names of the classes, from the labels of the training set. When every label is a whole number they are class indices
 * and must be below `classes`; otherwise they are names, numbered in the order of their code units, and there must be
 * exactly `classes` of them.
 */
export function csvClassNames(tables: readonly CsvTable[], classes: number): string[] {
  const distinct = [...new Set(tables.flatMap((table) => [...new Set(table.labels)]))].sort();
  if (distinct.every((label) => /^\d+$/.test(label))) {
    return Array.from({ length: classes }, (_, i) => String(i));
  }
  if (distinct.length !== classes) {
    const shown = distinct.slice(0, 20).join(', ') + (distinct.length > 20 ? ', …' : '');
    throw new UserError(
      `the training set has ${distinct.length} different labels (${shown}) but model.classes is ${classes}`,
      defined({ file: tables[0]?.file }),
    );
  }
  return distinct;
}

/** Examples and, where rows were left over, a sentence about it. */
export interface CsvSamples {
  readonly samples: Samples;
  readonly leftOver: number;
  readonly rows: number;
}

/** @param window rows per example and rows between two starts; undefined: one row each */
export function samplesFromTables(
  tables: readonly CsvTable[],
  classNames: readonly string[],
  window: { readonly size: number; readonly step: number } | undefined,
  shape: Shape,
): CsvSamples {
  const size = window?.size ?? 1;
  const step = window?.step ?? 1;
  const elements = shape[0] * shape[1] * shape[2];
  for (const table of tables) checkWidth(table, window?.size, shape);

  const starts = tables.map((table) => windowStarts(table.labels, size, step));
  const count = starts.reduce((sum, each) => sum + each.length, 0);
  const data = allocateFloats(count * elements);
  const labels = new Uint16Array(count);
  let done = 0;
  let used = 0;
  let rows = 0;
  tables.forEach((table, t) => {
    const width = table.columns.length;
    const classes = classIndices(table, classNames);
    let end = 0;
    for (const start of starts[t]!) {
      data.set(table.values.subarray(start * width, (start + size) * width), done * elements);
      labels[done++] = classes[start]!;
      used += start + size - Math.max(start, end);
      end = start + size;
    }
    rows += table.labels.length;
  });
  const targets = Float32Array.from(labels);
  return { samples: { count, shape, data, targets }, leftOver: rows - used, rows };
}

/** First rows of the windows: `step` apart within each stretch of equal labels. */
export function windowStarts(labels: readonly string[], size: number, step: number): number[] {
  const starts: number[] = [];
  let first = 0;
  for (let row = 1; row <= labels.length; row++) {
    if (row < labels.length && labels[row] === labels[first]) continue;
    for (let start = first; start + size <= row; start += step) starts.push(start);
    first = row;
  }
  return starts;
}

function checkWidth(table: CsvTable, window: number | undefined, shape: Shape): void {
  const width = table.columns.length;
  const text = shape.join('×');
  if (window === undefined) {
    if (width === shape[0] * shape[1] * shape[2]) return;
    throw new UserError(
      `a row has ${width} columns (${table.columns.slice(0, 8).join(', ')}${width > 8 ? ', …' : ''}) but model.input says ${text}`,
      { file: table.file, line: 1 },
    );
  }
  const sizes = (of: readonly number[]) => of.filter((n) => n !== 1).join('×');
  if (sizes([window, width]) === sizes(shape)) return;
  throw new UserError(
    `a window has ${window} rows of ${width} columns but model.input says ${text}; make it [1, ${window}, ${width}]`,
    { file: table.file, line: 1 },
  );
}

function classIndices(table: CsvTable, classNames: readonly string[]): Uint16Array {
  const index = new Map(classNames.map((name, i) => [name, i]));
  return Uint16Array.from(table.labels, (label, row) => {
    // "07" is 7 where labels are numbers.
    const found = index.get(label) ?? index.get(label.replace(/^0+(?=\d)/, ''));
    if (found !== undefined) return found;
    throw new UserError(
      `label "${label}" is none of the ${classNames.length} classes (${classNames.slice(0, 20).join(', ')}); see model.classes`,
      { file: table.file, line: table.lines[row] ?? 1 },
    );
  });
}
