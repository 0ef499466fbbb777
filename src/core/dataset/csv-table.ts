/** One CSV file as a table of numbers with a label per row; what rows mean is csv.ts's business. */
import { CsvError, parse } from 'csv-parse';
import { Readable } from 'node:stream';
import { UserError } from '../util/errors';
import { readMaybeGzipped } from './files';

export interface CsvTable {
  readonly file: string;
  readonly columns: readonly string[];
  /** [rows, columns], rows after one another; may be longer than that. */
  readonly values: Float32Array;
  /** Label of each row as written. */
  readonly labels: readonly string[];
  /** Line (1-based) each row ends on. */
  readonly lines: readonly number[];
}

const CHUNK = 1 << 20;

/**
 * Reads a table with a header line, separated by commas, semicolons or tabs, whichever the header has most of. Blank
 * lines are skipped; any other line that is no full row of finite numbers is a UserError with line and column name.
 * @param label name of the label column
 * @param columns the columns to use, in this order; undefined: all but the label, in the file's
 */
export async function readCsvTable(
  file: string,
  label: string,
  columns: readonly string[] | undefined,
): Promise<CsvTable> {
  let header: Header | undefined;
  let values = new Float32Array(1024);
  const labels: string[] = [];
  const lines: number[] = [];
  // One string per class, not one per row.
  const known = new Map<string, string>();
  for await (const { record, line } of parseRecords(file)) {
    if (header === undefined) {
      header = readHeader(record, label, columns, file);
      continue;
    }
    const width = header.columns.length;
    const at = labels.length * width;
    if (at + width > values.length) {
      const larger = new Float32Array(Math.max(2 * values.length, at + width));
      larger.set(values);
      values = larger;
    }
    for (let c = 0; c < width; c++) {
      values[at + c] = toNumber(record[header.positions[c]!]!, header.columns[c]!, file, line);
    }
    const text = record[header.labelPosition]!;
    if (text === '') throw new UserError(`column "${label}" (the label) is empty`, { file, line });
    labels.push(known.get(text) ?? text);
    known.set(text, text);
    lines.push(line);
  }
  if (header === undefined) throw new UserError('the file is empty', { file });
  if (labels.length === 0) throw new UserError('the table has a header line but no rows', { file });
  return { file, columns: header.columns, values, labels, lines };
}

/** Column names and the first `rows` rows of a table, as they are written; reads no further than that. */
export async function readCsvHead(
  file: string,
  rows: number,
): Promise<{ readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] }> {
  const head: string[][] = [];
  for await (const { record } of parseRecords(file)) {
    head.push(record);
    if (head.length > rows) break;
  }
  const [columns = [], ...rest] = head;
  return { columns, rows: rest };
}

interface Header {
  readonly columns: readonly string[];
  readonly positions: readonly number[];
  readonly labelPosition: number;
}

function readHeader(
  names: readonly string[],
  label: string,
  wanted: readonly string[] | undefined,
  file: string,
): Header {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new UserError(`the header line has column "${twice}" twice`, { file, line: 1 });
  }
  const position = (name: string, key: string): number => {
    const index = names.indexOf(name);
    if (index >= 0) return index;
    throw new UserError(
      `${key}: there is no column "${name}"; the header line has ${names.join(', ')}`,
      { file, line: 1 },
    );
  };
  const labelPosition = position(label, 'dataset.label');
  const columns = wanted ?? names.filter((name) => name !== label);
  if (columns.length === 0) {
    throw new UserError('the table has no column but the label', { file, line: 1 });
  }
  if (columns.includes(label)) {
    throw new UserError(`dataset.columns contains the label column "${label}"`, { file, line: 1 });
  }
  const positions = columns.map((name) => position(name, 'dataset.columns'));
  return { columns, positions, labelPosition };
}

function toNumber(text: string, column: string, file: string, line: number): number {
  const value = text === '' ? NaN : Number(text);
  if (Number.isFinite(Math.fround(value))) return value;
  throw new UserError(`column "${column}" holds "${text}", which is no finite number`, {
    file,
    line,
  });
}

async function* parseRecords(file: string): AsyncGenerator<{ record: string[]; line: number }> {
  const bytes = readMaybeGzipped(file);
  const parser = Readable.from(chunks(bytes)).pipe(
    parse({
      bom: true,
      delimiter: delimiterOf(bytes),
      info: true,
      skipEmptyLines: true,
      trim: true,
    }),
  );
  try {
    for await (const item of parser) {
      if (isParsed(item)) yield { record: item.record, line: item.info.lines };
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line: unknown = error.lines;
    throw new UserError(`the table is damaged: ${error.message}`, {
      file,
      cause: error,
      ...(typeof line === 'number' ? { line } : {}),
    });
  }
}

function* chunks(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += CHUNK) yield bytes.subarray(at, at + CHUNK);
}

function delimiterOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0x0a);
  const line = Buffer.from(bytes.subarray(0, end < 0 ? bytes.length : end)).toString('utf8');
  const count = (character: string) => line.split(character).length;
  return [',', ';', '\t'].reduce((best, next) => (count(next) > count(best) ? next : best));
}

interface Parsed {
  record: string[];
  info: { lines: number };
}

function isParsed(item: unknown): item is Parsed {
  return typeof item === 'object' && item !== null && 'record' in item && 'info' in item;
}
