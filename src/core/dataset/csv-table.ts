/** One CSV file as a table of numbers with a label per row; what rows mean is csv.ts's business. */
import { basename } from 'node:path';
import { UserError } from '../util/errors';
import { parseDecimalComma } from './csv-dialect';
import { checkHeader, csvRecords } from './csv-records';
import { RecordingWatch } from './recordings';
import { RowTimes } from './row-times';
import { defined } from '../util/defined';
import { MOST_BYTES } from './unpack';

export interface CsvTable {
  readonly file: string;
  readonly columns: readonly string[];
  /** [rows, columns], rows after one another; may be longer than that. */
  readonly values: Float32Array;
  readonly rows: number;
  /** Different labels as written, in Unicode's composed form. */
  readonly labelNames: readonly string[];
  /** Index in `labelNames` of each row; may be longer. */
  readonly labels: Uint32Array;
  /** [rows, targets], rows after one another; may be longer; empty where no column is a target. */
  readonly targets: Float32Array;
  /** Line (1-based) each row ends on; may be longer. */
  readonly lines: Uint32Array;
  /** Rows, ascending, with which another recording begins than the row before is of, or which come after a gap in time. */
  readonly breaks: readonly number[];
  /** Different subjects as written, and the index of each row's; may be longer. Without a column of them: undefined. */
  readonly subjects?: { readonly names: readonly string[]; readonly rows: Uint32Array };
  /** Sentences for the user about how the table was read; usually none. */
  readonly notes: readonly string[];
}

/** What of a table's columns means what. */
export interface CsvColumns {
  /** undefined: the table has no labels, so that all rows count as of one. */
  readonly label: string | undefined;
  /** Columns of the numbers that go with each row; they are no inputs. */
  readonly target?: readonly string[];
  /** Columns to use, in this order; undefined: all but the label, the targets and the recording. */
  readonly columns?: readonly string[];
  /** Without `columns`: a table whose columns the file must have, and whose order is taken; undefined: the file's own. */
  readonly first?: Pick<CsvTable, 'file' | 'columns'>;
  /** Column that tells recordings apart. */
  readonly recording?: string;
  /** Columns that say of whom a row is, and when it was measured. */
  readonly subject?: string;
  readonly timestamp?: string;
  /** Whether rows follow one another in time, so that it matters where recordings end. */
  readonly ordered?: boolean;
  /** Told of the columns that will be used before a row is read; throws where they are not wanted. */
  readonly accept?: (file: string, columns: readonly string[]) => void;
}

/**
 * Reads a table with a header line, separated by commas, semicolons, tabs or bars. Blank lines are skipped; any other
 * line that is no full row of finite numbers is a UserError with line and column name.
 */
