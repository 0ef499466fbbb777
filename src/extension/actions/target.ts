/** Which config or run a command is about: what it was given, the active editor, the only one, or what the user picks. */
import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import { CONFIG_SUFFIX } from '../../core/config/template-choices';
import { COMMAND, type CommandTarget } from '../commands';
import { pathKey } from '../path-key';
import type { RunInfo, Services } from '../services';
import { configDescription, runDescription, startOf } from '../views/run-text';
import { defined } from '../../core/util/defined';

/** Menus of editors and the explorer hand over a Uri, those of the tree a node, which is a CommandTarget. */
export function targetOf(argument: unknown): CommandTarget {
  if (argument instanceof vscode.Uri) {
    return argument.fsPath.endsWith(CONFIG_SUFFIX) ? { configFile: argument.fsPath } : {};
  }
  if (typeof argument !== 'object' || argument === null) return {};
  const text = (value: unknown): string | undefined =>
    typeof value === 'string' ? value : undefined;
  const configFile = 'configFile' in argument ? text(argument.configFile) : undefined;
  const runId = 'runId' in argument ? text(argument.runId) : undefined;
  return {
    ...defined({ configFile, runId }),
  };
}

/**
 * Undefined where the user picks none, or there is none (which is said, with a way on).
 * @param placeHolder of the pick list
 * @param eligible which configs may be picked; those that are named by the target are taken as they are
 */
export async function chooseConfig(
  services: Services,
  argument: unknown,
  placeHolder: string,
  eligible: (configFile: string) => boolean = () => true,
): Promise<string | undefined> {
  const target = targetOf(argument);
  if (target.configFile !== undefined) return target.configFile;
  const run = target.runId === undefined ? undefined : services.runs.get(target.runId);
  if (run !== undefined) return run.configFile;
  const all = await allConfigs(services);
  if (all.length === 0) {
    await offerToCreate();
    return undefined;
  }
  const configs = all.filter(eligible);
  const active = vscode.window.activeTextEditor?.document.uri.fsPath;
  const edited = configs.find((file) => active !== undefined && pathKey(file) === pathKey(active));
  if (edited !== undefined) return edited;
  if (configs.length <= 1) return configs[0];
  const items = configs.map((file) => ({
    label: basename(file, CONFIG_SUFFIX),
    description: configDescription(services.runs.current(file), services.runs.lastGood(file)),
    detail: folderOf(file),
    file,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    placeHolder,
    matchOnDetail: true,
  });
  return picked?.file;
}

/**
 * The run of the target, else one of the config that is chosen. Undefined where the user picks none, or there is none.
 * @param eligible of the runs of one config, newest first, those that can be meant; the user is asked where they are several
 */
export async function chooseRun(
  services: Services,
  argument: unknown,
  placeHolder: string,
  eligible: (runs: readonly RunInfo[]) => readonly RunInfo[],
): Promise<RunInfo | undefined> {
  const { runId } = targetOf(argument);
  const named = runId === undefined ? undefined : services.runs.get(runId);
  if (named !== undefined) return named;
  const configFile = await chooseConfig(
    services,
    argument,
    placeHolder,
    (file) => eligible(services.runs.of(file)).length > 0,
  );
  if (configFile === undefined) return undefined;
  const runs = eligible(services.runs.of(configFile));
  if (runs.length <= 1) return runs[0];
  const now = new Date();
  const items = runs.map((run) => ({
    label: startOf(run),
    description: runDescription(run, now),
    run,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    placeHolder: `${runs.length} runs of ${basename(configFile, CONFIG_SUFFIX)}`,
  });
  return picked?.run;
}

/** Relative to the workspace; empty for its root. */
export function folderOf(configFile: string): string {
  const folder = vscode.workspace.asRelativePath(dirname(configFile), false);
  return folder === dirname(configFile) ? '' : folder;
}

/** The index may still be searching when a command is what activated the extension. */
async function allConfigs({ configs }: Services): Promise<readonly string[]> {
  const known = configs.all();
  if (known.length > 0) return known;
  const found = await vscode.workspace.findFiles(
    `**/*${CONFIG_SUFFIX}`,
    '**/{node_modules,.east}/**',
  );
  return found.map(({ fsPath }) => fsPath).sort();
}

async function offerToCreate(): Promise<void> {
  const create = 'Create Model Config';
  const answer = await vscode.window.showInformationMessage(
    'There is no *.east.json in this workspace yet.',
    create,
  );
  if (answer === create) await vscode.commands.executeCommand(COMMAND.createConfig);
}
