/** The command of the wizard; the wizard itself, with planner and readers, is loaded when it is used. */
import * as vscode from 'vscode';
import { showError } from '../actions/show-error';
import { COMMAND } from '../commands';
import type { Services } from '../services';

export function registerCreateConfig(services: Services): vscode.Disposable {
  return vscode.commands.registerCommand(COMMAND.createConfig, async () => {
    try {
      const { createConfig } = await import('./create-config');
      return await createConfig(services);
    } catch (error) {
      await showError(services, 'create the config', error);
      return undefined;
    }
  });
}
