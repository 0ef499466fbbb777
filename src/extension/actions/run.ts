/** Run, stop, resume and the log. */
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { CONFIG_SUFFIX } from '../../core/config/template-choices';
import { UserError } from '../../core/util/errors';
import { COMMAND } from '../commands';
import { pathKey } from '../path-key';
import { canResume, isActive, stoppable } from '../runs/activity';
import type { RunInfo, Services } from '../services';
import { nameOf } from '../views/run-text';
import { showError, type NextStep } from './show-error';
import { chooseConfig, chooseRun, targetOf } from './target';
import { requireTrust } from './trust';

export function registerRunCommands(services: Services): vscode.Disposable {
  const { registerCommand } = vscode.commands;
  return vscode.Disposable.from(
    registerCommand(COMMAND.run, (argument?: unknown) => run(services, argument)),
    registerCommand(COMMAND.stop, (argument?: unknown) => stop(services, argument)),
    registerCommand(COMMAND.resume, (argument?: unknown) => resume(services, argument)),
    registerCommand(COMMAND.showLog, () => services.output.show()),
  );
}

/** Answers the run's id, for those who call the command. */
async function run(services: Services, argument: unknown): Promise<string | undefined> {
  if (!(await requireTrust('train'))) return undefined;
  const configFile = await chooseConfig(services, argument, 'Model config to train');
  if (configFile === undefined) return undefined;
  const name = basename(configFile, CONFIG_SUFFIX);
  return whileStarting(services, `Starting training of ${name}`, 'start training', async () => {
    await saveConfig(configFile);
    services.output.info(`starting a run of ${configFile}`);
    return (await services.worker.start(configFile)).runId;
  });
}

async function resume(services: Services, argument: unknown): Promise<void> {
  if (!(await requireTrust('train'))) return;
  const found = await chooseRun(services, argument, 'Model config to resume', (runs) =>
    runs.filter(canResume).slice(0, 1),
  );
  if (found === undefined) {
    const start = 'Run Training';
    const answer = await vscode.window.showInformationMessage(
      'There is no stopped run to resume.',
      start,
    );
    if (answer === start) await vscode.commands.executeCommand(COMMAND.run, targetOf(argument));
    return;
  }
  await whileStarting(services, `Resuming ${nameOf(found)}`, 'resume training', async () => {
    services.output.info(`resuming ${found.id}`);
    await services.worker.resume(found.id);
    return found.id;
  });
}

async function stop(services: Services, argument: unknown): Promise<void> {
  const found = await chooseRun(services, argument, 'Model config to stop', stoppable);
  // A button may be older than the run's end.
  if (found === undefined || !isActive(found)) {
    void vscode.window.showInformationMessage('Nothing is training now.');
    return;
  }
  try {
    services.output.info(`stopping ${found.id}`);
    await services.worker.stop(found.id);
  } catch (error) {
    await showError(services, 'stop training', error);
  }
}

/**
 * A notification that can be cancelled, up to the first step; from there on status bar and tree show the run. A queued
 * run is as good as started: it is told from the others there.
 */
async function whileStarting(
  services: Services,
  title: string,
  doing: string,
  start: () => Promise<string>,
): Promise<string | undefined> {
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  try {
    return await vscode.window.withProgress(options, async (progress, token) => {
      const runId = await start();
      progress.report({ message: 'preparing the data' });
      const cancel = (): void => {
        services.worker.stop(runId).catch((error: unknown) => {
          void showError(services, 'stop training', error);
        });
      };
      if (token.isCancellationRequested) cancel();
      const cancelled = token.onCancellationRequested(cancel);
      await started(services, runId, token);
      cancelled.dispose();
      return runId;
    });
  } catch (error) {
    await showError(services, doing, error, stepsAfter(error));
    return undefined;
  }
}

function stepsAfter(error: unknown): NextStep[] {
  return error instanceof UserError && error.file !== undefined
    ? [
        {
          label: 'Show Problems',
          run: () => vscode.commands.executeCommand('workbench.panel.markers.view.focus'),
        },
      ]
    : [];
}

async function started(
  { runs }: Services,
  runId: string,
  token: vscode.CancellationToken,
): Promise<void> {
  const before = runs.get(runId);
  const isUnderWay = (run: RunInfo | undefined): boolean => {
    if (run === undefined) return false;
    // What is not active any more has ended, perhaps without a word in its log.
    if (run.activity === 'queued' || !isActive(run)) return true;
    return run.lastStep !== undefined && run.lastStep !== before?.lastStep;
  };
  if (isUnderWay(runs.get(runId))) return;
  const listeners: vscode.Disposable[] = [];
  await new Promise<void>((done) => {
    listeners.push(
      token.onCancellationRequested(() => done()),
      runs.onDidRemove((id) => id === runId && done()),
      runs.onDidChange((change) => {
        if (change.run.id === runId && isUnderWay(change.run)) done();
      }),
    );
  });
  vscode.Disposable.from(...listeners).dispose();
}

/** As everything that runs a file does: what is trained is what is on the disk. */
export async function saveConfig(configFile: string): Promise<void> {
  const document = vscode.workspace.textDocuments.find(
    ({ uri }) => uri.scheme === 'file' && pathKey(uri.fsPath) === pathKey(configFile),
  );
  if (document?.isDirty !== true || (await document.save())) return;
  throw new UserError('the config has unsaved changes that could not be saved', {
    file: configFile,
  });
}
