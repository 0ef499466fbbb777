/** What mends a diagnostic: edits of the config, or one of our commands. */
import * as vscode from 'vscode';
import type { Advice, Fix } from '../../core/advice/advice';
import { COMMAND } from '../commands';
import { CONFIG_SELECTOR, rangeOf } from './config-document';
import { shown, SOURCE } from './diagnostics';
import type { OpenConfigs } from './open-configs';

const KINDS = { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] };

export function registerQuickFixes(configs: OpenConfigs): vscode.Disposable {
  return vscode.languages.registerCodeActionsProvider(
    CONFIG_SELECTOR,
    {
      provideCodeActions(document, range, { diagnostics }) {
        const open = configs.get(document);
        if (open === undefined) return [];
        return shown(open)
          .filter(({ location }) => rangeOf(location).intersection(range) !== undefined)
          .flatMap((advice) => {
            const diagnostic = diagnostics.find(
              ({ source, code, message }) =>
                source === SOURCE && code === advice.code && message === advice.message,
            );
            return advice
              .fixes()
              .map((fix, i) => toAction(fix, document, advice, diagnostic, i === 0));
          });
      },
    },
    KINDS,
  );
}

function toAction(
  fix: Fix,
  document: vscode.TextDocument,
  advice: Advice,
  diagnostic: vscode.Diagnostic | undefined,
  first: boolean,
): vscode.CodeAction {
  const action = new vscode.CodeAction(fix.title, vscode.CodeActionKind.QuickFix);
  if (diagnostic !== undefined) action.diagnostics = [diagnostic];
  if (fix.kind === 'command') {
    const target = { configFile: document.uri.fsPath };
    action.command = { title: fix.title, command: COMMAND[fix.command], arguments: [target] };
    return action;
  }
  const edit = new vscode.WorkspaceEdit();
  for (const { offset, length, content } of fix.edits) {
    const range = new vscode.Range(
      document.positionAt(offset),
      document.positionAt(offset + length),
    );
    edit.replace(document.uri, range, content);
  }
  action.edit = edit;
  action.isPreferred = first && advice.severity === 'error';
  return action;
}
