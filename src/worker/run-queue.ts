/** The runs that are to be done, one after another, each in a process of its own. */
import { rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { writeFileAtomic } from '../core/run/atomic-file';
import { loadConfigAndModel } from '../core/models/gather-model';
import { readText } from '../core/util/read-file';
import type { RunFolder } from '../core/run/run-folder';
import { isRunId } from '../core/run/run-paths';
import type { RunStore } from '../core/run/run-store';
import { sourcesActions } from '../core/run/sources-actions';
import { UserError } from '../core/util/errors';
import type { ExitNote, Priority, QueueState } from '../protocol/worker';
import { JobProcess, type JobEnd } from './job-process';
import { SHUT_DOWN } from './messages';
import { defined } from '../core/util/defined';
import { elapsedMs } from '../core/util/clock';

/** A step of a large network and its checkpoint take some time, milliseconds. */
const ORPHAN_MS = 60_000;

interface Entry {
  readonly folder: RunFolder;
  readonly priority: Priority;
}

/** How things stood when a run's process began. */
interface Begin {
  readonly time: string;
  readonly log: number;
}

export interface QueueListener {
  onChange(state: QueueState): void;
  onNote(runId: string, text: string): void;
}

export class RunQueue {
  readonly #waiting: Entry[] = [];
  #running: { readonly entry: Entry; readonly job: JobProcess } | undefined;
  #closed = false;

  constructor(
    private readonly store: RunStore,
    private readonly jobEntry: URL,
    private readonly listener: QueueListener,
    /** Process of a run whose background process was killed: it is just stopping. */
    private readonly orphan: number | undefined,
  ) {}

  get state(): QueueState {
    const { entry, job } = this.#running ?? {};
    return {
      worker: process.pid,
      ...(entry === undefined || job === undefined
        ? {}
        : {
            running: {
              runId: entry.folder.id,
              ...defined({ pid: job.pid }),
              stopping: job.stopping,
            },
          }),
      queued: this.#waiting.map(({ folder }) => folder.id),
    };
  }

  get busy(): boolean {
    return this.#running !== undefined || this.#waiting.length > 0;
  }

  /** Returns the id of a new run whose folder exists. Throws UserError where the config is wrong or impossible. */
  async start(configFile: string, priority: Priority): Promise<string> {
    const { config } = await loadConfigAndModel(configFile, { workspace: this.store.workspace });
    await sourcesActions.plan(config);
    await this.#refuseForeign(config.file);
    this.#refuseClosed();
    const folder = this.store.create(config, readText(config.file, 'config'));
    this.#add({ folder, priority });
    return folder.id;
  }

  /** Throws UserError where the run is unknown, damaged or finished. */
  async resume(runId: string, priority: Priority): Promise<void> {
    const folder = this.#open(runId);
    if (this.#running?.entry.folder.id === runId) {
      if (!this.#running.job.stopping) return;
      throw new UserError('the run is just being stopped; resume it when it has', {
        file: folder.path,
      });
    }
    const problem = folder.problem();
    if (problem !== undefined) throw problem;
    await this.#refuseForeign(folder.loadConfig().file);
    this.#refuseClosed();
    // Asked for twice at once, perhaps.
    if (this.state.running?.runId === runId || this.state.queued.includes(runId)) return;
    if (folder.state() === 'finished') {
      const results = folder.resultsProblem();
      if (results === undefined) {
        throw new UserError(`run ${runId} is finished; start a new one`, { file: folder.path });
      }
      if (folder.checkpoints.steps().length === 0) throw results;
    }
    this.#add({ folder, priority });
  }

  /** A run that has not begun leaves no folder behind. Nothing happens where nobody works on the run. */
  stop(runId: string): void {
    if (this.#running?.entry.folder.id === runId) {
      this.#running.job.stop();
      this.#changed();
      return;
    }
    const at = this.#waiting.findIndex((entry) => entry.folder.id === runId);
    const [entry] = at < 0 ? [] : this.#waiting.splice(at, 1);
    if (entry !== undefined) {
      if (entry.folder.state() === 'new' && !entry.folder.holdsWork()) {
        rmSync(entry.folder.path, { recursive: true, force: true, maxRetries: 3 });
      }
      this.#changed();
      return;
    }
    this.#stopForeign(this.#open(runId));
  }

  /** Starts no more runs and stops the running one; those that waited can be resumed. */
  close(): void {
    this.#closed = true;
    this.#waiting.length = 0;
    this.#running?.job.stop(SHUT_DOWN);
  }

  /** What waited now would keep the process from ending. */
  #refuseClosed(): void {
    if (this.#closed) throw new UserError('the background process is ending; try again');
  }

  #open(runId: string): RunFolder {
    if (!isRunId(runId)) throw new UserError(`"${runId}" is not the name of a run`);
    return this.store.open(runId);
  }

  #add(entry: Entry): void {
    rmSync(entry.folder.file('exit.json'), { force: true });
    this.#waiting.push(entry);
    this.#next();
    this.#changed();
  }

  #next(): void {
    if (this.#running !== undefined || this.#closed) return;
    const entry = this.#waiting.shift();
    if (entry === undefined) return;
    const { id, path } = entry.folder;
    const began = { time: new Date().toISOString(), log: entry.folder.logBytes() };
    const job = new JobProcess(this.jobEntry, path, entry.priority, {
      onNote: (text) => this.listener.onNote(id, text),
      onEnd: (end) => this.#ended(entry, end, began),
    });
    this.#running = { entry, job };
    this.listener.onNote(id, `started in process ${job.pid ?? 'unknown'}`);
  }

  #ended({ folder }: Entry, end: JobEnd, began: Begin): void {
    this.#running = undefined;
    const message = end.message === undefined ? '' : `: ${end.message}`;
    this.listener.onNote(folder.id, `${end.how}${message}`);
    // The log of the run itself tells of all else.
    if (['crashed', 'killed', 'refused'].includes(end.how)) this.#noteExit(folder, end, began);
    this.#next();
    this.#changed();
  }

  #noteExit(folder: RunFolder, { message = 'unknown' }: JobEnd, began: Begin): void {
    const note: ExitNote = {
      time: new Date().toISOString(),
      began: began.time,
      log: { began: began.log, ended: folder.logBytes() },
      cause: message,
    };
    try {
      writeFileAtomic(folder.file('exit.json'), `${JSON.stringify(note)}\n`, { folder: 'there' });
    } catch {
      // A full disk, perhaps the very cause; the note to the editor has been sent.
    }
    folder.note();
  }

  /** One config, one process: the lock is told of here rather than when the run's turn comes. */
  async #refuseForeign(configFile: string): Promise<void> {
    const deadline = elapsedMs() + ORPHAN_MS;
    let holder = this.store.holder(configFile);
    while (holder !== undefined && holder === this.orphan && elapsedMs() < deadline) {
      await delay(100);
      holder = this.store.holder(configFile);
    }
    if (holder === undefined || holder === this.#running?.job.pid) return;
    throw new UserError(
      `the config is being trained by process ${holder} ("east" in a terminal); stop that one first`,
      { file: configFile },
    );
  }

  /** `east` in a terminal stops with a checkpoint at an interrupt, where the system has such a thing. */
  #stopForeign(folder: RunFolder): void {
    const owner = this.store.owner(folder.loadConfig().file);
    if (owner === undefined) return;
    const holder = owner.pid;
    // Not theirs, if somebody else began or resumed it last.
    if (folder.summary().pid !== holder) return;
    // Elsewhere its number may be anybody's here.
    if (owner.here && process.platform !== 'win32') {
      try {
        process.kill(holder, 'SIGINT');
        return;
      } catch {
        // Somebody else's.
      }
    }
    throw new UserError(
      `the run is done by "east" in a terminal, process ${holder} on ${owner.host}; stop it there with Ctrl-C`,
      { file: folder.path },
    );
  }

  #changed(): void {
    this.listener.onChange(this.state);
  }
}
