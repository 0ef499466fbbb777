/** What of a chip's memories the rest of the firmware leaves for the model, and what that is known by. */
import { growthOf, type Growth } from './growth';
import { usedOf, type Layout, type PlacedSection } from './layout';
import type { Part } from './linker-map';
import type { LinkerFacts } from './linker-facts';
import type { MemoryRegion } from './linker-script';
import type { OwnShare } from './own-share';
import {
  destinationsOf,
  knownOf,
  regionNamed,
  type Asked,
  type Basis,
  type Destination,
  type Known,
} from './destination';

/** Bytes: as few as may be there, and as many. The same where it is known for sure. */
export interface Range {
  readonly least: number;
  readonly most: number;
}

/** A region that the model goes into, and what there is of it. Bytes. */
export interface Room {
  readonly kind: 'flash' | 'ram';
  readonly region: MemoryRegion;
  /** What of the model goes there. */
  readonly parts: readonly Part[];
  readonly basis: Basis;
  /** Why this region, as a clause. */
  readonly why: string;
  /** Names of the other regions there are. */
  readonly others: readonly string[];
  /** What the rest of the firmware takes, where a map tells: the region's length less what is left at least. */
  readonly taken: number | undefined;
  /** What the model may take. */
  readonly left: Range;
  /** What else there is to know of it: what limits it, what it rests on. Sentences without full stops. */
  readonly notes: readonly string[];
  /** The file that says so. */
  readonly file: string;
}

/** What the model needs. Bytes. */
export interface Need {
  readonly flash: number | undefined;
  readonly ram: number | undefined;
  /** The part of flash that are encoded weights, where it is known: constants all of them. */
  readonly weights?: number | undefined;
  /** The part of flash that is code, where it is known: the rest are constants. */
  readonly code?: number | undefined;
}

/** What counts as code and yet lies with the constants, at most: the small tables in kernels and unpackers. Bytes. */
export const KERNEL_CONSTANTS = 96;

export type Verdict = 'fits' | 'unknown' | 'too-large';

/** What linker script and map leave for the model; nothing for a kind that neither tells. */
export function roomsOf(linker: LinkerFacts, asked: Asked, need?: Need): Room[] {
  const script = linker.script && 'value' in linker.script ? linker.script : undefined;
  const map = linker.map && 'value' in linker.map ? linker.map : undefined;
  const file = map?.file ?? script?.file;
  if (file === undefined) return [];
  const known = knownOf(linker);
  return byRegion(destinationsOf(known, asked)).flatMap((group) =>
    apart(known, group).map((part) => roomOf(known, need, { ...part, file })),
  );
}

/** What the model needs and no region was found for. */
export function lackingKinds(rooms: readonly Room[]): ('flash' | 'ram')[] {
  const found = new Set(rooms.flatMap(({ parts }) => parts));
  return [
    ...(found.has('constants') || found.has('code') ? [] : (['flash'] as const)),
    ...(found.has('variables') ? [] : (['ram'] as const)),
  ];
}

/** A name in the config that is no region's, and those that there are. */
export interface UnknownRegion {
  readonly key: 'flashRegion' | 'ramRegion';
  readonly name: string;
  readonly names: readonly string[];
}

export function unknownRegions(linker: LinkerFacts, asked: Asked): UnknownRegion[] {
  const known = knownOf(linker);
  const { script } = known;
  // What is only in the script, with a length that nobody knows, is no mistake of the config's.
  const unsure = script?.unknown.map(({ name }) => name) ?? [];
  const names = [...known.regions.map(({ name }) => name), ...(script?.aliases.keys() ?? [])];
  if (names.length === 0) return [];
  return (['flashRegion', 'ramRegion'] as const).flatMap((key) => {
    const name = asked[key];
    if (name === undefined || regionNamed(known, name) !== undefined || unsure.includes(name)) {
      return [];
    }
    return [{ key, name, names }];
  });
}

/** What of the model goes into a room. */
export function needOf({ parts }: Pick<Room, 'parts'>, need: Need): Range | undefined {
  const { flash, ram } = need;
  const [constants, code] = [parts.includes('constants'), parts.includes('code')];
  const variables = parts.includes('variables');
  if ((constants || code) && flash === undefined) return undefined;
  if (variables && ram === undefined) return undefined;
  const all = flash ?? 0;
  const apart = codeOf(all, need);
  const stored: Range =
    constants && code
      ? { least: all, most: all }
      : constants
        ? { least: all - apart.most, most: all - apart.least }
        : code
          ? apart
          : { least: 0, most: 0 };
  const more = variables ? (ram ?? 0) : 0;
  return { least: stored.least + more, most: stored.most + more };
}

/** Instructions alone: what lies where code does. */
function codeOf(all: number, { weights = 0, code }: Need): Range {
  if (code === undefined) return { least: 0, most: all - weights };
  const most = Math.min(all, code);
  return { least: Math.max(0, most - KERNEL_CONSTANTS), most };
}

