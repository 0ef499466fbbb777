/**
 * Which regions of a chip the model goes into: its instructions, its constants (weights and tables) and its variables
 * (the RAM it works in). In the order of what says most: the config, the model's own sections in the map, the script's
 * SECTIONS, where the map has most sections of the kind, names, and at last where the other part of what is stored goes.
 */
import { stemOf, type OwnFiles, type OwnShare } from './own-share';
import { matchesPattern } from './file-patterns';
import { extentsIn, type Layout, type PlacedSection } from './layout';
import { partOf, type MapInput, type Part } from './linker-map';
import type { LinkerFacts } from './linker-facts';
import type { LinkerScript, MemoryRegion } from './linker-script';
import { candidateRegions } from './memory-regions';
import type { InputPattern, OutputSection } from './script-syntax';

export type Basis = 'config' | 'own' | 'script' | 'map' | 'only' | 'guess' | 'kin';

export interface Destination {
  readonly part: Part;
  readonly basis: Basis;
  /** Where it runs or is read. */
  readonly runsIn: MemoryRegion;
  /** Where it is stored: another region where it is copied at start-up. */
  readonly storedIn: MemoryRegion;
  /** The section in the map that it goes into, and the address there behind which it does. */
  readonly section: PlacedSection | undefined;
  readonly from: number;
  /** Name of the output section, where one is known. */
  readonly into: string | undefined;
  /** Regions that are as likely, where it is a guess. */
  readonly instead: readonly MemoryRegion[];
}

/** Regions that the config names. */
export interface Asked {
  readonly flashRegion?: string;
  readonly ramRegion?: string;
}

export interface Known {
  readonly regions: readonly MemoryRegion[];
  readonly script: LinkerScript | undefined;
  readonly layout: Layout | undefined;
  readonly share: OwnShare | undefined;
  readonly own: OwnFiles;
}

export function knownOf({ script, map, share, own }: LinkerFacts): Known {
  const layout = map && 'value' in map ? map.value : undefined;
  const written = script && 'value' in script ? script.value : undefined;
  const regions = layout?.regions ?? written?.regions ?? [];
  return { regions, script: written, layout, share, own };
}

const PARTS: readonly Part[] = ['constants', 'code', 'variables'];

/** One for each part of the model that a region is found for. */
export function destinationsOf(known: Known, asked: Asked): Destination[] {
  return PARTS.flatMap((part) => destinationOf(part, known, asked) ?? []);
}

/** A region by its name or by one that REGION_ALIAS gives it. */
export function regionNamed({ regions, script }: Known, name: string): MemoryRegion | undefined {
  const real = script?.aliases.get(name) ?? name;
  return regions.find((region) => region.name === real);
}

function destinationOf(part: Part, known: Known, asked: Asked): Destination | undefined {
  const found = byContents(part, known) ?? byName(part, known) ?? byKin(part, known);
  const name = part === 'variables' ? asked.ramRegion : asked.flashRegion;
  const region = name === undefined ? undefined : regionNamed(known, name);
  if (region === undefined) return found;
  // What the config says replaces where it is stored; that it is copied elsewhere at start-up stays as found.
  const stays = part === 'variables' ? found?.runsIn === region : found?.storedIn === region;
  if (found !== undefined && stays) return { ...found, basis: 'config', instead: [] };
  const copied = part !== 'variables' && found !== undefined && found.runsIn !== found.storedIn;
  const section = known.layout && lastIn(known.layout, region);
  return {
    part,
    basis: 'config',
    runsIn: copied ? found.runsIn : region,
    storedIn: region,
    section,
    from: section === undefined ? 0 : section.address + section.size,
    into: undefined,
    instead: [],
  };
}

function byContents(part: Part, known: Known): Destination | undefined {
  return byOwn(part, known) ?? byScript(part, known) ?? byMost(part, known);
}

/** Where the map has the model's own sections. */
function byOwn(part: Part, { layout, share }: Known): Destination | undefined {
  if (layout === undefined || share === undefined) return undefined;
  return inSection(part, 'own', layout, (input) => share.inputs.get(input) === part);
}

/** Where the map has most sections of the kind. */
function byMost(part: Part, { layout }: Known): Destination | undefined {
  if (layout === undefined) return undefined;
  return inSection(part, 'map', layout, (input) => (input.holds ?? partOf(input.section)) === part);
}

function inSection(
  part: Part,
  basis: Basis,
  layout: Layout,
  counts: (input: MapInput) => boolean,
): Destination | undefined {
  let best: PlacedSection | undefined;
  let most = 0;
  let from = 0;
  for (const section of layout.sections) {
    if (section.runsIn === undefined) continue;
    const counted = section.inputs.filter((input) => input.size > 0 && counts(input));
    const bytes = counted.reduce((sum, { size }) => sum + size, 0);
    if (bytes <= most) continue;
    most = bytes;
    best = section;
    from = Math.max(...counted.map(({ address, size }) => address + size));
  }
  return best && placed(part, basis, layout, best, from);
}

function placed(
  part: Part,
  basis: Basis,
  layout: Layout,
  section: PlacedSection,
  from: number,
): Destination | undefined {
  const named = (name: string | undefined): MemoryRegion | undefined =>
    layout.regions.find((region) => region.name === name);
  const runsIn = named(section.runsIn);
  if (runsIn === undefined) return undefined;
  const storedIn = part === 'variables' ? runsIn : (named(section.storedIn) ?? runsIn);
  return { part, basis, runsIn, storedIn, section, from, into: section.name, instead: [] };
}

