/** The RunIndex: a tracker for every workspace folder that holds configs or runs, told apart for VS Code. */
import * as vscode from 'vscode';
import type { RunEvent } from '../../core/run/events';
import { compareRunIds } from '../../core/run/run-paths';
import { pathKey } from '../path-key';
import type { ConfigIndex, RunChange, RunIndex, RunInfo } from '../services';
import { isActive } from './activity';
import { RunTracker } from './run-tracker';

/** Changes of the disk come in bursts. */
const SETTLE_MS = 50;

export class DiskRunIndex implements RunIndex, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<RunChange>();
  readonly #removed = new vscode.EventEmitter<string>();
  readonly onDidChange = this.#changed.event;
  readonly onDidRemove = this.#removed.event;
  readonly #trackers = new Map<string, RunTracker>();
  readonly #subscriptions: vscode.Disposable[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly configs: ConfigIndex,
    private readonly output: vscode.LogOutputChannel,
  ) {
    // Only to notice sooner: file events are missing on some systems and network drives.
    const watcher = vscode.workspace.createFileSystemWatcher('**/.east/**', false, true, false);
    const wake = (): void => {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        void this.refresh();
      }, SETTLE_MS);
    };
    this.#subscriptions.push(
      watcher,
      watcher.onDidCreate(wake),
      watcher.onDidDelete(wake),
      configs.onDidChange(() => this.#follow()),
      vscode.workspace.onDidChangeWorkspaceFolders(() => this.#follow()),
    );
    this.#follow();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const each of [...this.#subscriptions, ...this.#trackers.values()]) each.dispose();
    this.#changed.dispose();
    this.#removed.dispose();
  }

  all(): RunInfo[] {
    return [...this.#trackers.values()]
      .flatMap((tracker) => tracker.all())
      .sort((a, b) => compareRunIds(b.id, a.id));
  }

  of(configFile: string): RunInfo[] {
    const key = pathKey(configFile);
    return this.all().filter((run) => run.configFile !== '' && pathKey(run.configFile) === key);
  }

  get(id: string): RunInfo | undefined {
    for (const tracker of this.#trackers.values()) {
      const run = tracker.get(id);
      if (run !== undefined) return run;
    }
    return undefined;
  }

  lastGood(configFile: string): RunInfo | undefined {
    return this.of(configFile).find((run) => run.report !== undefined);
  }

  current(configFile: string): RunInfo | undefined {
    const runs = this.of(configFile);
    return (
      runs.find(({ activity }) => activity === 'running' || activity === 'stopping') ??
      runs.find(isActive) ??
      runs[0]
    );
  }

  events(id: string): readonly RunEvent[] {
    for (const tracker of this.#trackers.values()) {
      if (tracker.get(id) !== undefined) return tracker.events(id);
    }
    return [];
  }

  async refresh(): Promise<void> {
    await Promise.all([...this.#trackers.values()].map((tracker) => tracker.refresh()));
  }

  /** Folders that lost their last config stay: a run of a deleted config goes on. */
  #follow(): void {
    const folders = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
    const wanted = [
      ...folders,
      ...this.configs.all().map((file) => this.configs.workspaceOf(file)),
    ];
    for (const workspace of wanted) {
      const key = pathKey(workspace);
      if (this.#trackers.has(key)) continue;
      const tracker = new RunTracker(workspace, {
        onChange: (change) => this.#changed.fire(change),
        onRemove: (id) => this.#removed.fire(id),
        onError: (error) =>
          this.output.warn(`following the runs of ${workspace}: ${String(error)}`),
      });
      this.#trackers.set(key, tracker);
      tracker.start();
    }
  }
}
