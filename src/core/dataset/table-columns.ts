/**
 * What the columns of a table are, judged by their values, by their neighbours and, last, by their names: which of them
 * may hold the label, which are measurements, which only say when or of whom a row is.
 */
import { parseNumber } from './csv-dialect';
import { isRecordingColumn, isTimeColumn } from './recordings';

/** Different values that are kept of a column; labels have fewer. */
const MOST_LABELS = 1000;
/** Rows in which columns are compared with each other. */
const MOST_COMPARED = 100_000;
/** Columns among which somebody is asked to choose. */
const MOST_CHOICES = 12;

/** Sees a column's values one after another. */
export class ColumnUse {
  rows = 0;
  /** Values that are no number. */
  flaws = 0;
  /** Every number is a whole one. */
  whole = true;
  /** Every value is larger than the one before. */
  rising = true;
  empty = 0;
  /** Rows whose value is not that of the row before. */
  changes = 0;
  /** Index of each different value; undefined where they are too many for labels. */
  distinct: Map<string, number> | undefined = new Map();
  /** Index of the value of each of the first rows; empty where `distinct` is undefined. */
  codes: number[] = [];
  #last: string | undefined;
  #lastNumber = -Infinity;

  constructor(readonly name: string) {}

  add(text: string): void {
    this.rows++;
    if (text === '') this.empty++;
    if (text !== this.#last) this.changes++;
    this.#last = text;
    const value = parseNumber(text);
    if (Number.isFinite(value)) {
      this.whole &&= Number.isInteger(value);
      this.rising &&= value > this.#lastNumber;
      this.#lastNumber = value;
    } else {
      this.flaws++;
    }
    if (this.distinct === undefined) return;
    const label = text.normalize('NFC');
    let code = this.distinct.get(label);
    if (code === undefined) {
      code = this.distinct.size;
      if (code === MOST_LABELS) {
        this.distinct = undefined;
        this.codes = [];
        return;
      }
      this.distinct.set(label, code);
    }
    if (this.codes.length < MOST_COMPARED) this.codes.push(code);
  }

  get numeric(): boolean {
    return this.flaws === 0;
  }

  /** A measurement with some values missing is one: training says which, where leaving it out would not be seen. */
  get measured(): boolean {
    return this.flaws <= this.rows / 10;
  }

  get labels(): number {
    return this.distinct?.size ?? Infinity;
  }
}

export interface LabelChoice {
  readonly label: string;
  readonly classes: number;
  /** What remains to be learned from. */
  readonly columns: readonly string[];
}

export interface JudgedColumns {
  /** Columns that may be the label, the likeliest first. */
  readonly choices: readonly LabelChoice[];
  /** Whether the first of them is it beyond doubt. */
  readonly clear: boolean;
  /** Whether that is so by its name, which no table has by chance. */
  readonly named: boolean;
}

const LABEL_NAME =
  /^(.*[_ -])?(labels?|class(es)?|targets?|activit(y|ies)|gestures?|species|categor(y|ies)|faults?|ground_?truth)([_ -]?(id|idx|name|label|nr))?$/i;
/** Names that a label has as well as other things. */
const WEAK_NAME =
  /^(y|states?|status|kind|type|mode|condition|outcome|output|result|quality|verdict|tag|gt|annotation|diagnosis)$/i;
/** Counts rows, or names them. */
const INDEX_NAME = /^(|#|id|index|idx|no\.?|nr|row|unnamed: \d+)$/i;

/** The choice of that label, whatever speaks against it; undefined where there is no such column or nothing beside it. */
export function chooseLabel(columns: readonly ColumnUse[], label: string): LabelChoice | undefined {
  const column = columns.find(({ name }) => name === label.normalize('NFC'));
  return column && choiceOf(column, columns);
}

/** @param columns of one table, in its order */
export function judgeColumns(columns: readonly ColumnUse[]): JudgedColumns {
  const families = findFamilies(columns.map(({ name }) => name));
  const last = columns.at(-1);
  const scored = columns
    .map((column) => ({
      column,
      score: labelScore(column, families.has(column.name), column === last),
    }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, MOST_CHOICES);
  // Of a number and a name of the same class the name is the label; neither may help to guess the other.
  const kept = scored.filter(
    ({ column }, i) =>
      !scored.some(
        (other, k) => k !== i && isTwin(column, other.column) && prefer(other, scored[i]!),
      ),
  );
  const choices = kept.flatMap(({ column }) => choiceOf(column, columns) ?? []);
  const [first, second] = kept;
  return {
    choices,
    clear: first !== undefined && first.score >= 1.5 && first.score - (second?.score ?? 0) >= 1.5,
    named: first !== undefined && LABEL_NAME.test(first.column.name),
  };
}

/** Columns that measure something, in the table's order. */
export function measuredAmong(columns: readonly ColumnUse[]): readonly ColumnUse[] {
  return columns.filter((column) => column.numeric && isFeature(column));
}

/** Columns that may be the label as each of these labels is there, the likeliest first; only one where it is clear. */
export function labelsAmong(columns: readonly ColumnUse[], labels: readonly string[]): string[] {
  const holding = columns
    .filter(({ numeric, whole, empty }) => empty === 0 && (!numeric || whole))
    .filter(({ distinct }) => labels.every((label) => distinct?.has(label) === true))
    .map(({ name }) => name);
  if (holding.length < 2) return holding;
  // Numbers such as 0 are in many a column that counts or measures something.
  const { choices, clear } = judgeColumns(columns);
  const likely = choices.map(({ label }) => label).filter((name) => holding.includes(name));
  const first = likely[0];
  if (first !== undefined && (likely.length === 1 || (clear && first === choices[0]?.label))) {
    return [first];
  }
  return [...new Set([...likely, ...holding])].slice(0, MOST_CHOICES);
}

/** Columns that hold numbers to be told by the others: those called so first, then the last one. */
export function targetsAmong(
  columns: readonly ColumnUse[],
): Pick<LabelChoice, 'label' | 'columns'>[] {
  const measured = measuredAmong(columns);
  const last = columns.at(-1);
  const rank = ({ name }: ColumnUse): number =>
    LABEL_NAME.test(name) || WEAK_NAME.test(name) ? 2 : name === last?.name ? 1 : 0;
  return measured
    .filter(({ labels }) => measured.length > 1 && labels > 2)
    .sort((a, b) => rank(b) - rank(a))
    .slice(0, MOST_CHOICES)
    .map(({ name: label }) => ({
      label,
      columns: measured.map(({ name }) => name).filter((name) => name !== label),
    }));
}

/** Tells recordings apart where rows follow one another in time; elsewhere it may be anything. */
const GROUP_NAME = /^groups?([_ -]?(id|no|nr|number|name))?$/i;

/** The first column by whose name rows belong to recordings, of more than a row each. */
export function recordingAmong(columns: readonly ColumnUse[]): string | undefined {
  return columns.find(
    ({ name, changes, rows }) =>
      (isRecordingColumn(name) || GROUP_NAME.test(name.trim())) && changes <= rows / 2,
  )?.name;
}

/** Columns by whose names rows belong together, with several rows of most of what they name. */
export function groupsAmong(columns: readonly ColumnUse[]): readonly ColumnUse[] {
  return columns.filter(
    ({ name, labels, rows }) =>
      (isRecordingColumn(name) || GROUP_NAME.test(name.trim())) &&
      labels >= 2 &&
      labels <= rows / 2,
  );
}

function choiceOf(column: ColumnUse, columns: readonly ColumnUse[]): LabelChoice | undefined {
  const features = columns.filter(
    (other) => other !== column && isFeature(other) && !isTwin(other, column),
  );
  if (features.length === 0) return undefined;
  return {
    label: column.name,
    classes: column.labels,
    columns: features.map(({ name }) => name),
  };
}

interface Scored {
  readonly column: ColumnUse;
  readonly score: number;
}

function prefer(a: Scored, b: Scored): boolean {
  if (a.column.numeric !== b.column.numeric) return !a.column.numeric;
  return a.score > b.score;
}

/** 0 where the values can be no labels. */
function labelScore(column: ColumnUse, inFamily: boolean, last: boolean): number {
  const { name, rows, empty, numeric, whole, labels, changes } = column;
  if (empty > 0 || labels < 2 || labels > rows / 2) return 0;
  if (numeric && !whole) return 0;
  if (isTimeColumn(name) || INDEX_NAME.test(name)) return 0;
  if (LABEL_NAME.test(name)) return 8;
  if (inFamily || isRecordingColumn(name)) return 0;
  const fewNumbers = numeric && labels <= 30;
  if (numeric && !fewNumbers) return 0;
  return (
    (numeric ? 0.5 : 2) +
    (WEAK_NAME.test(name) ? 1 : 0) +
    (last ? 1 : 0) +
    // Labels stay for a while, where rows follow one another in time.
    (changes <= rows / 4 ? 0.5 : 0)
  );
}

function isFeature({ name, measured, rising, rows }: ColumnUse): boolean {
  if (!measured || isTimeColumn(name) || isRecordingColumn(name) || INDEX_NAME.test(name)) {
    return false;
  }
  return !rising || rows < 10;
}

/** Whether each value of one always stands beside the same value of the other, and the other way round. */
function isTwin(a: ColumnUse, b: ColumnUse): boolean {
  if (a === b || a.distinct === undefined || b.distinct === undefined) return false;
  if (a.labels !== b.labels || a.labels < 2) return false;
  const beside = new Map<number, number>();
  for (const [row, code] of a.codes.entries()) {
    const other = b.codes[row]!;
    if ((beside.get(code) ?? other) !== other) return false;
    beside.set(code, other);
  }
  return new Set(beside.values()).size === beside.size;
}

/**
 * Names of columns that are measurements of one kind: alike but for a number (`f1`, `f2`) or an axis (`x`, `y`, `z`;
 * `gyroX`, `gyroY`).
 */
function findFamilies(names: readonly string[]): ReadonlySet<string> {
  const members = new Map<string, string[]>();
  for (const name of names) {
    for (const kind of kinsOf(name)) {
      const kin = members.get(kind);
      if (kin === undefined) members.set(kind, [name]);
      else kin.push(name);
    }
  }
  return new Set([...members.values()].filter((kin) => kin.length > 1).flat());
}

function kinsOf(name: string): string[] {
  const text = name.trim().toLowerCase();
  const axis = /^(.*?)([xyz])$/.exec(text);
  const first = /^([xyz])(?![a-z])(.*)$/.exec(text);
  return [
    ...(/\d/.test(text) ? [text.replace(/\d+/g, '#')] : []),
    ...(axis === null ? [] : [`${axis[1]}@`]),
    ...(first === null ? [] : [`@${first[2]}`]),
  ];
}
