/** JSON with comments as a value whose every key knows its place in the text. */
import { createScanner, findNodeAtLocation, parseTree, printParseErrorCode } from 'jsonc-parser';
import type { Node, ParseError } from 'jsonc-parser';
import type { KeyPath, Location } from './problem';

export interface ConfigDocument {
  /** Plain data; undefined where the text holds nothing. */
  readonly value: unknown;
  readonly syntaxErrors: readonly { readonly message: string; readonly location: Location }[];
  /** Keys that stand twice in one object; the later one would win silently. */
  readonly duplicates: readonly { readonly path: KeyPath; readonly location: Location }[];
  /** Whether the text has that key. */
  has(path: KeyPath): boolean;
  /** The key's name (or the array's element); where the path does not exist, its nearest ancestor. */
  locateKey(path: KeyPath): Location;
  /** The value, if it is a scalar; otherwise as locateKey. */
  locateValue(path: KeyPath): Location;
}

/** Never throws: what cannot be parsed is in `syntaxErrors`. Comments and trailing commas are allowed. */
export function parseDocument(text: string): ConfigDocument {
  const bound = firstOutOfBounds(text);
  if (bound !== undefined) return unparsed(bound.message, locator(text)(bound.offset, 1));
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  const locate = locator(text);
  const duplicates: { path: KeyPath; location: Location }[] = [];
  const value = root === undefined ? undefined : toValue(root, [], duplicates, locate);

  const locateKey = (path: KeyPath): Location => {
    const node = nearestNode(root, path);
    if (!node) return locate(0, Math.max(1, text.trimEnd().length));
    return locateNode(node.parent?.type === 'property' ? node.parent.children![0]! : node);
  };
  const locateNode = (node: Node): Location =>
    node === root && !isScalar(node) ? locate(node.offset, 1) : locate(node.offset, node.length);

  return {
    value,
    syntaxErrors: errors.filter(isCause).map((error) => ({
      message: syntaxMessage(error, text),
      location: locate(error.offset, Math.max(1, error.length)),
    })),
    duplicates,
    has: (path) => root !== undefined && findNodeAtLocation(root, [...path]) !== undefined,
    locateKey,
    locateValue: (path) => {
      const node = root && findNodeAtLocation(root, [...path]);
      return node && isScalar(node) ? locateNode(node) : locateKey(path);
    },
  };
}

/** Deeper than any config: the parser goes down by calls of itself, and the stack has its end. */
const MOST_DEPTH = 100;
/** Of a list or an object; networks have hundreds of layers, and tables some thousands of columns. */
const MOST_ENTRIES = 10_000;

/** Where the text first is something that no config is, which would take its readers minutes or their stack. */
function firstOutOfBounds(text: string): { offset: number; message: string } | undefined {
  const scanner = createScanner(text, true);
  /** Of each list or object that is open. */
  const entries: number[] = [];
  for (;;) {
    const token = Number(scanner.scan());
    if (token === END) return undefined;
    if (token === OPEN_BRACE || token === OPEN_BRACKET) entries.push(1);
    else if (token === CLOSE_BRACE || token === CLOSE_BRACKET) entries.pop();
    else if (token === COMMA) entries.push((entries.pop() ?? 0) + 1);
    const offset = scanner.getTokenOffset();
    if (entries.length > MOST_DEPTH) {
      const message = `lists and objects lie more than ${MOST_DEPTH} deep in one another; no config does`;
      return { offset, message };
    }
    if ((entries.at(-1) ?? 0) > MOST_ENTRIES) {
      const message = `a list or object has more than ${MOST_ENTRIES} entries; no config does`;
      return { offset, message };
    }
  }
}

/** Kinds of tokens of jsonc-parser, whose own enumeration is there for the compiler only. */
const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET, COMMA, END] = [1, 2, 3, 4, 5, 17];

function unparsed(message: string, place: Location): ConfigDocument {
  return {
    value: undefined,
    syntaxErrors: [{ message, location: place }],
    duplicates: [],
    has: () => false,
    locateKey: () => place,
    locateValue: () => place,
  };
}