export async function readCsvTable(file: string, wanted: CsvColumns): Promise<CsvTable> {
  let header: Header | undefined;
  const values = new Growing(Float32Array);
  const labels = new Growing(Uint32Array);
  const lines = new Growing(Uint32Array);
  const targets = new Growing(Float32Array);
  const labelIndex = new Map<string, number>();
  const breaks: number[] = [];
  let recording: string | undefined;
  const subjectIndex = new Map<string, number>();
  const subjects = new Growing(Uint32Array);
  let times: RowTimes | undefined;
  let watch: RecordingWatch | undefined;
  const numbers = new Numbers(file);
  for await (const { fields, line } of csvRecords(file)) {
    if (header === undefined) {
      header = readHeader(fields, wanted, file);
      wanted.accept?.(file, header.columns);
      times =
        header.timestampPosition === undefined ? undefined : new RowTimes(file, wanted.timestamp!);
      if (wanted.ordered === true && wanted.recording === undefined && times === undefined) {
        watch = new RecordingWatch(fields, wanted.label);
      }
      continue;
    }
    const width = header.columns.length;
    if (4 * (labels.length + 1) * width > MOST_BYTES) {
      throw new UserError(
        `the table has more than ${MOST_BYTES / 4} values; use fewer columns or rows`,
        {
          file,
          line,
        },
      );
    }
    for (let c = 0; c < width; c++) {
      values.push(numbers.read(fields[header.positions[c]!]!, header.columns[c]!, line));
    }
    wanted.target?.forEach((column, t) => {
      targets.push(numbers.read(fields[header!.targetPositions[t]!]!, column, line, 'target'));
    });
    const text = header.labelPosition === undefined ? UNLABELLED : fields[header.labelPosition]!;
    if (text === '') {
      throw new UserError(`column "${wanted.label}" (the label) is empty`, { file, line });
    }
    const name = text.normalize('NFC');
    const index = labelIndex.get(name) ?? labelIndex.size;
    labelIndex.set(name, index);
    const recorded = groupIn(fields, header.recordingPosition, wanted.recording, { file, line });
    const subject = groupIn(fields, header.subjectPosition, wanted.subject, { file, line });
    const next = JSON.stringify([recorded, subject]);
    const begins = recording !== undefined && next !== recording;
    if (begins) breaks.push(labels.length);
    recording = next;
    if (subject !== undefined) {
      const number = subjectIndex.get(subject) ?? subjectIndex.size;
      subjectIndex.set(subject, number);
      subjects.push(number);
    }
    if (header.timestampPosition !== undefined) {
      // Where the label changes windows end anyway.
      const changes = labels.length > 0 && labels.array[labels.length - 1] !== index;
      times?.row(fields[header.timestampPosition]!, line, begins || changes);
    }
    watch?.row(fields, index, line);
    labels.push(index);
    lines.push(line);
  }
  if (header === undefined) throw new UserError('the file is empty', { file });
  if (labels.length === 0) throw new UserError('the table has a header line but no rows', { file });
  return {
    file,
    columns: header.columns,
    values: values.array,
    rows: labels.length,
    labelNames: [...labelIndex.keys()],
    labels: labels.array,
    targets: targets.array.subarray(0, targets.length),
    lines: lines.array,
    breaks: times === undefined ? breaks : merged(breaks, times.gaps()),
    ...defined({
      subjects:
        wanted.subject === undefined
          ? undefined
          : { names: [...subjectIndex.keys()], rows: subjects.array },
    }),
    notes: [...numbers.notes(), ...(times?.notes() ?? []), ...(watch?.notes(file) ?? [])],
  };
}

/** Which recording or subject a row is of; undefined where no column says so. */
function groupIn(
  fields: readonly string[],
  position: number | undefined,
  column: string | undefined,
  at: { readonly file: string; readonly line: number },
): string | undefined {
  if (position === undefined) return undefined;
  const text = fields[position]!;
  if (text !== '') return text.normalize('NFC');
  throw new UserError(
    `column "${column}" is empty, so that nothing says what this row belongs to; fill it in or remove the row`,
    at,
  );
}

/** Stands for the label of rows that have none. */
const UNLABELLED = 'unlabelled';

interface Header {
  readonly columns: readonly string[];
  readonly positions: readonly number[];
  readonly labelPosition: number | undefined;
  readonly targetPositions: readonly number[];
  readonly recordingPosition: number | undefined;
  readonly subjectPosition: number | undefined;
  readonly timestampPosition: number | undefined;
}

/** Ascending, each once. */
function merged(a: readonly number[], b: readonly number[]): readonly number[] {
  return [...new Set([...a, ...b])].sort((x, y) => x - y);
}

function readHeader(names: readonly string[], wanted: CsvColumns, file: string): Header {
  const at = { file, line: 1 };
  checkHeader(names, file);
  const places = new Map(names.map((name, i) => [name, i]));
  const twice = names.find((name, i) => places.get(name) !== i);
  if (twice !== undefined) {
    throw new UserError(`the header line has column "${twice}" twice`, at);
  }
  const position = (name: string, key: string): number => {
    const index = places.get(name.normalize('NFC'));
    if (index !== undefined) return index;
    throw new UserError(
      `${key}: there is no column "${name}"; the header line has ${shown(names)}`,
      at,
    );
  };
  const labelPosition =
    wanted.label === undefined ? undefined : position(wanted.label, 'dataset.label');
  const recordingPosition =
    wanted.recording === undefined ? undefined : position(wanted.recording, 'dataset.recording');
  const targetPositions = (wanted.target ?? []).map((name) => position(name, 'dataset.target'));
  const subjectPosition =
    wanted.subject === undefined ? undefined : position(wanted.subject, 'dataset.subject');
  const timestampPosition =
    wanted.timestamp === undefined ? undefined : position(wanted.timestamp, 'dataset.timestamp');
  const told = [
    ...[labelPosition, recordingPosition, subjectPosition, timestampPosition],
    ...targetPositions,
  ];
  const rest = names.filter((_, i) => !told.includes(i));
  if (wanted.columns === undefined && wanted.first !== undefined) {
    const difference = columnDifference(wanted.first, rest);
    if (difference !== undefined) throw new UserError(difference, at);
  }
  const columns = wanted.columns ?? wanted.first?.columns ?? rest;
  if (columns.length === 0) {
    throw new UserError(
      wanted.target === undefined
        ? 'the table has no column but the label'
        : 'the table has no column but the targets',
      at,
    );
  }
  const positions = columns.map((name) => position(name, 'dataset.columns'));
  if (labelPosition !== undefined && positions.includes(labelPosition)) {
    throw new UserError(`dataset.columns contains the label column "${wanted.label}"`, at);
  }
  return {
    columns,
    positions,
    labelPosition,
    targetPositions,
    recordingPosition,
    subjectPosition,
    timestampPosition,
  };
}

