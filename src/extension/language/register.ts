/** Everything the editor says inside a `*.east.json`. */
import * as vscode from 'vscode';
import type { Services } from '../services';
import { registerDecorations } from './decorations';
import { registerDiagnostics } from './diagnostics';
import { registerHover } from './hover';
import { registerLenses } from './lenses';
import { OpenConfigs } from './open-configs';
import { registerQuickFixes } from './quick-fixes';

export function registerLanguageFeatures(services: Services): vscode.Disposable {
  const configs = new OpenConfigs(services);
  return vscode.Disposable.from(
    configs,
    registerDiagnostics(configs),
    registerQuickFixes(configs),
    registerLenses(services, configs),
    registerDecorations(configs),
    registerHover(services, configs),
  );
}
