/** Entry of the extension: makes the services and wires the features, a line each. */
import * as vscode from 'vscode';
import { createServices } from './create-services';

export function activate(context: vscode.ExtensionContext): void {
  const output = vscode.window.createOutputChannel('EAST', { log: true });
  context.subscriptions.push(output);
  createServices(context, output);
}
