/** What the firmware's linker script and map say, or why they do not. */
import type { LinkerScript } from './linker-script';
import type { RegionUsage } from './map-file';

export interface LinkerFacts {
  /** Absolute paths they were asked for by. */
  readonly linkerScript?: string;
  readonly mapFile?: string;
  readonly script?: Read<LinkerScript>;
  readonly map?: Read<readonly RegionUsage[]>;
}

/** What a file says, or in one sentence why it says nothing. */
export type Read<T> =
  | { readonly file: string; readonly value: T }
  | { readonly file: string; readonly problem: string };
