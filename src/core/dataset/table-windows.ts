/** Windows of tables' rows as raw samples for a front end: sensor values as counts of int16. */
import { basename } from 'node:path';
import { windowStarts } from './csv';
import type { CsvTable } from './csv-table';
import { cutOut, type RawWindows } from './raw-windows';

const MOST = 32767;

export interface TableSetting {
  /** Rows of a window, and from the start of one to that of the next. */
  readonly length: number;
  readonly step: number;
  readonly sampleRate?: number;
  /** Counts of a unit of each column; undefined: the values are counts. */
  readonly counts?: readonly number[];
}

/**
 * Counts of int16 that a unit of each column is, so that its largest value in the training set nearly fills them: powers of
 * two, which change nothing of a value but its range. Undefined where all values are counts already.
 */
export function countsOf(tables: readonly CsvTable[]): readonly number[] | undefined {
  const width = tables[0]?.columns.length ?? 0;
  const most = new Float64Array(width);
  let whole = true;
  for (const { values, rows } of tables) {
    for (let i = 0; i < rows * width; i++) {
      const value = values[i]!;
      whole &&= Number.isInteger(value);
      most[i % width] = Math.max(most[i % width]!, Math.abs(value));
    }
  }
  if (whole && most.every((value) => value <= MOST)) return undefined;
  return Array.from(most, (value) => (value === 0 ? 1 : 2 ** Math.floor(Math.log2(MOST / value))));
}

export class TableWindows implements RawWindows {
  readonly sampleRate?: number;
  readonly counts?: readonly number[];
  readonly #tables: readonly CsvTable[];
  /** Table and first row of each window. */
  readonly #windows: readonly { readonly table: number; readonly row: number }[];
  /** Values that are no count of int16 any more, and the first of them. */
  readonly #beyond = new Map<number, { readonly count: number; readonly first: number }>();
  #read: { readonly table: number; readonly data: Int16Array } | undefined;

  constructor(tables: readonly CsvTable[], { length, step, sampleRate, counts }: TableSetting) {
    this.#tables = tables;
    this.#windows = tables.flatMap((table, t) =>
      windowStarts(table, length, step).map((row) => ({ table: t, row })),
    );
    if (sampleRate !== undefined) this.sampleRate = sampleRate;
    if (counts !== undefined) this.counts = counts;
  }

  cut(number: number, offset: number, length: number): Promise<Int16Array> {
    const { table, row } = this.#windows[number]!;
    if (this.#read?.table !== table) this.#read = { table, data: this.#asCounts(table) };
    const width = this.#tables[table]!.columns.length;
    return Promise.resolve(cutOut(this.#read.data, width, row + offset, length));
  }

  notes(): string[] {
    return [...this.#beyond].map(([number, { count, first }]) => {
      const { file, lines, columns, values } = this.#tables[number]!;
      const width = columns.length;
      const column = first % width;
      const most = MOST / (this.counts?.[column] ?? 1);
      const more = count === 1 ? '' : `, and ${count - 1} more values,`;
      return (
        `${basename(file)}, line ${lines[Math.floor(first / width)]}: ${Number(values[first]!.toPrecision(7))} in column "${columns[column]}"${more} ` +
        `is beyond the ${Number(most.toPrecision(5))} that the counts of the training set reach, and is cut off there, as on the chip; ` +
        'let the training set have the largest values that there can be'
      );
    });
  }

  #asCounts(table: number): Int16Array {
    const { values, rows, columns } = this.#tables[table]!;
    const width = columns.length;
    let beyond = 0;
    let first = -1;
    const data = Int16Array.from({ length: rows * width }, (_, i) => {
      const count = Math.round(values[i]! * (this.counts?.[i % width] ?? 1));
      if (count < -32768 || count > MOST) {
        if (beyond === 0) first = i;
        beyond++;
      }
      return Math.max(-32768, Math.min(MOST, count));
    });
    if (beyond > 0) this.#beyond.set(table, { count: beyond, first });
    return data;
  }
}
