/** The command of the wizard; the wizard itself, with planner and readers, is loaded when it is used. */
import * as vscode from 'vscode';
import { showError } from '../actions/show-error';
import { COMMAND } from '../commands';
import type { Services } from '../services';

export function registerCreateConfig(services: Services): vscode.Disposable {
  const create = async (modelFile?: string): Promise<string | undefined> => {
    try {
      const { createConfig } = await import('./create-config');
      return await createConfig(services, modelFile);
    } catch (error) {
      await showError(services, 'create the config', error);
      return undefined;
    }
  };
  return vscode.Disposable.from(
    vscode.commands.registerCommand(COMMAND.createConfig, () => create()),
    // The Explorer gives the file; from the palette it is asked for.
    vscode.commands.registerCommand(COMMAND.createConfigFromModel, async (file: unknown) => {
      if (file instanceof vscode.Uri) return create(file.fsPath);
      const [chosen] =
        (await vscode.window.showOpenDialog({
          title: 'Trained network, inside the workspace folder',
          openLabel: 'Create Config',
        })) ?? [];
      return chosen && create(chosen.fsPath);
    }),
  );
}
