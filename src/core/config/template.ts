/** The config that `east init` and the editor's "Create Model Config" write: short, and explained line by line. */
import {
  DEFAULT_TARGET,
  type Architecture,
  type DatasetConfig,
  type ModelUse,
  type TargetId,
} from './config';
import type { FrontendFile } from '../frontends/config';
import type { TaskFile } from './config-file';
import { suitableTraining, USUAL_TRAINING } from './enough-steps';
import { ARCHITECTURES } from './template-choices';

/** The network: by name, or in a file, which says its input and outputs itself. */
export type ModelChoices =
  | {
      readonly architecture: Architecture;
      readonly width?: number;
      /** Undefined: what the front end makes. */
      readonly input?: readonly [number, number, number];
      /** Undefined where the task has none. */
      readonly classes?: number;
    }
  | {
      /** As it shall stand in the config: relative to it. */
      readonly modelFile: string;
      readonly use: ModelUse;
    };

export type TemplateChoices = ModelChoices & CommonChoices;

interface CommonChoices {
  readonly name: string;
  /** Undefined: one of several classes. */
  readonly task?: TaskFile;
  /** What makes the input of raw samples. */
  readonly frontend?: FrontendFile;
  /** Paths as they shall stand in the file: relative to it. Without one where a network in a file is used as it is. */
  readonly dataset?: Pick<
    DatasetConfig,
    | 'format'
    | 'train'
    | 'test'
    | 'trainLabels'
    | 'testLabels'
    | 'label'
    | 'columns'
    | 'window'
    | 'step'
    | 'recording'
    | 'subject'
    | 'target'
    | 'normalize'
  >;
  /** Sizes as they shall stand in the file: "64KiB", "25%", or bytes. */
  readonly budget: {
    readonly flash?: number | string;
    readonly ram?: number | string;
    readonly weights?: number | string;
  };
  readonly epochs?: number;
  /** Training examples that there are, as far as that is known: few need smaller batches and more epochs. */
  readonly examples?: number;
  /** Relative to the file. */
  readonly firmwareDirectory?: string;
  readonly target?: TargetId;
}

/** Text of a config with comments. It parses to the choices; parseConfig says so if they contradict each other. */
export function configTemplate(choices: TemplateChoices): string {
  const { budget } = choices;
  // Nothing is trained, so nothing is pruned.
  const keeps = 'use' in choices && choices.use !== 'fit';
  return object(0, [
    comment('Prefix of every C symbol and file.'),
    entry('name', choices.name),
    blank,
    ...forParts(choices),
    section('model', modelParts(choices)),
    blank,
    ...datasetParts(choices),
    comment(
      keeps
        ? 'The network keeps its weights: sources that would take more are not written. 1 KiB = 1024 bytes.'
        : 'Training prunes weights until the encoded network fits. 1 KiB = 1024 bytes.',
    ),
    section('budget', [
      comment('Flash for everything the sources put there: encoded weights, biases, tables, code.'),
      entry('flash', budget.flash),
      comment(
        keeps
          ? 'RAM for activations.'
          : 'RAM for activations and for the buffer that weights are decoded into.',
      ),
      entry('ram', budget.ram),
      comment('Flash for the encoded weights alone: a size, or a share of their dense int8 size.'),
      entry('weights', budget.weights),
    ]),
    blank,
    ...(keeps ? [] : trainingParts(choices)),
    section('firmware', [
      comment('A folder of its own for the C sources.'),
      entry('directory', choices.firmwareDirectory ?? 'firmware/east'),
      entry('target', choices.target ?? DEFAULT_TARGET),
    ]),
  ]).concat('\n');
}

/** What the network is for, and what is in front of it; nothing where that is as usual. */
function forParts({ task, frontend }: TemplateChoices): Part[] {
  return [
    ...(task === undefined
      ? []
      : [
          comment('What the network is for; docs/config.md lists the tasks.'),
          entry('task', task),
          blank,
        ]),
    ...(frontend === undefined
      ? []
      : [
          comment(
            "Makes the network's input of raw samples: the same integers in training and on the chip.",
          ),
          entry('frontend', frontend),
          blank,
        ]),
  ];
}

function modelParts(choices: TemplateChoices): Part[] {
  if ('modelFile' in choices) {
    return [
      comment('A trained network. Its content counts: sources of another one are stale.'),
      entry('file', choices.modelFile),
      comment('as-is keeps the codes of an int8 network, quantize makes a float one int8,'),
      comment('fit trains on from its weights until it meets the budget.'),
      entry('use', choices.use),
    ];
  }
  return [
    comment(`One of ${ARCHITECTURES.join(', ')} (the last for`),
    comment('anomalies); or, instead, a list of "layers".'),
    entry('architecture', choices.architecture),
    comment(
      'Channels of the first stage, units of mlp and autoencoder. Weights and time grow with its square.',
    ),
    entry('width', choices.width),
    comment('[height, width, channels] of one example.'),
    entry('input', choices.input),
    entry('classes', choices.classes),
  ];
}