/** Where the script's patterns send what the compiler makes of the sources. */
function byScript(part: Part, known: Known): Destination | undefined {
  const { script, layout, own } = known;
  if (script === undefined) return undefined;
  const caught = caughtBy(part, script.sections, own);
  if (caught === undefined) return undefined;
  const { section } = caught;
  const there = layout?.sections.find((candidate) => candidate.script === section);
  if (layout !== undefined && there?.runsIn !== undefined) {
    const last = there.inputs
      .filter((input) => isInFront(input, section, caught.pattern))
      .reduce((end, { address, size }) => Math.max(end, address + size), there.address);
    return placed(part, 'script', layout, there, last);
  }
  const runsIn = section.region === undefined ? undefined : regionNamed(known, section.region);
  if (runsIn === undefined) return undefined;
  const stored =
    section.loadRegion === undefined ? undefined : regionNamed(known, section.loadRegion);
  const storedIn = part === 'variables' ? runsIn : (stored ?? runsIn);
  // A section that is empty in the map: whatever grows there begins behind the last one in the region.
  const last = layout && lastIn(layout, storedIn);
  return {
    ...{ part, basis: 'script', runsIn, storedIn, into: section.name, instead: [] },
    section: last,
    from: last === undefined ? 0 : last.address + last.size,
  };
}

/** The file of each part that is sure to be there, and the section that the compiler makes of it. */
function madeOf(part: Part, name: string): { readonly stem: string; readonly sections: string[] } {
  switch (part) {
    case 'constants':
      return { stem: `${name}_weights`, sections: [`.rodata.${name}_weights_blob`, '.rodata'] };
    case 'code':
      return { stem: `${name}_run`, sections: [`.text.${name}_run`, '.text'] };
    case 'variables':
      return { stem: `${name}_model`, sections: [`.bss.${name}_arena`, '.bss'] };
  }
}

interface Caught {
  readonly section: OutputSection;
  /** Index in the section's contents. */
  readonly pattern: number;
}

function caughtBy(
  part: Part,
  sections: readonly OutputSection[],
  { name }: OwnFiles,
): Caught | undefined {
  const { stem, sections: names } = madeOf(part, name);
  const files = ['.o', '.c.o', '.obj', '.c.obj'].map((ending) => `east/${stem}${ending}`);
  for (const wanted of names) {
    for (const section of sections) {
      const pattern = section.contents.findIndex(
        (content) => content.kind === 'input' && catchesInput(content, files, wanted),
      );
      if (pattern >= 0) return section.name === '/DISCARD/' ? undefined : { section, pattern };
    }
  }
  return undefined;
}

/** Whether an input section of the map stands in front of what a pattern of its output section will catch. */
function isInFront(
  { object, section: name }: MapInput,
  { contents }: OutputSection,
  pattern: number,
): boolean {
  const own = contents.findIndex(
    (content) => content.kind === 'input' && catchesInput(content, [object], name),
  );
  // What no pattern of the section catches is not known to be behind.
  return own <= pattern;
}

function catchesInput(
  { file, excluded, sections }: InputPattern,
  files: readonly string[],
  wanted: string,
): boolean {
  const isFile = (pattern: string): boolean => files.some((name) => matchesFile(pattern, name));
  if (!isFile(file) || excluded.some(isFile)) return false;
  return (
    sections.length === 0 ||
    sections.some(({ name, excluded: not }) => matchesPattern(name, wanted) && !not.some(isFile))
  );
}

/** `archive:file` matches where the file's part names the model: in which archive a build puts it, nobody knows here. */
function matchesFile(pattern: string, file: string): boolean {
  const colon = pattern.indexOf(':');
  if (colon < 0)
    return matchesPattern(pattern, file) || matchesPattern(pattern, file.replace(/^.*\//, ''));
  const member = pattern.slice(colon + 1);
  return member.includes(stemOf(file)) && matchesPattern(member, file.replace(/^.*\//, ''));
}

function lastIn(layout: Layout, region: MemoryRegion): PlacedSection | undefined {
  let last: PlacedSection | undefined;
  let end = -1;
  for (const section of layout.sections) {
    for (const extent of extentsIn(section, region.name)) {
      if (extent.end >= end) [last, end] = [section, extent.end];
    }
  }
  return last;
}

/** Nothing but names and attributes to go by. */
function byName(part: Part, { regions, layout }: Known): Destination | undefined {
  const [region, ...instead] = candidateRegions(regions, part === 'variables' ? 'ram' : 'flash');
  if (region === undefined) return undefined;
  const section = layout && lastIn(layout, region);
  return {
    ...{ part, runsIn: region, storedIn: region, section, into: undefined, instead },
    basis: instead.length === 0 ? 'only' : 'guess',
    from: section === undefined ? 0 : section.address + section.size,
  };
}

/**
 * A map without constants, with names of regions that tell nothing (`P1`): they most likely go where code does, and the other
 * way round. Every other region that is not known to be RAM would do as well.
 */
function byKin(part: Part, known: Known): Destination | undefined {
  const { regions, layout } = known;
  if (part === 'variables') return undefined;
  const kin = byContents(part === 'code' ? 'constants' : 'code', known);
  if (kin === undefined) return undefined;
  const writable = new Set(candidateRegions(regions, 'ram').map(({ name }) => name));
  for (const { inputs, runsIn } of layout?.sections ?? []) {
    const held = inputs.some((input) => (input.holds ?? partOf(input.section)) === 'variables');
    if (held && runsIn !== undefined) writable.add(runsIn);
  }
  const taken = [kin.runsIn, kin.storedIn];
  const instead = regions.filter((region) => !taken.includes(region) && !writable.has(region.name));
  return { ...kin, part, basis: 'kin', into: undefined, instead };
}
