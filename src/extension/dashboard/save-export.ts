/** Where an exported chart or table goes: the user says, and the file is there whole or not at all. */
import { basename, join } from 'node:path';
import * as vscode from 'vscode';
import { writeFileAtomic } from '../../core/run/atomic-file';
import type { ToHost } from '../../protocol/dashboard';

const KINDS = { svg: 'SVG image', png: 'PNG image', csv: 'CSV table' } as const;

/** The file's name, or undefined where the user changed their mind. Throws UserError where it cannot be written. */
export async function saveExport(
  { format, name, content }: Extract<ToHost, { type: 'export' }>,
  folder: string,
): Promise<string | undefined> {
  const uri = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.file(join(folder, `${name}.${format}`)),
    filters: { [KINDS[format]]: [format] },
    title: `Export as ${format.toUpperCase()}`,
  });
  if (uri === undefined) return undefined;
  const bytes = Buffer.from(content, format === 'png' ? 'base64' : 'utf8');
  if (uri.scheme === 'file') writeFileAtomic(uri.fsPath, bytes);
  else await vscode.workspace.fs.writeFile(uri, bytes);
  return basename(uri.path);
}
