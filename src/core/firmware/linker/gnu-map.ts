/** Reads the map of the GNU linker (`-Wl,-Map=`). */
import { UserError } from '../../util/errors';
import type { MemoryRegion } from './linker-script';
import type { LinkerMap, MapInput, MapSection, MapStatement } from './linker-map';

const REGIONS = 'Memory Configuration';
const BODY = 'Linker script and memory map';

export function isGnuMap(text: string): boolean {
  return text.includes(`\n${REGIONS}`) || text.startsWith(REGIONS);
}

/** @throws UserError in one sentence for what is no such map */
export function parseGnuMap(text: string): LinkerMap {
  const lines = text.split(/\r?\n/);
  const start = lines.indexOf(REGIONS);
  const body = lines.indexOf(BODY, Math.max(start, 0));
  if (start < 0 || body < 0) {
    throw new UserError(`this is no map of the GNU linker: it has no "${REGIONS}"`);
  }
  const regions = lines.slice(start + 1, body).flatMap((line) => readRegion(line) ?? []);
  if (regions.length === 0) throw new UserError('this map names no memory regions');
  const members = lines.slice(0, start).flatMap((line) => MEMBER.exec(line)?.[0] ?? []);
  const read = new Body(lines, body + 1).read();
  return { linker: 'GNU ld', regions, ...read, objects: [...read.objects, ...members] };
}

/** Of archives, in the list of what they were needed for. */
const MEMBER = /^\S.*\([^()]+\)$/;

/** `FLASH            0x08000000         0x00080000         xr`. */
function readRegion(line: string): MemoryRegion | undefined {
  const match = /^(\S.*?)\s+0x([0-9a-f]+)\s+0x([0-9a-f]+)(?:\s+(\S.*))?$/.exec(line);
  if (!match || match[1] === '*default*') return undefined;
  return {
    name: match[1]!,
    origin: parseInt(match[2]!, 16),
    length: parseInt(match[3]!, 16),
    attributes: match[4]?.trim(),
  };
}

type Input = Omit<MapInput, 'symbols'> & { symbols: string[] };
type Section = Omit<MapSection, 'inputs' | 'data'> & { inputs: Input[]; data: boolean };
type Statement = { -readonly [Key in keyof MapStatement]: MapStatement[Key] };

/**
 * An output section at the start of its line, the input sections that it is made of behind one space. Where the name
 * has more than 15 characters its numbers stand on the next line.
 */
