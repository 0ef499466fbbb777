/** Parses a GNU linker script: MEMORY strictly, since everything hangs on it, all else as far as it goes. */
import { UserError } from '../../util/errors';
import { assigned, parseExpression, problem, type Expression } from './script-expression';
import { ScriptScanner, type Mode, type Token } from './script-scanner';
import type {
  Assertion,
  Assignment,
  Content,
  InputPattern,
  MemoryEntry,
  OutputSection,
  ScriptSyntax,
  Statement,
} from './script-syntax';

const MAX_INCLUDES = 50;
const MAX_REGIONS = 1000;
const MAX_NESTING = 100;

/** Text of a file named by INCLUDE; undefined where it is not to be followed. */
export type Include = (name: string) => string | undefined;

/** @throws UserError in one sentence, with `line` where it is known, for a MEMORY command that cannot be read */
export function parseScript(text: string, include: Include = () => undefined): ScriptSyntax {
  const state: State = { statements: [], notFollowed: [], includes: 0, regions: 0 };
  new Parser(new ScriptScanner(text), state, include).script();
  const { statements, notFollowed, sectionsProblem } = state;
  return { statements, notFollowed: [...new Set(notFollowed)], sectionsProblem };
}

interface State {
  readonly statements: Statement[];
  readonly notFollowed: string[];
  sectionsProblem?: string;
  includes: number;
  regions: number;
}

/** Commands whose parentheses hold nothing that is needed here. */
const OTHER_COMMANDS: ReadonlySet<string> = new Set([
  ...['ENTRY', 'EXTERN', 'GROUP', 'INPUT', 'AS_NEEDED', 'OUTPUT', 'OUTPUT_ARCH', 'OUTPUT_FORMAT'],
  ...['SEARCH_DIR', 'STARTUP', 'TARGET', 'NOCROSSREFS', 'NOCROSSREFS_TO', 'LD_FEATURE'],
]);
const PROVIDES: ReadonlySet<string> = new Set(['PROVIDE', 'PROVIDE_HIDDEN', 'HIDDEN']);
const ASSIGNING = /^(?:<<|>>|[-+*/&|^])?=$/;
const SECTION_TYPES: ReadonlySet<string> = new Set([
  ...['NOLOAD', 'DSECT', 'COPY', 'INFO', 'OVERLAY', 'READONLY', 'TYPE'],
]);
const DATA: ReadonlySet<string> = new Set([
  ...['BYTE', 'SHORT', 'LONG', 'QUAD', 'SQUAD', 'ASCIZ', 'LINKER_VERSION'],
]);
const SORTS = /^(?:SORT(?:_BY_\w+|_NONE)?|REVERSE)$/;

class Parser {
  private depth = 0;

  constructor(
    private readonly scanner: ScriptScanner,
    private readonly state: State,
    private readonly include: Include,
  ) {}

  script(): void {
    while (!this.atEnd()) {
      const token = this.peek();
      if (this.isName('MEMORY') && this.follows('{')) this.memory();
      else if (this.isName('SECTIONS') && this.follows('{')) this.sections();
      else if (this.isName('INCLUDE')) this.follow((part) => part.script());
      else if (isSign(token, '{')) this.skipBlock('{', '}');
      else if (!this.command(this.state.statements)) this.next();
    }
  }

