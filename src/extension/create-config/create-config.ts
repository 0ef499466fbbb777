/** The Create Model Config wizard: from data in the workspace to a config that can be trained. */
import { existsSync } from 'node:fs';
import { basename, relative, resolve, sep } from 'node:path';
import * as vscode from 'vscode';
import { TARGETS, targetCalled } from '../../core/firmware/targets/targets';
import { draftConfig } from '../../core/advice/draft-config';
import { FORMATS, parseShape, PRESETS } from '../../core/config/template-choices';
import type { DatasetConfig } from '../../core/config/config';
import { isInside } from '../../core/config/workspace';
import type { FoundDataset } from '../../core/dataset/found-dataset';
import { DEFAULT_WIDTH } from '../../core/models/architectures';
import { writeFileAtomic } from '../../core/run/atomic-file';
import { UserError } from '../../core/util/errors';
import { requireTrust } from '../actions/trust';
import type { Services } from '../services';
import { BACK, pick, type, type Position, type Reply } from './multi-step';
import {
  architectureChoices,
  outputsOf,
  taskChoices,
  checkClasses,
  checkDataPath,
  checkFile,
  checkFlash,
  checkInput,
  checkPath,
  checkRam,
  checkWidth,
  choicesOf,
  dataProblem,
  describeData,
  describeLabel,
  fileOf,
  PLACEHOLDER,
  suggestedBudget,
  suggestedFile,
  suggestedFirmware,
  useChoices,
  describeModel,
  type Answers,
  type Draft,
  type Imported,
  type ImportAnswers,
} from './wizard-model';
import { defined, ifDefined } from '../../core/util/defined';

const TITLE = 'Create Model Config';
const SEARCH_MS = 8000;

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

function complete(draft: Draft): Answers | ImportAnswers {
  const { format, train, test, input, classes, architecture, width } = draft;
  const { flash, ram, firmware, file, imported, use } = draft;
  if (imported !== undefined && use !== undefined) {
    if (!flash || !ram || !firmware || !file) {
      throw new Error('a step of the wizard was left out');
    }
    return { ...draft, ...{ imported, use, flash, ram, firmware, file } };
  }
  if (
    format === undefined ||
    train === undefined ||
    test === undefined ||
    input === undefined ||
    classes === undefined ||
    architecture === undefined ||
    width === undefined ||
    flash === undefined ||
    ram === undefined ||
    firmware === undefined ||
    file === undefined
  ) {
    throw new Error('a step of the wizard was left out');
  }
  return {
    ...draft,
    ...{ format, train, test, input, classes, architecture, width, flash, ram, firmware, file },
  };
}

/** Answers of a step; undefined values take earlier ones back. */
type Given = { readonly [K in keyof Draft]?: Draft[K] | undefined };

interface Step {
  /** What it is not asked for: known already. */
  readonly skip?: (draft: Draft) => boolean;
  readonly ask: (draft: Draft, position: Position) => Promise<Reply<Given>>;
  /** What it most likely answers, to count the steps that follow. */
  readonly likely?: Partial<Answers>;
}

const isImport = ({ imported }: Draft): boolean => imported !== undefined;
/** What is used as it is needs no examples. */
const needsNoData = ({ use }: Draft): boolean => use === 'as-is';

async function askAll(steps: readonly Step[], start: Draft): Promise<Draft | undefined> {
  // What was known before each step that was asked, so that going back also forgets.
  const history: { readonly index: number; readonly draft: Draft }[] = [];
  let draft = start;
  let index = 0;
  while (index < steps.length) {
    const step = steps[index]!;
    if (step.skip?.(draft) === true) {
      index++;
      continue;
    }
    const rest = likelyCount(steps.slice(index), draft);
    const position = { title: TITLE, step: history.length + 1, totalSteps: history.length + rest };
    const reply = await step.ask(draft, position);
    if (reply === undefined) return undefined;
    if (reply === BACK) {
      const before = history.pop();
      if (before === undefined) return undefined;
      ({ index, draft } = before);
      continue;
    }
    history.push({ index, draft });
    draft = merge(draft, reply);
    index++;
  }
  return draft;
}

/** How many are asked where each is answered as is most likely; the first is asked. */
function likelyCount(steps: readonly Step[], draft: Draft): number {
  let [count, known] = [0, draft];
  for (const [i, step] of steps.entries()) {
    if (i > 0 && step.skip?.(known) === true) continue;
    count++;
    known = { ...known, ...step.likely };
  }
  return count;
}

