/** The WorkerControl: one client for every workspace folder, with VS Code's settings, trust and words around them. */
import * as vscode from 'vscode';
import type { VerifyOutcome } from '../../core/run/actions';
import { UserError } from '../../core/util/errors';
import type { Params, RequestName, Result } from '../../protocol/worker';
import { pathKey } from '../path-key';
import type { ConfigIndex, GeneratedSources, RunIndex, WorkerControl } from '../services';
import type { WorkerClient } from './worker-client';
import { defined } from '../../core/util/defined';

export class BackgroundWorkers implements WorkerControl, vscode.Disposable {
  readonly #clients = new Map<string, Promise<WorkerClient>>();
  readonly #progress = new Map<string, (message: string) => void>();
  readonly #following: vscode.Disposable;
  #nextProgress = 1;
  #disposed = false;

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly output: vscode.LogOutputChannel,
    private readonly configs: ConfigIndex,
    private readonly runs: RunIndex,
  ) {
    // After a reload of the window: hear from the process that is at work there.
    const known = new Set<string>();
    this.#following = runs.onDidChange(({ run }) => {
      if (run.activity !== 'running') known.delete(run.id);
      else if (!known.has(run.id)) {
        known.add(run.id);
        void this.#attach(run.workspace);
      }
    });
  }

  dispose(): void {
    this.#disposed = true;
    this.#following.dispose();
    for (const client of this.#clients.values()) {
      client.then(
        (made) => made.dispose(),
        () => undefined,
      );
    }
  }

  async start(configFile: string): Promise<{ readonly runId: string }> {
    const workspace = this.configs.workspaceOf(configFile);
    const params = { configFile, priority: priority() };
    const started = await this.#request(workspace, 'run/start', params);
    await this.runs.refresh();
    return started;
  }

  async resume(runId: string): Promise<void> {
    await this.#request(this.#workspaceOfRun(runId), 'run/resume', {
      runId,
      priority: priority(),
    });
    await this.runs.refresh();
  }

  async stop(runId: string): Promise<void> {
    await this.#request(this.#workspaceOfRun(runId), 'run/stop', { runId });
    await this.runs.refresh();
  }

  async generate(
    configFile: string,
    { runId, force }: { readonly runId?: string; readonly force: boolean },
  ): Promise<GeneratedSources> {
    return this.#request(this.configs.workspaceOf(configFile), 'sources/generate', {
      configFile,
      force,
      ...defined({ runId }),
    });
  }

  async verify(
    configFile: string,
    { runId, onMessage, token }: Parameters<WorkerControl['verify']>[1],
  ): Promise<VerifyOutcome> {
    const progress = String(this.#nextProgress++);
    this.#progress.set(progress, onMessage);
    const cancelled = new AbortController();
    if (token?.isCancellationRequested) cancelled.abort();
    const subscription = token?.onCancellationRequested(() => cancelled.abort());
    try {
      return await this.#request(
        this.configs.workspaceOf(configFile),
        'sources/verify',
        { configFile, progress, ...defined({ runId }) },
        cancelled.signal,
      );
    } catch (error) {
      if (cancelled.signal.aborted) throw new vscode.CancellationError();
      throw error;
    } finally {
      subscription?.dispose();
      this.#progress.delete(progress);
    }
  }

  readModel(file: string, workspace: string, signal?: AbortSignal): Promise<Result<'model/read'>> {
    return this.#request(workspace, 'model/read', { file }, signal);
  }

  #workspaceOfRun(runId: string): string {
    const run = this.runs.get(runId);
    if (run === undefined) throw new UserError(`there is no run ${runId} any more`);
    return run.workspace;
  }

  async #request<Name extends RequestName>(
    workspace: string,
    name: Name,
    params: Params<Name>,
    signal?: AbortSignal,
  ): Promise<Result<Name>> {
    if (!vscode.workspace.isTrusted) {
      throw new UserError(
        'training, writing sources and reading model files need a trusted workspace; trust it with "Workspaces: Manage Workspace Trust"',
      );
    }
    const client = await this.#client(workspace);
    return client.request(name, params, signal);
  }

  async #attach(workspace: string): Promise<void> {
    if (!vscode.workspace.isTrusted || this.#disposed) return;
    try {
      await (await this.#client(workspace)).attach();
    } catch (error) {
      this.output.warn(`the background process for ${workspace}: ${String(error)}`);
    }
  }

  #client(workspace: string): Promise<WorkerClient> {
    if (this.#disposed) throw new UserError('this window is closing');
    const key = pathKey(workspace);
    let client = this.#clients.get(key);
    if (client === undefined) {
      client = this.#make(workspace);
      this.#clients.set(key, client);
    }
    return client;
  }

  async #make(workspace: string): Promise<WorkerClient> {
    const [{ WorkerClient }, { launchWorker }] = await Promise.all([
      import('./worker-client'),
      import('./launch-worker'),
    ]);
    const version = versionOf(this.context);
    return new WorkerClient({
      workspace,
      version,
      launch: () => {
        this.output.info(`starting the background process for ${workspace}`);
        const node = setting('worker.node', '').trim();
        return launchWorker({
          program: this.context.asAbsolutePath('dist/worker.mjs'),
          node: node === '' ? process.execPath : node,
          workspace,
        });
      },
      onNotification: (_name, payload) => {
        if ('queued' in payload) void this.runs.refresh();
        else if ('runId' in payload) this.output.info(`${payload.runId}: ${payload.text}`);
        else this.#progress.get(payload.progress)?.(payload.text);
      },
      onClose: () => {
        this.output.info(`the background process for ${workspace} has hung up`);
        void this.runs.refresh();
      },
      onOtherVersion: (other) => {
        void vscode.window.showInformationMessage(
          `EAST ${other} is still training in this folder. You can watch and stop it; EAST ${version} starts new runs when it has finished.`,
        );
      },
    });
  }
}

function versionOf({ extension }: vscode.ExtensionContext): string {
  const manifest: unknown = extension.packageJSON;
  const found =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest
      ? manifest.version
      : undefined;
  return typeof found === 'string' ? found : 'unknown';
}

function setting(name: string, otherwise: string): string {
  const value = vscode.workspace.getConfiguration('east').get<unknown>(name);
  return typeof value === 'string' ? value : otherwise;
}

function priority(): Params<'run/start'>['priority'] {
  return setting('worker.priority', 'low') === 'normal' ? 'normal' : 'low';
}
