/** `east init`: a commented config to start from, by flags or, on a terminal, by a few questions. */
import { existsSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { Architecture, DatasetConfig } from '../../core/config/config';
import { loadConfig } from '../../core/config/load-config';
import { parseConfig } from '../../core/config/parse-config';
import { findWorkspace } from '../../core/config/paths';
import { configTemplate, type TemplateChoices } from '../../core/config/template';
import { modelProblem } from '../../core/graph/model-problem';
import { writeFileAtomic } from '../../core/run/atomic-file';
import { UserError } from '../../core/util/errors';
import type { Context, Outcome } from '../context';
import { EXIT, UsageError } from '../exit-codes';
import { CONFIG_SUFFIX } from '../find-config';
import { print, remark } from '../terminal';

export const ARCHITECTURES: readonly Architecture[] = [
  'resnet9',
  'resnet8',
  'ds-cnn',
  'mobilenet-v1',
  'lenet5',
  'mlp',
];
export const FORMATS: readonly DatasetConfig['format'][] = [
  'cifar10',
  'images',
  'idx',
  'numpy',
  'csv',
];

/** As commander gives them: texts, none of them checked yet. */
export interface InitOptions {
  readonly name?: string;
  readonly architecture?: string;
  readonly width?: string;
  readonly input?: string;
  readonly classes?: string;
  readonly format?: string;
  readonly train?: string;
  readonly test?: string;
  readonly trainLabels?: string;
  readonly testLabels?: string;
  readonly label?: string;
  readonly columns?: string;
  readonly window?: string;
  readonly step?: string;
  readonly flash?: string;
  readonly ram?: string;
  readonly weights?: string;
  readonly epochs?: string;
  readonly firmware?: string;
  readonly force?: boolean;
}

type QuestionKey = Exclude<keyof InitOptions, 'force'>;
type Question = readonly [key: QuestionKey, question: string, preset: string];

const QUESTIONS: readonly Question[] = [
  ['architecture', `Architecture (${ARCHITECTURES.join(', ')})`, 'resnet8'],
  ['input', 'One example: height x width x channels', '32x32x3'],
  ['classes', 'Classes', '10'],
  ['format', `Data format (${FORMATS.join(', ')})`, 'images'],
  ['train', 'Training data, relative to the config', 'data/train'],
  ['test', 'Test data', 'data/test'],
  ['flash', 'Flash for everything', '64KiB'],
  ['ram', 'RAM for activations and decoding', '64KiB'],
];

export async function init(
  argument: string | undefined,
  options: InitOptions,
  context: Context,
): Outcome {
  const file = resolve(context.cwd, configName(argument, options.name));
  if (existsSync(file) && !options.force) {
    throw new UserError('the config exists already; choose another name, or use --force', { file });
  }
  const text = configTemplate(choicesOf(await complete(options, context), file));
  const { problems } = parseConfig(text, file, findWorkspace(file), { checkModel: modelProblem });
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) {
    throw new UsageError(
      `these choices do not make a config:\n  ${errors.map(({ message }) => message).join('\n  ')}`,
    );
  }
  writeFileAtomic(file, text);
  warnAboutData(file, context);
  const name = relative(context.cwd, file);
  print(context.terminal, `${name} is written. Look through it, then: east run ${name}`);
  return EXIT.ok;
}

/** `meter` and `meter.east.json` both mean the latter. */
function configName(argument: string | undefined, name: string | undefined): string {
  const given = argument ?? name ?? 'model';
  return given.endsWith(CONFIG_SUFFIX) ? given : `${given}${CONFIG_SUFFIX}`;
}

/** Asks for what was not given, where somebody is there to answer; presets elsewhere. */
async function complete(options: InitOptions, { terminal }: Context): Promise<InitOptions> {
  const interactive = terminal.isTTY && process.stdin.isTTY;
  const lines = interactive
    ? createInterface({ input: process.stdin, output: terminal.stderr })
    : undefined;
  const answers: Partial<Record<QuestionKey, string>> = {};
  try {
    for (const [key, question, preset] of QUESTIONS) {
      if (options[key] !== undefined) continue;
      // A budget is not invented for somebody who gave another one.
      const budget = key === 'flash' || key === 'ram';
      if (budget && (options.flash ?? options.ram ?? options.weights) !== undefined) continue;
      answers[key] = (await lines?.question(`${question} [${preset}]: `))?.trim() || preset;
    }
  } finally {
    lines?.close();
  }
  return { ...answers, ...options };
}

function choicesOf(options: InitOptions, file: string): TemplateChoices {
  const text = <K extends keyof TemplateChoices['dataset']>(key: K, value: string | undefined) =>
    value === undefined ? {} : { [key]: value };
  const number = (key: string, value: string | undefined) =>
    value === undefined ? {} : { [key]: wholeNumber(key, value) };
  return {
    name: (options.name ?? nameOf(file)).replaceAll('-', '_'),
    architecture: oneOf('architecture', options.architecture, ARCHITECTURES),
    ...number('width', options.width),
    input: shapeOf(options.input ?? ''),
    classes: wholeNumber('classes', options.classes ?? ''),
    dataset: {
      format: oneOf('format', options.format, FORMATS),
      train: options.train ?? '',
      test: options.test ?? '',
      ...text('trainLabels', options.trainLabels),
      ...text('testLabels', options.testLabels),
      ...text('label', options.label),
      ...(options.columns === undefined ? {} : { columns: options.columns.split(',') }),
      ...number('window', options.window),
      ...number('step', options.step),
    },
    budget: {
      ...(options.flash === undefined ? {} : { flash: options.flash }),
      ...(options.ram === undefined ? {} : { ram: options.ram }),
      ...(options.weights === undefined ? {} : { weights: options.weights }),
    },
    ...number('epochs', options.epochs),
    ...(options.firmware === undefined ? {} : { firmwareDirectory: options.firmware }),
  };
}

function nameOf(file: string): string {
  return relative(dirname(file), file).slice(0, -CONFIG_SUFFIX.length);
}

function oneOf<T extends string>(what: string, value: string | undefined, all: readonly T[]): T {
  const found = all.find((each) => each === value);
  if (found !== undefined) return found;
  throw new UsageError(`--${what} ${value ?? ''}: must be one of ${all.join(', ')}`);
}

function wholeNumber(what: string, value: string): number {
  if (/^\d{1,9}$/.test(value)) return Number(value);
  throw new UsageError(`--${what} ${value}: must be a whole number`);
}

function shapeOf(value: string): readonly [number, number, number] {
  const match = /^(\d{1,5})[x×,](\d{1,5})[x×,](\d{1,5})$/i.exec(value.replaceAll(' ', ''));
  if (match !== null) return [Number(match[1]), Number(match[2]), Number(match[3])];
  throw new UsageError(`--input ${value}: must be height x width x channels, e.g. 32x32x3`);
}

/** The config is good; what it names need not be there yet. */
function warnAboutData(file: string, { terminal }: Context): void {
  const { dataset } = loadConfig(file);
  for (const key of ['train', 'test'] as const) {
    const path = dataset[key];
    if (/[*?[{]/.test(path) || existsSync(path)) continue;
    remark(terminal, `Note: dataset.${key} (${path}) is not there yet.`);
  }
}
