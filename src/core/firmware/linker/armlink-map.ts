/** Reads the map of armlink (`--map`, Arm Compiler 5 and 6, Keil MDK): its "Memory Map of the image". */
import { UserError } from '../../util/errors';
import type { MemoryRegion } from './linker-script';
import type { LinkerMap, MapInput, MapSection, Part } from './linker-map';

const TITLE = 'Memory Map of the image';
/** What armlink writes as the size of a region that the scatter file gives none. */
const UNLIMITED = 0xffff_ffff;

const LOAD = /^Load Region (\S+) \((.*)\)$/;
const EXECUTION = /^Execution Region (\S+) \((.*)\)$/;
/** Arm Compiler 5 leaves out the load address. */
const ENTRY =
  /^0x([0-9a-f]{8})\s+(?:(?:0x[0-9a-f]{8}|-|COMPRESSED)\s+)?0x([0-9a-f]{8})\s+(Code|Data|Zero|Ven)\s+(RO|RW|XO)\s+\d+\s+(?:\*\s+)?(.*?)\s+(\S+)$/i;

export function isArmlinkMap(text: string): boolean {
  return text.includes(TITLE) && text.includes('Load Region ');
}

/** @throws UserError in one sentence for what is no such map */
export function parseArmlinkMap(text: string): LinkerMap {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const start = lines.indexOf(TITLE);
  const regions: MemoryRegion[] = [];
  const used = new Map<string, number>();
  const sections: Section[] = [];
  let load: MemoryRegion | undefined;
  let section: Section | undefined;
  for (const line of start < 0 ? [] : lines.slice(start + 1)) {
    if (line.startsWith('====')) break;
    const [, loadName, loadWords = ''] = LOAD.exec(line) ?? [];
    if (loadName !== undefined) {
      load = regionOf(loadName, loadWords, 'Base');
      regions.push(load);
      // The image is as long as it is after its data have been compressed.
      const compressed = /COMPRESSED\[0x([0-9a-f]+)\]/i.exec(loadWords)?.[1];
      used.set(loadName, compressed === undefined ? field(loadWords, 'Size') : hex(compressed));
      continue;
    }
    const [, name, words = ''] = EXECUTION.exec(line) ?? [];
    if (name !== undefined && load !== undefined) {
      const region = regionOf(name, words, /Exec base/i.test(words) ? 'Exec base' : 'Base');
      const inside = contains(load, region.origin);
      const size = field(words, 'Size');
      section = {
        name,
        address: region.origin,
        size,
        loadAddress: undefined,
        region: inside ? load.name : name,
        loadRegion: load.name,
        stored: true,
        inputs: [],
        data: false,
      };
      sections.push(section);
      if (!inside) {
        regions.push(region);
        used.set(name, size);
      }
      continue;
    }
    const input = inputOf(line);
    if (input !== undefined) section?.inputs.push(input);
  }
  if (regions.length === 0) {
    throw new UserError(
      `this map of armlink has no "${TITLE}" with load regions; link with --map (Keil: Listing, Memory Map)`,
    );
  }
  return {
    linker: 'armlink',
    regions,
    used,
    sections,
    statements: [],
    symbols: new Map(),
    objects: [],
    output: undefined,
  };
}

type Section = Omit<MapSection, 'inputs'> & { inputs: MapInput[] };

/** `Exec base: 0x08000000, Load base: 0x08000000, Size: 0x000047ac, Max: 0x00010000, ABSOLUTE`. */
function regionOf(name: string, words: string, base: string): MemoryRegion {
  const most = field(words, 'Max');
  const length = most === UNLIMITED ? Infinity : most;
  return { name, attributes: undefined, origin: field(words, base), length };
}

function field(words: string, name: string): number {
  return hex(new RegExp(`(?:^|, )${name}: 0x([0-9a-f]+)`, 'i').exec(words)?.[1] ?? '0');
}

function hex(digits: string): number {
  return parseInt(digits, 16);
}

function contains({ origin, length }: MemoryRegion, address: number): boolean {
  return address >= origin && address < origin + length;
}

/** `0x0800020c   0x0800020c   0x00000012   Code   RO         5161    i.Delay             main.o`. */
function inputOf(line: string): MapInput | undefined {
  const [, address, size, type, attribute, section, object] = ENTRY.exec(line) ?? [];
  if (address === undefined || size === undefined || section === undefined) return undefined;
  const holds: Part = /code|ven/i.test(type!)
    ? 'code'
    : attribute?.toUpperCase() === 'RW'
      ? 'variables'
      : 'constants';
  const symbol = /^i\.(.*)$/.exec(section)?.[1];
  return {
    section,
    address: hex(address),
    size: hex(size),
    object: object!,
    symbols: symbol === undefined ? [] : [symbol],
    holds,
  };
}
