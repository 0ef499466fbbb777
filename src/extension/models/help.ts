/** The page on what model files may hold, which comes with the package. */
import * as vscode from 'vscode';
import { COMMAND } from '../commands';
import type { Services } from '../services';

export function registerModelHelp({ context }: Services): vscode.Disposable {
  return vscode.commands.registerCommand(COMMAND.showModelHelp, () =>
    vscode.commands.executeCommand(
      'markdown.showPreview',
      vscode.Uri.joinPath(context.extensionUri, 'dist/docs/import.md'),
    ),
  );
}
