/**
 * What is known about each open config: its advice, computed as one types from the text and from facts at hand, and the
 * facts, which are gathered in the background. Typing waits for neither the disk nor a compiler.
 */
import * as vscode from 'vscode';
import { firmwareTarget } from '../../core/firmware/targets/targets';
import type * as Advising from '../../core/advice/advise';
import type { Facts } from '../../core/advice/facts';
import type { ResolvedConfig } from '../../core/config/config';
import { pathKey } from '../path-key';
import { isActive } from '../runs/activity';
import type { RunInfo, Services } from '../services';
import { isConfigDocument } from './config-document';
import { defined } from '../../core/util/defined';
import { elapsedMs } from '../../core/util/clock';

/**
 * A key is answered at once, unless another came in these last milliseconds: then after this rest, so that a burst of
 * keys costs two checks.
 */
const TYPING_DELAY = 50;
const FACTS_DELAY = 200;

export interface OpenConfig {
  readonly document: vscode.TextDocument;
  /** Of the text as it was at `version` of the document. */
  readonly advised: Advising.Advised;
  readonly version: number;
  readonly lastGood: RunInfo | undefined;
  readonly current: RunInfo | undefined;
  /** Whether the disk has been looked at yet. */
  readonly complete: boolean;
}

interface Entry {
  state?: OpenConfig;
  disk: Facts;
  gathered: boolean;
  /** What of the config the watchers and the facts are for. */
  watched?: string;
  runs: string;
  /** Of the last change, as `elapsedMs()` has it. */
  changedAt: number;
  typing?: NodeJS.Timeout;
  gathering?: NodeJS.Timeout;
  /** Numbers the gatherings, so that only the latest counts. */
  round: number;
  watchers: vscode.Disposable[];
}

type Core = Pick<typeof Advising, 'advise'>;

