/**
 * Advice as diagnostics. VS Code's own JSON support reports syntax errors and keys that stand twice, so we do not; the
 * schema it is given for our files (media/east.editor.schema.json) finds nothing wrong, so the rest is ours alone. A
 * config that names a `$schema` is checked against that by VS Code, and then not by us.
 */
import * as vscode from 'vscode';
import type { Advice, AdviceCode, Severity } from '../../core/advice/advice';
import { rangeOf } from './config-document';
import type { OpenConfig, OpenConfigs } from './open-configs';

export const SOURCE = 'EAST';

const SEVERITIES: Readonly<Record<Severity, vscode.DiagnosticSeverity>> = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  info: vscode.DiagnosticSeverity.Information,
  hint: vscode.DiagnosticSeverity.Hint,
};

export function registerDiagnostics(configs: OpenConfigs): vscode.Disposable {
  const collection = vscode.languages.createDiagnosticCollection('east');
  const show = (open: OpenConfig): void => {
    const { document } = open;
    collection.set(
      document.uri,
      shown(open).map((advice) => toDiagnostic(advice, document)),
    );
  };
  return vscode.Disposable.from(
    collection,
    configs.onDidChange(show),
    configs.onDidClose((uri) => collection.delete(uri)),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('json.validate')) configs.all().forEach(show);
    }),
  );
}

/** The advice that diagnostics show, which is what quick fixes are offered for. */
export function shown({ document, advised }: OpenConfig): Advice[] {
  const theirs = reportedByJson(document, advised.document.has(['$schema']));
  return advised.advice.filter(({ code }) => !theirs.has(code));
}

function reportedByJson(document: vscode.TextDocument, ownSchema: boolean): Set<AdviceCode> {
  const json = vscode.extensions.getExtension('vscode.json-language-features');
  const enabled = vscode.workspace.getConfiguration('json', document).get('validate.enable', true);
  const handled = document.languageId === 'jsonc' || document.languageId === 'json';
  if (json === undefined || !enabled || !handled) return new Set();
  return new Set(ownSchema ? ['syntax', 'duplicate-key', 'schema'] : ['syntax', 'duplicate-key']);
}

function toDiagnostic(advice: Advice, document: vscode.TextDocument): vscode.Diagnostic {
  const { message, severity, location, code, related } = advice;
  const diagnostic = new vscode.Diagnostic(rangeOf(location), message, SEVERITIES[severity]);
  diagnostic.source = SOURCE;
  diagnostic.code = code;
  diagnostic.relatedInformation = related.map(
    (place) =>
      new vscode.DiagnosticRelatedInformation(
        new vscode.Location(document.uri, rangeOf(place.location)),
        place.message,
      ),
  );
  return diagnostic;
}
