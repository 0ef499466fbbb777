/** `east init`: a commented config to start from, by flags or, on a terminal, by a few questions. */
import { existsSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { draftConfig, ramAdvice } from '../../core/advice/draft-config';
import { loadConfig } from '../../core/config/load-config';
import { nameFromFile } from '../../core/config/resolve';
import { TASK_CHOICES, taskFile } from '../../core/config/task-choices';
import { findWorkspace } from '../../core/config/workspace';
import { splitPattern } from '../../core/config/glob';
import type { TemplateChoices } from '../../core/config/template';
import {
  ARCHITECTURES,
  FORMATS,
  parseShape,
  parseWholeNumber,
  PRESETS,
  withConfigSuffix,
} from '../../core/config/template-choices';
import {
  countSoundClasses,
  lookAtArrays,
  lookAtData,
  lookAtHeaders,
  lookAtTable,
  lookForLabelled,
  lookForMeasured,
  lookForTargets,
  type SeenData,
} from '../../core/dataset/look-at-data';
import { suitableFrontend } from '../../core/dataset/find-sounds';
import type { FrontendFile } from '../../core/frontends/config';
import { buildableArchitecture } from '../../core/models/fitting-architecture';
import { writeFileAtomic } from '../../core/run/atomic-file';
import { formatUserError, UserError } from '../../core/util/errors';
import type { Context, Outcome } from '../context';
import { EXIT, UsageError } from '../exit-codes';
import { shellWord } from '../shell-word';
import { print, remark } from '../terminal';
import { defined, ifDefined } from '../../core/util/defined';

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
  readonly task?: string;
  readonly label?: string;
  readonly target?: string;
  readonly normal?: string;
  readonly columns?: string;
  readonly window?: string;
  readonly step?: string;
  readonly recording?: string;
  readonly subject?: string;
  readonly flash?: string;
  readonly ram?: string;
  readonly weights?: string;
  readonly epochs?: string;
  readonly firmware?: string;
  readonly force?: boolean;
}

type QuestionKey = Exclude<keyof InitOptions, 'force'>;

interface CompleteOptions extends InitOptions {
  /** The columns to use; their names may hold commas. */
  readonly names?: readonly string[];
  readonly frontend?: FrontendFile;
  /** Training examples, as far as they were counted. */
  readonly examples?: number;
}

export async function init(
  argument: string | undefined,
  options: InitOptions,
  context: Context,
): Outcome {
  const file = resolve(context.cwd, withConfigSuffix(argument ?? options.name ?? 'model'));
  if (existsSync(file) && !options.force) {
    throw new UserError('the config exists already; choose another name, or use --force', { file });
  }
  const answers = await complete(options, file, context);
  const workspace = findWorkspace(file);
  const draft = (given: CompleteOptions): string => {
    const { text, errors } = draftConfig(choicesOf(given, file), file, workspace);
    if (errors.length === 0) return text;
    throw new UsageError(`these choices do not make a config:\n  ${errors.join('\n  ')}`);
  };
  const asked = draft(answers);
  const ram = ramAdvice(choicesOf(answers, file), file, workspace);
  const text = ram?.width === undefined ? asked : draft({ ...answers, width: String(ram.width) });
  writeFileAtomic(file, text);
  warnAboutData(file, context);
  if (ram !== undefined) remark(context.terminal, `Note: ${ram.note}.`);
  const name = relative(context.cwd, file);
  print(context.terminal, `${name} is written. Look through it, then: east run ${shellWord(name)}`);
  return EXIT.ok;
}

