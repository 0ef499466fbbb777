/**
 * How far a section can grow before the link fails. The region's end is one limit; what the script pins down is
 * another: sections at fixed addresses, stacks at the end, ASSERT. A heap that stretches up to a fixed address gives
 * way, so it is room. Found by following, through the script's own statements as the map repeats them, what moves along
 * when the section grows.
 */
import { UserError } from '../../util/errors';
import { contains, extentsIn, type Layout, type PlacedSection } from './layout';
import type { MemoryRegion } from './linker-script';
import type { MapStatement } from './linker-map';
import { evaluate, parseExpression, type Expression, type Scope } from './script-expression';
import { ScriptScanner } from './script-scanner';

export interface Growth {
  /** Bytes; negative where the link has failed already. */
  readonly room: number;
  /** What ends it, other than the region's end. */
  readonly limit: string | undefined;
  /** Bytes of the room that a section holds which gives way: a heap that takes what is left. */
  readonly elastic: { readonly section: string; readonly bytes: number } | undefined;
  /** Another region that begins inside the room, where nothing lies yet; `room` is what is in front of it. */
  readonly inside: { readonly region: string; readonly room: number } | undefined;
  /** The address that it can grow to, by what the script pins down: what has the same one shares the room. */
  readonly upTo: number;
}

/**
 * @param section the one that grows
 * @param from address in it behind which everything moves
 */
export function growthOf(
  layout: Layout,
  region: MemoryRegion,
  section: PlacedSection,
  from: number,
): Growth {
  const walked = new Walk(layout, region, section, from).walk();
  const { elastic, end, upTo } = walked;
  let { room, limit } = walked;
  let inside: Growth['inside'];
  for (const other of layout.regions) {
    if (other === region || other.origin < end || !contains(region, other.origin)) continue;
    for (const { start, name } of startsIn(layout, other)) {
      if (start - end < room)
        [room, limit] = [start - end, `section ${name} in region ${other.name}`];
    }
    const here = other.origin - end;
    if (here < (inside?.room ?? Infinity)) inside = { region: other.name, room: here };
  }
  const before = inside && inside.room < room ? inside : undefined;
  return { room, limit, elastic, inside: before, upTo };
}

function startsIn({ sections }: Layout, { name }: MemoryRegion): { start: number; name: string }[] {
  return sections.flatMap((section) =>
    extentsIn(section, name).map(({ start }) => ({ start, name: section.name })),
  );
}

/** Alignments from which on what they leave empty is worth counting. */
const COARSE = 64;

interface Walked extends Pick<Growth, 'room' | 'limit' | 'elastic' | 'upTo'> {
  /** Where the last thing ends that moves along. */
  readonly end: number;
}

/** By how much a value grows for each byte the section grows: 0, 1 or −1; undefined where that cannot be told. */
type Slope = number | undefined;

class Walk {
  /** Of symbols, at the statement where the walk is. */
  private readonly slopes = new Map<string, Slope>();
  private readonly values = new Map<string, bigint>();
  private readonly sectionsByName: ReadonlyMap<string, PlacedSection>;
  /** Names of sections whose start, load address or size changes. */
  private readonly starts = new Map<string, Slope>();
  private readonly loads = new Map<string, Slope>();
  private readonly sizes = new Map<string, Slope>();
  /** Whether everything behind still moves along. */
  private moving = true;
  private end: number;
  private found: Omit<Walked, 'end'> | undefined;
  /** Where the linker goes on at the next multiple of a number: growing takes what is left empty there first. */
  private readonly aligned: { readonly at: number; readonly empty: number; readonly to: number }[] =
    [];
  private assertion: { room: number; limit: string } | undefined;

  constructor(
    private readonly layout: Layout,
    private readonly region: MemoryRegion,
    private readonly grown: PlacedSection,
    private readonly from: number,
  ) {
    this.sectionsByName = new Map(layout.sections.map((section) => [section.name, section]));
    this.end = grown.address;
  }

  walk(): Walked {
    const { map, sections } = this.layout;
    const statements = new Map<number, MapStatement[]>();
    for (const statement of map.statements) {
      const same = statements.get(statement.section);
      if (same === undefined) statements.set(statement.section, [statement]);
      else same.push(statement);
    }
    for (const statement of statements.get(-1) ?? []) this.statement(statement, 0);
    for (const section of sections) this.section(section, statements.get(section.index) ?? []);
    const regionEnd = this.region.origin + this.region.length;
    const found = this.found ?? {
      room: this.roomTo(regionEnd),
      limit: undefined,
      elastic: undefined,
      upTo: regionEnd,
    };
    const { assertion, end } = this;
    return assertion !== undefined && assertion.room < found.room
      ? { ...found, room: assertion.room, limit: assertion.limit, end }
      : { ...found, end };
  }

