/** The words of a GNU linker script. Lenient: only what MEMORY and its expressions need is told apart. */
import { UserError } from '../../util/errors';

export interface Token {
  readonly kind: 'name' | 'number' | 'string' | 'sign' | 'end';
  /** Of a string without its quotes. */
  readonly text: string;
  readonly line: number;
}

/** Longest script that is read, in characters; real ones have a few thousand. */
const MAX_TEXT = 1_000_000;

const SPACE = /\s+/y;
const NUMBER = /0[xX][0-9a-fA-F]+[kKmM]?\b|\d+[kKmM]?\b/y;
const NAME = /[A-Za-z_.$][A-Za-z0-9_.$]*/y;
const SIGN = /<<=|>>=|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/&|]=/y;
/** INCLUDE's file name needs no quotes and may hold what would be operators elsewhere. */
const FILE = /[^\s;"{}]+/y;

export function linkerTokens(text: string): Token[] {
  if (text.length > MAX_TEXT) throw new UserError('this file is too large for a linker script');
  if (text.includes('\0')) throw new UserError('this is no text, so no linker script');
  const found: Token[] = [];
  let line = 1;
  let at = 0;
  /** Whether only white space stands before `at` on its line. */
  let fresh = true;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  const advance = (length: number): void => {
    for (let end = at + length; at < end; at++) if (text[at] === '\n') line++;
  };
  const add = (
    kind: Token['kind'],
    length: number,
    content = text.slice(at, at + length),
  ): void => {
    found.push({ kind, text: content, line });
    advance(length);
  };
  while (at < text.length) {
    const space = match(SPACE);
    if (space !== undefined) {
      fresh ||= space.includes('\n');
      advance(space.length);
      continue;
    }
    // Lines for the C preprocessor, in scripts that go through it.
    if (text.startsWith('//', at) || (fresh && text[at] === '#')) {
      advance(endOf(text, '\n', at) - at);
      continue;
    }
    if (text.startsWith('/*', at)) {
      const end = text.indexOf('*/', at + 2);
      if (end < 0) throw new UserError('a comment is not closed with "*/"', { line });
      advance(end + 2 - at);
      continue;
    }
    fresh = false;
    const previous = found.at(-1);
    if (previous?.kind === 'name' && previous.text === 'INCLUDE' && text[at] !== '"') {
      const file = match(FILE);
      if (file !== undefined) {
        add('string', file.length);
        continue;
      }
    }
    const number = match(NUMBER);
    const name = number === undefined ? match(NAME) : undefined;
    if (number !== undefined) add('number', number.length);
    else if (name !== undefined) add('name', name.length);
    else if (text[at] === '"') {
      const end = endOf(text, '"', at + 1);
      add('string', Math.min(end + 1, text.length) - at, text.slice(at + 1, end));
    } else add('sign', match(SIGN)?.length ?? 1);
  }
  found.push({ kind: 'end', text: 'the end of the file', line });
  return found;
}

function endOf(text: string, mark: string, from: number): number {
  const end = text.indexOf(mark, from);
  return end < 0 ? text.length : end;
}
