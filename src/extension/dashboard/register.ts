/** The dashboard's commands and panels: one for each config, found again after the window was reloaded. */
import * as vscode from 'vscode';
import { parseSavedPanel } from '../../protocol/dashboard';
import { COMMAND, type CommandTarget } from '../commands';
import type { Services } from '../services';
import { DashboardPanel } from './panel';

/** As package.json names it in activationEvents. */
const VIEW_TYPE = 'east.dashboard';

export function registerDashboard(services: Services): vscode.Disposable {
  const panels = new Map<string, DashboardPanel>();

  const adopt = (panel: vscode.WebviewPanel, configFile: string): DashboardPanel => {
    const dashboard = new DashboardPanel(services, panel, configFile);
    panels.set(configFile, dashboard);
    dashboard.onDidDispose(() => {
      if (panels.get(configFile) === dashboard) panels.delete(configFile);
    });
    return dashboard;
  };

  const open = async (target: CommandTarget | undefined): Promise<DashboardPanel | undefined> => {
    const configFile = await configOf(services, target);
    if (configFile === undefined) return undefined;
    const existing = panels.get(configFile);
    existing?.reveal();
    const dashboard =
      existing ??
      adopt(
        vscode.window.createWebviewPanel(VIEW_TYPE, 'EAST', vscode.ViewColumn.Active, {}),
        configFile,
      );
    if (target?.runId !== undefined) dashboard.showRun(target.runId);
    return dashboard;
  };

  return vscode.Disposable.from(
    vscode.commands.registerCommand(COMMAND.openDashboard, async (target?: CommandTarget) => {
      await open(target);
    }),
    vscode.commands.registerCommand(COMMAND.compare, async (target?: CommandTarget) => {
      (await open(target))?.showTab('compare');
    }),
    vscode.window.registerWebviewPanelSerializer(VIEW_TYPE, {
      deserializeWebviewPanel(panel, state: unknown): Promise<void> {
        const saved = parseSavedPanel(state);
        // Without a config there is nothing to show; one panel per config, whatever was saved.
        if (!saved.ok || panels.has(saved.value.configFile)) panel.dispose();
        else adopt(panel, saved.value.configFile).showRun(saved.value.runId);
        return Promise.resolve();
      },
    }),
    {
      dispose: () => {
        for (const dashboard of [...panels.values()]) dashboard.dispose();
      },
    },
  );
}

/** The config that is meant: the target's, the active editor's, the only one, or the one the user picks. */
async function configOf(
  services: Services,
  target: CommandTarget | undefined,
): Promise<string | undefined> {
  if (target?.configFile !== undefined) return target.configFile;
  const run = target?.runId === undefined ? undefined : services.runs.get(target.runId);
  if (run !== undefined) return run.configFile;
  const configs = services.configs.all();
  const active = vscode.window.activeTextEditor?.document.uri.fsPath;
  if (active !== undefined && configs.includes(active)) return active;
  if (configs.length === 1) return configs[0];
  if (configs.length === 0) {
    const create = 'Create model config';
    const answer = await vscode.window.showInformationMessage(
      'EAST: there is no *.east.json in this workspace yet.',
      create,
    );
    if (answer === create) await vscode.commands.executeCommand(COMMAND.createConfig);
    return undefined;
  }
  const items = configs.map((file) => ({
    label: vscode.workspace.asRelativePath(file),
    file,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    placeHolder: 'Model config whose dashboard to open',
  });
  return picked?.file;
}