/** Asks for what was not given, where somebody is there to answer; elsewhere takes what the data say, or presets. */
async function complete(
  options: InitOptions,
  file: string,
  { terminal }: Context,
): Promise<CompleteOptions> {
  const interactive = terminal.isTTY && process.stdin.isTTY;
  const lines = interactive
    ? createInterface({ input: process.stdin, output: terminal.stderr })
    : undefined;
  const answers: { -readonly [K in QuestionKey]?: string } = {};
  let columns: readonly string[] | undefined = options.columns?.split(',');
  let frontend: FrontendFile | undefined;
  let examples: number | undefined;
  const ask = async (key: QuestionKey, question: string, preset: string): Promise<string> => {
    const given = options[key];
    if (given !== undefined) return given;
    const answer = (await lines?.question(`${question} [${preset}]: `))?.trim() || preset;
    answers[key] = answer;
    return answer;
  };
  try {
    const format = await ask('format', `Data format (${FORMATS.join(', ')})`, PRESETS.format);
    const train = await ask('train', 'Training data, relative to the config', PRESETS.train);
    const test = await ask('test', 'Test data', PRESETS.test);
    const numbers = tellsNumbers(options);
    const looked = await lookAt(format, { ...options, train, test }, file);
    const { examples: counted, recording } = looked;
    // Of numbers to be told nothing else of what was seen counts.
    const seen: SeenData = numbers ? defined({ examples: counted, recording }) : looked;
    if (numbers && format === 'csv') {
      const found = await lookForTargets(dirname(file), train, findWorkspace(file));
      const target = await ask(
        'target',
        'Columns of the numbers to be told',
        found[0]?.label ?? '',
      );
      const targets = target.split(',');
      const rest = found.find(({ label }) => targets.includes(label))?.columns;
      const told = [...targets, options.subject, options.recording ?? recording];
      columns ??= rest?.filter((name) => !told.includes(name));
      if (columns !== undefined) {
        answers.input ??= `1x${options.window ?? 1}x${columns.length}`;
      }
    } else if (format === 'csv' && options.task === 'anomaly' && options.label === undefined) {
      const told = [options.subject, options.recording ?? recording];
      const place = [dirname(file), train, findWorkspace(file)] as const;
      if (options.normal !== undefined) {
        const found = await lookForLabelled(...place, options.normal.split(','));
        const choices = found.filter((name) => ![...told, ...(columns ?? [])].includes(name));
        const [only, ...more] = choices;
        if (interactive) await ask('label', 'Column that says what is normal', only ?? 'label');
        else if (only !== undefined && more.length === 0) answers.label = only;
        else throw unclearNormal(train, options.normal, choices);
      } else if (seen.columns === undefined) {
        // Without labels every column that measures something is to be rebuilt.
        const measured = await lookForMeasured(...place);
        if (measured.length > 0) columns ??= measured.filter((name) => !told.includes(name));
        if (columns !== undefined) answers.input = `1x${options.window ?? 1}x${columns.length}`;
      }
    } else if (format === 'csv' && options.label === undefined && options.task !== 'anomaly') {
      const label = seen.label ?? seen.labelChoices?.[0]?.label;
      if (interactive) await ask('label', 'Column that holds the class', label ?? 'label');
      else if (seen.label !== undefined) answers.label = seen.label;
      else throw unclearLabel(train, seen);
    }
    const label = options.label ?? answers.label;
    const read =
      label === seen.label || format !== 'csv'
        ? seen
        : await lookAt(format, { ...options, train, test, ...defined({ label }) }, file);
    if (options.columns === undefined) columns ??= read.columns;
    if (read.recording !== undefined) answers.recording = read.recording;
    const input = await inputOf(format, read, { ...answers, ...options, train }, interactive, ask);
    const hasClasses = !numbers && (options.task ?? 'classification') === 'classification';
    const classes = hasClasses
      ? await ask('classes', 'Classes', String(read.classes ?? PRESETS.classes))
      : undefined;
    const names = `Architecture (${ARCHITECTURES.join(', ')})`;
    const fitting =
      options.task === 'anomaly'
        ? 'autoencoder'
        : format === 'wav'
          ? 'ds-cnn'
          : buildableArchitecture(
              parseShape(input) ?? [1, 1, 1],
              Math.max(parseWholeNumber(classes ?? '') ?? 2, 2),
            );
    await ask('architecture', names, fitting ?? PRESETS.architecture);
    if (format === 'wav') frontend = read.frontend ?? suitableFrontend(16_000, 1)?.frontend;
    // Windows of rows are as many as nobody has counted.
    if (options.window === undefined) examples = read.examples;
    // A budget is not invented for somebody who gave another one.
    if ((options.flash ?? options.ram ?? options.weights) === undefined) {
      await ask('flash', 'Flash for everything', PRESETS.flash);
      await ask('ram', 'RAM for activations and decoding', PRESETS.ram);
    }
  } finally {
    lines?.close();
  }
  return { ...answers, ...options, ...defined({ names: columns, frontend, examples }) };
}

function tellsNumbers({ task, target }: InitOptions): boolean {
  return task === 'regression' || target !== undefined;
}

/** Undefined where a front end makes it. @throws UsageError where nobody says it */
async function inputOf(
  format: string,
  read: SeenData,
  options: InitOptions & { readonly train: string },
  interactive: boolean,
  ask: (key: QuestionKey, question: string, preset: string) => Promise<string>,
): Promise<string> {
  if (format === 'wav') return read.input?.join('x') ?? '';
  const counted = options.input ?? shapeSeen(read, options.window);
  const shape = counted ?? (format === 'csv' ? undefined : PRESETS.input);
  if (shape === undefined && !interactive) {
    throw new UsageError(
      `--input: the columns of ${options.train} cannot be counted, for it is not there or no table yet; give --input 1x1xCOLUMNS`,
    );
  }
  return ask('input', 'One example: height x width x channels', shape ?? '1x1x8');
}

