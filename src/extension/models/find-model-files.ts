/** Which files of a workspace folder hold trained networks, by their names. */
import { relative, sep } from 'node:path';
import * as vscode from 'vscode';
import { modelFileEndings } from '../../core/models/file-endings';

const MOST_FILES = 50;
/** Other people's, or made. */
const SKIPPED = '{**/node_modules/**,**/.east/**,**/build/**,**/venv/**,**/.venv/**}';

/** Relative to the folder, with forward slashes, sorted. */
export async function findModelFiles(folder: string): Promise<string[]> {
  const pattern = `**/*{${modelFileEndings().join(',')}}`;
  const found = await vscode.workspace.findFiles(
    new vscode.RelativePattern(folder, pattern),
    SKIPPED,
    MOST_FILES,
  );
  return found.map(({ fsPath }) => relative(folder, fsPath).split(sep).join('/')).sort();
}
