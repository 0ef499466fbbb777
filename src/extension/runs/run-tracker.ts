/**
 * Follows all runs of one workspace folder on the disk. Their logs say what happened; the locks and the background
 * process's queue file say whether anybody is working on them. Knows nothing of VS Code.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing } from '../../core/util/file-errors';
import { lockHolder } from '../../core/run/lock';
import type { RunEvent } from '../../core/run/events';
import { compareRunIds, isRunId, lockOf, recordsOf, runsOf } from '../../core/run/run-paths';
import { workerPaths } from '../../core/run/worker-paths';
import { isThere, requireRecordPath } from '../../core/util/read-file';
import { queueState, type QueueState } from '../../protocol/worker';
import { pathKey } from '../path-key';
import type { RunActivity } from '../../protocol/activity';
import type { RunChange, RunInfo } from '../services';
import { isActive } from './activity';
import type { FollowedRun } from './followed-run';
import { defined } from '../../core/util/defined';
import { elapsedMs } from '../../core/util/clock';
import { readStored } from '../../core/util/stored-file';

/** While something is going on, and else, milliseconds. */
const POLL_ACTIVE = 300;
const POLL_IDLE = 2000;
/** How many runs keep their events in memory once they have been asked for. */
const KEPT_EVENTS = 4;

export interface TrackerListener {
  onChange(change: RunChange): void;
  onRemove(id: string): void;
  /** The disk refused something unexpected; following goes on. */
  onError(error: unknown): void;
}

export class RunTracker {
  readonly #runs = new Map<string, FollowedRun>();
  readonly #infos = new Map<string, RunInfo>();
  /** Ids whose events are kept, latest asked for last. */
  readonly #asked = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #again: Promise<void> | undefined;
  #lastFullLook = -Infinity;
  /** What kept the last look from its end. */
  #refused: string | undefined;
  #disposed = false;

  constructor(
    readonly workspace: string,
    private readonly listener: TrackerListener,
  ) {}

  /** Looks now, and from now on regularly. */
  start(): void {
    // Not at once: opening a window has more urgent things to do.
    this.#timer = setTimeout(() => void this.refresh(), 0);
  }

