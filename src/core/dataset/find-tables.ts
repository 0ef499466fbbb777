/** Finds CSV files that look like labelled examples, for find-datasets.ts. */
import { posix, resolve } from 'node:path';
import { UserError } from '../util/errors';
import { checkHeader, csvRecords } from './csv-records';
import type { FoundDataset, LabelChoice } from './found-dataset';
import { guessSet, pairSets, patternOf } from './set-names';
import {
  chooseLabel,
  ColumnUse,
  groupsAmong,
  judgeColumns,
  labelsAmong,
  measuredAmong,
  recordingAmong,
  targetsAmong,
  type JudgedColumns,
} from './table-columns';
import { problemText } from './trial';
import { defined } from '../util/defined';

export const CSV_FILE = /\.csv(\.gz)?$/i;

/** Of a set of files, unpacked: what is read to judge the columns and to count the classes. */
const MOST_BYTES = 16 * 1024 * 1024;
/** The most columns a table of examples has; wider ones are something else, and slow to judge. */
const MOST_COLUMNS = 10_000;

interface Table {
  /** A pattern where several files belong together. */
  readonly path: string;
  readonly header: readonly string[];
  readonly judged: JudgedColumns;
  readonly rows: number;
  /** Whether all of it was read, so that rows and classes are counted. */
  readonly whole: boolean;
}

/** Called a training set, but unreadable. */
interface UnfitTable extends FoundDataset {
  readonly problem: string;
}

export async function describeTables(
  root: string,
  paths: readonly string[],
  signal: AbortSignal | undefined,
): Promise<FoundDataset[]> {
  const tables: Table[] = [];
  const unfit: UnfitTable[] = [];
  for (const files of groups(paths)) {
    if (signal?.aborted === true) break;
    const table = await inspectTables(root, files);
    if (table === undefined) continue;
    if ('problem' in table) unfit.push(table);
    else tables.push(table);
  }
  const names = ({ header }: Table): string => [...header].sort().join();
  const fit = (a: Table, b: Table): boolean => names(a) === names(b);
  const found = pairSets(tables, fit).map(({ train, test }): FoundDataset => ({
    ...(train.judged.clear
      ? describeLabel(train.judged.choices[0]!, train)
      : { labelChoices: train.judged.choices.map((choice) => describeLabel(choice, train)) }),
    format: 'csv',
    train: train.path,
    ...defined({ test: test?.path }),
    ...(train.whole ? { examples: train.rows } : {}),
  }));
  return [...found, ...unfit];
}

/** What follows from the choice of a label. */
function describeLabel(
  { label, classes, columns }: JudgedColumns['choices'][number],
  { header, whole }: Pick<Table, 'header' | 'whole'>,
): LabelChoice {
  const all = columns.length === header.length - 1;
  return {
    label,
    ...(all ? {} : { columns }),
    input: [1, 1, columns.length],
    ...(whole && Number.isFinite(classes) ? { classes } : {}),
  };
}

/** Files of one folder whose names differ only in their numbers belong together. */
function groups(paths: readonly string[]): string[][] {
  const byPattern = new Map<string, string[]>();
  for (const path of paths) {
    const name = posix.basename(path).replace(/\d+/g, '*');
    const key = posix.join(posix.dirname(path), name);
    const group = byPattern.get(key);
    if (group === undefined) byPattern.set(key, [path]);
    else group.push(path);
  }
  return [...byPattern.values()];
}

async function inspectTables(
  root: string,
  files: readonly string[],
): Promise<Table | UnfitTable | undefined> {
  const path = patternOf(files);
  if (path === undefined) return undefined;
  try {
    const columns = await readColumns(files.map((file) => resolve(root, file)));
    if (columns === undefined) return undefined;
    const { uses, whole } = columns;
    const judged = judgeColumns(uses);
    // Without a name that says so, a table is taken for a training set only where its file is called one.
    if (judged.choices.length === 0 || !(judged.named || guessSet(path) !== undefined)) {
      return undefined;
    }
    return { path, header: uses.map(({ name }) => name), judged, rows: uses[0]?.rows ?? 0, whole };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    if (guessSet(path) !== 'train') return undefined;
    return { format: 'csv', train: path, problem: problemText(root, error) };
  }
}

/** What is known of a table's columns already. */
export interface GivenColumns {
  readonly label?: string;
  readonly columns?: readonly string[];
  readonly recording?: string;
  /** Rows make windows: a column that tells recordings apart is looked for. */
  readonly windowed?: boolean;
}

export type DescribedTable = Pick<
  FoundDataset,
  'label' | 'columns' | 'input' | 'classes' | 'labelChoices' | 'examples'
> & { readonly recording?: string };

/**
 * What files of one table give for a config, whatever they are called: with `label` given, the rest of it, else what is
 * clear. Throws UserError where they cannot be read.
 */
