/** Which data is trained on, and which column of it is the label. */
import { posix, relative, sep } from 'node:path';
import * as vscode from 'vscode';
import type { FoundDataset } from '../../core/dataset/found-dataset';
import { checkRows } from './check-answers';
import { describeGroup, groupedBy, suggestedWindow } from './table-groups';
import { defined, ifDefined } from '../../core/util/defined';
import { PLACEHOLDER, type Draft, type Imported } from './answers';
import { dataProblem, describeData, describeLabel } from './describe-data';
import { pick, type, type Position, type Reply } from './multi-step';
import { isAnswer, NOTHING, type Given } from './steps';

const SEARCH_MS = 8000;

interface DataItem extends vscode.QuickPickItem {
  readonly found?: FoundDataset;
  /** Why it cannot be chosen. */
  readonly problem?: string;
  readonly other?: 'hand' | 'none' | 'folder';
}

export async function askData(draft: Draft, position: Position): Promise<Reply<Given>> {
  const { folder, imported, use } = draft;
  const what = use === 'quantize' ? 'Examples of what the network will see' : 'Data to train on';
  const search = (where: string): Promise<DataItem[]> => searchFor(folder, where, imported);
  let searched = search(folder);
  for (;;) {
    const reply = await pick(position, what, searched);
    if (!isAnswer(reply)) return reply;
    if (reply.problem !== undefined) {
      await vscode.window.showErrorMessage(`This data cannot be used as it is. ${reply.problem}`);
      continue;
    }
    if (reply.found !== undefined) return reply.found;
    if (reply.other === 'none') return PLACEHOLDER;
    if (reply.other === 'hand') return {};
    const [chosen] =
      (await vscode.window.showOpenDialog({
        title: 'Folder with training data, inside the workspace folder',
        openLabel: 'Search Here',
        canSelectFiles: false,
        canSelectFolders: true,
        defaultUri: vscode.Uri.file(folder),
      })) ?? [];
    if (chosen !== undefined) searched = search(chosen.fsPath);
  }
}

async function searchFor(
  folder: string,
  where: string,
  imported: Imported | undefined,
): Promise<DataItem[]> {
  const { findDatasets } = await import('../../core/dataset/find-datasets');
  const prefix = relative(folder, where).split(sep).join('/');
  const move = (path: string): string => (prefix === '' ? path : posix.join(prefix, path));
  const found = (await findDatasets(where, { signal: AbortSignal.timeout(SEARCH_MS) })).map(
    (each) => ({
      ...each,
      train: move(each.train),
      ...defined({
        test: ifDefined(each.test, move),
        trainLabels: ifDefined(each.trainLabels, move),
        testLabels: ifDefined(each.testLabels, move),
      }),
    }),
  );
  const outside = prefix.startsWith('..');
  return [
    ...(outside ? [] : found).map((each) => ({
      label: `$(database) ${each.train}`,
      description: each.format,
      detail: describeData(each, imported),
      found: each,
      ...defined({ problem: dataProblem(each, imported) }),
    })),
    ...(found.length > 0 && !outside
      ? [{ label: '', kind: vscode.QuickPickItemKind.Separator }]
      : []),
    {
      label: '$(folder-opened) Search another folder...',
      ...(outside
        ? {
            detail:
              'The data must lie inside the workspace folder; a copy will do, a link will not',
          }
        : found.length === 0
          ? { detail: 'Nothing that looks like training data was found so far' }
          : {}),
      other: 'folder',
    },
    { label: '$(edit) Describe the data by hand', other: 'hand' },
    {
      label: '$(circle-slash) No data yet',
      detail: 'Start with placeholders; the editor marks them until the data is there',
      other: 'none',
    },
  ];
}

/** Which rows of a table belong together; left out where no column looks as if it said so. */
export async function askGroup(
  draft: Draft,
  position: Position,
): Promise<Reply<Given> | typeof NOTHING> {
  const { folder, train = '', test = '' } = draft;
  const { lookForGroups } = await import('../../core/dataset/look-at-data');
  const found = await lookForGroups(folder, { train, test }, folder);
  const groups = found.filter(({ column }) => column !== draft.label && column !== draft.told);
  if (groups.length === 0) return NOTHING;
  const items = [
    ...groups.map((group) => ({ label: group.column, detail: describeGroup(group), group })),
    { label: '$(circle-slash) None', detail: 'Every row stands for itself', group: undefined },
  ];
  const reply = await pick(
    position,
    'Column that says which recording, or whom, a row is of',
    items,
  );
  return isAnswer(reply) ? defined({ group: reply.group }) : reply;
}

export async function askWindow(draft: Draft, position: Position): Promise<Reply<Given>> {
  const { group } = draft;
  if (group === undefined) return {};
  const rows = await type(
    position,
    'Rows',
    `Rows of one ${group.column} that make an example; 1: each row is one`,
    String(suggestedWindow(group)),
    checkRows,
  );
  return isAnswer(rows) ? groupedBy(group, Number(rows), draft) : rows;
}

/** Chosen from the columns that it may be, else typed; what follows from it is read from the table. */
export async function askLabel(draft: Draft, position: Position): Promise<Reply<Given>> {
  const { labelChoices = [] } = draft;
  if (labelChoices.length > 0) {
    const items = [
      ...labelChoices.map((choice) => ({
        label: choice.label,
        detail: describeLabel(choice),
        choice,
      })),
      { label: '$(edit) Another column', choice: undefined },
    ];
    const reply = await pick(position, 'Column that holds the class', items);
    if (!isAnswer(reply)) return reply;
    if (reply.choice !== undefined) return reply.choice;
  }
  const label = await type(
    position,
    'Label Column',
    'Column that holds the class',
    'label',
    (text) =>
      text.trim() === '' ? { severity: 'error', message: 'The name of a column.' } : undefined,
  );
  if (!isAnswer(label)) return label;
  const { lookAtTable } = await import('../../core/dataset/look-at-data');
  const seen = await lookAtTable(draft.folder, draft.train ?? '', draft.folder, { label });
  return seen.label === undefined ? { label } : seen;
}
