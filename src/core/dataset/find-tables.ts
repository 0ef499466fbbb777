/** Finds CSV files that look like labelled examples, for find-datasets.ts. */
import { stat } from 'node:fs/promises';
import { posix, resolve } from 'node:path';
import { readCsvHead, readCsvTable } from './csv-table';
import { UserError } from '../util/errors';
import type { FoundDataset } from './found-dataset';
import { guessSet, pairSets, patternOf } from './set-names';
import { defined } from '../util/defined';

export const CSV_FILE = /\.csv(\.gz)?$/i;

const HEAD_ROWS = 200;
/** Tables up to here are read whole to count their classes. */
const MOST_BYTES = 16 * 1024 * 1024;
const LABEL_NAME =
  /^(labels?|class(es|_?name|_?id)?|targets?|y|activity|gesture|species|category|state|fault)$/i;
/** Says where or when a row was taken, not what it shows. */
const BOOKKEEPING = /^(|id|index|idx|no|row|time|timestamp|time_?(ms|us|s)|date|datetime|t|ms)$/i;

interface Table {
  /** A pattern where several files belong together; the first of them is looked at. */
  readonly path: string;
  readonly first: string;
  readonly label: string;
  readonly columns: readonly string[];
  /** Undefined: every column but the label is used. */
  readonly chosen: readonly string[] | undefined;
}

export async function describeTables(
  root: string,
  paths: readonly string[],
  signal: AbortSignal | undefined,
): Promise<FoundDataset[]> {
  const tables: Table[] = [];
  for (const files of groups(paths)) {
    if (signal?.aborted === true) break;
    const table = await inspect(root, files);
    if (table !== undefined) tables.push(table);
  }
  const found: FoundDataset[] = [];
  const fit = (a: Table, b: Table): boolean =>
    a.label === b.label && a.columns.join() === b.columns.join();
  for (const { train, test } of pairSets(tables, fit)) {
    if (signal?.aborted === true) break;
    const { classes, examples } = await countLabels(resolve(root, train.first), train);
    found.push({
      format: 'csv',
      train: train.path,
      ...defined({ test: test?.path }),
      label: train.label,
      ...defined({ columns: train.chosen }),
      input: [1, 1, train.columns.length],
      ...defined({ classes }),
      // Of several files only the first was counted.
      ...(examples === undefined || train.path !== train.first ? {} : { examples }),
    });
  }
  return found;
}

/** Files of one folder whose names differ only in their numbers belong together. */
function groups(paths: readonly string[]): string[][] {
  const byPattern = new Map<string, string[]>();
  for (const path of paths) {
    const name = posix.basename(path).replace(/\d+/g, '*');
    const key = posix.join(posix.dirname(path), name);
    byPattern.set(key, [...(byPattern.get(key) ?? []), path]);
  }
  return [...byPattern.values()];
}

async function inspect(root: string, files: readonly string[]): Promise<Table | undefined> {
  const [first] = files;
  const path = patternOf(files);
  if (first === undefined || path === undefined) return undefined;
  try {
    const { columns, rows } = await readCsvHead(resolve(root, first), HEAD_ROWS);
    if (rows.length < 2 || columns.length < 2) return undefined;
    const numeric = columns.filter((_, c) => rows.every((row) => isNumber(row[c])));
    const label = labelColumn(columns, numeric, guessSet(first) !== undefined);
    if (label === undefined) return undefined;
    const used = numeric.filter((name) => name !== label && !BOOKKEEPING.test(name));
    if (used.length === 0) return undefined;
    const all = used.length === columns.length - 1;
    return { path, first, label, columns: used, chosen: all ? undefined : used };
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/** By its name; else the only column of words; else, in a file that is called a training set, the last. */
function labelColumn(
  columns: readonly string[],
  numeric: readonly string[],
  named: boolean,
): string | undefined {
  const byName = columns.find((name) => LABEL_NAME.test(name));
  if (byName !== undefined) return byName;
  const words = columns.filter((name) => !numeric.includes(name) && !BOOKKEEPING.test(name));
  if (!named) return undefined;
  return words.length === 1 ? words[0] : columns.at(-1);
}

function isNumber(text: string | undefined): boolean {
  return text !== undefined && text !== '' && Number.isFinite(Number(text));
}

async function countLabels(
  file: string,
  table: Table,
): Promise<{ classes?: number; examples?: number }> {
  try {
    if ((await stat(file)).size > MOST_BYTES) return {};
    const { labels } = await readCsvTable(file, table.label, table.columns.slice(0, 1));
    const distinct = [...new Set(labels)];
    const numbers = distinct.every((label) => /^\d{1,5}$/.test(label));
    const classes = numbers ? Math.max(...distinct.map(Number)) + 1 : distinct.length;
    return { ...(classes > 1 ? { classes } : {}), examples: labels.length };
  } catch {
    return {};
  }
}
