/** Numbers as C initialisers, in lines of readable length. */

const INDENT = '    ';
const LINE = 100;

/** `{1, 2, 3}` */
export function braces(...values: readonly (string | number)[]): string {
  return `{${values.join(', ')}}`;
}

/** `values` behind a comment line that says what they are; ends with a comma. */
export function numbersTable(comment: string, values: ArrayLike<number>): string {
  return `${INDENT}/* ${comment} */\n${wrapped(values)}`;
}

export function bytesTable(bytes: Uint8Array): string {
  return wrapped(bytes);
}

function wrapped(values: ArrayLike<number>): string {
  const lines: string[] = [];
  let line = INDENT;
  for (let i = 0; i < values.length; i++) {
    const item = `${values[i]!},`;
    if (line.length + item.length > LINE) {
      lines.push(line);
      line = INDENT;
    }
    line += item;
  }
  lines.push(line);
  return lines.join('\n');
}

/** Negative macros are bracketed, so that they can stand in any expression. */
export function signed(value: number): string {
  return value < 0 ? `(${value})` : String(value);
}

/** A float constant that reads back as exactly Math.fround(value). */
export function floatLiteral(value: number): string {
  const digits = Number(Math.fround(value).toPrecision(9)).toString();
  return `${/[.e]/.test(digits) ? digits : `${digits}.0`}f`;
}
