/**
 * Where the times of a table's rows have gaps, or go back: windows that lie across such a place join what does not belong
 * together.
 */
import { basename } from 'node:path';
import { UserError } from '../util/errors';
import { toTime } from './recordings';

/** A step of so many times the usual one is a gap: more than one row is missing. */
const GAP = 2.5;

export class RowTimes {
  readonly #file: string;
  readonly #column: string;
  /** Of each row. */
  readonly #times: number[] = [];
  readonly #lines: number[] = [];
  /** Rows whose time has nothing to do with that of the row before. */
  readonly #begins = new Set<number>();
  #dates = false;

  /** @param column name of the column that holds the times */
  constructor(file: string, column: string) {
    this.#file = file;
    this.#column = column;
  }

  /** @param begins whether another recording begins with the row */
  row(text: string, line: number, begins: boolean): void {
    const time = toTime(text);
    if (Number.isNaN(time)) {
      throw new UserError(
        text === ''
          ? `column "${this.#column}" (the time) is empty; fill it in or remove the row`
          : `column "${this.#column}" (the time) holds "${text}", which is neither a number nor a date; mend it or remove the row`,
        { file: this.#file, line },
      );
    }
    this.#dates ||= Number.isNaN(Number(text.replace(',', '.')));
    if (begins) this.#begins.add(this.#times.length);
    this.#times.push(time);
    this.#lines.push(line);
  }

  /** Rows, ascending, before which time is missing or goes back. */
  gaps(): number[] {
    const usual = this.#usualStep();
    return this.#times.flatMap((_, row) => {
      const step = this.#step(row);
      return step < 0 || step > GAP * usual ? [row] : [];
    });
  }

  notes(): string[] {
    if (this.#times.length > 1 && this.#usualStep() === Infinity) {
      return [
        `${basename(this.#file)}: the time in column "${this.#column}" never rises from one row to the next, so gaps cannot be told; ` +
          'name the column that holds the time in dataset.timestamp, and keep the rows in the order in which they were measured',
      ];
    }
    const gaps = this.gaps();
    const [first] = gaps;
    if (first === undefined) return [];
    const more = gaps.length === 1 ? '' : `, and ${gaps.length - 1} more times`;
    const where = `${basename(this.#file)}, line ${this.#lines[first]}`;
    const [from, to] = [this.#text(first - 1), this.#text(first)];
    const usual = Number(this.#usualStep().toPrecision(4));
    return [
      `${where}: the time in column "${this.#column}" goes from ${from} to ${to}${more}, where rows are ` +
        `${usual}${this.#dates ? ' ms' : ''} apart; no window lies across such a gap`,
    ];
  }

  #text(row: number): string {
    const time = this.#times[row]!;
    return this.#dates ? new Date(time).toISOString() : String(time);
  }

  /** NaN where there is none. */
  #step(row: number): number {
    return row === 0 || this.#begins.has(row) ? NaN : this.#times[row]! - this.#times[row - 1]!;
  }

  #usualStep(): number {
    const steps = this.#times.map((_, row) => this.#step(row)).filter((step) => step > 0);
    steps.sort((a, b) => a - b);
    return steps[steps.length >> 1] ?? Infinity;
  }
}