  /** An assignment or another statement that may stand anywhere. Returns false where none is. */
  private command(into: (Assignment | Assertion | Statement)[], mode: Mode = 'plain'): boolean {
    const token = this.peek(mode);
    if (token.kind !== 'name') return false;
    const before = this.scanner.mark();
    try {
      if (PROVIDES.has(token.text) && this.opens(mode)) {
        into.push(this.provided(token));
        return true;
      }
      if (token.text === 'ASSERT' && this.opens(mode)) {
        into.push(this.assertion(token));
        return true;
      }
      if (token.text === 'REGION_ALIAS' && this.opens(mode)) {
        const alias = this.next().text;
        this.takes(',');
        const region = this.next().text;
        this.takes(')');
        this.state.statements.push({ kind: 'alias', alias, region });
        return true;
      }
      if (OTHER_COMMANDS.has(token.text) && this.opens(mode)) {
        this.skipBlock('(', ')', 1);
        return true;
      }
      this.next(mode);
      if (this.assigns(mode)) {
        into.push(this.assignment(token, mode));
        return true;
      }
    } catch (error) {
      // What the linker understands and we do not gives no value, and is an error only where that is needed.
      if (!(error instanceof UserError)) throw error;
      this.skipStatement();
      return true;
    }
    this.scanner.back(before);
    return false;
  }

  /** Behind the next semicolon, or to the end of what is around it. */
  private skipStatement(): void {
    for (;;) {
      const token = this.peek('expression');
      if (token.kind === 'end' || isSign(token, '}')) return;
      this.next('expression');
      if (isSign(token, ';')) return;
    }
  }

  private assigns(mode: Mode): boolean {
    const { kind, text } = this.peek(mode === 'pattern' ? 'pattern' : 'expression');
    return kind === 'sign' && ASSIGNING.test(text);
  }

  /** Behind the name. */
  private assignment({ text: name, line }: Token, mode: Mode): Assignment {
    const operator = this.next(mode === 'pattern' ? 'pattern' : 'expression').text;
    const value = assigned(operator, name, parseExpression(this.scanner), line);
    return { kind: 'assignment', name, value, provide: false, line };
  }

  /** Behind "PROVIDE(". */
  private provided({ text, line }: Token): Assignment {
    const name = this.next('expression').text;
    this.expect('=', `behind ${text}(${name}`);
    const value = parseExpression(this.scanner);
    this.expect(')', `at the end of ${text}(${name}`);
    return { kind: 'assignment', name, value, provide: text !== 'HIDDEN', line };
  }

  /** Behind "ASSERT(". */
  private assertion({ line }: Token): Assertion {
    const condition = parseExpression(this.scanner);
    this.expect(',', 'in ASSERT');
    const message = this.next().text;
    this.expect(')', 'at the end of ASSERT');
    return { kind: 'assertion', condition, message, line };
  }

  /** At MEMORY's brace. */
  private memory(): void {
    this.next();
    while (!this.takes('}')) {
      if (this.atEnd()) throw this.fail('MEMORY is not closed with "}"');
      this.memoryEntry();
    }
  }

  /** Of a file included in MEMORY. */
  private entries(): void {
    while (!this.atEnd()) this.memoryEntry();
  }

  private memoryEntry(): void {
    if (this.takes(';') || this.takes(',')) return;
    if (this.isName('INCLUDE')) {
      this.follow((part) => part.entries());
      return;
    }
    const token = this.next();
    const { kind, text: name, line } = token;
    if (kind !== 'name' && kind !== 'string') {
      throw this.fail(`expected the name of a region, found "${name}"`, token);
    }
    const attributes = this.attributes();
    this.expect(':', `behind the region's name "${name}"`);
    const origin = this.property(['ORIGIN', 'org', 'o'], name);
    this.takes(',');
    const length = this.property(['LENGTH', 'len', 'l'], name);
    if (++this.state.regions > MAX_REGIONS) throw this.fail('there are too many regions');
    this.state.statements.push({
      kind: 'memory',
      name,
      attributes,
      origin,
      length,
      line,
    } satisfies MemoryEntry);
  }

  private attributes(): string | undefined {
    if (!this.takes('(')) return undefined;
    let text = '';
    while (!this.takes(')')) {
      if (this.atEnd()) throw this.fail('a region\'s "(" is not closed');
      text += this.next().text;
    }
    return text;
  }