/**
 * Where a key stands in a config's text, for code lenses, diagnostics and messages. A path that the text does not
 * have gives its nearest ancestor, at worst the opening brace.
 */
export function locateKey(text: string, path: KeyPath): Location {
  return parseDocument(text).locateKey(path);
}

function isScalar(node: Node): boolean {
  return node.type !== 'object' && node.type !== 'array';
}

function nearestNode(root: Node | undefined, path: KeyPath): Node | undefined {
  if (!root) return undefined;
  for (let length = path.length; length > 0; length--) {
    const node = findNodeAtLocation(root, path.slice(0, length));
    if (node) return node;
  }
  return root;
}

/** Unlike jsonc-parser's own: a key such as `__proto__` stays an ordinary key, and duplicates are noted. */
function toValue(
  node: Node,
  path: KeyPath,
  duplicates: { path: KeyPath; location: Location }[],
  locate: (offset: number, length: number) => Location,
): unknown {
  const children = node.children ?? [];
  if (node.type === 'array') {
    return children.map((child, i) => toValue(child, [...path, i], duplicates, locate));
  }
  if (node.type !== 'object') {
    const scalar: unknown = node.value;
    return scalar;
  }
  const entries = new Map<string, unknown>();
  for (const { children: [key, child] = [] } of children) {
    if (!key || !child) continue; // A half-typed property; the parser has reported it.
    const name = String(key.value);
    const keyPath = [...path, name];
    if (entries.has(name)) {
      duplicates.push({ path: keyPath, location: locate(key.offset, key.length) });
    }
    entries.set(name, toValue(child, keyPath, duplicates, locate));
  }
  return Object.fromEntries(entries);
}

/** Offsets to lines and columns; ranges are cut at the end of their first line. */
function locator(text: string): (offset: number, length: number) => Location {
  const starts = [0];
  /** Of each line but the last. */
  const ends: number[] = [];
  for (const match of text.matchAll(/\r\n|\r|\n/g)) {
    ends.push(match.index);
    starts.push(match.index + match[0].length);
  }
  return (offset, length) => {
    let low = 0;
    for (let high = starts.length; high - low > 1;) {
      const middle = (low + high) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle;
    }
    const end = ends[low] ?? text.length;
    return {
      offset,
      length: Math.max(Math.min(length, end - offset), 0),
      line: low + 1,
      column: offset - starts[low]! + 1,
    };
  };
}

/** A word that is no value is reported once, not again for the value that is missing in its place. */
function isCause(error: ParseError, index: number, errors: readonly ParseError[]): boolean {
  const before = errors[index - 1];
  if (before === undefined || printParseErrorCode(before.error) !== 'InvalidSymbol') return true;
  return printParseErrorCode(error.error) !== 'ValueExpected';
}

const SYNTAX_MESSAGES: Readonly<Record<string, string>> = {
  InvalidSymbol: 'this is no JSON value; text goes in double quotes',
  InvalidNumberFormat: 'this number is not complete',
  PropertyNameExpected: 'expected a key in double quotes',
  ValueExpected: 'expected a value',
  ColonExpected: 'expected ":" after the key',
  CommaExpected: 'expected "," between two entries',
  CloseBraceExpected: 'expected "}": an object is not closed',
  CloseBracketExpected: 'expected "]": a list is not closed',
  EndOfFileExpected: 'expected the end of the file; there is text behind the closing brace',
  InvalidCommentToken: 'this comment is not complete',
  UnexpectedEndOfComment: 'this comment is not closed with "*/"',
  UnexpectedEndOfString: 'this text is not closed with a double quote',
  UnexpectedEndOfNumber: 'this number is not complete',
  InvalidUnicode: '"\\u" needs four hexadecimal digits',
  InvalidEscapeCharacter: 'unknown escape; write a backslash as "\\\\"',
  InvalidCharacter: 'a character that may not stand in text, such as a tab; write it escaped',
};

function syntaxMessage(error: ParseError, text: string): string {
  if (text.trim() === '')
    return 'the file is empty; expected a config in braces: { "model": …, "dataset": … }';
  const code = printParseErrorCode(error.error);
  return SYNTAX_MESSAGES[code] ?? `cannot be read as JSON (${code})`;
}
