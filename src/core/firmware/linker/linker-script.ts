/**
 * Reads the memories of a chip from a GNU linker script: the MEMORY command with its expressions, and the symbols they
 * use. Everything else in the script is passed over.
 */
import { UserError } from '../../util/errors';
import { linkerTokens, type Token } from './linker-tokens';

/** Origin and length in bytes. */
export interface MemoryRegion {
  readonly name: string;
  /** As written, without parentheses: `rx`; undefined where none are given. */
  readonly attributes: string | undefined;
  readonly origin: number;
  readonly length: number;
}

export interface LinkerScript {
  readonly regions: readonly MemoryRegion[];
  /** Files of INCLUDE commands that were not read. */
  readonly notFollowed: readonly string[];
}

const MAX_NESTING = 100;
const MAX_INCLUDES = 20;
const MAX_REGIONS = 1000;

/**
 * @param include text of a file named by INCLUDE; undefined where it is not to be followed
 * @throws UserError in one sentence, with `line` where it is known, for a MEMORY command that cannot be read
 */
export function parseLinkerScript(
  text: string,
  include: (name: string) => string | undefined = () => undefined,
): LinkerScript {
  const state: State = { regions: new Map(), symbols: new Map(), notFollowed: [], includes: 0 };
  new Parser(linkerTokens(text), state, include).script();
  return { regions: [...state.regions.values()], notFollowed: state.notFollowed };
}

interface State {
  readonly regions: Map<string, MemoryRegion>;
  /** Those assigned a constant; the linker's 64-bit arithmetic. */
  readonly symbols: Map<string, bigint>;
  readonly notFollowed: string[];
  includes: number;
}

class Parser {
  private at = 0;
  private depth = 0;

  constructor(
    private readonly tokens: readonly Token[],
    private readonly state: State,
    private readonly include: (name: string) => string | undefined,
  ) {}

  script(): void {
    while (this.peek().kind !== 'end') {
      if (this.isName('MEMORY') && this.peek(1).text === '{') {
        this.at += 2;
        this.memory();
      } else if (this.isName('INCLUDE') && this.peek(1).kind === 'string') {
        this.at++;
        this.follow((text) => this.part(text).script());
      } else if (this.peek().text === '{' && this.peek().kind === 'sign') {
        this.skipBlock();
      } else if (this.peek().kind === 'name' && this.peek(1).text === '=') {
        this.assignment();
      } else {
        this.at++;
      }
    }
  }

  /** Of MEMORY, behind its brace; of a file included there, to its end. */
  private memory(): void {
    for (;;) {
      const token = this.peek();
      if (token.text === '}' && token.kind === 'sign') {
        this.at++;
        return;
      }
      if (token.kind === 'end') throw this.fail('MEMORY is not closed with "}"');
      if (!this.memoryEntry())
        throw this.fail(`expected the name of a region, found "${token.text}"`);
    }
  }

  private includedMemory(): void {
    while (this.peek().kind !== 'end') {
      if (!this.memoryEntry()) {
        throw this.fail(`expected the name of a region, found "${this.peek().text}"`);
      }
    }
  }

  private memoryEntry(): boolean {
    if (this.isName('INCLUDE') && this.peek(1).kind === 'string') {
      this.at++;
      this.follow((text) => this.part(text).includedMemory());
      return true;
    }
    if (this.peek().text === ';' || this.peek().text === ',') {
      this.at++;
      return true;
    }
    const { kind, text: name } = this.peek();
    if (kind !== 'name' && kind !== 'string') return false;
    this.at++;
    const attributes = this.attributes();
    this.expect(':', `behind the region's name "${name}"`);
    const origin = this.property(['ORIGIN', 'org', 'o'], name);
    if (this.peek().text === ',') this.at++;
    const length = this.property(['LENGTH', 'len', 'l'], name);
    this.state.regions.set(name, { name, attributes, origin, length });
    if (this.state.regions.size > MAX_REGIONS) throw this.fail('there are too many regions');
    return true;
  }

  private attributes(): string | undefined {
    if (this.peek().text !== '(') return undefined;
    this.at++;
    let text = '';
    while (this.peek().text !== ')') {
      if (this.peek().kind === 'end') throw this.fail('a region\'s "(" is not closed');
      text += this.next().text;
    }
    this.at++;
    return text;
  }

