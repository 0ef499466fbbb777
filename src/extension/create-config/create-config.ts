/** The Create Model Config wizard: from data in the workspace to a config that can be trained. */
import { existsSync } from 'node:fs';
import * as vscode from 'vscode';
import { draftConfig } from '../../core/advice/draft-config';
import { isInside } from '../../core/config/workspace';
import { writeFileAtomic } from '../../core/run/atomic-file';
import { UserError } from '../../core/util/errors';
import { requireTrust } from '../actions/trust';
import type { Services } from '../services';
import type { Draft } from './answers';
import { withModelFile } from './ask-network';
import { complete } from './complete';
import { askAll } from './steps';
import { choicesOf, fileOf } from './template-of-answers';
import { stepsFor } from './wizard-steps';

/**
 * Answers the new file's path.
 *
 * @param modelFile to begin with, relative to the workspace folder or absolute
 */
export async function createConfig(
  services: Services,
  modelFile?: string,
): Promise<string | undefined> {
  if (!(await requireTrust('write a config'))) return undefined;
  const folders = (vscode.workspace.workspaceFolders ?? []).filter(
    ({ uri }) => uri.scheme === 'file',
  );
  const [folder] = folders;
  if (folder === undefined) {
    const open = 'Open Folder';
    const answer = await vscode.window.showInformationMessage(
      'Open the folder of your firmware project first; the config is kept in it.',
      open,
    );
    if (answer === open) await vscode.commands.executeCommand('workbench.action.files.openFolder');
    return undefined;
  }
  const home = modelFile === undefined ? folder : (folderOf(modelFile, folders) ?? folder);
  const start: Draft = { folder: home.uri.fsPath };
  const known = modelFile === undefined ? start : await withModelFile(services, start, modelFile);
  if (known === undefined) return undefined;
  const { findModelFiles } = await import('../models/find-model-files');
  const models = new Map<string, readonly string[]>();
  for (const { uri } of folders) models.set(uri.fsPath, await findModelFiles(uri.fsPath));
  const answers = await askAll(stepsFor(services, folders, models), known);
  return answers && write(services, answers);
}

function folderOf(
  file: string,
  folders: readonly vscode.WorkspaceFolder[],
): vscode.WorkspaceFolder | undefined {
  return folders.find(({ uri }) => isInside(file, uri.fsPath));
}

async function write({ configs, output }: Services, draft: Draft): Promise<string> {
  const answers = complete(draft);
  const file = fileOf(answers);
  const { text, errors } = draftConfig(choicesOf(answers), file, configs.workspaceOf(file));
  const [problem] = errors;
  if (problem !== undefined) throw new UserError(problem);
  if (existsSync(file)) throw new UserError('the file exists already', { file });
  writeFileAtomic(file, text);
  output.info(`config written: ${file}`);
  const document = await vscode.workspace.openTextDocument(file);
  await vscode.window.showTextDocument(document, { preview: false });
  return file;
}
