/** Expressions of the GNU linker: as trees, since a symbol or a region may get its value only further down. */
import { UserError } from '../../util/errors';
import type { ScriptScanner, Token } from './script-scanner';

export type Expression =
  | { readonly kind: 'number'; readonly value: bigint }
  /** A symbol, or `.`, the place where the linker is. */
  | { readonly kind: 'symbol'; readonly name: string; readonly line: number }
  | { readonly kind: 'unary'; readonly operator: string; readonly of: Expression }
  | {
      readonly kind: 'binary';
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
      readonly line: number;
    }
  | {
      readonly kind: 'choice';
      readonly condition: Expression;
      readonly yes: Expression;
      readonly no: Expression;
    }
  /** `LENGTH(RAM)`, `DEFINED(x)`, `SIZEOF(.text)`: something asked of a name. */
  | {
      readonly kind: 'query';
      readonly query: string;
      readonly name: string;
      readonly line: number;
    }
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly values: readonly Expression[];
      readonly line: number;
    };

/** What an expression may ask for. Each throws UserError, in one sentence with `line`, for what is not known. */
export interface Scope {
  symbol(name: string, line: number): bigint;
  query(query: string, name: string, line: number): bigint;
}

/** Zephyr's alignments nest some 70 deep. */
const MAX_NESTING = 500;
/** Operators of one expression. */
const MAX_OPERATORS = 2000;

/** @throws UserError with `line` for what is no expression */
export function parseExpression(scanner: ScriptScanner): Expression {
  return new ExpressionParser(scanner).choice();
}

class ExpressionParser {
  private depth = 0;
  private operators = 0;

  constructor(private readonly scanner: ScriptScanner) {}

  choice(): Expression {
    return this.nested(() => {
      const condition = this.binary(0);
      if (!this.takes('?')) return condition;
      const yes = this.choice();
      this.expect(':', 'in a choice with "?"');
      return { kind: 'choice', condition, yes, no: this.choice() };
    });
  }

  /** Precedence climbing. */
  private binary(level: number): Expression {
    let left = this.operand();
    for (;;) {
      const { kind, text: operator, line } = this.scanner.peek('expression');
      const power = kind === 'sign' ? (POWERS[operator] ?? 0) : 0;
      if (power <= level) return left;
      if (++this.operators > MAX_OPERATORS) throw problem('this expression is too long', line);
      this.scanner.next('expression');
      left = { kind: 'binary', operator, left, right: this.binary(power), line };
    }
  }

  private operand(): Expression {
    const token = this.scanner.next('expression');
    const { kind, text, line } = token;
    if (kind === 'number') return { kind: 'number', value: numberOf(text) };
    if (kind === 'sign' && UNARY[text] !== undefined) {
      return this.nested(() => ({ kind: 'unary', operator: text, of: this.operand() }));
    }
    if (kind === 'sign' && text === '(') {
      const value = this.choice();
      this.expect(')', 'at the end of an expression');
      return value;
    }
    if (kind === 'name' && FUNCTIONS.has(text) && this.scanner.peek('expression').text === '(') {
      return this.call(token);
    }
    if (kind === 'name' || kind === 'string') return { kind: 'symbol', name: text, line };
    throw problem(`expected a number, found "${text}"`, line);
  }

  private call({ text: name, line }: Token): Expression {
    this.scanner.next('expression');
    if (QUERIES.has(name)) {
      const asked = this.scanner.next('plain');
      this.expect(')', `behind ${name}(${asked.text}`);
      return { kind: 'query', query: name, name: asked.text, line };
    }
    const values: Expression[] = [];
    if (!this.takes(')')) {
      do values.push(this.choice());
      while (this.takes(','));
      this.expect(')', `behind the values of ${name}`);
    }
    return { kind: 'call', name, values, line };
  }

  private nested<T>(read: () => T): T {
    if (++this.depth > MAX_NESTING) {
      throw problem('this expression is nested too deeply', this.scanner.peek('expression').line);
    }
    const result = read();
    this.depth--;
    return result;
  }

  private takes(sign: string): boolean {
    const { kind, text } = this.scanner.peek('expression');
    if (kind !== 'sign' || text !== sign) return false;
    this.scanner.next('expression');
    return true;
  }

  private expect(sign: string, where: string): void {
    const { text, line } = this.scanner.peek('expression');
    if (!this.takes(sign)) throw problem(`expected "${sign}" ${where}, found "${text}"`, line);
  }
}

/** The linker's arithmetic in 64 bits. Only the chosen side of `?:` is asked for. @throws UserError with `line` */
export function evaluate(expression: Expression, scope: Scope): bigint {
  switch (expression.kind) {
    case 'number':
      return expression.value;
    case 'symbol':
      return scope.symbol(expression.name, expression.line);
    case 'query':
      return scope.query(expression.query, expression.name, expression.line);
    case 'unary':
      return wrapped(UNARY[expression.operator]!(evaluate(expression.of, scope)));
    case 'choice':
      return evaluate(
        evaluate(expression.condition, scope) === 0n ? expression.no : expression.yes,
        scope,
      );
    case 'binary': {
      const left = evaluate(expression.left, scope);
      const right = evaluate(expression.right, scope);
      const { operator, line } = expression;
      if ((operator === '/' || operator === '%') && right === 0n) {
        throw problem('a division by zero', line);
      }
      return wrapped(OPERATIONS[operator]!(left, right));
    }
    case 'call': {
      const { name, line } = expression;
      const values = expression.values.map((value) => evaluate(value, scope));
      const result = call(name, values, () => scope.symbol('.', line));
      if (result === undefined) {
        throw problem(`"${name}" gives no constant that is known here`, line);
      }
      return wrapped(result);
    }
  }
}