const ENTRY = /^ ?([^\s*]\S*(?: \S+)*?)(?:\s+0x([0-9a-f]+)\s+0x([0-9a-f]+)(?:\s+(\S.*))?)?\s*$/;
const FILL = /^ \*fill\*\s+0x([0-9a-f]+)\s+0x([0-9a-f]+)/;
const NUMBERS = /^\s{2,}0x([0-9a-f]+)\s+0x([0-9a-f]+)(?:\s+(\S.*))?$/;
const VALUE = /^\s{2,}0x([0-9a-f]+)\s+([^\s0(].*)$/;
const DATA = /^(?:BYTE|SHORT|LONG|QUAD|SQUAD|ASCIZ)\b/;
const ASSIGNMENT = /^(?:PROVIDE(?:_HIDDEN)? \()?([\w.$]+) = (.*)$/;
const ASSERTION = /^ASSERT \((.*), [^,]*\)$/;

class Body {
  private readonly sections: Section[] = [];
  private readonly statements: Statement[] = [];
  private readonly symbols = new Map<string, bigint>();
  private readonly objects = new Set<string>();
  private output: string | undefined;
  private section: Section | undefined;
  private input: Input | undefined;

  constructor(
    private readonly lines: readonly string[],
    private at: number,
  ) {}

  read(): Omit<LinkerMap, 'linker' | 'regions'> {
    for (; this.at < this.lines.length; this.at++) {
      const line = this.lines[this.at]!;
      if (line === '') continue;
      if (line === 'Cross Reference Table') break;
      if (line.startsWith(' ')) this.indented(line);
      else this.outermost(line);
    }
    const { sections, statements, symbols, output } = this;
    return { sections, statements, symbols, output, objects: [...this.objects] };
  }

  private outermost(line: string): void {
    const loaded = /^LOAD (.+)$/.exec(line)?.[1];
    if (loaded !== undefined) this.objects.add(loaded);
    const output = /^OUTPUT\((.*?)(?: \S+)?\)$/.exec(line)?.[1];
    if (output !== undefined) this.output = output;
    if (loaded !== undefined || output !== undefined || KEYWORDS.test(line)) return;
    const found = this.entry(line);
    this.input = undefined;
    this.section = undefined;
    // A section without numbers is empty.
    if (found === undefined) return;
    const { name, address, size, rest } = found;
    const load = /^load address 0x([0-9a-f]+)/.exec(rest)?.[1];
    this.section = {
      name,
      address,
      size,
      loadAddress: load === undefined ? undefined : parseInt(load, 16),
      inputs: [],
      data: false,
    };
    // What stands behind the image's name (comments, debugging information) gets into no memory.
    if (this.output === undefined && !NOT_LOADED.test(name)) this.sections.push(this.section);
  }

  private indented(line: string): void {
    const { section } = this;
    if (/^ [^\s*]/.test(line)) {
      const found = this.entry(line);
      if (found === undefined || section === undefined) return;
      const { name, address, size, rest } = found;
      this.input = { section: name, address, size, object: rest, symbols: [] };
      section.inputs.push(this.input);
      return;
    }
    const fill = FILL.exec(line);
    if (fill) {
      this.fill(parseInt(fill[1]!, 16), parseInt(fill[2]!, 16));
      return;
    }
    const numbers = NUMBERS.exec(line);
    if (numbers) {
      if (section !== undefined && DATA.test(numbers[3] ?? '')) section.data = true;
      return;
    }
    const [, digits, rest] = VALUE.exec(line) ?? [];
    if (digits === undefined || rest === undefined) return;
    const value = parseInt(digits, 16);
    const assertion = ASSERTION.exec(rest);
    const [, name, expression] = ASSIGNMENT.exec(rest) ?? [];
    const place = { value, fill: 0, section: this.sections.length - 1 };
    if (name === '.' && expression !== undefined) place.value += this.startBelow(value, expression);
    if (assertion) {
      this.statements.push({ kind: 'assertion', name: '', expression: assertion[1]!, ...place });
    } else if (name !== undefined && expression !== undefined) {
      const provided = rest.startsWith('PROVIDE');
      const text = provided ? expression.replace(/\)$/, '') : expression;
      this.statements.push({ kind: 'assignment', name, expression: text, ...place });
      if (name !== '.') this.symbols.set(name, BigInt(`0x${digits}`));
    } else {
      this.input?.symbols.push(rest);
      this.symbols.set(rest, BigInt(`0x${digits}`));
    }
  }

  /**
   * What a place that the linker is moved to is counted from, where the map does not write it as an address: plain numbers in
   * a section are counted from its start, and are written as they are.
   */
  private startBelow(value: number, expression: string): number {
    const { section } = this;
    if (section === undefined || value > section.size) return 0;
    const isAddress = value >= section.address && value <= section.address + section.size;
    return isAddress && /[A-Za-z_.]/.test(expression.replace(/0x[0-9a-f]+/g, ''))
      ? 0
      : section.address;
  }

  /** What was left empty belongs to the assignment in front that moved the linker there. */
  private fill(address: number, size: number): void {
    const last = this.statements.at(-1);
    if (last?.name === '.' && last.value === address + size) last.fill = size;
  }

  private entry(line: string): Entry | undefined {
    const [, name, address, size, rest = ''] = ENTRY.exec(line) ?? [];
    if (name === undefined) return undefined;
    if (address !== undefined && size !== undefined) return entryOf(name, address, size, rest);
    const [, below, belowSize, belowRest = ''] = NUMBERS.exec(this.lines[this.at + 1] ?? '') ?? [];
    if (below === undefined || belowSize === undefined || DATA.test(belowRest)) return undefined;
    this.at++;
    return entryOf(name, below, belowSize, belowRest);
  }
}

interface Entry {
  readonly name: string;
  readonly address: number;
  readonly size: number;
  /** The load address, or the file it comes from. */
  readonly rest: string;
}

function entryOf(name: string, address: string, size: string, rest: string): Entry {
  return { name, address: parseInt(address, 16), size: parseInt(size, 16), rest };
}

const KEYWORDS = /^(?:START GROUP|END GROUP|TARGET\(|Address of section |LOAD )/;
/** Sections with addresses of their own that never get into a chip. */
const NOT_LOADED =
  /^\.(debug|comment|stab|line|gnu\.|note\.GNU|symtab|strtab|shstrtab)|\.attributes$|^\/DISCARD\//;
