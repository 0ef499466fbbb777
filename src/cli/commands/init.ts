/** `east init`: a commented config to start from, by flags or, on a terminal, by a few questions. */
import { existsSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { draftConfig } from '../../core/advice/draft-config';
import { loadConfig } from '../../core/config/load-config';
import { findWorkspace } from '../../core/config/workspace';
import type { TemplateChoices } from '../../core/config/template';
import {
  ARCHITECTURES,
  FORMATS,
  nameOfConfig,
  parseShape,
  parseWholeNumber,
  PRESETS,
  withConfigSuffix,
} from '../../core/config/template-choices';
import { writeFileAtomic } from '../../core/run/atomic-file';
import { UserError } from '../../core/util/errors';
import type { Context, Outcome } from '../context';
import { EXIT, UsageError } from '../exit-codes';
import { print, remark } from '../terminal';
import { defined } from '../../core/util/defined';

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
  ['architecture', `Architecture (${ARCHITECTURES.join(', ')})`, PRESETS.architecture],
  ['input', 'One example: height x width x channels', PRESETS.input],
  ['classes', 'Classes', PRESETS.classes],
  ['format', `Data format (${FORMATS.join(', ')})`, PRESETS.format],
  ['train', 'Training data, relative to the config', PRESETS.train],
  ['test', 'Test data', PRESETS.test],
  ['flash', 'Flash for everything', PRESETS.flash],
  ['ram', 'RAM for activations and decoding', PRESETS.ram],
];

export async function init(
  argument: string | undefined,
  options: InitOptions,
  context: Context,
): Outcome {
  const file = resolve(context.cwd, withConfigSuffix(argument ?? options.name ?? 'model'));
  if (existsSync(file) && !options.force) {
    throw new UserError('the config exists already; choose another name, or use --force', { file });
  }
  const choices = choicesOf(await complete(options, context), file);
  const { text, errors } = draftConfig(choices, file, findWorkspace(file));
  if (errors.length > 0) {
    throw new UsageError(`these choices do not make a config:\n  ${errors.join('\n  ')}`);
  }
  writeFileAtomic(file, text);
  warnAboutData(file, context);
  const name = relative(context.cwd, file);
  print(context.terminal, `${name} is written. Look through it, then: east run ${name}`);
  return EXIT.ok;
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
    name: options.name?.replaceAll('-', '_') ?? nameOfConfig(file),
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
      ...defined({ columns: options.columns?.split(',') }),
      ...number('window', options.window),
      ...number('step', options.step),
    },
    budget: {
      ...defined({ flash: options.flash, ram: options.ram, weights: options.weights }),
    },
    ...number('epochs', options.epochs),
    ...defined({ firmwareDirectory: options.firmware }),
  };
}

function oneOf<T extends string>(what: string, value: string | undefined, all: readonly T[]): T {
  const found = all.find((each) => each === value);
  if (found !== undefined) return found;
  throw new UsageError(`--${what} ${value ?? ''}: must be one of ${all.join(', ')}`);
}

function wholeNumber(what: string, value: string): number {
  const number = parseWholeNumber(value);
  if (number !== undefined) return number;
  throw new UsageError(`--${what} ${value}: must be a whole number`);
}

function shapeOf(value: string): readonly [number, number, number] {
  const shape = parseShape(value);
  if (shape !== undefined) return shape;
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