function merge(draft: Draft, given: Given): Draft {
  const known = Object.fromEntries(
    Object.entries({ ...draft, ...given }).filter(([, value]) => value !== undefined),
  );
  return { ...known, folder: given.folder ?? draft.folder };
}

const FORMAT_DETAILS: Readonly<Record<DatasetConfig['format'], string>> = {
  images: 'A folder with a folder of PNG or JPEG files per class',
  idx: 'The files of MNIST, plain or gzip; labels in files of their own',
  numpy: '.npz with x_train, y_train, …, or .npy files',
  csv: 'A table with a column of labels: features, or rows of a sensor over time',
  cifar10: 'The binary version of CIFAR-10',
  wav: 'Sounds: a folder with a folder of WAV files per class',
};

const TRAIN_PRESETS: Readonly<Record<DatasetConfig['format'], readonly [string, string]>> = {
  images: [PRESETS.train, PRESETS.test],
  idx: ['data/train-images.idx', 'data/test-images.idx'],
  numpy: ['data/train.npz', 'data/test.npz'],
  csv: ['data/train.csv', 'data/test.csv'],
  cifar10: ['data/data_batch_*.bin', 'data/test_batch.bin'],
  wav: [PRESETS.train, PRESETS.test],
};

/** @param models files that hold networks, by workspace folder */
function stepsFor(
  services: Services,
  folders: readonly vscode.WorkspaceFolder[],
  models: ReadonlyMap<string, readonly string[]>,
): Step[] {
  const modelsIn = ({ folder }: Draft): readonly string[] => models.get(folder) ?? [];
  return [
    {
      skip: ({ imported }) => folders.length === 1 || imported !== undefined,
      ask: async (_draft, position) => {
        const items = folders.map(({ name, uri }) => ({ label: name, folder: uri.fsPath }));
        const reply = await pick(position, 'Workspace folder to keep the config in', items);
        return isAnswer(reply) ? { folder: reply.folder } : reply;
      },
    },
    {
      skip: (draft) => isImport(draft) || modelsIn(draft).length === 0,
      ask: (draft, position) => askSource(services, draft, modelsIn(draft), position),
    },
    // What can be done with a network in a file depends on what there is room for.
    ...roomSteps((draft) => !isImport(draft)),
    { skip: (draft) => !isImport(draft) || draft.use !== undefined, ask: askUse },
    {
      skip: needsNoData,
      likely: { ...PLACEHOLDER, input: [1, 1, 1], classes: 2 },
      ask: askData,
    },
    {
      skip: ({ format, use }) => format !== undefined || use === 'as-is',
      ask: async (_draft, position) => {
        const items = FORMATS.map((format) => ({
          label: format,
          detail: FORMAT_DETAILS[format],
          format,
        }));
        const reply = await pick(position, 'Format of the data', items);
        return isAnswer(reply) ? { format: reply.format } : reply;
      },
    },
    pathStep(
      'train',
      'Training data, relative to the workspace folder; * is a wildcard',
      ({ format }) => (format === undefined ? PRESETS.train : TRAIN_PRESETS[format][0]),
    ),
    labelsStep('trainLabels', 'Labels of the training data'),
    pathStep(
      'test',
      'Test data, never trained on: the accuracy that is reported',
      ({ format, train }) => testBeside(train) ?? TRAIN_PRESETS[format ?? 'images'][1],
    ),
    labelsStep('testLabels', 'Labels of the test data'),
    { skip: (draft) => !hasTaskChoice(draft), ask: askTask },
    { skip: ({ task }) => task !== 'regression', ask: askTold },
    {
      skip: ({ task, classNames = [] }) => task !== 'anomaly' || classNames.length < 2,
      ask: askNormal,
    },
    {
      skip: ({ format, label, task }) =>
        format !== 'csv' || label !== undefined || task === 'regression',
      ask: askLabel,
    },
    {
      skip: ({ input, imported }) => input !== undefined || imported !== undefined,
      ask: ({ format }, position) =>
        typed(
          type(
            position,
            'Example',
            'One example: height x width x channels; a table row is 1x1xcolumns',
            format === 'csv' ? '1x1x8' : PRESETS.input,
            checkInput,
          ),
          (text) => ({ input: parseShape(text) }),
        ),
    },
    {
      skip: ({ classes, imported, task = 'classification' }) =>
        classes !== undefined || imported !== undefined || task !== 'classification',
      ask: (_draft, position) =>
        typed(
          type(position, 'Classes', 'Number of classes', PRESETS.classes, checkClasses),
          (text) => ({
            classes: Number(text),
          }),
        ),
    },
    { skip: isImport, ask: askArchitecture },
    {
      skip: isImport,
      ask: ({ input = [1, 1, 1], classes = 2, architecture = 'mlp' }, position) =>
        typed(
          type(
            position,
            'Width',
            'Width: channels of the first stage. Weights and time grow with its square',
            String(DEFAULT_WIDTH[architecture]),
            (text) => checkWidth(text, { input, classes, architecture }),
          ),
          (text) => ({ width: Number(text) }),
        ),
    },
    ...roomSteps(isImport),
    {
      ask: (draft, position) =>
        typed(
          type(
            position,
            'Firmware Folder',
            'A folder of its own for the C sources, relative to the workspace folder',
            suggestedFirmware(draft),
            (text) => checkPath(text, draft.folder),
          ),
          (firmware) => ({ firmware }),
        ),
    },
    {
      ask: (draft, position) =>
        typed(
          type(
            position,
            'File',
            'File name of the config, relative to the workspace folder',
            suggestedFile(draft),
            (file) =>
              checkFile(complete({ ...draft, file }), (path) => services.configs.workspaceOf(path)),
          ),
          (file) => ({ file }),
        ),
    },
  ];
}

