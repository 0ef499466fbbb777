/** One run of which the event log is followed: what its files say, without who works on it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ResolvedConfig } from '../../core/config/config';
import type { Report } from '../../core/report/report';
import { BoundedEvents } from '../../core/run/bounded-events';
import { effectiveEvents, parseEvent } from '../../core/run/event-log';
import { ASKED_TO_STOP, type RunEvent } from '../../core/run/events';
import { eachLine } from '../../core/run/log-lines';
import { LogTail } from '../../core/run/log-tail';
import { RunFolder, type RunState } from '../../core/run/run-folder';
import { EMPTY_SUMMARY, stateOf, withEvent, type RunSummary } from '../../core/run/run-summary';
import { UserError } from '../../core/util/errors';
import { exitNote, type ExitNote } from '../../protocol/worker';
import { readStored } from '../../core/util/stored-file';

/** Of the lines of a run's events once somebody has asked for them, bytes: 100,000 steps are kept in full. */
const MOST_KEPT = 32 * 1024 * 1024;

export interface RunNews {
  readonly events: readonly RunEvent[];
  readonly rewound: boolean;
}

export class FollowedRun {
  readonly folder: RunFolder;
  readonly config: ResolvedConfig | undefined;
  summary: RunSummary = EMPTY_SUMMARY;
  /** Why config or log cannot be read. */
  problem: string | undefined;
  report: Report | undefined;
  readonly #configProblem: string | undefined;
  #unreadable = false;
  readonly #tail: LogTail;
  #begun = false;
  /** All effective events, only once somebody has asked for them. */
  #events: RunEvent[] | undefined;

  constructor(path: string) {
    this.folder = new RunFolder(path);
    this.#tail = new LogTail(join(path, 'events.jsonl'));
    try {
      this.config = this.folder.loadConfig();
    } catch (error) {
      this.#configProblem = messageOf(error);
      this.problem = this.#configProblem;
    }
  }

  /** As it is shown: a run that stopped though nobody wanted it to is for people an interrupted one, if with a checkpoint. */
  get state(): Exclude<RunState, 'damaged'> {
    const { end } = this.summary;
    return end?.type === 'stopped' && end.reason !== ASKED_TO_STOP
      ? 'interrupted'
      : stateOf(this.summary);
  }

  /** Why it failed or was interrupted, as far as the log says. */
  get failure(): string | undefined {
    const { end } = this.summary;
    if (end?.type === 'failed') return end.message;
    return end?.type === 'stopped' && end.reason !== ASKED_TO_STOP ? end.reason : undefined;
  }

  /** What is new in the log. One call at a time. */
  async follow(): Promise<RunNews> {
    try {
      if (!this.#begun && this.#takeNoted()) return { events: [], rewound: true };
      // At first only what it amounts to is read.
      const skim = this.#tail.offset === 0;
      const { events, restarted, skimmed, unreadable } = await this.#tail.read({ skim });
      if (restarted || skimmed) this.#forget();
      this.#unreadable ||= unreadable > 0;
      // Beside events or a checkpoint, a line that cannot be read keeps nobody from anything.
      const lost = this.#unreadable && events.length === 0 && this.summary.startedAt === undefined;
      const problem = lost ? this.folder.problem() : undefined;
      this.problem = this.#configProblem ?? (problem && messageOf(problem));
      if (events.length === 0) return { events, rewound: restarted };
      const tookBack = events.some(
        (event) => event.type === 'resumed' && event.step < this.summary.step,
      );
      if (tookBack && this.state !== 'new') return await this.#reread(events);
      const news = effectiveEvents(events);
      this.#add(news);
      return skimmed ? { events: [], rewound: true } : { events: news, rewound: restarted };
    } catch (error) {
      this.problem = messageOf(error);
      this.#forget();
      return { events: [], rewound: true };
    }
  }

  /** Without what a resume took back; exactly what follow() has told of. */
  events(): readonly RunEvent[] {
    return (this.#events ??= this.#readAll());
  }

  /** Frees what only events() needs. */
  forgetEvents(): void {
    this.#events = undefined;
  }

  /** Reads what is written once a run has ended. */
  readResults(): void {
    this.report = this.state === 'finished' ? usableReport(this.folder) : undefined;
  }

  /** Reads why the process that worked on it last ended, where the log has no word of that. */
  unloggedEnd(): string | undefined {
    const note = exitNoteOf(this.folder);
    const { state, failure } = this;
    const { updatedAt: lastEvent = '' } = this.summary;
    if (note === undefined) return undefined;
    const { log } = note;
    const isStale = log === undefined ? note.time < lastEvent : log.ended < this.#tail.offset;
    if (isStale) return undefined;
    const open = state === 'new' || (state === 'interrupted' && failure === undefined);
    // Resumed, it died before it could say so: the end that the log tells of is an older one.
    const wordless =
      log === undefined ? (note.began ?? '') > lastEvent : log.began === this.#tail.offset;
    return open || wordless ? note.cause : undefined;
  }

  /** Workspaces fill up with the logs of ended runs: what is noted beside a log stands for what it says so far. */
  #takeNoted(): boolean {
    this.#begun = true;
    const noted = this.folder.notedLog();
    if (noted === undefined || !this.#tail.startBehind(noted)) return false;
    this.summary = noted.summary;
    return true;
  }

  async #reread(told: readonly RunEvent[]): Promise<RunNews> {
    this.#tail.rewind();
    this.#forget();
    const { events } = await this.#tail.read({ skim: true });
    this.#add(effectiveEvents(events));
    return { events: effectiveEvents(told), rewound: true };
  }

  #add(events: readonly RunEvent[]): void {
    for (const event of events) this.summary = withEvent(this.summary, event);
    // A new array: whoever was given the old one may still be reading it.
    if (this.#events !== undefined) this.#events = [...this.#events, ...events];
  }

  #forget(): void {
    this.summary = EMPTY_SUMMARY;
    this.#events = undefined;
    this.#unreadable = false;
  }

  #readAll(): RunEvent[] {
    try {
      const events = new BoundedEvents(MOST_KEPT);
      const each = (line: string): void => {
        const event = parseEvent(line);
        if (event !== undefined) events.add(event, line.length);
      };
      eachLine(this.#tail.file, each, this.#tail.offset);
      return effectiveEvents(events.all());
    } catch {
      // Deleted just now; the next look at the disk tells.
      return [];
    }
  }
}

/** Whether model and examples are sound is left to who reads them: here it would cost every window half a second. */
function usableReport(folder: RunFolder): Report | undefined {
  if (!['model.east', 'examples.east'].every((name) => existsSync(folder.file(name)))) {
    return undefined;
  }
  try {
    return folder.loadReport();
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/** It only ever adds to what is known. */
function exitNoteOf(folder: RunFolder): ExitNote | undefined {
  return readStored(exitNote, folder.file('exit.json'), 'note');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
