/**
 * Reads from a GNU ld map what a firmware image takes of each memory region, and how much of that is this model's own:
 * the rest is what the model must leave alone.
 */
import { UserError } from '../../util/errors';
import type { MemoryRegion } from './linker-script';

/** Bytes. */
export interface RegionUsage extends MemoryRegion {
  readonly used: number;
  /** The model's share of `used`. */
  readonly own: number;
}

/** The model whose share is asked for. */
export interface OwnFiles {
  /** Prefix of its symbols and files. */
  readonly name: string;
  /** Its C files without ending, where they are known; otherwise all that begin with `<name>_` count. */
  readonly files?: ReadonlySet<string>;
}

/** Longest map that is read, in characters; those of large firmware have a few million. */
export const MAX_MAP_TEXT = 50_000_000;

/** @throws UserError in one sentence for what is no such map */
export function parseMapFile(text: string, own: OwnFiles): RegionUsage[] {
  if (text.length > MAX_MAP_TEXT) throw new UserError('this map is too large to be read');
  const lines = text.split(/\r?\n/);
  const start = lines.indexOf('Memory Configuration');
  const body = lines.indexOf('Linker script and memory map', Math.max(start, 0));
  if (start < 0 || body < 0) {
    throw new UserError('this is no map of the GNU linker: it has no "Memory Configuration"');
  }
  const usage = lines.slice(start + 1, body).flatMap((line) => readRegion(line) ?? []);
  if (usage.length === 0) throw new UserError('this map names no memory regions');
  addSections(lines.slice(body + 1), usage, own);
  return usage;
}

type Usage = { -readonly [Key in keyof RegionUsage]: RegionUsage[Key] };

/** `FLASH            0x08000000         0x00080000         xr`. */
function readRegion(line: string): Usage | undefined {
  const match = /^(\S+)\s+0x([0-9a-f]+)\s+0x([0-9a-f]+)(?:\s+(\S.*))?$/.exec(line);
  if (!match || match[1] === '*default*') return undefined;
  return {
    name: match[1]!,
    origin: parseInt(match[2]!, 16),
    length: parseInt(match[3]!, 16),
    attributes: match[4]?.trim(),
    used: 0,
    own: 0,
  };
}

/** An output section stands at the start of its line, the input sections it is made of behind one space. */
function addSections(lines: readonly string[], usage: readonly Usage[], own: OwnFiles): void {
  const at = (address: number): Usage | undefined =>
    usage.find(({ origin, length }) => address >= origin && address < origin + length);
  let places: Usage[] = [];
  for (let i = 0; i < lines.length; i++) {
    const section = readSection(lines[i]!, lines[i + 1]);
    if (section === undefined) continue;
    const { name, address, size, rest } = section;
    if (section.wrapped) i++;
    if (section.output) {
      const load = /^load address 0x([0-9a-f]+)/.exec(rest)?.[1];
      const stored =
        load !== undefined && !NO_CONTENTS.test(name) ? at(parseInt(load, 16)) : undefined;
      places = NOT_LOADED.test(name) ? [] : [...new Set([at(address), stored])].filter((p) => !!p);
      for (const place of places) place.used += size;
    } else if (isOwn(name, rest, own)) {
      for (const place of places) place.own += size;
    }
  }
}

/** Sections with addresses of their own that never get into a chip. */
const NOT_LOADED =
  /^\.(debug|comment|stab|line|gnu\.|note|symtab|strtab|shstrtab)|\.attributes$|^\/DISCARD\//;
/** What lies in RAM under these names has no copy in flash, though the map states a load address. */
const NO_CONTENTS = /bss|noinit|heap|stack/i;

interface Section {
  readonly output: boolean;
  readonly name: string;
  readonly address: number;
  readonly size: number;
  /** Load address, or the file it comes from. */
  readonly rest: string;
  /** The numbers stand on the next line, because the name is long. */
  readonly wrapped: boolean;
}

function readSection(line: string, next: string | undefined): Section | undefined {
  const head = /^( ?)([^\s*][^\s(]*)(.*)$/.exec(line);
  if (!head) return undefined;
  const [, indent, name = '', tail = ''] = head;
  const wrapped = tail === '';
  if (wrapped && (next === undefined || !next.startsWith('  '))) return undefined;
  const numbers = /^\s+0x([0-9a-f]+)\s+0x([0-9a-f]+)(?:\s+(\S.*))?$/.exec(wrapped ? next! : tail);
  if (!numbers) return undefined;
  return {
    output: indent === '',
    name,
    address: parseInt(numbers[1]!, 16),
    size: parseInt(numbers[2]!, 16),
    rest: numbers[3] ?? '',
    wrapped,
  };
}

/** Objects whose names say nothing: the compiler's temporary files, and what link-time optimisation makes. */
const ANONYMOUS = /^cc[A-Za-z0-9]{6}(\.|$)|\.ltrans/;

/** By the object's file; where that is anonymous by the symbol in the section's name. The self-test is no part. */
function isOwn(section: string, origin: string, { name, files }: OwnFiles): boolean {
  const object = /\(([^()]*)\)$/.exec(origin)?.[1] ?? origin;
  const stem = (object.split(/[\\/]/).at(-1) ?? '').replace(/\.(o|obj)$/i, '').replace(/\.c$/i, '');
  const what = ANONYMOUS.test(stem) ? (/^\.[a-z]+\.(.*)$/.exec(section)?.[1] ?? '') : stem;
  if (what.startsWith(`${name}_selftest`)) return false;
  return what !== stem || files === undefined ? what.startsWith(`${name}_`) : files.has(stem);
}