/** The chip, and what of it there is for the network. */
function roomSteps(skip: (draft: Draft) => boolean): Step[] {
  return [
    {
      skip,
      ask: async (_draft, position) => {
        const items = Object.values(TARGETS).map(({ name, description, simulator }) => ({
          label: name,
          detail: `${description}; verified in ${simulator.name}`,
        }));
        const reply = await pick(position, 'Microcontroller', items);
        return isAnswer(reply) ? defined({ target: targetCalled(reply.label) }) : reply;
      },
    },
    {
      skip,
      ...budgetStep(
        'flash',
        'Flash for everything: encoded weights, biases, tables and code',
        checkFlash,
      ),
    },
    {
      skip,
      ...budgetStep(
        'ram',
        'RAM for activations and the buffer that weights are decoded into',
        checkRam,
      ),
    },
  ];
}

interface SourceItem extends vscode.QuickPickItem {
  readonly modelFile?: string;
}

/** A network that somebody trained, where the workspace has one, or one by name that is trained here. */
async function askSource(
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
      return await withModelFile(services, draft, reply.modelFile);
    } catch (problem) {
      if (!(problem instanceof UserError)) throw problem;
      await vscode.window.showErrorMessage(`This network cannot be used. ${problem.message}`);
    }
  }
}

/** The network of a file, read while a progress tells so. */
async function withModelFile(
  { output, models }: Services,
  draft: Draft,
  modelFile: string,
): Promise<Draft> {
  const path = resolve(draft.folder, modelFile);
  if (!isInside(path, draft.folder)) {
    throw new UserError('the file must lie inside the workspace folder; copy it there', {
      file: path,
    });
  }
  const { facts, network, problem } = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: `Reading ${basename(modelFile)}` },
    () => models.read(path, draft.folder),
  );
  if (network === undefined) throw new UserError(problem, { file: path });
  output.info(`network read: ${path}`);
  const model = { ...defined({ facts }), network };
  const within = relative(draft.folder, path).split(sep).join('/');
  return { ...draft, imported: { modelFile: within, model } };
}