function datasetParts(choices: TemplateChoices): Part[] {
  const { dataset } = choices;
  if (dataset === undefined) return [];
  const imported = 'modelFile' in choices;
  // What a network was trained with elsewhere is not known, nor whether its input is a picture.
  const sounds = dataset.format === 'wav';
  const augmented = !imported && !sounds && dataset.format !== 'csv';
  return [
    comment(
      'Paths are relative to this file and stay within the workspace folder; "*" is a wildcard.',
    ),
    section('dataset', [
      comment('cifar10, images or wav (a folder per class), idx (MNIST), numpy or csv.'),
      entry('format', dataset.format),
      entry('train', dataset.train),
      entry('trainLabels', dataset.trainLabels),
      comment('Never trained on: what the report states is measured on these.'),
      entry('test', dataset.test),
      entry('testLabels', dataset.testLabels),
      comment('The column that holds the class.'),
      entry('label', dataset.label),
      comment('The column that is to be told.'),
      entry('target', dataset.target),
      entry('columns', dataset.columns),
      comment('Rows that make one example, and rows between the starts of two.'),
      entry('window', dataset.window),
      entry('step', dataset.step),
      comment('The column that tells recordings apart: no window lies across two.'),
      entry('recording', dataset.recording),
      comment(
        'The column that says of whom a row is: nobody is in two sets, no window lies across two.',
      ),
      entry('subject', dataset.subject),
      comment('Random changes to recordings: when they begin, how fast and how loud they are.'),
      entry('augment', sounds ? SOUND_AUGMENT : undefined),
      comment(
        'Random changes to training examples: "flip" mirrors (not for digits), "shift" is in pixels.',
      ),
      entry('augment', augmented ? { flip: false, shift: 2 } : undefined),
      comment('What the network was trained with, by its file.'),
      entry('normalize', dataset.normalize),
    ]),
    blank,
  ];
}

/** Random changes to recordings, and how often each is there. */
const SOUND_AUGMENT = { timeShift: '80 ms', speed: 0.1, gain: 6, variants: 3 };
/** What is left where a tenth is held back for validation. */
const TRAINED_ON = 0.9;

function trainingParts(choices: TemplateChoices): Part[] {
  const { dataset, examples } = choices;
  const variants = dataset?.format === 'wav' ? SOUND_AUGMENT.variants : 1;
  const suited =
    examples === undefined ? undefined : suitableTraining(TRAINED_ON * examples * variants);
  const few = suited !== undefined && suited.batchSize < USUAL_TRAINING.batchSize;
  const batches = few
    ? [
        comment('Examples in an optimiser step: few, since there are few examples.'),
        entry('batchSize', suited.batchSize),
      ]
    : [];
  return [
    section('east', [
      comment('east, or a baseline to compare with: magnitude, group or dense.'),
      entry('method', 'east'),
      comment(
        'What stores the weights: auto, lz4 or entropy. "lz4" with quantization.weights 8 is the paper\'s setting.',
      ),
      entry('codec', 'auto'),
    ]),
    blank,
    section('training', [
      ...('modelFile' in choices
        ? [
            comment('Epochs with all weights before any is pruned; a trained network needs none.'),
            entry('epochs', choices.epochs),
            comment('Epochs of pruning and fine-tuning, from the weights of the file.'),
            entry('pruneEpochs', Math.max(10, suited?.epochs ?? 0)),
            ...batches,
          ]
        : [
            comment('Epochs of the float network; pruning and fine-tuning take as many again.'),
            entry('epochs', choices.epochs ?? suited?.epochs ?? USUAL_TRAINING.epochs),
            ...batches,
          ]),
      comment('The same seed and engine give the same weights.'),
      entry('seed', 1),
    ]),
    blank,
  ];
}

/** A line or block of an object. A comment belongs to the entry behind it and goes where that is left out. */
type Part =
  | { readonly kind: 'blank' }
  | { readonly kind: 'comment'; readonly text: string }
  | {
      readonly kind: 'entry';
      readonly key: string;
      readonly write: (depth: number) => string | undefined;
    };

const blank: Part = { kind: 'blank' };

function comment(text: string): Part {
  return { kind: 'comment', text };
}

function entry(key: string, value: unknown): Part {
  return { kind: 'entry', key, write: () => (value === undefined ? undefined : inline(value)) };
}

function section(key: string, parts: readonly Part[]): Part {
  return { kind: 'entry', key, write: (depth) => object(depth, parts) };
}

function object(depth: number, parts: readonly Part[]): string {
  const indent = '  '.repeat(depth + 1);
  const lines: string[] = [];
  let pending: string[] = [];
  let lastEntry = -1;
  for (const part of parts) {
    if (part.kind !== 'entry') {
      pending.push(part.kind === 'blank' ? '' : `${indent}// ${part.text}`);
      continue;
    }
    const value = part.write(depth + 1);
    if (value !== undefined) {
      lines.push(...pending, `${indent}${JSON.stringify(part.key)}: ${value},`);
      lastEntry = lines.length - 1;
    }
    pending = [];
  }
  if (lastEntry >= 0) lines[lastEntry] = lines[lastEntry]!.slice(0, -1);
  return lines.length === 0 ? '{}' : ['{', ...lines, `${'  '.repeat(depth)}}`].join('\n');
}

/** On one line with spaces, as people write it: [32, 32, 3], { "flip": true }. */
function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(
      ([key, child]) => `${JSON.stringify(key)}: ${inline(child)}`,
    );
    return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
  }
  return JSON.stringify(value);
}