  private property(names: readonly string[], region: string): Expression {
    const token = this.next('expression');
    if (!names.includes(token.text)) {
      throw this.fail(`expected ${names[0]!} of region "${region}", found "${token.text}"`, token);
    }
    this.expect('=', `behind ${names[0]!} of region "${region}"`);
    return parseExpression(this.scanner);
  }

  /** At the brace of SECTIONS. One that is not understood is passed over as a whole. */
  private sections(): void {
    const before = this.scanner.mark();
    const kept = this.state.statements.length;
    try {
      this.next();
      while (!this.takes('}')) {
        if (this.atEnd()) throw this.fail('SECTIONS is not closed with "}"');
        this.sectionsEntry();
      }
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const { line, message } = error;
      this.state.sectionsProblem ??= line === undefined ? message : `line ${line}: ${message}`;
      this.state.statements.length = kept;
      this.scanner.back(before);
      this.skipBlock('{', '}');
    }
  }

  private includedSections(): void {
    while (!this.atEnd()) this.sectionsEntry();
  }

  private sectionsEntry(): void {
    if (this.takes(';') || this.takes(',')) return;
    if (this.isName('INCLUDE')) {
      this.follow((part) => part.includedSections());
      return;
    }
    if (this.isName('OVERLAY')) {
      this.overlay();
      return;
    }
    if (this.isName('INSERT')) {
      for (let i = 0; i < 3; i++) this.next();
      return;
    }
    if (this.command(this.state.statements)) return;
    const token = this.next();
    if (token.kind !== 'name' && token.kind !== 'string') {
      throw this.fail(`expected the name of a section, found "${token.text}"`, token);
    }
    this.state.statements.push(this.outputSection(token));
  }

  /** Behind the name. */
  private outputSection({ text: name, line }: Token): OutputSection {
    let address: Expression | undefined;
    let type: string | undefined;
    while (!this.takes(':')) {
      const before = this.scanner.mark();
      const named = this.takes('(') ? this.next().text : undefined;
      if (named !== undefined && SECTION_TYPES.has(named)) {
        type = named;
        this.skipBlock('(', ')', 1);
        continue;
      }
      this.scanner.back(before);
      address = parseExpression(this.scanner);
    }
    let loadAddress: Expression | undefined;
    for (;;) {
      const word = this.peek();
      if (isSign(word, '{')) break;
      this.next();
      if (word.text === 'AT') loadAddress = parseExpression(this.scanner);
      else if (word.text === 'ALIGN' || word.text === 'SUBALIGN') parseExpression(this.scanner);
      else if (!SECTION_WORDS.has(word.text)) {
        throw this.fail(`expected "{" of section "${name}", found "${word.text}"`, word);
      }
    }
    const contents = this.contents();
    return { kind: 'section', name, address, type, loadAddress, contents, line, ...this.places() };
  }

  /** What stands behind an output section's closing brace. */
  private places(): Pick<OutputSection, 'region' | 'loadRegion'> {
    let region: string | undefined;
    let loadRegion: string | undefined;
    for (;;) {
      const before = this.scanner.mark();
      if (this.takes('>')) region = this.next().text;
      else if (this.isName('AT')) {
        this.next();
        if (!this.takes('>')) {
          this.scanner.back(before);
          break;
        }
        loadRegion = this.next().text;
      } else if (this.takes(':')) this.next();
      else if (this.takes('=')) parseExpression(this.scanner);
      else break;
    }
    return { region, loadRegion };
  }