export function verdictOn({ left }: Pick<Room, 'left'>, needed: Range): Verdict {
  if (needed.most <= left.least) return 'fits';
  return needed.least > left.most ? 'too-large' : 'unknown';
}

interface Group {
  readonly region: MemoryRegion;
  readonly kind: 'flash' | 'ram';
  /** Those that run there or are stored there. */
  readonly destinations: readonly Destination[];
  /** Whether other parts of the model have room of their own in the region. */
  readonly apart?: boolean;
}

/** Flash first. */
function byRegion(destinations: readonly Destination[]): Group[] {
  const groups: { region: MemoryRegion; kind: 'flash' | 'ram'; destinations: Destination[] }[] = [];
  const add = (region: MemoryRegion, kind: 'flash' | 'ram', destination: Destination): void => {
    const same = groups.find((group) => group.region.name === region.name);
    if (same === undefined) groups.push({ region, kind, destinations: [destination] });
    else if (!same.destinations.includes(destination)) same.destinations.push(destination);
  };
  for (const destination of destinations) {
    if (destination.part !== 'variables') add(destination.storedIn, 'flash', destination);
  }
  for (const destination of destinations) add(destination.runsIn, 'ram', destination);
  return groups;
}

/** What the script pins down between two parts of the model gives each of them room of its own. */
function apart({ layout }: Known, group: Group): Group[] {
  const { region, destinations } = group;
  if (layout?.map.linker !== 'GNU ld') return [group];
  const limits = new Map<number | undefined, Destination[]>();
  for (const destination of destinations) {
    const { section, from } = destination;
    const upTo = section && growthOf(layout, region, section, from).upTo;
    limits.set(upTo, [...(limits.get(upTo) ?? []), destination]);
  }
  if (limits.size < 2) return [group];
  return [...limits.values()].map((some) => ({ ...group, destinations: some, apart: true }));
}

function roomOf(
  known: Known,
  need: Need | undefined,
  group: Group & { readonly file: string },
): Room {
  const { region, destinations, kind, file } = group;
  const first = destinations[0]!;
  const parts = destinations.map(({ part }) => part);
  const instead = destinations.flatMap((destination) => destination.instead);
  const notes: string[] = [];
  const copied = destinations.filter((d) => d.runsIn !== d.storedIn && d.runsIn === region);
  if (copied.length > 0) {
    const what = list(copied.map(({ part }) => WORDS[part]));
    notes.push(`copied there from ${copied[0]!.storedIn.name} at start-up: ${what}`);
  }
  const { layout } = known;
  const rooms = [region, ...instead].map((candidate) =>
    layout === undefined
      ? { least: candidate.length, most: candidate.length }
      : leftIn(
          known,
          layout,
          candidate === region ? group : { kind, region: candidate, destinations: [] },
          need,
          notes,
        ),
  );
  const left = {
    least: Math.min(...rooms.map(({ least }) => least)),
    most: Math.max(...rooms.map(({ most }) => most)),
  };
  return {
    kind,
    region,
    parts,
    basis: first.basis,
    why: whyOf(first, known),
    others: known.regions.filter(({ name }) => name !== region.name).map(({ name }) => name),
    taken: layout === undefined ? undefined : Math.max(0, region.length - rooms[0]!.least),
    left: { least: Math.max(0, left.least), most: Math.max(0, left.most) },
    notes,
    file,
  };
}

function leftIn(
  known: Known,
  layout: Layout,
  { region, destinations, apart: only = false }: Group,
  need: Need | undefined,
  notes: string[],
): Range {
  const { share } = known;
  const counted = only ? destinations.map(({ part }) => part) : undefined;
  const own = share ? ownIn(layout, share, region, need, counted) : { least: 0, most: 0 };
  if (own.most > own.least && share?.why !== undefined) {
    notes.push(
      `of what lies there, between ${own.least} and ${own.most} bytes are the model's: ${share.why}`,
    );
  }
  const used = usedOf(layout, region);
  const plain = region.length - used;
  if (!Number.isFinite(region.length)) {
    notes.push(`the scatter file gives ${region.name} no size`);
    return { least: 0, most: Infinity };
  }
  if (layout.map.linker !== 'GNU ld') {
    const next = nextAbove(layout, region, destinations[0]?.section);
    const least = next === undefined ? plain : Math.min(plain, next.room);
    if (next !== undefined && next.room < plain) notes.push(`${next.name} follows, which may move`);
    return { least: least + own.least, most: plain + own.most };
  }
  const grown = new Map<PlacedSection, number>();
  for (const { section, from } of destinations) {
    if (section !== undefined) grown.set(section, Math.min(from, grown.get(section) ?? Infinity));
  }
  // A guess goes by the end of what lies in the region.
  if (grown.size === 0) return { least: plain + own.least, most: plain + own.most };
  const growths = [...grown].map(([section, from]) => growthOf(layout, region, section, from));
  const tightest = growths.reduce((a, b) => (leastOf(b) < leastOf(a) ? b : a));
  if (tightest.elastic !== undefined) {
    notes.push(`${tightest.elastic.section} takes what is left over and gives way`);
  }
  if (tightest.limit !== undefined) notes.push(`the limit is ${tightest.limit}`);
  if (tightest.inside !== undefined) {
    notes.push(
      `region ${tightest.inside.region} begins in what is left, where nothing lies yet: whether that may be used, the script does not say`,
    );
  }
  return {
    least: leastOf(tightest) + own.least,
    most: Math.max(...growths.map(({ room }) => room)) + own.most,
  };
}