  dispose(): void {
    this.#disposed = true;
    clearTimeout(this.#timer);
  }

  /** Newest first. */
  all(): RunInfo[] {
    return [...this.#infos.values()].sort((a, b) => compareRunIds(b.id, a.id));
  }

  get(id: string): RunInfo | undefined {
    return this.#infos.get(id);
  }

  events(id: string): readonly RunEvent[] {
    const run = this.#runs.get(id);
    if (run === undefined) return [];
    this.#asked.delete(id);
    this.#asked.add(id);
    for (const old of this.#asked) {
      if (this.#asked.size <= KEPT_EVENTS) break;
      this.#asked.delete(old);
      this.#runs.get(old)?.forgetEvents();
    }
    return run.events();
  }

  /** Looks at everything; what is on the disk when this is called is known when it resolves. */
  refresh(): Promise<void> {
    // One look at a time. A look that has begun may have passed what is asked about: another one follows.
    if (this.#looking === undefined) return this.#start(true);
    this.#again ??= this.#looking.then(() => {
      this.#again = undefined;
      return this.#start(true);
    });
    return this.#again;
  }

  #start(everything: boolean): Promise<void> {
    if (this.#disposed) return Promise.resolve();
    clearTimeout(this.#timer);
    this.#looking = this.#look(everything)
      .then(() => {
        this.#refused = undefined;
      })
      .catch((error: unknown) => {
        // The next look meets the same: it is told of once.
        if (String(error) !== this.#refused) this.listener.onError(error);
        this.#refused = String(error);
      })
      .finally(() => {
        this.#looking = undefined;
        if (this.#disposed) return;
        this.#timer = setTimeout(
          () => {
            if (this.#looking !== undefined) return;
            void this.#start(elapsedMs() - this.#lastFullLook >= POLL_IDLE);
          },
          this.#isActive() ? POLL_ACTIVE : POLL_IDLE,
        );
        // Looking is no reason to keep a process.
        this.#timer.unref();
      });
    return this.#looking;
  }

  #isActive(): boolean {
    return [...this.#infos.values()].some(isActive);
  }

  async #look(everything: boolean): Promise<void> {
    const { queue, orphan } = this.#readQueue();
    const working = [queue?.running?.runId, ...(queue?.queued ?? [])];
    if (everything || working.some((id) => id !== undefined && !this.#runs.has(id))) {
      this.#lastFullLook = elapsedMs();
      await this.#list();
    }
    // A snapshot: what changes while this waits for the disk is found by the next look. The newest is wanted first.
    for (const [id, run] of [...this.#runs].reverse()) {
      const before = this.#infos.get(id);
      const idle = before !== undefined && !isActive(before) && !working.includes(id);
      if (!everything && idle) continue;
      const news = await run.follow();
      if (this.#disposed) return;
      if (news.events.length > 0 || news.rewound) run.readResults();
      this.#tell(id, run, this.#activity(id, run, queue, orphan), news);
    }
  }

  /** Finds new folders and forgets those that are gone. */
  async #list(): Promise<void> {
    const runs = runsOf(this.workspace);
    requireRecordPath(runs);
    const names = await namesIn(runs);
    const there = new Set(
      names.filter((name) => isRunId(name) && isThere(join(runs, name, 'config.resolved.json'))),
    );
    for (const id of [...this.#runs.keys()]) {
      if (there.has(id)) continue;
      this.#runs.delete(id);
      this.#infos.delete(id);
      this.#asked.delete(id);
      this.listener.onRemove(id);
    }
    const fresh = [...there].filter((id) => !this.#runs.has(id)).sort(compareRunIds);
    if (fresh.length === 0) return;
    // What checks a run's records is not loaded where there are none.
    const { FollowedRun } = await import('./followed-run');
    for (const id of fresh) this.#runs.set(id, new FollowedRun(join(runs, id)));
  }

  /** Where no background process is alive to stand by the queue, the process of its last run may be: it is stopping. */
  #readQueue(): { queue?: QueueState; orphan?: number } {
    const paths = workerPaths(recordsOf(this.workspace));
    const queue = readStored(queueState, paths.queue, 'queue');
    if (queue === undefined) return {};
    if (lockHolder(paths.lock) === queue.worker) return { queue };
    return defined({ orphan: queue.running?.pid });
  }

  #activity(
    id: string,
    run: FollowedRun,
    queue: QueueState | undefined,
    orphan: number | undefined,
  ): RunActivity {
    if (run.problem !== undefined || run.config === undefined) return 'damaged';
    if (queue?.running?.runId === id) return queue.running.stopping ? 'stopping' : 'running';
    if (queue?.queued.includes(id)) return 'queued';
    const { state } = run;
    const { pid } = run.summary;
    if (state !== 'interrupted' && state !== 'new') return state;
    const holder = lockHolder(lockOf(this.workspace, run.config.file));
    if (holder === undefined || holder === queue?.running?.pid) return state;
    // `east` in a terminal has the lock some time before its first event, while it reads the data.
    const begun = state === 'interrupted' ? pid === holder : this.#isNewest(id, run.config.file);
    if (!begun) return state;
    return holder === orphan ? 'stopping' : 'running';
  }

  #isNewest(id: string, configFile: string): boolean {
    const key = pathKey(configFile);
    return [...this.#runs.values()].every(
      ({ folder, config }) =>
        config === undefined || pathKey(config.file) !== key || compareRunIds(folder.id, id) <= 0,
    );
  }

  #tell(
    id: string,
    run: FollowedRun,
    stands: RunActivity,
    { events, rewound }: { readonly events: readonly RunEvent[]; readonly rewound: boolean },
  ): void {
    const before = this.#infos.get(id);
    const told =
      stands === 'damaged' ||
      isActive({ activity: stands }) ||
      (stands === 'finished' && run.report !== undefined);
    const cause = told ? undefined : run.unloggedEnd();
    const activity = cause === undefined || stands === 'new' ? stands : 'interrupted';
    const message = run.problem ?? cause ?? run.failure;
    const same =
      before !== undefined &&
      events.length === 0 &&
      !rewound &&
      before.activity === activity &&
      before.message === message &&
      before.report === run.report;
    if (same) return;
    const info = this.#describe(run, activity, message);
    this.#infos.set(id, info);
    this.listener.onChange({ run: info, events, rewound });
  }

  #describe(run: FollowedRun, activity: RunActivity, message: string | undefined): RunInfo {
    const { folder, config, report } = run;
    const {
      startedAt,
      updatedAt,
      trainedWith,
      floatFrom,
      totalSteps,
      lastStep,
      lastPrune,
      measured,
    } = run.summary;
    return {
      id: folder.id,
      path: folder.path,
      configFile: config?.file ?? '',
      workspace: this.workspace,
      config,
      activity,
      measured,
      ...defined({
        startedAt,
        updatedAt,
        trainedWith,
        floatFrom,
        totalSteps,
        lastStep,
        lastPrune,
        message,
        report,
      }),
    };
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
