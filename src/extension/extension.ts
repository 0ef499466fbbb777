/** Entry of the extension: makes the services and wires the features, a line each. */
import * as vscode from 'vscode';
import { registerContextKeys } from './actions/context-keys';
import { registerGenerate } from './actions/generate';
import { registerRunCommands } from './actions/run';
import { registerCreateConfig } from './create-config/register';
import { registerDashboard } from './dashboard/register';
import { registerLanguageFeatures } from './language/register';
import { registerModelHelp } from './models/help';
import { registerTests } from './verify/tests';
import { registerNotifications } from './views/notifications';
import { registerStatusBar } from './views/status-bar';
import { registerTree } from './views/tree';
import { createServices } from './create-services';

export function activate(context: vscode.ExtensionContext): void {
  const output = vscode.window.createOutputChannel('EAST', { log: true });
  context.subscriptions.push(output);
  const services = createServices(context, output);
  context.subscriptions.push(
    registerContextKeys(services),
    registerRunCommands(services),
    registerGenerate(services),
    registerCreateConfig(services),
    registerDashboard(services),
    registerLanguageFeatures(services),
    registerModelHelp(services),
    registerTests(services),
    registerTree(services),
    registerStatusBar(services),
    registerNotifications(services),
  );
}
