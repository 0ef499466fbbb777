/** Columns of tables from which nothing can be learnt. */
import { basename } from 'node:path';
import type { CsvTable } from './csv-table';

/** Columns named in one sentence; of more the number is told. */
const NAMED = 3;

/**
 * What is worth a word of columns that are the same number in all rows of the training set: they cost weights and tell
 * nothing, and where one is another number in the test set, nobody knows what the network makes of that. The tables have
 * the same columns.
 */
export function constantColumns(train: readonly CsvTable[], test: readonly CsvTable[]): string[] {
  const first = train.find(({ rows }) => rows > 0);
  const rows = train.reduce((sum, table) => sum + table.rows, 0);
  if (first === undefined || rows < 2) return [];
  const constant = first.columns.flatMap((name, column) => {
    const value = first.values[column]!;
    const changes = (tables: readonly CsvTable[]): Cell | undefined =>
      tables.map((table) => otherThan(value, table, column)).find((cell) => cell !== undefined);
    return changes(train) === undefined ? [{ name, value, elsewhere: changes(test) }] : [];
  });
  return [
    ...tellsNothing(constant.filter(({ elsewhere }) => elsewhere === undefined)),
    ...constant.flatMap(({ name, value, elsewhere }) =>
      elsewhere === undefined ? [] : [cannotBeLearnt(name, value, elsewhere)],
    ),
  ];
}

const ADVICE = 'name the others in dataset.columns';

/** Of columns that are the same in the test set as well. */
function tellsNothing(
  columns: readonly { readonly name: string; readonly value: number }[],
): string[] {
  const [only, ...others] = columns;
  if (only === undefined) return [];
  if (others.length === 0) {
    return [
      `column "${only.name}" is ${written(only.value)} in every row, so it tells nothing; ${ADVICE}`,
    ];
  }
  const names = listed(columns.map(({ name }) => name));
  return [`columns ${names} are the same in every row, so they tell nothing; ${ADVICE}`];
}

function cannotBeLearnt(name: string, value: number, elsewhere: Cell): string {
  return (
    `column "${name}" is ${written(value)} in every row of the training set, but ${written(elsewhere.value)} in ` +
    `${basename(elsewhere.file)}, line ${elsewhere.line}: what a change of it means cannot be learnt; ` +
    `${ADVICE}, or train on examples in which it changes`
  );
}

interface Cell {
  readonly value: number;
  readonly file: string;
  readonly line: number;
}

/** The first of the column that is another number. */
function otherThan(value: number, table: CsvTable, column: number): Cell | undefined {
  const { file, values, rows, columns, lines } = table;
  for (let row = 0; row < rows; row++) {
    const found = values[row * columns.length + column]!;
    if (found !== value) return { value: found, file, line: lines[row]! };
  }
  return undefined;
}

/** A float32 in as many digits as it has. */
function written(value: number): string {
  return String(Number(value.toPrecision(7)));
}

function listed(names: readonly string[]): string {
  const quoted = names.map((name) => `"${name}"`);
  return quoted.length > NAMED
    ? `${quoted.slice(0, NAMED).join(', ')} and ${quoted.length - NAMED} more`
    : `${quoted.slice(0, -1).join(', ')} and ${quoted.at(-1)}`;
}
