/** What the firmware's linker script and map say, or why they do not. */
import type { Layout } from './layout';
import type { LinkerScript } from './linker-script';
import type { OwnFiles, OwnShare } from './own-share';

export interface LinkerFacts {
  /** Absolute paths they were asked for by. */
  readonly linkerScript?: string;
  readonly mapFile?: string;
  readonly script?: Read<LinkerScript>;
  readonly map?: Read<Layout>;
  /** The model, as its sources say. */
  readonly own: OwnFiles;
  /** What of the map is the model's. */
  readonly share?: OwnShare;
  /** Maps that were found and are not the one taken. */
  readonly passedOver: readonly { readonly file: string; readonly why: string }[];
  /** What the reading of the script rests on, in sentences without full stops. */
  readonly notes: readonly string[];
}

/** What a file says, or in one sentence why it says nothing. */
export type Read<T> =
  | { readonly file: string; readonly value: T }
  | { readonly file: string; readonly problem: string };
