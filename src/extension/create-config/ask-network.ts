/** Which network: one by name, or one of a file and what is done with it. */
import { basename, relative, resolve, sep } from 'node:path';
import * as vscode from 'vscode';
import { isInside } from '../../core/config/workspace';
import { defined, ifDefined } from '../../core/util/defined';
import { UserError } from '../../core/util/errors';
import type { Services } from '../services';
import type { Draft } from './answers';
import { pick, type Position, type Reply } from './multi-step';
import { architectureChoices, describeModel, useChoices } from './network-choices';
import { isAnswer, type Given } from './steps';
import { outputsOf } from './task-choices';

interface SourceItem extends vscode.QuickPickItem {
  readonly modelFile?: string;
}

/** A network that somebody trained, where the workspace has one, or one by name that is trained here. */
export async function askSource(
  services: Services,
  draft: Draft,
  files: readonly string[],
  position: Position,
): Promise<Reply<Given>> {
  const items: SourceItem[] = [
    { label: '$(layers) A network by name', detail: 'Trained here, on your data' },
    { label: 'Trained networks in this folder', kind: vscode.QuickPickItemKind.Separator },
    ...files.map((modelFile) => ({ label: `$(file-binary) ${modelFile}`, modelFile })),
  ];
  for (;;) {
    const reply = await pick(position, 'Network to begin with', items);
    if (!isAnswer(reply)) return reply;
    if (reply.modelFile === undefined) return {};
    try {
      const known = await withModelFile(services, draft, reply.modelFile);
      if (known !== undefined) return known;
    } catch (problem) {
      if (!(problem instanceof UserError)) throw problem;
      await vscode.window.showErrorMessage(`This network cannot be used. ${problem.message}`);
    }
  }
}

/** The network of a file, read while a progress tells so; undefined where that was cancelled. */
export async function withModelFile(
  { output, models }: Services,
  draft: Draft,
  modelFile: string,
): Promise<Draft | undefined> {
  const path = resolve(draft.folder, modelFile);
  if (!isInside(path, draft.folder)) {
    throw new UserError('the file must lie inside the workspace folder; copy it there', {
      file: path,
    });
  }
  const stop = new AbortController();
  const title = `Reading ${basename(modelFile)}`;
  const read = vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    (_, cancelled) => {
      cancelled.onCancellationRequested(() => stop.abort());
      return models.read(path, draft.folder, stop.signal);
    },
  );
  const known = await read.then(
    (model) => model,
    (error: unknown) => {
      if (stop.signal.aborted) return undefined;
      throw error;
    },
  );
  if (known === undefined) return undefined;
  const { facts, network, problem } = known;
  if (network === undefined) throw new UserError(problem, { file: path });
  output.info(`network read: ${path}`);
  const model = { ...defined({ facts }), network };
  const within = relative(draft.folder, path).split(sep).join('/');
  return { ...draft, imported: { modelFile: within, model } };
}

export async function askUse(
  { imported, flash = '' }: Draft,
  position: Position,
): Promise<Reply<Given>> {
  if (imported === undefined) return {};
  const items = useChoices(imported, flash);
  const placeholder = `${imported.modelFile}: ${describeModel(imported.model)}`;
  for (;;) {
    const reply = await pick(position, placeholder, items);
    if (!isAnswer(reply)) return reply;
    if (reply.problem === undefined) return { use: reply.use };
    await vscode.window.showErrorMessage(reply.problem);
  }
}

export async function askArchitecture(
  { input = [1, 1, 1], classes = 2, task, frontend }: Draft,
  position: Position,
): Promise<Reply<Given>> {
  const outputs = ifDefined(task, (kind) => outputsOf(kind, input));
  const setting = defined({ task, frontend });
  const items = architectureChoices(input, outputs ?? classes, setting).map(
    ({ architecture, summary, size }, i) => ({
      label: architecture,
      description: i === 0 ? `${summary} (suggested)` : summary,
      detail: size,
      architecture,
    }),
  );
  const reply = await pick(position, 'Network', items);
  if (!isAnswer(reply)) return reply;
  return { architecture: reply.architecture, ...defined({ classes: outputs }) };
}
