/**
 * Checks what is read back from a file of EAST. Anybody may have written it: a checksum only says that it is as it was
 * written. Each kind of file has a schema of valibot beside the code that reads it; what does not fit is told by the
 * first field that is wrong.
 */
import * as v from 'valibot';
import { isIdentifier } from './identifier';

export type Checked<T> = { readonly value: T } | { readonly problem: string };

/** Of a problem's text that a hostile file may make as long as it likes, characters. */
const LONGEST = 300;

/** `value` as the schema has it, without keys that it does not know; or what is wrong: `layers.3.ratio: …`. */
export function checkStored<T>(schema: v.GenericSchema<unknown, T>, value: unknown): Checked<T> {
  const result = v.safeParse(schema, value, { abortEarly: true, abortPipeEarly: true });
  if (result.success) return { value: result.output };
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  return { problem: `${path === null ? '' : `${shorten(path)}: `}${shorten(issue.message)}` };
}

/**
 * Each key of an interface, the optional ones as well: with `v.object({ … } satisfies Every<T>)` a key that the schema
 * forgets does not compile. Without it, valibot would leave that key out of what is read, in silence.
 */
export type Every<T> = Readonly<Record<keyof T, unknown>>;

export const NOT_JSON = 'it is not JSON';

/** Checks the content of a JSON file; no JSON is a problem as well. */
export function checkJson<T>(schema: v.GenericSchema<unknown, T>, text: string): Checked<T> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: NOT_JSON };
  }
  return checkStored(schema, value);
}

/** A text that may hold what a hostile file says. */
export function shorten(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`;
}

/**
 * Pieces that the schemas share. JSON has no NaN and no Infinity, but 1e999 reads as the latter. One check each: logs
 * have millions of numbers.
 */
export const number = numberThat(Number.isFinite, 'a finite number');
export const positive = numberThat((n) => n > 0 && n < Infinity, 'a number above 0');
/** Of a whole that is not nothing. */
export const share = numberThat((n) => n > 0 && n <= 1, 'a share above 0 and up to 1');
export const count = numberThat(
  (n) => Number.isSafeInteger(n) && n >= 0,
  'a whole number of at least 0',
);
/** Of elements, channels, bytes: there is at least one. */
export const size = numberThat(
  (n) => Number.isSafeInteger(n) && n >= 1,
  'a whole number of at least 1',
);
export const int8 = numberThat(
  (n) => Number.isInteger(n) && n >= -128 && n <= 127,
  'a whole number from -128 to 127',
);

function numberThat(is: (n: number) => boolean, what: string): v.GenericSchema<number> {
  return v.custom<number>((value) => typeof value === 'number' && is(value), `Expected ${what}`);
}

export const text = v.string();
export const identifier = v.pipe(
  v.string(),
  v.check(isIdentifier, 'Expected a name of letters, digits and "_", a letter first'),
);
export const sha256 = v.pipe(
  v.string(),
  v.regex(/^[0-9a-f]{64}$/, 'Expected a SHA-256 of 64 hexadecimal digits'),
);
