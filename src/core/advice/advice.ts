/** What is worth saying about a config, in the form an editor underlines, explains and mends. */
import type { KeyPath, Location } from '../config/problem';

export type AdviceCode =
  /** Not JSON with comments. */
  | 'syntax'
  | 'duplicate-key'
  /** Against media/east.schema.json. */
  | 'schema'
  /** Against rules between keys, or a network that cannot be built. */
  | 'config'
  | 'budget-flash-exceeded'
  | 'budget-ram-exceeded'
  | 'compression-unlikely'
  | 'ram-peak'
  /** Decoding may take less than all weights by the codecs allowed would. */
  | 'decoding-limited'
  /** 8 bits, where fewer would leave more of the network. */
  | 'few-bits'
  /** The budget has room for a wider network. */
  | 'wider-network'
  /** A kernel that reaches beyond its input. */
  | 'kernel-cropped'
  /** How the outputs are read of a network that is written with an activation at its end. */
  | 'output-activation'
  | 'stream'
  | 'linker-flash'
  | 'linker-ram'
  | 'linker-script'
  /** A memory region that is named and is none. */
  | 'linker-region'
  | 'map-file'
  | 'sources-missing'
  | 'sources-stale'
  | 'sources-edited'
  | 'dataset-missing'
  | 'path-outside';

export type Severity = 'error' | 'warning' | 'info' | 'hint';

export interface Advice {
  readonly code: AdviceCode;
  readonly severity: Severity;
  /** Complete by itself: what, by how much, what to do. */
  readonly message: string;
  /** Key it is about; where the text does not have it, `location` is its nearest ancestor. */
  readonly path: KeyPath;
  readonly location: Location;
  readonly related: readonly { readonly message: string; readonly location: Location }[];
  /** Best first. Worked out when asked for, since some take a search. */
  readonly fixes: () => readonly Fix[];
}

/** Replaces `length` characters at `offset` of the text that the advice is about. */
export interface TextEdit {
  readonly offset: number;
  readonly length: number;
  readonly content: string;
}

export type Fix =
  | { readonly kind: 'edit'; readonly title: string; readonly edits: readonly TextEdit[] }
  | {
      readonly kind: 'command';
      readonly title: string;
      readonly command: 'run' | 'generate' | 'verify' | 'showModelHelp';
    };