  /** `OVERLAY start : NOCROSSREFS AT (lma) { .a { ... } .b { ... } } > region`: all at one place, one after another in flash. */
  private overlay(): void {
    const { line } = this.next();
    const address = this.takes(':') ? undefined : parseExpression(this.scanner);
    if (address !== undefined) this.expect(':', 'behind OVERLAY');
    let loadAddress: Expression | undefined;
    while (!this.takes('{')) {
      const word = this.next();
      if (word.kind === 'end') throw this.fail('OVERLAY is not closed with "}"');
      if (word.text === 'AT') loadAddress = parseExpression(this.scanner);
    }
    const parts: { name: string; contents: readonly Content[] }[] = [];
    while (!this.takes('}')) {
      const { text: name, kind } = this.next();
      if (kind === 'end') throw this.fail('OVERLAY is not closed with "}"');
      while (!isSign(this.peek(), '{') && !this.atEnd()) this.next();
      parts.push({ name, contents: this.contents() });
      while (this.takes(':') || this.takes(',')) this.next();
    }
    const places = this.places();
    for (const part of parts) {
      const section = { ...part, ...places, address, loadAddress, line };
      this.state.statements.push({ kind: 'section', type: undefined, ...section });
    }
  }

  /** At an output section's brace. */
  private contents(): Content[] {
    this.expect('{', 'of a section');
    const found: Content[] = [];
    while (!this.takes('}', 'pattern')) this.content(found);
    return found;
  }

  private content(into: Content[]): void {
    if (this.takes(';', 'pattern') || this.takes(',', 'pattern')) return;
    const token = this.peek('pattern');
    if (token.kind === 'end') throw this.fail('a section is not closed with "}"', token);
    if (token.kind === 'name' && token.text === 'INCLUDE') {
      this.follow((part) => {
        while (!part.atEnd()) part.content(into);
      }, 'pattern');
      return;
    }
    const commands: (Assignment | Assertion | Statement)[] = [];
    if (this.command(commands, 'pattern')) {
      for (const statement of commands) {
        if (statement.kind === 'assignment' || statement.kind === 'assertion') into.push(statement);
      }
      return;
    }
    if (
      token.text === 'FILL' ||
      token.text === 'CREATE_OBJECT_SYMBOLS' ||
      token.text === 'CONSTRUCTORS'
    ) {
      this.next('pattern');
      if (this.takes('(', 'pattern')) this.skipBlock('(', ')', 1);
      return;
    }
    if (DATA.has(token.text)) {
      this.next('pattern');
      if (this.takes('(', 'pattern')) this.skipBlock('(', ')', 1);
      into.push({ kind: 'data' });
      return;
    }
    this.inputs(into, []);
  }

  /** `KEEP (*(SORT(.init.*)))`, `EXCLUDE_FILE (a.o) *(.text)`, `"x.o" (.text)`, `x.o`. */
  private inputs(into: Content[], excluded: readonly string[]): void {
    if (++this.depth > MAX_NESTING) throw this.fail('this is nested too deeply');
    const token = this.next('pattern');
    const { kind, text, line } = token;
    if (kind === 'name' && text === 'INPUT_SECTION_FLAGS') {
      if (this.takes('(', 'pattern')) this.skipBlock('(', ')', 1);
      this.inputs(into, excluded);
    } else if (kind === 'name' && text === 'EXCLUDE_FILE') {
      this.inputs(into, [...excluded, ...this.list()]);
    } else if (kind === 'name' && text === 'KEEP' && this.takes('(', 'pattern')) {
      while (!this.takes(')', 'pattern')) {
        if (this.peek('pattern').kind === 'end')
          throw this.fail(`${text} is not closed with ")"`, token);
        this.inputs(into, excluded);
      }
    } else if (kind === 'name' || kind === 'string') {
      // `SORT(*)(.idata$2)`: files in the order of their names.
      const sorted = SORTS.test(text) && this.takes('(', 'pattern');
      const file = sorted ? this.next('pattern').text : text;
      if (sorted) this.expect(')', `behind ${text}(${file}`, 'pattern');
      const sections = this.takes('(', 'pattern') ? this.sectionPatterns() : [];
      into.push({ kind: 'input', file, excluded, sections } satisfies InputPattern);
    } else {
      throw problem(`expected a file name or a pattern, found "${text}"`, line);
    }
    this.depth--;
  }

