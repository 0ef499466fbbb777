/** Makes the services, once for a window; everything heavy in them waits until it is asked for. */
import type * as vscode from 'vscode';
import { WorkspaceConfigIndex } from './config-index';
import { DiskRunIndex } from './runs/run-index';
import type { Services } from './services';
import { WorkerModelIndex } from './models/model-index';
import { BackgroundWorkers } from './worker/worker-control';

export function createServices(
  context: vscode.ExtensionContext,
  output: vscode.LogOutputChannel,
): Services {
  const configs = new WorkspaceConfigIndex(output);
  const runs = new DiskRunIndex(configs, output);
  const worker = new BackgroundWorkers(context, output, configs, runs);
  context.subscriptions.push(configs, runs, worker);
  const models = new WorkerModelIndex(worker);
  return { context, output, configs, runs, worker, models };
}
