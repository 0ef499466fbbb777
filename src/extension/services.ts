/**
 * What the parts of the extension offer each other. Each interface has one implementation in a file of its own;
 * `extension.ts` makes them once and hands them to every feature, so that no feature knows another.
 */
import type * as vscode from 'vscode';
import type { ModelConfig, ResolvedConfig } from '../core/config/config';
import type { VerifyOutcome } from '../core/run/actions';
import type { RunEvent } from '../core/run/events';
import type { Report } from '../core/report/report';
import type { Measurement } from '../core/tasks/measurement';
import type { ModelFact } from '../core/models/check-config';
import type { FileFacts } from '../core/models/model';
import type { Graph } from '../core/graph/graph';
import type { Result } from '../protocol/worker';
import type { RunActivity } from '../protocol/activity';

type EventOf<Type extends RunEvent['type']> = Extract<RunEvent, { type: Type }>;

/** A snapshot of one run; a new object whenever anything in it changed. */
export interface RunInfo {
  readonly id: string;
  /** Absolute paths of the run's folder, of its config file and of the workspace folder that holds `.east`. */
  readonly path: string;
  readonly configFile: string;
  readonly workspace: string;
  /** As recorded when the run was started; undefined where it is damaged. */
  readonly config: ResolvedConfig | undefined;
  readonly activity: RunActivity;
  /** ISO 8601, of the first and of the latest event. */
  readonly startedAt?: string;
  readonly updatedAt?: string;
  readonly trainedWith?: string;
  /** The run whose float phase it started from. */
  readonly floatFrom?: string;
  readonly totalSteps?: number;
  readonly lastStep?: EventOf<'step'>;
  readonly lastPrune?: EventOf<'prune'>;
  /** The latest of each stage, on whichever set it was measured last. */
  readonly measured: readonly Measurement[];
  /** Why it failed, or why it cannot be read. */
  readonly message?: string;
  /** Only of a finished run whose results can be used. */
  readonly report?: Report;
}

export interface RunChange {
  readonly run: RunInfo;
  /** Events that are new since the last change, in order; empty where only the activity changed. */
  readonly events: readonly RunEvent[];
  /** A resume took events back: read all of them again. */
  readonly rewound: boolean;
}

/**
 * All runs of the open workspace folders, whoever works on them: the worker of this window, of another window, or
 * `east` in a terminal. Follows their event logs on the disk, which hold everything; nothing else is asked.
 */
export interface RunIndex {
  /** Newest first. */
  all(): readonly RunInfo[];
  of(configFile: string): readonly RunInfo[];
  get(id: string): RunInfo | undefined;
  /** The newest finished run of a config whose results can be used. */
  lastGood(configFile: string): RunInfo | undefined;
  /** The run being worked on, if any; else the newest. */
  current(configFile: string): RunInfo | undefined;
  /** The effective history: without what a resume took back. */
  events(id: string): readonly RunEvent[];
  /** Looks at the disk now instead of at the next poll. */
  refresh(): Promise<void>;
  readonly onDidChange: vscode.Event<RunChange>;
  readonly onDidRemove: vscode.Event<string>;
}

export interface SourceChange {
  /** Name inside the directory. */
  readonly name: string;
  readonly change: 'added' | 'changed' | 'unchanged' | 'removed';
  readonly linesAdded: number;
  readonly linesRemoved: number;
}

export interface GeneratedSources {
  readonly runId: string;
  readonly directory: string;
  readonly files: readonly SourceChange[];
}

/**
 * Has things done by the background process, which is started when it is needed and outlives the window. Every method
 * throws UserError with what to tell the user.
 */
export interface WorkerControl {
  /** A new run of a saved config, queued behind those that are there; its folder exists when this returns. */
  start(configFile: string): Promise<{ readonly runId: string }>;
  resume(runId: string): Promise<void>;
  /** Stops a running run at the next step with a checkpoint; takes a queued one out of the queue. */
  stop(runId: string): Promise<void>;
  /** Writes the sources of a run (default: the last good one). */
  generate(
    configFile: string,
    options: { readonly runId?: string; readonly force: boolean },
  ): Promise<GeneratedSources>;
  verify(
    configFile: string,
    options: {
      readonly runId?: string;
      readonly onMessage: (message: string) => void;
      readonly token?: vscode.CancellationToken;
    },
  ): Promise<VerifyOutcome>;
  /** What a model file in that workspace folder holds, without its weights. */
  readModel(file: string, workspace: string, signal?: AbortSignal): Promise<Result<'model/read'>>;
}

/** What a model file holds, as far as the editor wants to know. */
export type KnownModel = {
  /** Absent where the file is damaged. */
  readonly facts?: FileFacts;
} & (
  | {
      readonly network: {
        readonly graph: Graph;
        /** Whether it computes in int8, with codes of its own. */
        readonly int8: boolean;
        readonly sha256: string;
      };
      readonly problem?: never;
    }
  /** Why it cannot be computed here, with what to change. */
  | { readonly problem: string; readonly network?: never }
);

/** The networks that lie in files: read by the background process, and again only when a file has changed. */
export interface ModelIndex {
  /** As far as it need not be read for that. */
  known(file: string): KnownModel | undefined;
  /**
   * Shows that it reads where that takes long. Throws UserError where nobody can read it, as in Restricted Mode.
   * @param workspace folder that it may not lie outside of
   */
  read(file: string, workspace: string, signal?: AbortSignal): Promise<KnownModel>;
  /** The network of a config, or what is wrong with it. */
  gather(config: ModelConfig, workspace: string): Promise<ModelFact>;
}

/** The `*.east.json` of the open workspace folders. */
export interface ConfigIndex {
  /** Absolute paths, sorted. */
  all(): readonly string[];
  /** The folder a config's paths may not leave, which also holds `.east`. */
  workspaceOf(configFile: string): string;
  readonly onDidChange: vscode.Event<void>;
}

export interface Services {
  readonly context: vscode.ExtensionContext;
  readonly output: vscode.LogOutputChannel;
  readonly configs: ConfigIndex;
  readonly runs: RunIndex;
  readonly worker: WorkerControl;
  readonly models: ModelIndex;
}