  private property(names: readonly string[], region: string): number {
    const token = this.next();
    if (!names.includes(token.text)) {
      throw this.fail(`expected ${names[0]!} of region "${region}", found "${token.text}"`, token);
    }
    this.expect('=', `behind ${names[0]!} of region "${region}"`);
    const value = this.expression(0);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
      throw this.fail(`${names[0]!} of region "${region}" is no size a chip has`, token);
    }
    return Number(value);
  }

  /** A symbol whose value is no constant is forgotten: it may be used where only the linker can know it. */
  private assignment(): void {
    const name = this.next().text;
    this.at++;
    const start = this.at;
    this.state.symbols.delete(name);
    try {
      const value = this.expression(0);
      if ([';', ',', ')'].includes(this.peek().text)) this.state.symbols.set(name, value);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.at = start;
    }
    this.depth = 0;
  }

  /** Precedence climbing. @throws UserError where it is not constant */
  private expression(level: number): bigint {
    if (++this.depth > MAX_NESTING) throw this.fail('this expression is nested too deeply');
    let left = this.operand();
    for (;;) {
      const operator = this.peek();
      const power = operator.kind === 'sign' ? (POWERS[operator.text] ?? 0) : 0;
      if (power <= level) break;
      this.at++;
      const right = this.expression(power);
      left = this.combine(operator, left, right);
    }
    if (level === 0 && this.peek().text === '?') {
      this.at++;
      const yes = this.expression(0);
      this.expect(':', 'in a choice with "?"');
      const no = this.expression(0);
      left = left === 0n ? no : yes;
    }
    this.depth--;
    return left;
  }

  private combine(operator: Token, left: bigint, right: bigint): bigint {
    if ((operator.text === '/' || operator.text === '%') && right === 0n) {
      throw this.fail('a division by zero', operator);
    }
    return wrapped(OPERATIONS[operator.text]!(left, right));
  }

  private operand(): bigint {
    const token = this.next();
    if (token.kind === 'number') return numberOf(token.text);
    if (token.kind === 'sign' && UNARY[token.text] !== undefined) {
      if (++this.depth > MAX_NESTING) throw this.fail('this expression is nested too deeply');
      const value = wrapped(UNARY[token.text]!(this.operand()));
      this.depth--;
      return value;
    }
    if (token.text === '(' && token.kind === 'sign') {
      const value = this.expression(0);
      this.expect(')', 'at the end of an expression');
      return value;
    }
    if (token.kind === 'name' && this.peek().text === '(') return this.call(token);
    const value = token.kind === 'name' ? this.state.symbols.get(token.text) : undefined;
    if (value !== undefined) return value;
    throw this.fail(
      token.kind === 'name'
        ? `the value of "${token.text}" is not known here; the script does not set it to a constant before`
        : `expected a number, found "${token.text}"`,
      token,
    );
  }

  private call(name: Token): bigint {
    this.at++;
    const property = REGION_PROPERTIES.get(name.text);
    if (property !== undefined) {
      const token = this.next();
      this.expect(')', `behind ${name.text}(${token.text}`);
      const region = this.state.regions.get(token.text);
      if (region === undefined) throw this.fail(`there is no region "${token.text}" yet`, token);
      return BigInt(region[property]);
    }
    if (name.text === 'DEFINED') {
      const token = this.next();
      this.expect(')', `behind DEFINED(${token.text}`);
      return this.state.symbols.has(token.text) ? 1n : 0n;
    }
    const values = [this.expression(0)];
    while (this.peek().text === ',') {
      this.at++;
      values.push(this.expression(0));
    }
    this.expect(')', `behind the values of ${name.text}`);
    const [a, b] = values;
    if (values.length === 1 && name.text === 'ABSOLUTE') return a!;
    if (values.length === 2 && name.text === 'MIN') return a! < b! ? a! : b!;
    if (values.length === 2 && name.text === 'MAX') return a! > b! ? a! : b!;
    throw this.fail(`"${name.text}" gives no constant that is known here`, name);
  }

  private follow(read: (text: string) => void): void {
    const { text: name } = this.next();
    const text = this.state.includes++ < MAX_INCLUDES ? this.include(name) : undefined;
    if (text === undefined) this.state.notFollowed.push(name);
    else read(text);
  }

  private part(text: string): Parser {
    return new Parser(linkerTokens(text), this.state, this.include);
  }

  private skipBlock(): void {
    let open = 0;
    do {
      const { kind, text } = this.next();
      if (kind === 'end') return;
      if (kind === 'sign' && text === '{') open++;
      if (kind === 'sign' && text === '}') open--;
    } while (open > 0);
  }

  private isName(text: string): boolean {
    return this.peek().kind === 'name' && this.peek().text === text;
  }

  private peek(ahead = 0): Token {
    return this.tokens[Math.min(this.at + ahead, this.tokens.length - 1)]!;
  }

  private next(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.at++;
    return token;
  }

  private expect(sign: string, where: string): void {
    const token = this.next();
    if (token.text !== sign || token.kind !== 'sign') {
      throw this.fail(`expected "${sign}" ${where}, found "${token.text}"`, token);
    }
  }

  private fail(message: string, token = this.peek()): UserError {
    return new UserError(message.slice(0, 300), { line: token.line });
  }
}

const REGION_PROPERTIES: ReadonlyMap<string, 'origin' | 'length'> = new Map([
  ['ORIGIN', 'origin'],
  ['org', 'origin'],
  ['o', 'origin'],
  ['LENGTH', 'length'],
  ['len', 'length'],
  ['l', 'length'],
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

function wrapped(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}

/** `0x10`, `010` (octal), `64K`, `1M`. */
function numberOf(text: string): bigint {
  const suffix = /[kKmM]$/.exec(text)?.[0].toUpperCase();
  const digits = suffix === undefined ? text : text.slice(0, -1);
  const octal = /^0[0-7]+$/.test(digits);
  const value = BigInt(octal ? `0o${digits.slice(1)}` : digits.slice(0, 40));
  return wrapped(value * (suffix === 'M' ? 1_048_576n : suffix === 'K' ? 1024n : 1n));
}
