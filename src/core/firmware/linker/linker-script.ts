/** The memories of a chip as a GNU linker script declares them, with the values that the linker gives its symbols. */
import { UserError } from '../../util/errors';
import { evaluate, problem, type Scope } from './script-expression';
import { parseScript, type Include } from './parse-script';
import type { Assignment, MemoryEntry, OutputSection, ScriptSyntax } from './script-syntax';

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
  /** Regions whose place or size cannot be told from the script alone: why, with the line. */
  readonly unknown: readonly {
    readonly name: string;
    readonly why: string;
    readonly line: number;
  }[];
  /** Names that REGION_ALIAS gives regions. */
  readonly aliases: ReadonlyMap<string, string>;
  readonly sections: readonly OutputSection[];
  /** Why SECTIONS could not be read, where that is so. */
  readonly sectionsProblem: string | undefined;
  /** Files of INCLUDE commands that were not read. */
  readonly notFollowed: readonly string[];
}

/** What is known from elsewhere: a map lists the values of `--defsym` and the symbols of objects. */
export type KnownSymbols = ReadonlyMap<string, bigint>;

/** @throws UserError in one sentence, with `line` where it is known, for a MEMORY command that cannot be read */
export function parseLinkerScript(
  text: string,
  include?: Include,
  known: KnownSymbols = new Map(),
): LinkerScript {
  return evaluateScript(parseScript(text, include), known);
}

export function evaluateScript(syntax: ScriptSyntax, known: KnownSymbols): LinkerScript {
  const { statements, notFollowed, sectionsProblem } = syntax;
  const aliases = new Map<string, string>();
  const entries = new Map<string, MemoryEntry>();
  for (const statement of statements) {
    if (statement.kind === 'alias') aliases.set(statement.alias, statement.region);
    // Of a region that is declared twice the last declaration counts, at the place of the first.
    if (statement.kind === 'memory') entries.set(statement.name, statement);
  }
  const values = new ScriptValues(syntax, entries, aliases, known);
  const regions: MemoryRegion[] = [];
  const unknown: { name: string; why: string; line: number }[] = [];
  for (const { name, attributes, line } of entries.values()) {
    try {
      const [origin, length] = [values.property(name, 'origin'), values.property(name, 'length')];
      regions.push({ name, attributes, origin: Number(origin), length: Number(length) });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      unknown.push({ name, why: error.message, line: error.line ?? line });
    }
  }
  const sections = statements.filter((statement) => statement.kind === 'section');
  return { regions, unknown, aliases, sections, sectionsProblem, notFollowed };
}

/** The constants of a script: every value that does not need the linker's placing of sections. */
export function scriptConstants(syntax: ScriptSyntax): ReadonlyMap<string, readonly bigint[]> {
  const values = new ScriptValues(syntax, new Map(), new Map(), new Map());
  return values.all();
}

const MAX_DEPTH = 200;

/**
 * Assignments count in their order; one that asks for its own symbol gets the value from before. MEMORY is evaluated
 * behind them all, so that what a symbol is at the end counts there, wherever MEMORY stands.
 */
class ScriptValues {
  /** By symbol, in the order of the script. */
  private readonly assignments = new Map<string, { index: number; assignment: Assignment }[]>();
  private readonly values = new Map<Assignment, bigint>();
  /** What is being evaluated, to notice what asks for itself. */
  private readonly open = new Set<object>();

  constructor(
    syntax: ScriptSyntax,
    private readonly entries: ReadonlyMap<string, MemoryEntry>,
    private readonly aliases: ReadonlyMap<string, string>,
    private readonly known: KnownSymbols,
  ) {
    const found = syntax.statements.flatMap((statement) => {
      if (statement.kind === 'assignment') return [statement];
      if (statement.kind !== 'section') return [];
      return statement.contents.filter((content) => content.kind === 'assignment');
    });
    found.forEach((assignment, index) => {
      const list = this.assignments.get(assignment.name);
      if (list === undefined) this.assignments.set(assignment.name, [{ index, assignment }]);
      else list.push({ index, assignment });
    });
  }

  property(name: string, property: 'origin' | 'length'): bigint {
    const entry = this.entries.get(name) ?? this.entries.get(this.aliases.get(name) ?? '');
    if (entry === undefined) throw new UserError(`there is no region "${name}"`);
    const expression = entry[property];
    return this.guarded(expression, entry.line, () => {
      const value = evaluate(expression, this.scope(Infinity));
      if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
        const what = property.toUpperCase();
        throw problem(`${what} of region "${entry.name}" is no size a chip has`, entry.line);
      }
      return value;
    });
  }

  /** By symbol, the values of all its assignments that are constant. */
  all(): Map<string, bigint[]> {
    const found = new Map<string, bigint[]>();
    for (const [name, list] of this.assignments) {
      const constants = list.flatMap(({ index, assignment }) => {
        try {
          return [this.assigned(assignment, index)];
        } catch (error) {
          if (!(error instanceof UserError)) throw error;
          return [];
        }
      });
      found.set(name, constants);
    }
    return found;
  }

  private scope(index: number): Scope {
    return {
      symbol: (name, line) => {
        const value = this.symbol(name, index);
        if (value !== undefined) return value;
        throw problem(
          name === '.'
            ? 'the place where the linker is ("."), is not known here'
            : `the value of "${name}" is not known here; the script does not set it to a constant`,
          line,
        );
      },
      query: (query, name, line) => this.query(query, name, line, index),
    };
  }

  /** The value of the last assignment before `index`; else what comes from elsewhere. */
  private symbol(name: string, index: number): bigint | undefined {
    if (name === '.') return undefined;
    const list = this.assignments.get(name) ?? [];
    const outside = this.known.get(name);
    const before = list.findLast(({ index: at }) => at < index);
    // PROVIDE gives way to an assignment anywhere, and to what objects and the command line define.
    const entry =
      before?.assignment.provide === true
        ? (list.findLast(({ index: at, assignment }) => at < index && !assignment.provide) ??
          (outside === undefined ? before : undefined))
        : before;
    if (entry !== undefined) return this.assigned(entry.assignment, entry.index);
    return outside;
  }

  private assigned(assignment: Assignment, index: number): bigint {
    const known = this.values.get(assignment);
    if (known !== undefined) return known;
    const value = this.guarded(assignment, assignment.line, () =>
      evaluate(assignment.value, this.scope(index)),
    );
    this.values.set(assignment, value);
    return value;
  }

  private query(query: string, name: string, line: number, index: number): bigint {
    const property = REGION_PROPERTIES.get(query);
    if (property !== undefined) {
      if (!this.entries.has(name) && !this.entries.has(this.aliases.get(name) ?? '')) {
        throw problem(`there is no region "${name}"`, line);
      }
      return this.property(name, property);
    }
    if (query === 'DEFINED') {
      const before = (this.assignments.get(name) ?? []).some((entry) => entry.index < index);
      return before || this.known.has(name) ? 1n : 0n;
    }
    throw problem(`"${query}" gives no constant that is known here`, line);
  }

  private guarded(key: object, line: number, value: () => bigint): bigint {
    if (this.open.has(key)) throw problem('a value that needs itself to be known', line);
    if (this.open.size > MAX_DEPTH) throw problem('this value hangs on too many others', line);
    this.open.add(key);
    try {
      return value();
    } finally {
      this.open.delete(key);
    }
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