  /** Behind the opening parenthesis, to the closing one. */
  private sectionPatterns(): InputPattern['sections'] {
    const found: { name: string; excluded: readonly string[] }[] = [];
    let excluded: readonly string[] = [];
    while (!this.takes(')', 'pattern')) {
      const token = this.next('pattern');
      if (token.kind === 'end') throw this.fail('a list of sections is not closed with ")"', token);
      if (token.text === 'EXCLUDE_FILE') excluded = this.list();
      else if (SORTS.test(token.text) && this.takes('(', 'pattern')) {
        if (++this.depth > MAX_NESTING) throw this.fail('this is nested too deeply');
        for (const { name, excluded: inside } of this.sectionPatterns()) {
          found.push({ name, excluded: [...excluded, ...inside] });
        }
        this.depth--;
        excluded = [];
      } else if (token.kind !== 'sign') {
        const name = token.text.replace(/,$/, '');
        if (name !== '') found.push({ name, excluded });
        excluded = [];
      }
    }
    return found;
  }

  private list(): string[] {
    this.expect('(', 'behind EXCLUDE_FILE', 'pattern');
    const names: string[] = [];
    while (!this.takes(')', 'pattern')) {
      const token = this.next('pattern');
      if (token.kind === 'end') throw this.fail('EXCLUDE_FILE is not closed with ")"', token);
      names.push(token.text);
    }
    return names;
  }

  private follow(read: (part: Parser) => void, mode: Mode = 'plain'): void {
    this.next(mode);
    const { text: name } = this.next('file');
    const text = this.state.includes++ < MAX_INCLUDES ? this.include(name) : undefined;
    if (text === undefined) this.state.notFollowed.push(name);
    else read(new Parser(new ScriptScanner(text), this.state, this.include));
  }

  /** To the sign that closes the block; `open` of them are open already. */
  private skipBlock(opening: string, closing: string, open = 0): void {
    const mode: Mode = opening === '{' ? 'pattern' : 'plain';
    do {
      const token = this.next(mode);
      if (token.kind === 'end') return;
      if (isSign(token, opening)) open++;
      if (isSign(token, closing)) open--;
    } while (open > 0);
  }

  private atEnd(): boolean {
    return this.peek().kind === 'end';
  }

  private isName(text: string): boolean {
    const token = this.peek();
    return token.kind === 'name' && token.text === text;
  }

  /** Whether the sign follows the next word; that word is then read. */
  private follows(sign: string): boolean {
    const before = this.scanner.mark();
    this.next();
    if (isSign(this.peek(), sign)) return true;
    this.scanner.back(before);
    return false;
  }

  /** Whether a parenthesis follows the next word; both are then read. */
  private opens(mode: Mode): boolean {
    const before = this.scanner.mark();
    this.next(mode);
    if (this.takes('(', mode)) return true;
    this.scanner.back(before);
    return false;
  }

  private takes(sign: string, mode: Mode = 'plain'): boolean {
    if (!isSign(this.peek(mode), sign)) return false;
    this.next(mode);
    return true;
  }

  private peek(mode: Mode = 'plain'): Token {
    return this.scanner.peek(mode);
  }

  private next(mode: Mode = 'plain'): Token {
    return this.scanner.next(mode);
  }

  private expect(sign: string, where: string, mode: Mode = 'plain'): void {
    const token = this.peek(mode);
    if (!this.takes(sign, mode)) {
      throw this.fail(`expected "${sign}" ${where}, found "${token.text}"`, token);
    }
  }

  private fail(message: string, token = this.peek()): UserError {
    return problem(message, token.line);
  }
}

const SECTION_WORDS: ReadonlySet<string> = new Set([
  ...['ALIGN_WITH_INPUT', 'ONLY_IF_RO', 'ONLY_IF_RW', 'SPECIAL'],
]);

function isSign({ kind, text }: Token, sign: string): boolean {
  return kind === 'sign' && text === sign;
}
