/**
 * What advice needs to know beyond a config's text. Whoever asks gathers it when there is time (read-facts.ts); each
 * fact names what it was found for, so that one which the text has moved away from is not held against it.
 */
import type { ResolvedConfig } from '../config/config';
import type { LinkerFacts } from '../firmware/linker/linker-facts';
import type { ModelFact } from '../models/check-config';
import type { MeasuredCode } from '../firmware/fixed-flash';
import type { Report } from '../report/report';

export interface Facts {
  /** The network; else what the config tells of it by itself. */
  readonly model?: ModelFact;
  /** As measured with the cross compiler; else the committed table counts. */
  readonly code?: MeasuredCode;
  readonly sources?: SourcesFacts;
  /** What is wrong with a path or pattern of the config, as a clause; absent where all is well or not known yet. */
  readonly missing?: ReadonlyMap<string, string>;
  /** The same for paths that lead out of the workspace through a symbolic link. */
  readonly outside?: ReadonlyMap<string, string>;
  readonly linker?: LinkerFacts;
  readonly lastRun?: LastRun;
  /** A run of this config is going on: nothing is gained by proposing one. */
  readonly training?: boolean;
}

/** The sources in the firmware tree, by themselves: not yet held against a config. */
export interface SourcesFacts {
  readonly directory: string;
  readonly state: 'present' | 'missing' | 'edited';
  /** Names of the files that are missing or edited. */
  readonly files: readonly string[];
  /** Fingerprint of the config they were made from, where it is recorded. */
  readonly config?: string;
}

/** The newest finished run of the config. */
export interface LastRun {
  readonly id: string;
  readonly config: ResolvedConfig | undefined;
  readonly report: Report;
}
