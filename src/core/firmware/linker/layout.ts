/** Into which memory regions a linker has put the sections of an image, and what they take there. */
import type { LinkerScript, MemoryRegion } from './linker-script';
import type { LinkerMap, MapInput, MapSection } from './linker-map';
import type { OutputSection } from './script-syntax';

export interface Layout {
  readonly map: LinkerMap;
  readonly regions: readonly MemoryRegion[];
  readonly sections: readonly PlacedSection[];
}

export interface PlacedSection extends MapSection {
  /** Index in the map. */
  readonly index: number;
  /** What the script says of it, where that is known. */
  readonly script: OutputSection | undefined;
  /** Names of the regions it runs in and is stored in; absent where it takes nothing. */
  readonly runsIn: string | undefined;
  readonly storedIn: string | undefined;
}

export function layoutOf(map: LinkerMap, script: LinkerScript | undefined): Layout {
  const { regions } = map;
  const sections: PlacedSection[] = [];
  const waiting = new Map<string, OutputSection[]>();
  for (const section of script?.sections ?? []) {
    const same = waiting.get(section.name);
    if (same === undefined) waiting.set(section.name, [section]);
    else same.push(section);
  }
  const named = (name: string | undefined): MemoryRegion | undefined => {
    const real = name === undefined ? undefined : (script?.aliases.get(name) ?? name);
    return regions.find((region) => region.name === real);
  };
  /** Where the last section in a region ends, by the region's name. */
  const ends = new Map<string, number>();
  const at = (address: number, wanted: MemoryRegion | undefined): MemoryRegion | undefined => {
    if (wanted !== undefined && (contains(wanted, address) || overflows(wanted, address, ends)))
      return wanted;
    return (
      regions.find((region) => overflows(region, address, ends)) ?? smallestAt(regions, address)
    );
  };
  map.sections.forEach((section, index) => {
    const declared = waiting.get(section.name)?.shift();
    const { address, size, loadAddress } = section;
    const takes = size > 0 && isAllocated(section, declared);
    const running = takes
      ? (named(section.region) ?? at(address, named(declared?.region)))
      : undefined;
    if (running !== undefined && section.region === undefined)
      ends.set(running.name, address + size);
    const stored = takes && isStored(section, declared);
    const storing =
      !stored || (loadAddress === undefined && section.loadRegion === undefined)
        ? undefined
        : (named(section.loadRegion) ?? at(loadAddress ?? address, named(declared?.loadRegion)));
    if (storing !== undefined && loadAddress !== undefined) {
      ends.set(storing.name, loadAddress + size);
    }
    sections.push({
      ...section,
      index,
      script: declared,
      runsIn: running?.name,
      storedIn: stored ? (storing ?? running)?.name : undefined,
    });
  });
  return { map, regions, sections };
}

/** Bytes from a region's start to the end of what lies in it: what ld prints with --print-memory-usage. */
export function usedOf({ map, sections }: Layout, region: MemoryRegion): number {
  const known = map.used?.get(region.name);
  if (known !== undefined) return known;
  return sections.reduce((used, section) => {
    const ends = extentsIn(section, region.name).map(({ end }) => end - region.origin);
    return Math.max(used, ...ends);
  }, 0);
}

/** Where a section lies in a region: as it runs, as it is stored, or both. */
export function extentsIn(
  section: PlacedSection,
  region: string,
): { readonly start: number; readonly end: number }[] {
  const { address, size, loadAddress = address, runsIn, storedIn } = section;
  const starts = new Set([
    ...(runsIn === region ? [address] : []),
    ...(storedIn === region ? [loadAddress] : []),
  ]);
  return [...starts].map((start) => ({ start, end: start + size }));
}

export function contains({ origin, length }: MemoryRegion, address: number): boolean {
  return address >= origin && address < origin + length;
}

/** Of regions that overlap or contain each other the smallest. */
function smallestAt(regions: readonly MemoryRegion[], address: number): MemoryRegion | undefined {
  return regions
    .filter((region) => contains(region, address))
    .reduce<MemoryRegion | undefined>(
      (best, region) => (best === undefined || region.length < best.length ? region : best),
      undefined,
    );
}

/** Largest alignment at which a section still counts as standing right behind another. */
const MAX_ALIGNMENT = 4096;

/** Whether the region is over-full and the address where it goes on: the map of a link that failed. */
function overflows(
  region: MemoryRegion,
  address: number,
  ends: ReadonlyMap<string, number>,
): boolean {
  const end = ends.get(region.name);
  return (
    end !== undefined &&
    end > region.origin + region.length &&
    address >= end &&
    address < end + MAX_ALIGNMENT
  );
}

/** Types of sections that take no place in the chip's memory. */
const NOT_ALLOCATED: ReadonlySet<string> = new Set(['COPY', 'INFO', 'OVERLAY', 'DSECT']);

function isAllocated(section: MapSection, declared: OutputSection | undefined): boolean {
  if (declared?.type !== undefined && NOT_ALLOCATED.has(declared.type)) return false;
  // Thread-local variables without contents are made anew for each thread.
  return !(
    section.inputs.some(isThreadLocal) &&
    section.inputs.every((i) => i.size === 0 || isThreadLocal(i))
  );
}

function isThreadLocal({ section }: MapInput): boolean {
  return /^\.tbss(\.|$)/.test(section);
}

/** Names of input sections that have no contents, whatever comes behind a dot. */
const WITHOUT_CONTENTS =
  /^(COMMON$|\.(s?bss|dynbss|tbss|noinit|heap|stack)(\.|$|\d|_))|\.(bss|noinit)(\.|$)/i;

/** Whether a section has contents that lie in flash, as the linker decides it: NOLOAD has none, nor has plain room. */
function isStored(section: MapSection, declared: OutputSection | undefined): boolean {
  if (section.stored !== undefined) return section.stored;
  if (declared?.type === 'NOLOAD') return false;
  return (
    // An empty input section makes the whole one stored, too, as long as it is of a kind with contents.
    section.data || section.inputs.some(({ section: name }) => !WITHOUT_CONTENTS.test(name))
  );
}