export async function describeTable(
  files: readonly string[],
  { label, columns, recording: told, windowed = false }: GivenColumns,
): Promise<DescribedTable> {
  const read = await readColumns(files);
  if (read === undefined) return {};
  const { uses, whole } = read;
  const counted = whole ? { examples: uses[0]?.rows ?? 0 } : {};
  const describe = (choice: JudgedColumns['choices'][number]) => {
    const others = uses.filter(({ name }) => name !== choice.label && !columns?.includes(name));
    const recording = told ?? (windowed ? recordingAmong(others) : undefined);
    const used = columns ?? choice.columns.filter((name) => name !== recording);
    const header = uses.map(({ name }) => name).filter((name) => name !== recording);
    const described = describeLabel({ ...choice, columns: used }, { header, whole });
    return { ...described, ...counted, ...defined({ recording }) };
  };
  const given = label === undefined ? undefined : chooseLabel(uses, label);
  if (given !== undefined) return describe(given);
  const { clear, choices } = judgeColumns(uses);
  const described = choices.map(describe);
  if (clear && label === undefined) return described[0]!;
  const recording = told ?? (windowed ? recordingAmong(uses) : undefined);
  return { labelChoices: described, ...counted, ...defined({ recording }) };
}

/** Columns whose numbers may be told by the others, the likeliest first. Throws UserError where a file cannot be read. */
export async function describeTargets(files: readonly string[]): Promise<readonly LabelChoice[]> {
  const read = await readColumns(files);
  if (read === undefined) return [];
  return targetsAmong(read.uses).map(({ label, columns }) => ({
    label,
    columns,
    input: [1, 1, columns.length],
  }));
}

/** Columns that measure something, in the table's order. Throws UserError where a file cannot be read. */
export async function describeMeasured(files: readonly string[]): Promise<readonly string[]> {
  const { uses = [] } = (await readColumns(files)) ?? {};
  return measuredAmong(uses).map(({ name }) => name);
}

/** Columns that may be the label as they hold all of `labels`. Throws UserError where a file cannot be read. */
export async function describeLabelled(
  files: readonly string[],
  labels: readonly string[],
): Promise<readonly string[]> {
  const { uses = [] } = (await readColumns(files)) ?? {};
  return labelsAmong(uses, labels);
}

/** A column that says which recording or subject a row is of. */
export interface GroupChoice {
  readonly column: string;
  /** Different recordings or subjects. */
  readonly groups: number;
  /** Rows of one that follow one another, on average. */
  readonly rows: number;
  /** Whether the test set has none of those of the training set. */
  readonly apart: boolean;
  /** The other columns. */
  readonly others: readonly string[];
}

/** Throws UserError where a file cannot be read. */
export async function describeGroups(
  train: readonly string[],
  test: readonly string[],
): Promise<readonly GroupChoice[]> {
  const { uses = [] } = (await readColumns(train)) ?? {};
  const groups = groupsAmong(uses);
  if (groups.length === 0) return [];
  const { uses: tested = [] } = (await readColumns(test)) ?? {};
  return groups.map(({ name, labels, rows, changes, distinct }) => {
    const known = tested.find((other) => other.name === name)?.distinct;
    return {
      column: name,
      groups: labels,
      rows: Math.floor(rows / changes),
      apart: known !== undefined && [...known.keys()].every((each) => distinct?.has(each) !== true),
      others: uses.map((use) => use.name).filter((other) => other !== name),
    };
  });
}

/** Throws UserError where a table's first line is no header. */
export async function checkHeaders(files: readonly string[]): Promise<void> {
  for (const file of files) {
    for await (const { fields } of csvRecords(file)) {
      checkHeader(fields, file);
      break;
    }
  }
}

/** Undefined where they are no tables of the same columns, or have too few rows to tell anything. */
async function readColumns(
  files: readonly string[],
): Promise<{ readonly uses: readonly ColumnUse[]; readonly whole: boolean } | undefined> {
  let uses: ColumnUse[] | undefined;
  const look = { bytes: MOST_BYTES };
  for (const file of files) {
    // Where in this file each column is: training finds them by name, too.
    let places: readonly number[] | undefined;
    for await (const { fields } of csvRecords(file, look)) {
      if (places === undefined) {
        checkHeader(fields, file);
        uses ??= fields.map((name) => new ColumnUse(name));
        if (uses.length < 2 || uses.length > MOST_COLUMNS) return undefined;
        const byName = new Map(fields.map((name, i) => [name, i]));
        places = uses.flatMap(({ name }) => byName.get(name) ?? []);
        // Names that are missing, too many or there twice.
        if (new Set(places).size !== uses.length || fields.length !== uses.length) return undefined;
      } else {
        for (const [i, use] of (uses ?? []).entries()) use.add(fields[places[i]!] ?? '');
      }
    }
    if (look.bytes === 0) break;
  }
  if (uses === undefined || (uses[0]?.rows ?? 0) < 4) return undefined;
  return { uses, whole: look.bytes > 0 };
}