function call(name: string, [a, b]: readonly bigint[], here: () => bigint): bigint | undefined {
  if (a === undefined) return undefined;
  switch (name) {
    case 'ABSOLUTE':
      return a;
    case 'LOG2CEIL':
      return a <= 1n ? 0n : BigInt((a - 1n).toString(2).length);
    case 'MIN':
      return b === undefined ? undefined : a < b ? a : b;
    case 'MAX':
      return b === undefined ? undefined : a > b ? a : b;
    case 'ALIGN':
    case 'NEXT':
    case 'BLOCK':
      return b === undefined ? aligned(here(), a) : aligned(a, b);
    case 'SEGMENT_START':
      return b;
    default:
      return undefined;
  }
}

function aligned(value: bigint, alignment: bigint): bigint {
  return alignment <= 1n ? value : ((value + alignment - 1n) / alignment) * alignment;
}

/** All names of sections, symbols and regions that an expression asks for. */
export function* namesIn(expression: Expression): Generator<string> {
  switch (expression.kind) {
    case 'number':
      return;
    case 'symbol':
    case 'query':
      yield expression.name;
      return;
    case 'unary':
      yield* namesIn(expression.of);
      return;
    case 'binary':
      yield* namesIn(expression.left);
      yield* namesIn(expression.right);
      return;
    case 'choice':
      for (const part of [expression.condition, expression.yes, expression.no])
        yield* namesIn(part);
      return;
    case 'call':
      for (const value of expression.values) yield* namesIn(value);
  }
}

export function problem(message: string, line: number): UserError {
  return new UserError(message.slice(0, 300), { line });
}

const QUERIES: ReadonlySet<string> = new Set([
  ...['ORIGIN', 'org', 'o', 'LENGTH', 'len', 'l', 'DEFINED', 'CONSTANT'],
  ...['SIZEOF', 'ADDR', 'LOADADDR', 'ALIGNOF'],
]);

/** Others are symbols: in `.heap __end (NOLOAD) :` a parenthesis follows one. */
const FUNCTIONS: ReadonlySet<string> = new Set([
  ...QUERIES,
  ...['ABSOLUTE', 'ALIGN', 'ASSERT', 'BLOCK', 'LOG2CEIL', 'MAX', 'MIN', 'NEXT', 'SEGMENT_START'],
  ...['DATA_SEGMENT_ALIGN', 'DATA_SEGMENT_END', 'DATA_SEGMENT_RELRO_END'],
]);

type Operation = (a: bigint, b: bigint) => bigint;
const truth = (value: boolean): bigint => (value ? 1n : 0n);

const OPERATIONS: Readonly<Record<string, Operation | undefined>> = {
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '<<': (a, b) => (b < 64n ? a << b : 0n),
  '>>': (a, b) => (b < 64n ? a >> b : 0n),
  '<': (a, b) => truth(a < b),
  '<=': (a, b) => truth(a <= b),
  '>': (a, b) => truth(a > b),
  '>=': (a, b) => truth(a >= b),
  '==': (a, b) => truth(a === b),
  '!=': (a, b) => truth(a !== b),
  '&': (a, b) => a & b,
  '^': (a, b) => a ^ b,
  '|': (a, b) => a | b,
  '&&': (a, b) => truth(a !== 0n && b !== 0n),
  '||': (a, b) => truth(a !== 0n || b !== 0n),
};

/** From the loosest, 1, to the tightest; as in C. */
const LEVELS = ['||', '&&', '|', '^', '&', '== !=', '< <= > >=', '<< >>', '+ -', '* / %'];
const POWERS: Readonly<Record<string, number | undefined>> = Object.fromEntries(
  LEVELS.flatMap((operators, i) => operators.split(' ').map((operator) => [operator, i + 1])),
);

const UNARY: Readonly<Record<string, ((a: bigint) => bigint) | undefined>> = {
  '-': (a) => -a,
  '+': (a) => a,
  '~': (a) => ~a,
  '!': (a) => truth(a === 0n),
};

/** What `x += 2` does to `x`. */
export function assigned(
  operator: string,
  name: string,
  value: Expression,
  line: number,
): Expression {
  if (operator === '=') return value;
  const left: Expression = { kind: 'symbol', name, line };
  return { kind: 'binary', operator: operator.slice(0, -1), left, right: value, line };
}

function wrapped(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}

const RADIX: Readonly<Record<string, string>> = { h: '0x', x: '0x', o: '0o', b: '0b', d: '' };

/** `0x10`, `$10`, `10h`, `010` (octal), `64K`, `1M`. */
function numberOf(text: string): bigint {
  const [, digits = text, suffix = ''] = /^(.*?)([kKmM]?)$/.exec(text) ?? [];
  const scale = { '': 1n, k: 1024n, m: 1_048_576n }[suffix.toLowerCase()] ?? 1n;
  return wrapped(wholeNumber(digits.slice(0, 70)) * scale);
}

function wholeNumber(digits: string): bigint {
  const hex = /^(?:\$|0x)(.*)/i.exec(digits)?.[1];
  if (hex !== undefined) return whole('0x', hex);
  const ending = /[hxobd]$/i.exec(digits)?.[0].toLowerCase();
  if (ending !== undefined) return whole(RADIX[ending]!, digits.slice(0, -1));
  return /^0[0-7]+$/.test(digits) ? whole('0o', digits.slice(1)) : whole('', digits);
}

function whole(prefix: string, digits: string): bigint {
  // Digits that the radix does not have end the number, as strtoul ends it.
  const good = { '0x': /^[0-9a-f]*/i, '0o': /^[0-7]*/, '0b': /^[01]*/, '': /^\d*/ }[prefix];
  const taken = good?.exec(digits)?.[0] ?? '';
  return taken === '' ? 0n : BigInt(prefix + taken);
}
