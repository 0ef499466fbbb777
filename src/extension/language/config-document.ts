/** Which documents are ours, and where our places lie in them. */
import * as vscode from 'vscode';
import type { Location } from '../../core/config/problem';
import { CONFIG_SUFFIX } from '../../core/config/template-choices';

/** For features that VS Code asks for; isConfigDocument leaves out what the pattern cannot. */
export const CONFIG_SELECTOR: vscode.DocumentSelector = {
  scheme: 'file',
  pattern: `**/*${CONFIG_SUFFIX}`,
};

/** A config on the disk, but not a run's own copy of one, nor an older version shown by source control. */
export function isConfigDocument({ uri }: Pick<vscode.TextDocument, 'uri'>): boolean {
  return uri.scheme === 'file' && uri.path.endsWith(CONFIG_SUFFIX) && !uri.path.includes('/.east/');
}

export function rangeOf({ line, column, length }: Location): vscode.Range {
  return new vscode.Range(line - 1, column - 1, line - 1, column - 1 + length);
}
