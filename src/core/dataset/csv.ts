/**
 * Format `csv`: what the rows of tables mean. Without `window` each row is an example whose columns fill model.input in
 * order; with it `window` consecutive rows are one example, [1, time, columns], and the next starts `step` rows later.
 *
 * A window has one label: windows never cross a change of label, of the recording (where a column says so) or the end of
 * a file but start afresh there, since a window of two activities belongs to neither. Rows that end up in no window are counted and reported in the notes.
 * Overlapping windows (`step` < `window`) share rows between training and validation, so trust the test set, which
 * comes from other files.
 */
import { basename } from 'node:path';
import type { Shape } from '../ops/shape';
import { UserError } from '../util/errors';
import {
  classesOf,
  countLabel,
  unknownLabel,
  type Classes,
  type KnownClasses,
  type LabelUses,
} from './classes';
import type { CsvTable } from './csv-table';
import type { Samples } from './dataset';
import { defined } from '../util/defined';
import { allocateFloats } from './memory';

/**
 * The classes of the training set's labels: numbers where every label is a whole number, else names, numbered in the
 * order of their code units.
 */
export function csvClasses(
  tables: readonly CsvTable[],
  classes: number | undefined,
  network?: KnownClasses,
): Classes {
  const numeric = tables.every(({ labelNames }) => labelNames.every(isWholeNumber));
  const uses: LabelUses = new Map();
  for (const { file, rows, labels, labelNames, lines } of tables) {
    const read = labelNames.map((name) => (numeric ? Number(name) : name));
    for (let row = 0; row < rows; row++) {
      countLabel(uses, read[labels[row]!]!, () => `${basename(file)}, line ${lines[row]}`);
    }
  }
  return classesOf(uses, classes, tables[0]?.file ?? '', undefined, network);
}

/** "07" is 7. */
function isWholeNumber(label: string): boolean {
  return /^\d{1,15}$/.test(label);
}

/** Examples and, where rows were left over, a sentence about it. */
export interface CsvSamples {
  readonly samples: Samples;
  readonly leftOver: number;
  readonly rows: number;
}

/** @param classes undefined: the targets are the tables' own, the last row's of each window; none where there are no labels @param window rows per example and rows between two starts; undefined: one row each @param shape undefined: the data are the numbers of the windows */
export function samplesFromTables(
  tables: readonly CsvTable[],
  classes: Classes | undefined,
  window: RowWindow | undefined,
  shape: Shape | undefined,
): CsvSamples {
  const size = window?.size ?? 1;
  const step = window?.step ?? 1;
  const elements = shape === undefined ? 1 : shape[0] * shape[1] * shape[2];

  const starts = tables.map((table) => windowStarts(table, size, step));
  const count = starts.reduce((sum, each) => sum + each.length, 0);
  const data = allocateFloats(count * elements);
  const targetSize = classes === undefined ? numbersPerRow(tables) : 1;
  const targets = new Float32Array(count * targetSize);
  const subjects = tables.some((table) => table.subjects) ? new Uint32Array(count) : undefined;
  const numbers = new Map<string, number>();
  const numberOf = (name: string): number => {
    const number = numbers.get(name) ?? numbers.size;
    numbers.set(name, number);
    return number;
  };
  let done = 0;
  let used = 0;
  let rows = 0;
  tables.forEach((table, t) => {
    const width = table.columns.length;
    const indices = classes && classIndices(table, classes);
    let end = 0;
    for (const start of starts[t]!) {
      if (shape === undefined) data[done] = done;
      else data.set(table.values.subarray(start * width, (start + size) * width), done * elements);
      if (subjects && table.subjects) {
        subjects[done] = numberOf(table.subjects.names[table.subjects.rows[start]!]!);
      }
      if (indices) targets[done] = indices[table.labels[start]!]!;
      else if (targetSize > 0) {
        const last = start + size - 1;
        targets.set(
          table.targets.subarray(last * targetSize, (last + 1) * targetSize),
          done * targetSize,
        );
      }
      done++;
      used += start + size - Math.max(start, end);
      end = start + size;
    }
    rows += table.rows;
  });
  return {
    samples: { count, shape: shape ?? [1, 1, 1], data, targets, ...defined({ subjects }) },
    leftOver: rows - used,
    rows,
  };
}

export interface RowWindow {
  readonly size: number;
  readonly step: number;
}

/** Throws UserError where a subject is in both sets: the network knows it already when it is tested. */
export function checkSubjects(train: readonly CsvTable[], test: readonly CsvTable[]): void {
  const known = new Map(
    train.flatMap(({ file, subjects }) => (subjects?.names ?? []).map((name) => [name, file])),
  );
  for (const { file, subjects } of test) {
    const both = subjects?.names.find((name) => known.has(name));
    if (both === undefined) continue;
    throw new UserError(
      `subject "${both}" is in ${basename(known.get(both)!)}, too, which is trained on, so the test would say nothing about new ones; ` +
        'move all of its rows into one of the two',
      { file },
    );
  }
}

function numbersPerRow(tables: readonly CsvTable[]): number {
  const [first] = tables;
  return first === undefined ? 0 : first.targets.length / Math.max(first.rows, 1);
}

/** First rows of the windows: `step` apart within each stretch of one label and one recording. */
export function windowStarts(
  { labels, rows, breaks }: Pick<CsvTable, 'labels' | 'rows' | 'breaks'>,
  size: number,
  step: number,
): number[] {
  const starts: number[] = [];
  let first = 0;
  let next = 0;
  for (let row = 1; row <= rows; row++) {
    const broken = breaks[next] === row;
    if (broken) next++;
    if (row < rows && !broken && labels[row] === labels[first]) continue;
    for (let start = first; start + size <= row; start += step) starts.push(start);
    first = row;
  }
  return starts;
}

/** Throws UserError where the columns of a table's header are not the channels of a front end. */
export function checkChannels(file: string, columns: readonly string[], channels: number): void {
  if (columns.length === channels) return;
  throw new UserError(
    `the table has ${columns.length} columns to learn from (${columns.slice(0, 8).join(', ')}${columns.length > 8 ? ', …' : ''}), but the front end takes ${channels} channels; name those to use in dataset.columns, or set frontend.channels`,
    { file, line: 1 },
  );
}

/** Throws UserError where the columns of a table's header do not make the model's input. */
export function checkWidth(
  file: string,
  columns: readonly string[],
  window: number | undefined,
  shape: Shape,
): void {
  const width = columns.length;
  const text = shape.join('×');
  if (window === undefined) {
    if (width === shape[0] * shape[1] * shape[2]) return;
    throw new UserError(
      `a row has ${width} columns (${columns.slice(0, 8).join(', ')}${width > 8 ? ', …' : ''}) but model.input says ${text}`,
      { file, line: 1 },
    );
  }
  const sizes = (of: readonly number[]) => of.filter((n) => n !== 1).join('×');
  if (sizes([window, width]) === sizes(shape)) return;
  throw new UserError(
    `a window has ${window} rows of ${width} columns but model.input says ${text}; make it [1, ${window}, ${width}]`,
    { file, line: 1 },
  );
}

/** Class of each of the table's labels, by its index in `labelNames`. */
function classIndices(table: CsvTable, classes: Classes): number[] {
  return table.labelNames.map((name, index) => {
    const number = isWholeNumber(name) ? classes.indexOf.get(Number(name)) : undefined;
    const found = number ?? classes.indexOf.get(name);
    if (found !== undefined) return found;
    const row = table.labels.indexOf(index);
    throw new UserError(unknownLabel(name, classes), {
      file: table.file,
      line: table.lines[row] ?? 1,
    });
  });
}
