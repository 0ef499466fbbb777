/** The dashboard's commands and panels: one for each config, found again after the window was reloaded. */
import * as vscode from 'vscode';
import { chooseConfig, targetOf } from '../actions/target';
import { COMMAND } from '../commands';
import { pathKey } from '../path-key';
import type { Services } from '../services';
import type { DashboardPanel } from './panel';

/** As package.json names it in activationEvents. */
const VIEW_TYPE = 'east.dashboard';

/**
 * A tab from before a reload becomes a panel when it is first shown. One that was not is closed in favour of the panel
 * that has its title and is in front now: there is one for each config.
 */
async function closeUnrestored(title: string): Promise<void> {
  const others = vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .filter(
      ({ input, label, isActive }) =>
        input instanceof vscode.TabInputWebview &&
        input.viewType.endsWith(VIEW_TYPE) &&
        label === title &&
        !isActive,
    );
  await vscode.window.tabGroups.close(others, true);
}

export function registerDashboard(services: Services): vscode.Disposable {
  const panels = new Map<string, DashboardPanel>();

  /** Takes over `make`'s panel, unless the config has one by now. */
  const adopt = async (
    configFile: string,
    make: () => vscode.WebviewPanel,
  ): Promise<DashboardPanel> => {
    // Nobody who opens no dashboard should wait for its code.
    const { DashboardPanel } = await import('./panel');
    const key = pathKey(configFile);
    const existing = panels.get(key);
    if (existing !== undefined) return existing;
    const dashboard = new DashboardPanel(services, make(), configFile);
    panels.set(key, dashboard);
    await closeUnrestored(dashboard.title);
    dashboard.onDidDispose(() => panels.delete(key));
    return dashboard;
  };

  const open = async (argument: unknown): Promise<DashboardPanel | undefined> => {
    const configFile = await chooseConfig(services, argument, 'Config whose dashboard to open');
    if (configFile === undefined) return undefined;
    const dashboard = await adopt(configFile, () =>
      vscode.window.createWebviewPanel(VIEW_TYPE, 'EAST', vscode.ViewColumn.Active, {}),
    );
    dashboard.reveal();
    const { runId } = targetOf(argument);
    if (runId !== undefined) dashboard.showRun(runId);
    return dashboard;
  };

  return vscode.Disposable.from(
    vscode.commands.registerCommand(COMMAND.openDashboard, async (argument: unknown) => {
      await open(argument);
    }),
    vscode.commands.registerCommand(COMMAND.compare, async (argument: unknown) => {
      (await open(argument))?.showTab('compare');
    }),
    vscode.window.registerWebviewPanelSerializer(VIEW_TYPE, {
      async deserializeWebviewPanel(panel, state: unknown): Promise<void> {
        const { parseSavedPanel } = await import('../../protocol/dashboard');
        const saved = parseSavedPanel(state);
        let used = false;
        if (saved.ok) {
          const { configFile, runId } = saved.value;
          const dashboard = await adopt(configFile, () => {
            used = true;
            return panel;
          });
          if (used) dashboard.showRun(runId);
        }
        // Without a config there is nothing to show; and there is one panel per config, whatever was saved.
        if (!used) {
          const why = saved.ok ? 'its config has one already' : saved.problem;
          services.output.info(`dashboard: did not restore a panel (${why})`);
          panel.dispose();
        }
      },
    }),
    {
      dispose: () => {
        for (const dashboard of [...panels.values()]) dashboard.dispose();
      },
    },
  );
}
