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

/** Pieces that the schemas share. JSON has no NaN and no Infinity, but 1e999 reads as the latter. */
export const number = v.pipe(v.number(), v.finite('Expected a finite number'));
export const count = v.pipe(
  v.number(),
  v.safeInteger('Expected a whole number'),
  v.minValue(0, 'Expected a number of at least 0'),
);
/** Of elements, channels, bytes: there is at least one. */
export const size = v.pipe(count, v.minValue(1, 'Expected a number of at least 1'));
export const fraction = v.pipe(
  number,
  v.minValue(0, 'Expected a number from 0 to 1'),
  v.maxValue(1, 'Expected a number from 0 to 1'),
);
export const text = v.string();
export const identifier = v.pipe(
  v.string(),
  v.check(isIdentifier, 'Expected a name of letters, digits and "_", a letter first'),
);
export const sha256 = v.pipe(
  v.string(),
  v.regex(/^[0-9a-f]{64}$/, 'Expected a SHA-256 of 64 hexadecimal digits'),
);