async function askUse({ imported, flash = '' }: Draft, position: Position): Promise<Reply<Given>> {
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

interface DataItem extends vscode.QuickPickItem {
  readonly found?: FoundDataset;
  /** Why it cannot be chosen. */
  readonly problem?: string;
  readonly other?: 'hand' | 'none' | 'folder';
}

async function askData(draft: Draft, position: Position): Promise<Reply<Given>> {
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
  const { posix, relative, sep } = await import('node:path');
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

/** Chosen from the columns that it may be, else typed; what follows from it is read from the table. */
async function askLabel(draft: Draft, position: Position): Promise<Reply<Given>> {
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

/** Pictures are asked for what class they are of; sounds and tables may be for more. */
function hasTaskChoice({ format, imported }: Draft): boolean {
  return imported === undefined && (format === 'wav' || format === 'csv');
}

async function askTask(draft: Draft, position: Position): Promise<Reply<Given>> {
  const reply = await pick(position, 'What shall the network tell?', taskChoices(draft));
  if (!isAnswer(reply)) return reply;
  const { task } = reply;
  const { input, classNames = [] } = draft;
  const [only, ...more] = classNames;
  return {
    task,
    ...defined({
      classes: input && outputsOf(task, input),
      normal: task === 'anomaly' && more.length === 0 ? only : undefined,
    }),
  };
}

/** Folders say which classes there are. */
async function askNormal({ classNames = [] }: Draft, position: Position): Promise<Reply<Given>> {
  const items = classNames.map((label) => ({ label }));
  const reply = await pick(position, 'What is normal', items);
  return isAnswer(reply) ? { normal: reply.label } : reply;
}

/** The column of the number, and what is left to tell it by. */
async function askTold(draft: Draft, position: Position): Promise<Reply<Given>> {
  const { lookForTargets } = await import('../../core/dataset/look-at-data');
  const train = draft.train ?? '';
  const choices = await lookForTargets(draft.folder, train, draft.folder);
  if (choices.length === 0) {
    throw new UserError('no column of the table holds numbers that could be told by the others', {
      file: resolve(draft.folder, train),
    });
  }
  const items = choices.map((choice) => ({
    label: choice.label,
    detail: describeLabel(choice),
    choice,
  }));
  const reply = await pick(position, 'Column that holds the number', items);
  if (!isAnswer(reply)) return reply;
  const { label: told, columns, input } = reply.choice;
  // A label that was found is a column as any other then.
  return { told, label: undefined, columns, input, classes: 1 };
}

async function askArchitecture(
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

const WHAT = {
  train: 'Training Data',
  trainLabels: 'Training Labels',
  test: 'Test Data',
  testLabels: 'Test Labels',
  flash: 'Flash',
  ram: 'RAM',
} as const;

function pathStep(key: 'train' | 'test', prompt: string, preset: (draft: Draft) => string): Step {
  return {
    skip: (draft) => draft[key] !== undefined || needsNoData(draft),
    ask: (draft, position) =>
      typed(
        type(position, WHAT[key], prompt, preset(draft), (text) =>
          checkDataPath(text, draft.folder),
        ),
        (path) => ({ [key]: path.replaceAll('\\', '/') }),
      ),
  };
}

/** IDX always has the labels in other files; NumPy where the examples are no archive. */
function labelsStep(key: 'trainLabels' | 'testLabels', prompt: string): Step {
  const examples = key === 'trainLabels' ? 'train' : 'test';
  return {
    skip: (draft) => {
      const separate =
        draft.format === 'idx' ||
        (draft.format === 'numpy' && draft[examples]?.endsWith('.npz') !== true);
      return !separate || draft[key] !== undefined || needsNoData(draft);
    },
    ask: (draft, position) => {
      const preset = (draft[examples] ?? '').replace(/images|x(?=[_.-])/i, (word) =>
        word.toLowerCase() === 'images' ? 'labels' : 'y',
      );
      // A network that is there can be imitated: examples need not be labelled.
      const optional = isImport(draft);
      return typed(
        type(
          position,
          WHAT[key],
          optional ? `${prompt}; nothing where there are none` : prompt,
          preset,
          (text) =>
            optional && text.trim() === '' ? undefined : checkDataPath(text, draft.folder),
        ),
        (path) => ({ [key]: path.trim() === '' ? undefined : path.replaceAll('\\', '/') }),
      );
    },
  };
}

function budgetStep(key: 'flash' | 'ram', prompt: string, check: typeof checkFlash): Step {
  return {
    ask: (draft, position) => {
      const { input = [1, 1, 1], classes = 2, architecture = 'mlp', width = 1 } = draft;
      const { imported, use } = draft;
      const network =
        imported !== undefined
          ? { imported, ...defined({ use }) }
          : { input, classes, architecture, width };
      return typed(
        type(position, WHAT[key], prompt, suggestedBudget(network)[key], (text) =>
          check(text, network),
        ),
        (size) => ({ [key]: size }),
      );
    },
  };
}

/** `data/train` → `data/test`. */
function testBeside(train: string | undefined): string | undefined {
  const test = train?.replace(/train(ing)?/gi, 'test');
  return test === train ? undefined : test;
}

function isAnswer<T>(reply: Reply<T>): reply is T {
  return reply !== undefined && reply !== BACK;
}

async function typed(
  reply: Promise<Reply<string>>,
  answer: (text: string) => Given,
): Promise<Reply<Given>> {
  const text = await reply;
  return isAnswer(text) ? answer(text) : text;
}