export class OpenConfigs implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<OpenConfig>();
  readonly #closed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;
  readonly onDidClose = this.#closed.event;
  readonly #entries = new Map<string, Entry>();
  readonly #subscriptions: vscode.Disposable[];
  #core: Promise<Core> | undefined;

  constructor(private readonly services: Services) {
    const { workspace, window } = vscode;
    this.#subscriptions = [
      this.#changed,
      this.#closed,
      workspace.onDidOpenTextDocument((document) => this.#check(document, 0)),
      workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0) this.#typed(document);
      }),
      workspace.onDidCloseTextDocument((document) => this.#close(document)),
      workspace.onDidSaveTextDocument((document) => this.#gatherFor(document)),
      workspace.onDidGrantWorkspaceTrust(() => this.#gatherAll()),
      window.onDidChangeActiveTextEditor((editor) => editor && this.#gatherFor(editor.document)),
      window.onDidChangeWindowState(({ focused }) => focused && this.#gatherAll()),
      services.runs.onDidChange(({ run }) => this.#runChanged(run.configFile)),
      services.runs.onDidRemove(() => this.#recheckAll()),
    ];
    for (const document of workspace.textDocuments) this.#check(document, 0);
  }

  dispose(): void {
    for (const entry of this.#entries.values()) stop(entry);
    for (const each of this.#subscriptions) each.dispose();
  }

  all(): OpenConfig[] {
    return [...this.#entries.values()].flatMap(({ state }) => state ?? []);
  }

  /** What is known of a document, if its text has not changed since. */
  get(document: vscode.TextDocument): OpenConfig | undefined {
    const state = this.#entries.get(document.uri.toString())?.state;
    return state?.version === document.version ? state : undefined;
  }

  /** What is known of a document, though its text may have changed a moment ago. */
  latest(document: vscode.TextDocument): OpenConfig | undefined {
    return this.#entries.get(document.uri.toString())?.state;
  }

  #typed(document: vscode.TextDocument): void {
    const entry = this.#entries.get(document.uri.toString());
    const now = elapsedMs();
    const rested = entry === undefined || now - entry.changedAt > TYPING_DELAY;
    if (entry) entry.changedAt = now;
    this.#check(document, rested ? 0 : TYPING_DELAY);
  }

  #check(document: vscode.TextDocument, delay: number): void {
    if (!isConfigDocument(document)) return;
    const key = document.uri.toString();
    const entry = this.#entries.get(key) ?? newEntry();
    this.#entries.set(key, entry);
    clearTimeout(entry.typing);
    entry.typing = setTimeout(() => void this.#advise(document, entry), delay);
  }

  async #advise(document: vscode.TextDocument, entry: Entry): Promise<void> {
    this.#core ??= import('../../core/advice/advise');
    const { advise } = await this.#core;
    if (document.isClosed || this.#entries.get(document.uri.toString()) !== entry) return;
    const file = document.uri.fsPath;
    const { runs, configs, output } = this.services;
    const [lastGood, current] = [runs.lastGood(file), runs.current(file)];
    entry.runs = runsKey(lastGood, current);
    const facts: Facts = {
      ...entry.disk,
      ...(lastGood?.report
        ? { lastRun: { id: lastGood.id, config: lastGood.config, report: lastGood.report } }
        : {}),
      training: current !== undefined && isActive(current),
    };
    try {
      const advised = advise(document.getText(), file, configs.workspaceOf(file), facts);
      const { version } = document;
      const complete = entry.gathered;
      const wasKnown = entry.state?.advised.forecast !== undefined;
      entry.state = { document, advised, version, lastGood, current, complete };
      this.#changed.fire(entry.state);
      this.#watch(advised.written, document, entry);
      // Its code can be measured now.
      if (!wasKnown && advised.forecast !== undefined && entry.gathered) {
        this.#gather(document, entry);
      }
    } catch (error) {
      output.error(
        `checking ${file}: ${error instanceof Error ? (error.stack ?? '') : String(error)}`,
      );
    }
  }

  /** Looks at the disk again when the text names other files than before, and follows those. */
  #watch(config: ResolvedConfig | undefined, document: vscode.TextDocument, entry: Entry): void {
    if (config === undefined) return;
    const { firmware, dataset, training, name, model } = config;
    const key = JSON.stringify([firmware, dataset, training.initialWeights, name, model]);
    if (entry.watched === key) return;
    entry.watched = key;
    for (const watcher of entry.watchers) watcher.dispose();
    const again = (): void => this.#gather(document, entry);
    entry.watchers = patternsOf(config).map((pattern) => {
      const watcher = vscode.workspace.createFileSystemWatcher(pattern);
      return vscode.Disposable.from(
        watcher,
        watcher.onDidCreate(again),
        watcher.onDidChange(again),
        watcher.onDidDelete(again),
      );
    });
    again();
  }

  #gatherFor(document: vscode.TextDocument): void {
    const entry = this.#entries.get(document.uri.toString());
    if (entry) this.#gather(document, entry);
  }

  #gatherAll(): void {
    for (const { document } of this.all()) this.#gatherFor(document);
  }

  #gather(document: vscode.TextDocument, entry: Entry): void {
    clearTimeout(entry.gathering);
    entry.gathering = setTimeout(() => void this.#readDisk(document, entry), FACTS_DELAY);
  }

  async #readDisk(document: vscode.TextDocument, entry: Entry): Promise<void> {
    const { written: config, forecast } = entry.state?.advised ?? {};
    if (config === undefined) return;
    const round = ++entry.round;
    try {
      const { readFacts } = await import('../../core/advice/read-facts');
      const facts = await readFacts(config, { trusted: vscode.workspace.isTrusted });
      const { code: known, model } = entry.disk;
      const asBefore = { ...facts, ...defined({ code: known, model }) };
      this.#learn(document, entry, round, asBefore);
      const read = await this.#readModel(config);
      const all = { ...asBefore, ...defined({ model: read }) };
      if (read !== undefined) this.#learn(document, entry, round, all);
      // Compiling runs programs that a workspace may have brought along.
      if (forecast === undefined || !vscode.workspace.isTrusted) return;
      const { measureCode } = await import('../../core/firmware/measure-code');
      const code = await measureCode(
        forecast.graph,
        forecast.possible,
        firmwareTarget(config.firmware.target),
        known,
        config.frontend,
      );
      if (code !== known) this.#learn(document, entry, round, { ...all, code });
    } catch (error) {
      this.services.output.warn(`facts about ${document.uri.fsPath}: ${String(error)}`);
    }
  }

  /** Of a file; what the config describes itself is known as one types. */
  async #readModel({ model, file }: ResolvedConfig): Promise<Facts['model']> {
    const { configs, models } = this.services;
    return model.file === undefined ? undefined : models.gather(model, configs.workspaceOf(file));
  }

  #learn(document: vscode.TextDocument, entry: Entry, round: number, facts: Facts): void {
    if (round !== entry.round || document.isClosed) return;
    entry.disk = facts;
    entry.gathered = true;
    this.#check(document, 0);
  }

  #runChanged(configFile: string): void {
    for (const { document } of this.all()) {
      if (pathKey(document.uri.fsPath) !== pathKey(configFile)) continue;
      const { runs } = this.services;
      const key = runsKey(runs.lastGood(configFile), runs.current(configFile));
      // Most changes are steps of a training run, which change nothing here.
      if (this.#entries.get(document.uri.toString())?.runs !== key) this.#check(document, 0);
    }
  }

  #recheckAll(): void {
    for (const { document } of this.all()) this.#check(document, 0);
  }

  #close(document: vscode.TextDocument): void {
    const key = document.uri.toString();
    const entry = this.#entries.get(key);
    if (!entry) return;
    stop(entry);
    this.#entries.delete(key);
    this.#closed.fire(document.uri);
  }
}

function newEntry(): Entry {
  return { disk: {}, gathered: false, runs: '', changedAt: 0, round: 0, watchers: [] };
}

function stop(entry: Entry): void {
  clearTimeout(entry.typing);
  clearTimeout(entry.gathering);
  for (const watcher of entry.watchers) watcher.dispose();
}

function runsKey(lastGood: RunInfo | undefined, current: RunInfo | undefined): string {
  return [lastGood?.id, current?.id, current?.activity].join();
}

/** The generated sources, the linker's files, and the folders with data. */
function patternsOf({ model, firmware, dataset }: ResolvedConfig): vscode.RelativePattern[] {
  const within = (folder: string, pattern: string): vscode.RelativePattern =>
    new vscode.RelativePattern(vscode.Uri.file(folder), pattern);
  const parent = (path: string): string => path.replace(/[\\/][^\\/]*$/, '');
  const { linkerScript } = firmware;
  const { train, test, trainLabels, testLabels } = dataset ?? {};
  const data = [model.file, train, test, trainLabels, testLabels]
    .filter((path) => path !== undefined)
    .map((path) => parent(path.replace(/[*?{[(].*$/, 'x')));
  return [
    within(firmware.directory, '*'),
    ...(linkerScript === undefined
      ? []
      : [
          within(parent(linkerScript), '*.{ld,lds,x,S,h,icf,sct}'),
          within(parent(linkerScript), '**/*.map'),
        ]),
    ...[...new Set(data)].map((folder) => within(folder, '*')),
  ];
}
