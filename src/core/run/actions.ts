/**
 * What can be done with a run, as the CLI and the editor's worker call it: one interface, so that neither knows how
 * training, generation or verification work, and tests of either need none of them.
 */
import type { ResolvedConfig } from '../config/config';
import type { CheckResult } from '../firmware/verify';
import type { RecordedResult } from './recorded-result';
import type { RecordedSizes } from './recorded-sizes';
import type { Report } from '../report/report';
import type { RunEvent } from './events';
import type { RunFolder } from './run-folder';

export interface RunJob {
  readonly config: ResolvedConfig;
  readonly folder: RunFolder;
  /** Aborting it stops the run at its next step; a text as the reason says in the log why, where nobody asked for it. */
  readonly signal: AbortSignal;
  /** Throws UserError where another process has taken over the config's lock, which the caller held. */
  readonly requireLock?: () => void;
  /** Every event, after it is in the run's log. */
  readonly onEvent: (event: RunEvent) => void;
  /** Words about what takes time before training starts. */
  readonly onNote: (note: string) => void;
  /** Whether the float phase of another run may be taken where it is the same; default: yes. */
  readonly reuse?: boolean;
  /** A folder whose node_modules may bring the native engine; code from there is run, so only where it is trusted. */
  readonly modulesFrom?: string;
}

export type RunResult =
  | { readonly status: 'stopped'; readonly step: number }
  | { readonly status: 'finished'; readonly report: Report };

export interface RunTarget {
  readonly config: ResolvedConfig;
  readonly folder: RunFolder;
}

export interface GenerateOutcome {
  /** Absolute path of the folder with the sources. */
  readonly directory: string;
  /** Names inside it. */
  readonly files: readonly string[];
}

/** What verification builds and runs on this machine, in this order, and what people call it; the target comes last. */
export const HOST_BUILDS = {
  host: 'host',
  sanitizers: 'host, AddressSanitizer and UBSan',
} as const;

/** How one build (host, target) of the sources did. */
export interface VerifyTarget {
  /** One of HOST_BUILDS, or the target with its simulator. */
  readonly name: string;
  readonly result: CheckResult;
  /** Inputs whose every output byte was compared; 0 where nothing ran. */
  readonly inputs: number;
  /** Further measurements in the order to show: `flash` → `14,200 B`. */
  readonly figures: readonly (readonly [name: string, value: string])[];
}

export interface VerifyOutcome {
  /** Everything ran and nothing differed. */
  readonly ok: boolean;
  readonly targets: readonly VerifyTarget[];
}

/** Whether the sources in the firmware tree are those of the config. */
export interface SourcesState {
  readonly state: 'current' | 'missing' | 'stale' | 'edited';
  /** One sentence each: which file was edited, what changed. */
  readonly details: readonly string[];
  /** What the sources take, bytes, by what they themselves say. */
  readonly sizes?: RecordedSizes;
  /** What is to be said of the data of the run that the sources are of, where both lie here; a sentence each. */
  readonly data?: readonly string[];
  /** How well the network does on its test set, by the word of the manifest. */
  readonly result?: RecordedResult;
  /** How much of `sizes.flash` only the manifest says: code, biases and tables, which no source has a number of. */
  readonly unproven?: number;
}

export interface RunActions {
  /** Throws UserError where the network or a budget of the config is impossible, or its data is not there. */
  plan(config: ResolvedConfig): Promise<void>;
  /** Trains until done or stopped, from the run's newest checkpoint if it has one. The caller holds the lock. */
  run(job: RunJob): Promise<RunResult>;
  /** Writes the sources of a finished run, all or nothing. Throws UserError where files were edited, unless forced. */
  generate(run: RunTarget, options: { readonly force: boolean }): Promise<GenerateOutcome>;
  /** Compiles and runs the generated sources. Throws UserError when a compiler is missing, AbortError when aborted. */
  verify(
    run: RunTarget,
    options: { readonly onMessage: (message: string) => void; readonly signal?: AbortSignal },
  ): Promise<VerifyOutcome>;
  /**
   * As `verify`, with the examples that the sources carry in their self-test: for a fresh clone of a firmware project, where no
   * run lies. Throws UserError where there are no sources of the config's name.
   */
  verifyCarried(
    config: ResolvedConfig,
    options: { readonly onMessage: (message: string) => void; readonly signal?: AbortSignal },
  ): Promise<VerifyOutcome>;
  /** Needs no run folder: firmware CI has only the config and the sources. */
  checkSources(config: ResolvedConfig): Promise<SourcesState>;
}
