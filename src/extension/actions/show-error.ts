/** One clear notification for whatever went wrong, with a way on; everything else about it goes to the log. */
import { existsSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { formatUserError, type UserError } from '../../core/util/errors';
import { mendable } from '../../core/util/file-errors';
import type { Services } from '../services';

export interface NextStep {
  readonly label: string;
  readonly run: () => unknown;
}

/** @param doing what failed, as it follows "could not": `start training` */
export async function showError(
  { output }: Pick<Services, 'output'>,
  doing: string,
  thrown: unknown,
  steps: readonly NextStep[] = [],
): Promise<void> {
  const log: NextStep = { label: 'Show Log', run: () => output.show() };
  const error = mendable(thrown);
  if (error === undefined) {
    output.error(`could not ${doing}:`, thrown instanceof Error ? thrown : String(thrown));
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    await offer(`EAST could not ${doing}, because of a mistake of its own: ${message}`, [log]);
    return;
  }
  output.error(`could not ${doing}: ${formatUserError(error)}`);
  if (error.cause !== undefined) output.debug('caused by', String(error.cause));
  const [first = '', ...more] = error.message.split(/\r?\n/);
  const open = placeOf(error);
  const where = error.file === undefined ? '' : `${shortName(error.file)}: `;
  const stop = /[.?:;]$/.test(first) ? '' : '.';
  const rest = more.length > 0 ? `${stop} The log has all of it.` : '';
  await offer(`${where}${first}${rest}`, [
    ...steps,
    ...(open === undefined ? [] : [{ label: `Open ${basename(open.file)}`, run: open.open }]),
    ...(more.length > 0 || (steps.length === 0 && open === undefined) ? [log] : []),
  ]);
}

async function offer(message: string, steps: readonly NextStep[]): Promise<void> {
  const labels = steps.map(({ label }) => label);
  const answer = await vscode.window.showErrorMessage(message, ...labels);
  await steps.find(({ label }) => label === answer)?.run();
}

/** A file by its name, which the button repeats; a folder by its way from the workspace. */
function shortName(path: string): string {
  const isFile = statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
  return isFile ? basename(path) : vscode.workspace.asRelativePath(path);
}

/** The file an error is about, where it is one that an editor can show. */
function placeOf(error: UserError): { file: string; open: () => Promise<void> } | undefined {
  const { file, line = 1, column = 1 } = error;
  if (file === undefined || !existsSync(file) || !statSync(file).isFile()) return undefined;
  if (!/\.(json|jsonl|csv|c|h|txt|md)$/i.test(file)) return undefined;
  return {
    file,
    open: async () => {
      const position = new vscode.Position(line - 1, column - 1);
      const selection = new vscode.Range(position, position);
      await vscode.window.showTextDocument(vscode.Uri.file(file), { selection });
    },
  };
}
