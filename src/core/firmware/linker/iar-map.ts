/** Reads the map of IAR's linker (`--map`): its placement summary, by which sections share ranges of addresses. */
import { UserError } from '../../util/errors';
import type { MemoryRegion } from './linker-script';
import type { LinkerMap, MapInput, MapSection, Part } from './linker-map';

const PLACEMENT = '*** PLACEMENT SUMMARY';

/** `"P1":  place in [from 0x800'0000 to 0x807'ffff] { ro };` */
const DIRECTIVE = /^\s*"([^"]+)":\s+place\s+(.*)$/;
const RANGE = /\[(?:from\s+)?(0x[0-9a-f']+)\s*(?:to|-)\s*(0x[0-9a-f']+)\]/gi;
/** `"P2", part 1 of 2:      0x44` */
const TOTAL = /^\s*"([^"]+)"(?:, part \d+ of \d+)?:\s+(0x[0-9a-f']+)\s*$/i;
/** `  .text     ro code  0x800'0150   0x92e  main.o [1]` */
const ENTRY =
  /^\s+(\S.*?)\s+(ro code|rw code|ro data|const|inited|zero|uninit)\s+(0x[0-9a-f']+)\s+(0x[0-9a-f']+)\s+(\S.*?)\s*$/i;
const LONG_NAME = /^\s+\S+\s*$/;

export function isIarMap(text: string): boolean {
  return text.includes(PLACEMENT);
}

/** @throws UserError in one sentence for what is no such map */
export function parseIarMap(text: string): LinkerMap {
  const lines = text.split(/\r?\n/);
  const start = lines.findIndex((line) => line.startsWith(PLACEMENT));
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => line.startsWith('*** '));
  const body = joined(start < 0 ? [] : rest.slice(0, end < 0 ? rest.length : end));
  const ranges = new Map<string, MemoryRegion[]>();
  for (const line of body) {
    const [, name, words = ''] = DIRECTIVE.exec(line) ?? [];
    if (name !== undefined) ranges.set(name, rangesOf(name, words));
  }
  const regions = distinct([...ranges.values()].flat());
  if (regions.length === 0) {
    throw new UserError('this map of IAR has no placement in a range of addresses');
  }
  const used = new Map<string, number>();
  const sections: Section[] = [];
  let section: Section | undefined;
  for (const line of body) {
    const [, name, total] = TOTAL.exec(line) ?? [];
    if (name !== undefined && total !== undefined) {
      section = {
        name,
        address: NaN,
        size: hex(total),
        loadAddress: undefined,
        inputs: [],
        data: false,
      };
      sections.push(section);
      continue;
    }
    const input = inputOf(line);
    if (input === undefined || section === undefined) continue;
    if (Number.isNaN(section.address)) section.address = input.address;
    section.inputs.push(input);
  }
  const placed = sections.map((found): MapSection => {
    const region = smallestAround(regions, found.address, ranges.get(found.name) ?? []);
    if (region === undefined) return { ...found, stored: true };
    used.set(region.name, (used.get(region.name) ?? 0) + found.size);
    return { ...found, region: region.name, stored: true };
  });
  return {
    linker: 'IAR ilink',
    regions,
    used,
    sections: placed,
    statements: [],
    symbols: new Map(),
    objects: [],
    output: undefined,
  };
}

type Section = Omit<MapSection, 'inputs' | 'address'> & { address: number; inputs: MapInput[] };

/** A name that leaves no room for the rest of its line has a line of its own. */
function joined(lines: readonly string[]): string[] {
  const found: string[] = [];
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    const next = lines[i + 1];
    const whole = next === undefined ? line : `${line.trimEnd()}  ${next.trim()}`;
    if (LONG_NAME.test(line) && next !== undefined && ENTRY.test(whole)) {
      found.push(whole);
      i++;
    } else found.push(line);
  }
  return found;
}

/** A placement in several ranges is a region for each: `P1`, `P1.2`. */
function rangesOf(name: string, words: string): MemoryRegion[] {
  const until = words.indexOf('{');
  const found = [...words.slice(0, until < 0 ? undefined : until).matchAll(RANGE)];
  return found.map(([, from, to], i) => ({
    name: i === 0 ? name : `${name}.${i + 1}`,
    attributes: undefined,
    origin: hex(from!),
    length: hex(to!) - hex(from!) + 1,
  }));
}

function distinct(regions: readonly MemoryRegion[]): MemoryRegion[] {
  return regions.filter(
    ({ origin, length }, i) =>
      regions.findIndex((other) => other.origin === origin && other.length === length) === i,
  );
}

function smallestAround(
  regions: readonly MemoryRegion[],
  address: number,
  own: readonly MemoryRegion[],
): MemoryRegion | undefined {
  const around = (region: MemoryRegion): boolean =>
    address >= region.origin && address < region.origin + region.length;
  const wanted = own.find(around);
  const same =
    wanted && regions.find((r) => r.origin === wanted.origin && r.length === wanted.length);
  return same ?? regions.filter(around).sort((a, b) => a.length - b.length)[0];
}

function inputOf(line: string): MapInput | undefined {
  const [, section, kind, address, size, object] = ENTRY.exec(line) ?? [];
  if (section === undefined || address === undefined || size === undefined) return undefined;
  const holds: Part = /code/i.test(kind!)
    ? 'code'
    : /const|ro data/i.test(kind!)
      ? 'constants'
      : 'variables';
  return {
    section,
    address: hex(address),
    size: hex(size),
    object: object!.replace(/\s*\[\d+\]$/, ''),
    symbols: [],
    holds,
  };
}

/** IAR sets digits apart: `0x800'0150`. */
function hex(digits: string): number {
  return parseInt(digits.replaceAll("'", '').slice(2), 16);
}
