/** What a linker's map tells of a firmware image, whichever linker wrote it. Sizes and addresses in bytes. */
import type { MemoryRegion } from './linker-script';

export type LinkerName = 'GNU ld' | 'armlink' | 'IAR ilink';

export interface LinkerMap {
  readonly linker: LinkerName;
  readonly regions: readonly MemoryRegion[];
  /** Bytes taken of regions, where the map adds them up itself. */
  readonly used?: ReadonlyMap<string, number>;
  /** In the order of the map. */
  readonly sections: readonly MapSection[];
  /** Assignments and assertions of the script as the linker evaluated them, and the symbols of objects. */
  readonly symbols: ReadonlyMap<string, bigint>;
  readonly statements: readonly MapStatement[];
  /** All files that went in, as named in the map. */
  readonly objects: readonly string[];
  /** The image. */
  readonly output: string | undefined;
}

/** An output section (armlink: execution region, IAR: placement). */
export interface MapSection {
  readonly name: string;
  readonly address: number;
  readonly size: number;
  /** Where its contents are stored; absent where that is the address itself, or nowhere. */
  readonly loadAddress: number | undefined;
  /** Regions that the map itself names. */
  readonly region?: string;
  readonly loadRegion?: string;
  /** Whether it has contents that are stored, where the map tells. */
  readonly stored?: boolean;
  readonly inputs: readonly MapInput[];
  /** Whether the script puts bytes there: BYTE, LONG, … */
  readonly data: boolean;
}

export interface MapInput {
  /** `.text.main` */
  readonly section: string;
  readonly address: number;
  readonly size: number;
  /** As the map writes it: `build/main.o`, `libc.a(memcpy.o)`. */
  readonly object: string;
  /** Global symbols that the map lists in it. */
  readonly symbols: readonly string[];
  /** What it holds, where the map tells; else its name does. */
  readonly holds?: Part;
}

/** What a model is made of: instructions, weights and tables, and the RAM it works in. */
export type Part = 'code' | 'constants' | 'variables';

export interface MapStatement {
  readonly kind: 'assignment' | 'assertion';
  /** `.` where the linker was moved; empty for an assertion. */
  readonly name: string;
  /** As the map writes it. */
  readonly expression: string;
  readonly value: number;
  /** Bytes that moving `.` left empty. */
  readonly fill: number;
  /** Index of the section it stands in or behind; -1 in front of all. */
  readonly section: number;
}

/** What sections of that name hold; undefined for what has no name of the usual kind. */
export function partOf(section: string): Part | undefined {
  if (/^(\.text|i\.|\.init$|\.fini$|\.iram|\.fast|\.ramfunc)/i.test(section)) return 'code';
  if (/^\.(rodata|srodata|constdata|conststring)|^\.const/.test(section)) return 'constants';
  if (/^(\.s?bss|\.s?data|\.noinit|COMMON$|\.tbss|\.tdata)/.test(section)) return 'variables';
  return undefined;
}