/** What other names tell is another measurement, even where there are as many of them. */
function columnDifference(
  first: Pick<CsvTable, 'file' | 'columns'>,
  columns: readonly string[],
): string | undefined {
  const without = (names: readonly string[], others: readonly string[]): string[] => {
    const known = new Set(others);
    return names.filter((name) => !known.has(name));
  };
  const missing = without(first.columns, columns);
  const extra = without(columns, first.columns);
  if (missing.length === 0 && extra.length === 0) return undefined;
  const difference = [
    ...(missing.length === 0 ? [] : [`lacks ${shown(missing)}`]),
    ...(extra.length === 0 ? [] : [`has ${shown(extra)} besides`]),
  ];
  return (
    `the columns are not those of ${basename(first.file)}, the first training file: it ${difference.join(' and ')}; ` +
    'give every file the same columns, in any order, or name in dataset.columns those to use, which all files must have'
  );
}

/** Not all of sixty thousand. */
function shown(names: readonly string[]): string {
  return names.slice(0, 30).join(', ') + (names.length > 30 ? `, … (${names.length} columns)` : '');
}

type ColumnUse = 'input' | 'target';

/** What is wrong with a value, and what to do: one that is missing is another matter than a column of words. */
function noNumber(text: string, use: ColumnUse): string {
  const row = 'fill it in or remove the row';
  if (text === '') return ` is empty; ${row}`;
  const held = ` holds "${text}", which is no finite number`;
  const missing = /^[-+]?(nan|na|n\/a|null|none|inf|-|\?)$/i.test(text);
  if (missing || !Number.isNaN(Number(text))) return `${held}; ${row}`;
  return use === 'target'
    ? `${held}, as dataset.target must; mend it, or name a column of classes in dataset.label and leave the task out`
    : `${held}; mend it, or name in dataset.columns the columns to learn from`;
}

/** The numbers of one file, which has one decimal mark. */
class Numbers {
  readonly #file: string;
  /** A number as written by which the mark was known. */
  #point: string | undefined;
  #comma: string | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  /** @param use what the column is for */
  read(text: string, column: string, line: number, use: ColumnUse = 'input'): number {
    let value = text === '' ? NaN : Number(text);
    if (Number.isNaN(value)) {
      value = parseDecimalComma(text);
      if (!Number.isNaN(value)) this.#comma ??= text;
    } else if (this.#point === undefined && text.includes('.')) {
      this.#point = text;
    }
    const where = { file: this.#file, line };
    if (!Number.isFinite(Math.fround(value))) {
      throw new UserError(`column "${column}"${noNumber(text, use)}`, where);
    }
    if (this.#comma !== undefined && this.#point !== undefined) {
      throw new UserError(
        `column "${column}" holds "${text}", but the table has decimal ${text.includes(',') ? 'points' : 'commas'} elsewhere ("${text.includes(',') ? this.#point : this.#comma}"); use one of the two`,
        where,
      );
    }
    return value;
  }

  notes(): string[] {
    if (this.#comma === undefined) return [];
    const value = parseDecimalComma(this.#comma);
    return [`${this.#file} has decimal commas: "${this.#comma}" is read as ${value}`];
  }
}

/** Numbers whose count is not known before. */
class Growing<T extends Float32Array | Uint32Array> {
  array: T;
  length = 0;
  readonly #make: new (length: number) => T;

  constructor(make: new (length: number) => T) {
    this.#make = make;
    this.array = new make(1024);
  }

  push(value: number): void {
    if (this.length === this.array.length) {
      const larger = new this.#make(2 * this.array.length);
      larger.set(this.array);
      this.array = larger;
    }
    this.array[this.length++] = value;
  }
}