function leastOf({ room, inside }: Growth): number {
  return Math.min(room, inside?.room ?? Infinity);
}

/** The model's own bytes in a region, of all its parts or of some: those that are sure, and with those that may be. */
export function ownIn(
  layout: Layout,
  share: OwnShare,
  region: MemoryRegion,
  need: Need | undefined,
  parts?: readonly Part[],
): Range {
  const sums = { flash: { least: 0, unclear: 0 }, ram: { least: 0, unclear: 0 } };
  for (const section of layout.sections) {
    for (const input of section.inputs) {
      const part = share.inputs.get(input) ?? share.unclear.get(input);
      if (part === undefined || !takes(layout, section, region, part)) continue;
      if (parts?.includes(part) === false) continue;
      const sum = sums[part === 'variables' ? 'ram' : 'flash'];
      sum[share.inputs.has(input) ? 'least' : 'unclear'] += input.size;
    }
  }
  // No more than the model takes as a whole.
  const most = ({ least, unclear }: (typeof sums)['flash'], whole = 0): number =>
    Math.max(least, Math.min(least + unclear, whole));
  return {
    least: sums.flash.least + sums.ram.least,
    most: most(sums.flash, need?.flash) + most(sums.ram, need?.ram),
  };
}

function takes(layout: Layout, section: PlacedSection, region: MemoryRegion, part: Part): boolean {
  if (section.runsIn === region.name) return true;
  // armlink and IAR store no zeros; in a section of GNU ld they are stored if anything of it is.
  return (
    section.storedIn === region.name && (part !== 'variables' || layout.map.linker === 'GNU ld')
  );
}

/** What lies above a section in the same range of addresses, for maps that do not tell what it hangs on. */
function nextAbove(
  layout: Layout,
  region: MemoryRegion,
  section: PlacedSection | undefined,
): { readonly name: string; readonly room: number } | undefined {
  if (section?.runsIn !== region.name || layout.map.linker === 'IAR ilink') return undefined;
  const end = section.address + section.size;
  return layout.sections
    .filter((other) => other !== section && other.address >= end && other.size > 0)
    .filter(({ address }) => address < region.origin + region.length)
    .map(({ name, address }) => ({ name, room: address - end }))
    .sort((a, b) => a.room - b.room)[0];
}

export const WORDS: Readonly<Record<Part, string>> = {
  constants: 'weights and tables',
  code: 'code',
  variables: 'working memory',
};

function whyOf({ basis, part, into, instead }: Destination, { own }: Known): string {
  const what = WORDS[part];
  const section = into === undefined ? '' : ` in ${into}`;
  const key = part === 'variables' ? 'firmware.ramRegion' : 'firmware.flashRegion';
  switch (basis) {
    case 'config':
      return `${key} says so`;
    case 'own':
      return `the ${what} of ${own.name} lie${part === 'constants' ? '' : 's'} there${section}`;
    case 'script':
      return `SECTIONS puts ${SECTION_WORDS[part]} there${section}`;
    case 'map':
      return `most ${SECTION_WORDS[part]} lies there${section}`;
    case 'only':
      return `the only one that looks like ${part === 'variables' ? 'RAM' : 'flash'} by its name`;
    case 'guess':
      return `a guess by names: ${orElse(instead, key)}`;
    case 'kin': {
      const [none, some]: [Part, Part] =
        part === 'code' ? ['code', 'constants'] : ['constants', 'code'];
      const unsure = instead.length === 0 ? '' : `; ${orElse(instead, key)}`;
      return `the map has no ${SECTION_WORDS[none]}, and most ${SECTION_WORDS[some]} lies there${unsure}`;
    }
  }
}

function orElse(regions: readonly MemoryRegion[], key: string): string {
  return `it may as well be ${list(regions.map(({ name }) => name))}; say it with ${key}`;
}

const SECTION_WORDS: Readonly<Record<Part, string>> = {
  constants: '.rodata',
  code: '.text',
  variables: '.bss',
};

function list(words: readonly string[]): string {
  return words.length < 2
    ? words.join('')
    : `${words.slice(0, -1).join(', ')} and ${words.at(-1)!}`;
}
