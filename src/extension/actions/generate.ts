/** Regenerate: the sources of the last good run into the firmware tree, what changed, and the way to see or verify it. */
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { ResolvedConfig } from '../../core/config/config';
import { UserError } from '../../core/util/errors';
import { COMMAND, type CommandTarget } from '../commands';
import type { GeneratedSources, RunInfo, Services } from '../services';
import { nameOf } from '../views/run-text';
import { PreviousSources } from './previous-sources';
import { showError } from './show-error';
import { changeLines, hasChanges, refusalOf, summaryOf } from './sources-text';
import { chooseConfig, targetOf } from './target';
import { requireTrust } from './trust';

export function registerGenerate(services: Services): vscode.Disposable {
  const previous = new PreviousSources();
  return vscode.Disposable.from(
    previous,
    vscode.commands.registerCommand(COMMAND.generate, async (argument?: unknown) => {
      try {
        return await generate(services, previous, argument);
      } catch (error) {
        await showError(services, 'write the sources', error);
        return undefined;
      }
    }),
  );
}

/** Answers what was written as soon as it is: the notification about it may stay for as long as it likes. */
async function generate(
  services: Services,
  previous: PreviousSources,
  argument: unknown,
): Promise<GeneratedSources | undefined> {
  if (!(await requireTrust('write sources'))) return undefined;
  const configFile = await chooseConfig(
    services,
    argument,
    'Model config whose sources to write',
    (file) => services.runs.lastGood(file) !== undefined,
  );
  if (configFile === undefined) return undefined;
  const run = runToWrite(services, configFile, argument);
  if (run === undefined) {
    void offerTraining(configFile);
    return undefined;
  }
  if (!(await wantedAsItWas(services, configFile, run))) return undefined;
  const written = await write(services, previous, configFile, run, false);
  if (written === undefined) return undefined;
  services.output.info(`sources of ${run.id} in ${written.directory}: ${summaryOf(written.files)}`);
  for (const line of changeLines(written.files)) services.output.info(line);
  void tell(previous, configFile, run, written);
  return written;
}

/** The run of the target where it can be used, else the config's last good one. */
function runToWrite(
  { runs }: Services,
  configFile: string,
  argument: unknown,
): RunInfo | undefined {
  const { runId } = targetOf(argument);
  const named = runId === undefined ? undefined : runs.get(runId);
  return named?.report === undefined ? runs.lastGood(configFile) : named;
}

/**
 * Whether a run whose config has changed since is to be written all the same: its sources are not what the config asks
 * for, and would be called out of date at once. A config that cannot be read just now is being typed in.
 */
async function wantedAsItWas(
  services: Services,
  configFile: string,
  run: RunInfo,
): Promise<boolean> {
  const changes =
    run.config === undefined ? [] : await changesSince(run.config, configFile, services);
  if (changes.length === 0) return true;
  const [train, write] = ['Run Training', 'Write As It Was'];
  const answer = await vscode.window.showWarningMessage(
    `The config has changed since ${nameOf(run)}.`,
    {
      modal: true,
      detail: `${changes.join(', ')}\n\nThe sources would be those of that run, and be called out of date.`,
    },
    train,
    write,
  );
  const target: CommandTarget = { configFile };
  if (answer === train) await vscode.commands.executeCommand(COMMAND.run, target);
  return answer === write;
}

async function changesSince(
  recorded: ResolvedConfig,
  configFile: string,
  { configs, models }: Services,
): Promise<string[]> {
  const [{ loadConfigAndKnown }, { configChanges }] = await Promise.all([
    import('../models/load-known'),
    import('../../core/config/config-identity'),
  ]);
  try {
    const workspace = configs.workspaceOf(configFile);
    const { config } = await loadConfigAndKnown(configFile, workspace, models);
    return configChanges(recorded, config);
  } catch (error) {
    if (error instanceof UserError) return [];
    throw error;
  }
}

async function write(
  services: Services,
  previous: PreviousSources,
  configFile: string,
  run: RunInfo,
  force: boolean,
): Promise<GeneratedSources | undefined> {
  const { worker } = services;
  const directory = run.config?.firmware.directory;
  const keep = directory === undefined ? undefined : previous.read(directory);
  try {
    const written = await vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Window,
        title: `$(sync~spin) EAST: writing the sources of ${nameOf(run)}`,
      },
      () => worker.generate(configFile, { runId: run.id, force }),
    );
    if (hasChanges(written)) keep?.();
    return written;
  } catch (error) {
    const refusal = error instanceof UserError ? refusalOf(error.message) : undefined;
    if (refusal === undefined || force || directory === undefined) throw error;
    return (await mayOverwrite(refusal, directory))
      ? write(services, previous, configFile, run, true)
      : undefined;
  }
}

/** Modal: nothing else in the editor loses what somebody has typed without asking. */
async function mayOverwrite(refusal: string, directory: string): Promise<boolean> {
  const [overwrite, show] = ['Overwrite', 'Show Files'];
  const answer = await vscode.window.showWarningMessage(
    'Overwrite edited files?',
    { modal: true, detail: `${refusal}\n\nOverwriting loses what was changed in them.` },
    overwrite,
    show,
  );
  if (answer === show) await showEdited(directory);
  return answer === overwrite;
}

/** Against what is committed, where the files are under version control. */
async function showEdited(directory: string): Promise<void> {
  const { checkSources } = await import('../../core/firmware/check-sources');
  const { state, details } = checkSources(directory, {});
  const files = state === 'edited' ? details : [];
  if (files.length === 0) {
    await vscode.commands.executeCommand('revealInExplorer', vscode.Uri.file(directory));
    return;
  }
  for (const name of files) {
    const uri = vscode.Uri.file(join(directory, name));
    await vscode.window.showTextDocument(uri, { preview: false });
    if (hasGit()) await vscode.commands.executeCommand('git.openChange', uri);
  }
}

async function offerTraining(configFile: string): Promise<void> {
  const train = 'Run Training';
  const answer = await vscode.window.showInformationMessage(
    'There is no finished run yet whose sources could be written.',
    train,
  );
  const target: CommandTarget = { configFile };
  if (answer === train) await vscode.commands.executeCommand(COMMAND.run, target);
}

async function tell(
  previous: PreviousSources,
  configFile: string,
  run: RunInfo,
  written: GeneratedSources,
): Promise<void> {
  const [changes, verify, scm] = ['Show Changes', 'Verify', 'Source Control'];
  const changed = hasChanges(written);
  const buttons = [...(changed ? [changes] : []), verify, ...(changed && hasGit() ? [scm] : [])];
  const answer = await vscode.window.showInformationMessage(
    `${nameOf(run)}: ${summaryOf(written.files)} in ${vscode.workspace.asRelativePath(written.directory)}.`,
    ...buttons,
  );
  if (answer === changes) await previous.show(written);
  if (answer === scm) await vscode.commands.executeCommand('workbench.view.scm');
  const target: CommandTarget = { configFile, runId: run.id };
  if (answer === verify) await vscode.commands.executeCommand(COMMAND.verify, target);
}

function hasGit(): boolean {
  return vscode.extensions.getExtension('vscode.git')?.isActive === true;
}
