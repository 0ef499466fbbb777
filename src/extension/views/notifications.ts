/** Tells that a run has ended, once, with what to do next; also of one that ended while the window was closed. */
import * as vscode from 'vscode';
import type { CommandTarget } from '../commands';
import type { RunInfo, Services } from '../services';
import { endingOf, isWanted, WatchedRuns, type Ending, type NotificationLevel } from './run-ending';

const REMEMBERED = 'east.watchedRuns';

export function registerNotifications({ context, output, runs }: Services): vscode.Disposable {
  const watched = new WatchedRuns(context.workspaceState.get<string[]>(REMEMBERED, []));
  const remember = (): void => void context.workspaceState.update(REMEMBERED, watched.ids);

  const see = (run: RunInfo): void => {
    const before = watched.ids.length;
    const ended = watched.see(run);
    if (watched.ids.length !== before) remember();
    const ending = ended && endingOf(ended);
    if (ended === undefined || ending === undefined) return;
    log(output, ending);
    if (isWanted(ending, levelOf())) void notify(ending, ended);
  };
  runs.all().forEach(see);
  return vscode.Disposable.from(
    runs.onDidChange(({ run }) => see(run)),
    runs.onDidRemove((id) => {
      watched.forget(id);
      remember();
    }),
  );
}

function levelOf(): NotificationLevel {
  return vscode.workspace.getConfiguration('east').get<NotificationLevel>('notifications', 'all');
}

function log(output: vscode.LogOutputChannel, { severity, message }: Ending): void {
  if (severity === 'error') output.error(message);
  else if (severity === 'warning') output.warn(message);
  else output.info(message);
}

const SHOW = {
  information: vscode.window.showInformationMessage,
  warning: vscode.window.showWarningMessage,
  error: vscode.window.showErrorMessage,
} as const;

async function notify(ending: Ending, run: RunInfo): Promise<void> {
  const labels = ending.actions.map(({ label }) => label);
  const answer = await SHOW[ending.severity](ending.message, ...labels);
  const action = ending.actions.find(({ label }) => label === answer);
  if (action === undefined) return;
  const target: CommandTarget = { configFile: run.configFile, runId: run.id };
  await vscode.commands.executeCommand(action.command, target);
}
