/** What the Create Model Config wizard asks, in its order, and when a question is left out. */
import type * as vscode from 'vscode';
import type { DatasetConfig } from '../../core/config/config';
import { FORMATS, PRESETS, parseShape } from '../../core/config/template-choices';
import { TARGETS, targetCalled } from '../../core/firmware/targets/targets';
import { DEFAULT_WIDTH } from '../../core/models/architectures';
import { defined } from '../../core/util/defined';
import type { Services } from '../services';
import { PLACEHOLDER, type Draft } from './answers';
import { suitableFrontend } from '../../core/dataset/find-sounds';
import { askData, askGroup, askLabel, askWindow } from './ask-data';
import { askArchitecture, askSource, askUse } from './ask-network';
import { askNormal, askTask, askTold, hasTaskChoice } from './ask-task';
import {
  checkClasses,
  checkDataPath,
  checkFile,
  checkFlash,
  checkInput,
  checkPath,
  checkRam,
  checkWidth,
} from './check-answers';
import { complete } from './complete';
import { pick, type } from './multi-step';
import { isAnswer, typed, type Step } from './steps';
import { suggestedBudget, suggestedFile, suggestedFirmware } from './suggestions';

/** @param models files that hold networks, by workspace folder */
export function stepsFor(
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
        if (!isAnswer(reply)) return reply;
        // Sounds that nobody has looked at need a front end as well.
        const sound = reply.format === 'wav' ? suitableFrontend(16_000, 1) : undefined;
        return { format: reply.format, ...sound };
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
      skip: ({ format, imported }) => format !== 'csv' || imported !== undefined,
      ask: askGroup,
      seldom: true,
    },
    { skip: ({ group }) => group === undefined, ask: askWindow },
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

/** `data/train` → `data/test`. */
function testBeside(train: string | undefined): string | undefined {
  const test = train?.replace(/train(ing)?/gi, 'test');
  return test === train ? undefined : test;
}

const isImport = ({ imported }: Draft): boolean => imported !== undefined;

/** What is used as it is needs no examples. */
const needsNoData = ({ use }: Draft): boolean => use === 'as-is';

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

const WHAT = {
  train: 'Training Data',
  trainLabels: 'Training Labels',
  test: 'Test Data',
  testLabels: 'Test Labels',
  flash: 'Flash',
  ram: 'RAM',
} as const;