/** What the data say of themselves, if they are there. */
async function lookAt(
  format: string,
  paths: InitOptions & { readonly train: string; readonly test: string },
  file: string,
): Promise<SeenData> {
  const folder = dirname(file);
  const { train, label, columns, recording, window } = paths;
  try {
    if (format === 'csv') {
      await lookAtHeaders(folder, paths.test, findWorkspace(file));
      return await lookAtTable(folder, train, findWorkspace(file), {
        ...defined({ label, columns: columns?.split(','), recording }),
        windowed: window !== undefined,
      });
    }
    if (format === 'idx' || format === 'numpy') {
      return await lookAtArrays(folder, format, paths, findWorkspace(file));
    }
    if (format === 'wav') {
      // What a search finds says more, but it passes over folders that may yet be trained on.
      return { ...(await lookAtSounds(paths, file)), ...(await lookAtData(folder, format, train)) };
    }
  } catch (error) {
    // What `run` would refuse in the next minute makes no config.
    if (error instanceof UserError) throw new UsageError(formatUserError(error));
    throw error;
  }
  const known = FORMATS.find((each) => each === format);
  return known === undefined ? {} : lookAtData(folder, known, train);
}

/** Of folders that are there; a label file would say itself which classes there are. */
async function lookAtSounds(
  paths: InitOptions & { readonly train: string; readonly test: string },
  file: string,
): Promise<SeenData> {
  const count = async (set: 'train' | 'test'): Promise<number | undefined> => {
    if (paths[`${set}Labels`] !== undefined) return undefined;
    const classes = await countSoundClasses(dirname(file), paths[set], findWorkspace(file));
    if (classes !== 0) return classes;
    throw new UsageError(
      `--${set} ${paths[set]}: there are no class folders with WAV files there; give the folder that holds a folder of WAV files for each class`,
    );
  };
  const classes = await count('train');
  await count('test');
  return defined({ classes });
}

/** `1x1x3`, or with windows `1x128x3`. */
function shapeSeen({ input }: SeenData, window: string | undefined): string | undefined {
  if (input === undefined) return undefined;
  const [height, width, channels] = input;
  return [height, window ?? width, channels].join('x');
}

function unclearLabel(train: string, { labelChoices = [] }: SeenData): UsageError {
  const columns = labelChoices.map(({ label, classes }) =>
    classes === undefined ? label : `${label} (${classes} classes)`,
  );
  return new UsageError(
    columns.length === 0
      ? `--label: give the column of ${train} that holds the class; it is not there yet, or no column looks like one. Measured values are none: --target COLUMN has the network tell those`
      : `--label: give the column of ${train} that holds the class; it may be ${columns.join(' or ')}`,
  );
}

function unclearNormal(train: string, normal: string, columns: readonly string[]): UsageError {
  return new UsageError(
    columns.length === 0
      ? `--label: give the column of ${train} that says what is normal; it is not there yet, or no column of labels holds ${normal}`
      : `--label: give the column of ${train} that says what is normal; it may be ${columns.join(' or ')}`,
  );
}

function choicesOf(options: CompleteOptions, file: string): TemplateChoices {
  const number = (key: string, value: string | undefined) =>
    ifDefined(value, (text) => wholeNumber(key, text));
  return {
    name: options.name?.replaceAll('-', '_') ?? nameFromFile(file),
    architecture: oneOf('architecture', options.architecture, ARCHITECTURES),
    ...defined({ width: number('width', options.width) }),
    // A front end says what it makes, and tasks without classes what comes out.
    ...defined({
      input: options.frontend === undefined ? shapeOf(options.input ?? '') : undefined,
      classes: number('classes', options.classes),
      frontend: options.frontend,
      examples: options.examples,
      task: taskFile(
        tellsNumbers(options) && options.task === undefined
          ? 'regression'
          : ifDefined(options.task, (task) => oneOf('task', task, TASK_CHOICES)),
        options.normal?.split(','),
      ),
    }),
    dataset: {
      format: oneOf('format', options.format, FORMATS),
      train: options.train ?? '',
      test: options.test ?? '',
      ...defined({
        trainLabels: options.trainLabels,
        testLabels: options.testLabels,
        label: options.label,
        target: options.target?.split(','),
        columns: options.names,
        window: number('window', options.window),
        step: number('step', options.step),
        recording: options.recording,
        subject: options.subject,
      }),
    },
    budget: defined({ flash: options.flash, ram: options.ram, weights: options.weights }),
    ...defined({
      epochs: number('epochs', options.epochs),
      firmwareDirectory: options.firmware,
    }),
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
  const { dataset, workspace } = loadConfig(file);
  if (dataset === undefined) return;
  for (const key of ['train', 'test'] as const) {
    const { folder, rest } = splitPattern(dataset[key], workspace);
    if (rest !== '' || existsSync(folder)) continue;
    remark(terminal, `Note: dataset.${key} (${folder}) is not there yet.`);
  }
}
