/**
 * One open dashboard: sends what changed to its page, a few times a second at most, and does what the page asks for.
 * The page is thrown away while it is hidden and gets everything again when it says that it is ready.
 */
import { randomBytes } from 'node:crypto';
import { relative } from 'node:path';
import * as vscode from 'vscode';
import type { ResolvedConfig } from '../../core/config/config';
import type { EncodedModel } from '../../core/firmware/encoded-model';
import type { RunFolder } from '../../core/run/run-folder';
import { UserError } from '../../core/util/errors';
import {
  parseToHost,
  type Action,
  type DashboardState,
  type TabName,
  type ToHost,
  type ToPage,
} from '../../protocol/dashboard';
import { COMMAND, type CommandTarget } from '../commands';
import { pathKey } from '../path-key';
import type { RunChange, RunInfo, Services } from '../services';
import { curvesOf, type Curves } from './curves';
import type { Expectation } from './expectation';
import { page } from './page';
import { summaryOf } from './run-summary';
import { runLabel } from './run-label';
import { saveExport } from './save-export';
import { seenExample } from './seen-example';
import { dashboardState } from './state';
import { thinned } from './thin-curves';
import { weightMapOf } from './weights';

/** Milliseconds between two batches of changes. */
const BATCH = 250;
const NO_MODEL_YET = 'the run has no model yet; it is still training';

export class DashboardPanel implements vscode.Disposable {
  private readonly disposables: vscode.Disposable[] = [];
  private readonly whenDisposed: (() => void)[] = [];
  private disposed = false;
  private ready = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** The run a user chose; undefined follows the current one. */
  private chosen: string | undefined;
  private tab: TabName | undefined;
  private expected: { readonly key: string; value: Expectation | Error | undefined } | undefined;
  private model: { readonly runId: string; readonly value: EncodedModel } | undefined;
  private sentRun: string | undefined;
  private sentState = '';
  private sentRuns = '';
  /** Finding a config's workspace looks at the disk, and every run has a config. */
  private readonly labels = new Map<string, string>();
  private pending: Curves | undefined;

