/**
 * The words of a GNU linker script, one at a time. What a character means depends on where it stands, as in ld: inside
 * an output section `*drivers/*` is a pattern of file names, in an expression the same characters are operators and the
 * start of a comment. So whoever reads says for each word what is expected there.
 */
import { UserError } from '../../util/errors';

export interface Token {
  readonly kind: 'name' | 'number' | 'string' | 'sign' | 'end';
  /** A string's is without its quotes. */
  readonly text: string;
  readonly line: number;
}

/**
 * `plain`: commands, names of sections and regions. `pattern`: inside the braces of an output section.
 * `expression`: behind `=` and in parentheses. `file`: behind INCLUDE.
 */
export type Mode = 'plain' | 'pattern' | 'expression' | 'file';

/** Longest script that is read, in characters; real ones have a few thousand. */
const MAX_TEXT = 1_000_000;

const SPACE = /\s+/y;
const NUMBER =
  /(?:0[xX][0-9a-fA-F]+|\$[0-9a-fA-F]+|\d+)[kKmM]?(?![\w$.])|[0-9][0-9a-fA-F]*[hHxXoObBdD](?![\w$.])/y;
const NAMES: Readonly<Record<Mode, RegExp>> = {
  // A slash that begins a comment ends the name before it.
  plain: /(?:[A-Za-z_.$\\~]|\/(?![*/]))(?:[A-Za-z0-9_.$\\~-]|\/(?![*/]))*/y,
  pattern: /[A-Za-z0-9_/.$\\~?*^:[\],=&!<>%@+-]+/y,
  expression: /[A-Za-z_.$][A-Za-z0-9_.$]*/y,
  file: /[^\s;"{}]+/y,
};
const DISCARD = '/DISCARD/';
const ASSIGNING = /(?:<<|>>|[-+*/&|^])?=(?!=)/y;
const SIGN = /<<=|>>=|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/&|^]=|[^]/y;

export class ScriptScanner {
  private at = 0;
  private line = 1;
  /** The word at `at`, in the mode it was asked for in. */
  private ahead: { readonly mode: Mode; readonly token: Token; readonly end: number } | undefined;

  constructor(private readonly text: string) {
    if (text.length > MAX_TEXT) throw new UserError('this file is too large for a linker script');
    if (text.includes('\0')) throw new UserError('this is no text, so no linker script');
  }

  peek(mode: Mode): Token {
    if (this.ahead?.mode === mode) return this.ahead.token;
    this.skip();
    const token = this.read(mode);
    const quoted = this.text[this.at] === '"';
    const length = token.kind === 'end' ? 0 : token.text.length;
    this.ahead = { mode, token, end: quoted ? this.behindString() : this.at + length };
    return token;
  }

  next(mode: Mode): Token {
    const token = this.peek(mode);
    const end = this.ahead!.end;
    this.moveTo(end);
    return token;
  }

  /** Where it is now, to come back to. */
  mark(): Mark {
    return { at: this.at, line: this.line };
  }

  back({ at, line }: Mark): void {
    this.at = at;
    this.line = line;
    this.ahead = undefined;
  }

  private moveTo(end: number): void {
    for (; this.at < end; this.at++) if (this.text[this.at] === '\n') this.line++;
    this.ahead = undefined;
  }

  /** White space and comments. */
  private skip(): void {
    for (;;) {
      const start = this.at;
      this.moveTo(this.at + (this.match(SPACE)?.length ?? 0));
      if (this.text.startsWith('/*', this.at)) {
        const end = this.text.indexOf('*/', this.at + 2);
        if (end < 0) throw new UserError('a comment is not closed with "*/"', { line: this.line });
        this.moveTo(end + 2);
      } else if (this.text.startsWith('//', this.at) || this.atDirective()) {
        const end = this.text.indexOf('\n', this.at);
        const line = this.text.slice(this.at, end < 0 ? this.text.length : end);
        this.moveTo(this.at + line.length);
        // What the preprocessor leaves where lines of another place begin: `# 3 "x.h"`.
        const marked = /^#\s*(?:line\s+)?(\d+)\s+"/.exec(line)?.[1];
        if (marked !== undefined) this.line = Number(marked) - 1;
      }
      if (this.at === start) return;
    }
  }

  /** A line for the preprocessor, or from it. */
  private atDirective(): boolean {
    if (this.text[this.at] !== '#') return false;
    const start = this.text.lastIndexOf('\n', this.at) + 1;
    return this.text.slice(start, this.at).trim() === '';
  }

  private read(mode: Mode): Token {
    const { at, line, text } = this;
    if (at >= text.length) return { kind: 'end', text: 'the end of the file', line };
    if (text[at] === '"')
      return { kind: 'string', text: text.slice(at + 1, this.closingQuote()), line };
    if (mode === 'file') return { kind: 'string', text: this.match(NAMES.file) ?? text[at]!, line };
    if (mode === 'pattern') {
      const assigning = this.match(ASSIGNING);
      if (assigning !== undefined) return { kind: 'sign', text: assigning, line };
      const name = this.match(NAMES.pattern);
      return name === undefined
        ? { kind: 'sign', text: text[at]!, line }
        : { kind: 'name', text: name, line };
    }
    const number = this.match(NUMBER);
    if (number !== undefined) return { kind: 'number', text: number, line };
    // Behind a fill value (`=0xff`) it begins the next section.
    const name = text.startsWith(DISCARD, at) ? DISCARD : this.match(NAMES[mode]);
    if (name !== undefined) return { kind: 'name', text: name, line };
    return { kind: 'sign', text: this.match(SIGN)!, line };
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    return pattern.exec(this.text)?.[0];
  }

  private closingQuote(): number {
    const end = this.text.indexOf('"', this.at + 1);
    return end < 0 ? this.text.length : end;
  }

  private behindString(): number {
    return Math.min(this.closingQuote() + 1, this.text.length);
  }
}

export interface Mark {
  readonly at: number;
  readonly line: number;
}