  private section(section: PlacedSection, statements: readonly MapStatement[]): void {
    const { name } = section;
    const here = section === this.grown;
    const behind = section.index > this.grown.index;
    const extents = extentsIn(section, this.region.name);
    const runs = section.runsIn === this.region.name;
    let slope: Slope = 0;
    if (behind && this.moving && extents.length > 0) {
      const fixed = this.isFixed(section);
      const start = Math.min(...extents.map((extent) => extent.start));
      if (fixed && start >= this.end) this.stopAt(start, `section ${name} at a fixed address`);
      else if (!fixed) slope = 1;
    } else if (behind && this.moving && this.followsDot(section)) slope = 1;
    this.starts.set(name, runs || extents.length === 0 ? slope : 0);
    this.loads.set(name, section.storedIn === this.region.name ? slope : 0);
    this.sizes.set(name, here ? 1 : 0);
    if (here) this.end = Math.max(...extents.map((extent) => extent.end), this.end);
    const dotMoves = (value: number): Slope =>
      here ? (this.moving && value >= this.from ? 1 : 0) : (this.starts.get(name) ?? 0);
    let dot: Slope;
    for (const statement of statements) {
      if (dot === undefined || here) dot = dotMoves(statement.value);
      if (here && !this.moving) dot = 0;
      const moved = this.statement(statement, dot);
      if (statement.name !== '.') continue;
      if (moved === 1 && this.moving && (here || slope === 1)) this.noteAlignment(statement);
      const inSection =
        statement.value >= section.address && statement.value <= section.address + section.size;
      if (moved === 0 && dot === 1 && this.moving && inSection && (here || slope === 1)) {
        // The linker is sent to a place that stays where it is: what lies in front may grow up to there.
        this.end = statement.value - statement.fill;
        this.found = {
          room: this.roomTo(statement.value),
          limit: here ? `a fixed place in section ${name}` : undefined,
          elastic: here ? undefined : { section: name, bytes: statement.fill },
          upTo: statement.value,
        };
        this.moving = false;
        this.sizes.set(name, here ? 0 : -1);
      }
      dot = this.moving ? moved : 0;
    }
    if (!here && slope === 1 && this.moving) {
      this.end = Math.max(this.end, ...extents.map((extent) => extent.end));
    }
  }

  /** Sections that take nothing (COPY) stand where the linker is all the same. */
  private followsDot({ script, runsIn, storedIn }: PlacedSection): boolean {
    const declared = script?.region;
    return runsIn === undefined && storedIn === undefined && declared === this.region.name;
  }

  private isFixed({ script, name }: PlacedSection): boolean {
    const address = script?.address;
    return address !== undefined && name !== this.grown.name && this.slope(address, 1) === 0;
  }

  /** `. = ALIGN(1024)`, and `. = MAX(., 0x1000)`, behind which there is no other limit. */
  private noteAlignment({ expression, value, fill }: MapStatement): void {
    const call = parsed(expression);
    if (call !== undefined && isLeastPlace(call)) {
      this.aligned.push({ at: value - fill, empty: fill, to: 1 });
      return;
    }
    if (call?.kind !== 'call' || call.name !== 'ALIGN' || call.values.length !== 1) return;
    const to = Number(this.value(call.values[0]!) ?? 0n);
    if (to >= COARSE) this.aligned.push({ at: value - fill, empty: fill, to });
  }

  /** The most that can be added so that what moves along still ends at a limit. */
  private roomTo(limit: number): number {
    const plain = limit - this.end;
    const moved = (added: number): number =>
      this.aligned.reduce((shift, { at, empty, to }) => {
        const place = at + shift;
        const shifted = Math.ceil(place / to) * to - (at + empty);
        return to === 1 ? Math.max(0, shifted) : shifted;
      }, added);
    let [fits, large] = [plain, plain];
    // What is left empty now is won at most.
    for (const { empty } of this.aligned) large += empty;
    for (const { to } of this.aligned) fits -= to;
    while (fits < large) {
      const middle = Math.ceil((fits + large) / 2);
      if (moved(middle) <= plain) fits = middle;
      else large = middle - 1;
    }
    return fits;
  }

  private stopAt(start: number, limit: string): void {
    this.found = { room: this.roomTo(start), limit, elastic: undefined, upTo: start };
    this.moving = false;
  }

  /** Returns by how much the value grows. */
  private statement(statement: MapStatement, dot: Slope): Slope {
    const expression = parsed(statement.expression);
    if (expression === undefined) return undefined;
    if (statement.kind === 'assertion') {
      this.checkAssertion(expression, dot);
      return undefined;
    }
    const { name, value } = statement;
    let slope = this.slope(expression, dot);
    // A number assigned to "." inside a section counts from the section's start.
    if (name === '.' && slope === 0 && this.isRelative(expression, statement)) {
      slope = this.starts.get(this.layout.sections[statement.section]?.name ?? '') ?? dot;
    }
    if (name === '.' && isLeastPlace(expression)) slope = dot;
    if (name !== '.') {
      this.slopes.set(name, slope);
      this.values.set(name, BigInt(value));
    }
    return slope;
  }