  constructor(
    private readonly services: Services,
    private readonly panel: vscode.WebviewPanel,
    readonly configFile: string,
  ) {
    panel.title = `EAST: ${this.configName()}`;
    panel.webview.options = {
      enableScripts: true,
      localResourceRoots: [
        vscode.Uri.joinPath(services.context.extensionUri, 'dist'),
        vscode.Uri.joinPath(services.context.extensionUri, 'media'),
      ],
    };
    this.disposables.push(
      panel.webview.onDidReceiveMessage((message: unknown) => this.receive(message)),
      panel.onDidChangeViewState(() => {
        // A hidden page is gone; it says when it is back.
        if (panel.visible) return;
        this.ready = false;
        this.sentRun = undefined;
        this.pending = undefined;
      }),
      panel.onDidDispose(() => this.dispose()),
      services.runs.onDidChange((change) => this.runChanged(change)),
      services.runs.onDidRemove(() => this.schedule()),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.schedule()),
      vscode.workspace.onDidSaveTextDocument((document) => {
        if (pathKey(document.uri.fsPath) !== pathKey(configFile)) return;
        if (this.expected?.key === configFile) this.expected = undefined;
        this.schedule();
      }),
    );
    panel.webview.html = this.html();
  }

  get title(): string {
    return this.panel.title;
  }

  onDidDispose(listener: () => void): void {
    this.whenDisposed.push(listener);
  }

  reveal(): void {
    this.panel.reveal();
  }

  showTab(tab: TabName): void {
    this.tab = tab;
    this.schedule();
  }

  showRun(runId: string | undefined): void {
    this.chosen = runId;
    this.schedule();
  }

  dispose(): void {
    // Called by the panel, too, when it is closed.
    if (this.disposed) return;
    this.disposed = true;
    for (const listener of this.whenDisposed) listener();
    clearTimeout(this.timer);
    this.timer = undefined;
    this.ready = false;
    while (this.disposables.length > 0) this.disposables.pop()?.dispose();
    this.panel.dispose();
  }

  private receive(value: unknown): void {
    const parsed = parseToHost(value);
    if (!parsed.ok) {
      this.services.output.warn(`dashboard: ignored a message (${parsed.problem})`);
      return;
    }
    this.handle(parsed.value).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      this.services.output.error(`dashboard: ${message}`);
      if (error instanceof UserError) void vscode.window.showErrorMessage(`EAST: ${message}`);
    });
  }

  private async handle(message: ToHost): Promise<void> {
    switch (message.type) {
      case 'ready':
        this.ready = true;
        this.sentRun = undefined;
        this.sentState = '';
        this.sentRuns = '';
        if (message.runId !== undefined && this.services.runs.get(message.runId) !== undefined) {
          this.chosen = message.runId;
        }
        this.flush();
        return;
      case 'action':
        await vscode.commands.executeCommand(COMMAND[message.action], this.target(message.action));
        return;
      case 'createConfig':
        await vscode.commands.executeCommand(COMMAND.createConfig);
        return;
      case 'selectRun':
        this.showRun(message.runId);
        return;
      case 'weights':
        await this.sendWeights(message);
        return;
      case 'example':
        await this.sendExample(message);
        return;
      case 'export': {
        const saved = await saveExport(message, this.services.configs.workspaceOf(this.configFile));
        if (saved !== undefined) this.send({ type: 'exported', message: `Saved ${saved}` });
        return;
      }
      case 'problem':
        this.services.output.warn(`dashboard: ${message.message}`);
    }
  }

  private target(action: Action): CommandTarget {
    const run = this.run();
    // A new run is of the config as it is now, not of the run that is shown.
    return run === undefined || action === 'run' || action === 'compare'
      ? { configFile: this.configFile }
      : { configFile: this.configFile, runId: run.id };
  }

  private async sendWeights(request: Extract<ToHost, { type: 'weights' }>): Promise<void> {
    const { request: id, runId, layer } = request;
    try {
      const model = await this.loadModel(runId);
      this.send({ type: 'weights', request: id, runId, layer, ...weightMapOf(model, layer) });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.send({ type: 'weightsFailed', request: id, message: error.message });
    }
  }

  private async sendExample(request: Extract<ToHost, { type: 'example' }>): Promise<void> {
    const { request: id, runId, index } = request;
    try {
      const folder = await this.folderOf(runId);
      const model = folder.loadModel();
      const examples = folder.loadExamples();
      if (model === undefined || examples === undefined) throw new UserError(NO_MODEL_YET);
      const example = seenExample(model.encoded.model, model, examples, index);
      this.send({ type: 'example', request: id, runId, example });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.send({ type: 'exampleFailed', request: id, message: error.message });
    }
  }

  private async folderOf(runId: string): Promise<RunFolder> {
    const run = this.services.runs.get(runId);
    if (run === undefined) throw new UserError(`there is no run ${runId} any more`);
    const { RunFolder } = await import('../../core/run/run-folder');
    return new RunFolder(run.path);
  }

  private async loadModel(runId: string): Promise<EncodedModel> {
    if (this.model?.runId === runId) return this.model.value;
    const loaded = (await this.folderOf(runId)).loadModel();
    if (loaded === undefined) throw new UserError(NO_MODEL_YET);
    this.model = { runId, value: loaded.encoded };
    return loaded.encoded;
  }

  private runChanged({ run, events, rewound }: RunChange): void {
    if (run.id === this.sentRun) {
      if (rewound || this.pending === undefined) {
        this.sentRun = undefined;
      } else {
        const added = curvesOf(events);
        this.pending.steps.push(...added.steps);
        this.pending.prunes.push(...added.prunes);
        this.pending.evaluations.push(...added.evaluations);
      }
    }
    this.schedule();
  }

  private schedule(): void {
    if (!this.ready || this.timer !== undefined) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.flush();
    }, BATCH);
  }

  private flush(): void {
    if (!this.ready) return;
    const run = this.run();
    this.sendIfChanged(this.state(run));
    this.sendCurves(run);
    this.sendRuns();
    if (this.tab !== undefined) this.send({ type: 'show', tab: this.tab });
    this.tab = undefined;
  }

  private sendIfChanged(state: DashboardState): void {
    const text = JSON.stringify(state);
    if (text === this.sentState) return;
    this.sentState = text;
    this.send({ type: 'state', state });
  }

  private sendCurves(run: RunInfo | undefined): void {
    const reset = this.sentRun !== run?.id || this.pending === undefined;
    const curves = reset
      ? thinned(curvesOf(run === undefined ? [] : this.services.runs.events(run.id)))
      : this.pending;
    this.pending = { steps: [], prunes: [], evaluations: [] };
    this.sentRun = run?.id;
    if (curves === undefined) return;
    const { steps, prunes, evaluations } = curves;
    if (!reset && steps.length + prunes.length + evaluations.length === 0) return;
    this.send({ type: 'curves', reset, steps, prunes, evaluations });
  }

  private sendRuns(): void {
    const runs = this.services.runs
      .all()
      .map((run) => summaryOf(run, this.labelOf(run.configFile)));
    const text = JSON.stringify(runs);
    if (text === this.sentRuns) return;
    this.sentRuns = text;
    this.send({ type: 'runs', runs });
  }

  private run(): RunInfo | undefined {
    const { runs } = this.services;
    const chosen = this.chosen === undefined ? undefined : runs.get(this.chosen);
    return chosen ?? runs.current(this.configFile);
  }

  private state(run: RunInfo | undefined): DashboardState {
    const { runs } = this.services;
    return dashboardState({
      configFile: this.configFile,
      configLabel: this.labelOf(this.configFile),
      name: run?.config?.name ?? this.configName(),
      restricted: !vscode.workspace.isTrusted,
      run,
      following: this.chosen === undefined || runs.get(this.chosen) === undefined,
      runs: runs.of(this.configFile).map((each) => ({ id: each.id, label: runLabel(each) })),
      expectation: this.expectation(run),
      runCount: runs.all().length,
    });
  }

  /** What is known by now; computed once for each run, and again when the config is saved. */
  private expectation(run: RunInfo | undefined): Expectation | Error | undefined {
    const key = run?.id ?? this.configFile;
    if (this.expected?.key !== key) {
      const entry: NonNullable<typeof this.expected> = { key, value: undefined };
      this.expected = entry;
      void this.expect(run?.config).then((value) => {
        entry.value = value;
        this.schedule();
      });
    }
    return this.expected?.value;
  }

  private async expect(recorded: ResolvedConfig | undefined): Promise<Expectation | Error> {
    try {
      const { readExpectation } = await import('./expect');
      return await readExpectation(
        this.configFile,
        this.services.configs.workspaceOf(this.configFile),
        recorded,
        this.services.models,
      );
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  private configName(): string {
    return this.labelOf(this.configFile)
      .replace(/^.*\//, '')
      .replace(/\.east\.json$/, '');
  }

  private labelOf(configFile: string): string {
    let label = this.labels.get(configFile);
    if (label === undefined) {
      const workspace = this.services.configs.workspaceOf(configFile);
      label = relative(workspace, configFile).replaceAll('\\', '/');
      this.labels.set(configFile, label);
    }
    return label;
  }

  private html(): string {
    const { webview } = this.panel;
    const uri = (name: string): string =>
      webview
        .asWebviewUri(vscode.Uri.joinPath(this.services.context.extensionUri, 'dist', name))
        .toString();
    return page({
      script: uri('dashboard.js'),
      style: uri('dashboard.css'),
      cspSource: webview.cspSource,
      nonce: randomBytes(16).toString('base64url'),
      configFile: this.configFile,
    });
  }

  private send(message: ToPage): void {
    if (this.ready) void this.panel.webview.postMessage(message);
  }
}