  private isRelative(expression: Expression, { value, section }: MapStatement): boolean {
    const start = this.layout.sections[section]?.address;
    const number = this.value(expression);
    if (start === undefined || number === undefined) return false;
    return number !== BigInt(value) && number + BigInt(start) === BigInt(value);
  }

  /** `ASSERT(__limit >= end, "…")`: the more `end` grows, the less is between them. */
  private checkAssertion(condition: Expression, dot: Slope): void {
    if (condition.kind !== 'binary') return;
    const { operator, left, right } = condition;
    if (operator === '&&') {
      this.checkAssertion(left, dot);
      this.checkAssertion(right, dot);
      return;
    }
    const [high, low] =
      { '>=': [left, right], '>': [left, right], '<=': [right, left], '<': [right, left] }[
        operator
      ] ?? [];
    if (high === undefined || low === undefined) return;
    const [highSlope, lowSlope] = [this.slope(high, dot), this.slope(low, dot)];
    if (highSlope === undefined || lowSlope === undefined || lowSlope - highSlope !== 1) return;
    const [top, bottom] = [this.value(high), this.value(low)];
    if (top === undefined || bottom === undefined) return;
    const room = Number(BigInt.asIntN(64, top - bottom)) - (operator.length === 1 ? 1 : 0);
    if (this.assertion === undefined || room < this.assertion.room) {
      this.assertion = { room, limit: 'an ASSERT of the script' };
    }
  }

  private slope(expression: Expression, dot: Slope): Slope {
    switch (expression.kind) {
      case 'number':
        return 0;
      case 'symbol':
        return expression.name === '.' ? dot : this.symbolSlope(expression.name);
      case 'query': {
        const { query, name } = expression;
        if (query === 'ADDR') return this.starts.get(name);
        if (query === 'LOADADDR') return this.loads.get(name);
        if (query === 'SIZEOF') return this.sizes.get(name) ?? 0;
        return 0;
      }
      case 'unary': {
        const of = this.slope(expression.of, dot);
        if (of === undefined || of === 0 || expression.operator === '+') return of;
        return expression.operator === '-' ? -of : undefined;
      }
      case 'binary': {
        const [left, right] = [this.slope(expression.left, dot), this.slope(expression.right, dot)];
        if (left === undefined || right === undefined) return undefined;
        if (expression.operator === '+') return left + right;
        if (expression.operator === '-') return left - right;
        if (left === 0 && right === 0) return 0;
        // `(. + 7) & ~7`
        return expression.operator === '&' && right === 0 ? left : undefined;
      }
      case 'choice': {
        const [yes, no] = [this.slope(expression.yes, dot), this.slope(expression.no, dot)];
        return yes === no ? yes : undefined;
      }
      case 'call': {
        const slopes = expression.values.map((value) => this.slope(value, dot));
        if (
          expression.name === 'ALIGN' ||
          expression.name === 'BLOCK' ||
          expression.name === 'NEXT'
        ) {
          return slopes.length === 1 ? dot : slopes[0];
        }
        return slopes.every((slope) => slope === slopes[0]) ? slopes[0] : undefined;
      }
    }
  }

  private symbolSlope(name: string): Slope {
    if (this.slopes.has(name)) return this.slopes.get(name);
    const value = this.layout.map.symbols.get(name);
    if (value === undefined) return undefined;
    // Of an object: it moves if it lies in what moves.
    const at = Number(value);
    return this.moving && at >= this.from && at < this.end ? 1 : 0;
  }

  private value(expression: Expression): bigint | undefined {
    try {
      return evaluate(expression, this.scope);
    } catch (error) {
      if (error instanceof UserError) return undefined;
      throw error;
    }
  }

  private readonly scope: Scope = {
    symbol: (name) => {
      const value = this.values.get(name) ?? this.layout.map.symbols.get(name);
      if (value === undefined) throw new UserError(`the value of "${name}" is not known`);
      return value;
    },
    query: (query, name) => {
      const region = this.layout.regions.find((candidate) => candidate.name === name);
      const section = this.sectionsByName.get(name);
      if (query === 'ORIGIN' && region) return BigInt(region.origin);
      if (query === 'LENGTH' && region) return BigInt(region.length);
      if (query === 'SIZEOF') return BigInt(section?.size ?? 0);
      if (query === 'ADDR' && section) return BigInt(section.address);
      if (query === 'LOADADDR' && section) return BigInt(section.loadAddress ?? section.address);
      throw new UserError(`${query}(${name}) is not known`);
    },
  };
}

/** `MAX(., …)`: what stands in front may grow up to there, and moves what follows then. */
function isLeastPlace(expression: Expression): boolean {
  return (
    expression.kind === 'call' &&
    expression.name === 'MAX' &&
    expression.values.some((value) => value.kind === 'symbol' && value.name === '.')
  );
}

/** As the map writes it. */
function parsed(text: string): Expression | undefined {
  try {
    return parseExpression(new ScriptScanner(text));
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}
