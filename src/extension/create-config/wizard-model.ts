/** What the Create Model Config wizard asks, checks and makes of the answers; how it is shown is create-config.ts. */
import { existsSync } from 'node:fs';
import { basename, dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { draftConfig } from '../../core/advice/draft-config';
import { describeCompression } from '../../core/report/describe-compression';
import type { PlannedModel } from '../../core/models/check-config';
import { loadModel } from '../../core/models/models';
import { FIXED_FLASH } from '../../core/plan/parts';
import type { ForecastConfig } from '../../core/plan/flash';
import { forecast, type Forecast } from '../../core/plan/forecast';
import type {
  Architecture,
  DatasetConfig,
  ModelUse,
  TargetId,
  TaskConfig,
} from '../../core/config/config';
import type { TaskFile } from '../../core/config/config-file';
import { isPattern } from '../../core/config/glob';
import { isInside } from '../../core/config/workspace';
import { nameFromFile } from '../../core/config/resolve';
import { parseSize } from '../../core/config/size';
import type { TemplateChoices } from '../../core/config/template';
import {
  CONFIG_SUFFIX,
  parseShape,
  parseWholeNumber,
  PRESETS,
  withConfigSuffix,
} from '../../core/config/template-choices';
import type { FoundDataset, LabelChoice } from '../../core/dataset/found-dataset';
import { ARCHITECTURE_SUMMARY } from '../../core/models/architecture-summary';
import { DEFAULT_WIDTH } from '../../core/models/architectures';
import { elements, sameShape, type Shape } from '../../core/ops/shape';
import { architecturesByFit } from '../../core/models/fitting-architecture';
import {
  formatAgainst,
  formatBytes,
  formatCount,
  formatPercent,
  formatShape,
} from '../../core/report/format';
import { nonZeroOf } from '../../core/plan/compression';
import { withoutBuffers } from '../../core/plan/memory';
import { asUsed } from '../../core/models/as-used';
import { normalizeOf, storedBy } from '../../core/models/normalization';
import type { KnownModel } from '../services';
import { UserError } from '../../core/util/errors';
import { defined, ifDefined } from '../../core/util/defined';

type DataPaths = Pick<DatasetConfig, 'trainLabels' | 'testLabels' | 'label' | 'columns'> &
  Pick<FoundDataset, 'frontend'>;

/** What the network can be made for here. */
export type TaskChoice = Exclude<TaskConfig['kind'], 'multi-label'>;

/** The answers so far; paths are relative to the workspace folder, with forward slashes. */
export interface Answers extends DataPaths {
  /** Absolute path of the workspace folder. */
  readonly folder: string;
  readonly format: DatasetConfig['format'];
  readonly train: string;
  readonly test: string;
  readonly input: Shape;
  readonly classes: number;
  readonly architecture: Architecture;
  readonly width: number;
  readonly flash: string;
  readonly ram: string;
  /** Undefined: one of several classes. `classes` are the network's outputs where the task has no classes. */
  readonly task?: TaskChoice;
  /** Of an anomaly detector: the label of what is normal. */
  readonly normal?: string;
  /** Of a regression: the column that is to be told. */
  readonly told?: string;
  /** Without it the default one. */
  readonly target?: TargetId;
  readonly firmware: string;
  readonly file: string;
}

/** A network that lies in a file. */
export interface Imported {
  /** Relative to the workspace folder, with forward slashes. */
  readonly modelFile: string;
  readonly model: ReadModel;
}

/** A model file whose network can be computed here. */
export type ReadModel = Extract<KnownModel, { network: object }>;

type OfData = 'format' | 'train' | 'test';
type OfNetwork = 'architecture' | 'width' | 'input' | 'classes';

/** With a network in a file, which says of itself what it is; used as it is it needs no data. */
export interface ImportAnswers
  extends Omit<Answers, OfData | OfNetwork>, Partial<Pick<Answers, OfData>> {
  readonly imported: Imported;
  readonly use: ModelUse;
}

/** What is known before all is answered. */
export type Draft = Partial<Answers> &
  Partial<Pick<ImportAnswers, 'imported' | 'use'>> &
  Pick<Answers, 'folder'> & {
    /** Columns that may be the label, where it is not clear which is. */
    readonly labelChoices?: readonly LabelChoice[];
    readonly classNames?: readonly string[];
  };

/** An error keeps an answer from being given, an information is shown as one types. */
export interface Check {
  readonly severity: 'error' | 'information';
  readonly message: string;
}

const error = (message: string): Check => ({ severity: 'error', message });
const information = (message: string): Check => ({ severity: 'information', message });

/** Where there is no data yet: something to start from, which the editor marks until it is there. */
export const PLACEHOLDER: Partial<Answers> = {
  format: PRESETS.format,
  train: PRESETS.train,
  test: PRESETS.test,
};

/** Why a data set cannot be used, for a network in a file where it is to be for one. */
export function dataProblem(
  { problem, format, input }: FoundDataset,
  imported?: Imported,
): string | undefined {
  if (problem !== undefined || imported === undefined || input === undefined) return problem;
  const { inputShape } = imported.model.network.graph;
  return fitsInput(format, input, inputShape)
    ? undefined
    : `its examples are ${formatShape(input)}, but the network takes ${formatShape(inputShape)}`;
}

function fitsInput(format: DatasetConfig['format'], found: Shape, wanted: Shape): boolean {
  // Rows of a table make windows of whatever length is asked for.
  if (format === 'csv' || sameShape(found, wanted)) return true;
  // Grey pictures become coloured ones; none is scaled.
  if (format === 'images') return found[0] === wanted[0] && found[1] === wanted[1];
  return format === 'numpy' && elements(found) === elements(wanted);
}

/** `32×32×3 · 10 classes · 50,000 examples · no test set found`. */
export function describeData(found: FoundDataset, imported?: Imported): string {
  const problem = dataProblem(found, imported);
  if (problem !== undefined) return `$(warning) cannot be used as it is: ${problem}`;
  const { input, classes, examples, test, labelChoices } = found;
  return [
    ...(input === undefined ? [] : [formatShape(input)]),
    ...(classes === undefined ? [] : [`${classes} classes`]),
    ...(labelChoices === undefined ? [] : ['which column is the label is asked next']),
    ...(examples === undefined ? [] : [`${formatCount(examples)} training examples`]),
    ...(test === undefined ? ['no test set found'] : []),
  ].join(' · ');
}

/** `3 classes · input x, y, z`. */
export function describeLabel({ classes, columns, input }: LabelChoice): string {
  const [, , width = 0] = input ?? [];
  return [
    ...(classes === undefined ? [] : [`${classes} classes`]),
    columns === undefined
      ? `input: the other ${width === 1 ? 'column' : `${width} columns`}`
      : `input: ${columns.slice(0, 8).join(', ')}${columns.length > 8 ? `, … (${columns.length})` : ''}`,
  ].join(' · ');
}

export interface ArchitectureChoice {
  readonly architecture: Architecture;
  readonly summary: string;
  /** `77,360 parameters · 75.5 KiB as dense int8 · RAM from 36.4 KiB`. */
  readonly size: string;
}

/** Those that can be built for the input, the most fitting first. */
export function architectureChoices(
  input: Shape,
  classes: number,
  { task, frontend }: Pick<Draft, 'task' | 'frontend'> = {},
): ArchitectureChoice[] {
  // Spectrograms are neither small pictures nor large ones.
  const first: readonly Architecture[] = frontend === undefined ? [] : ['ds-cnn'];
  const trained = [...new Set([...first, ...architecturesByFit(input)])];
  // An autoencoder puts out what comes in, and nothing else does.
  const all: readonly Architecture[] =
    task === 'anomaly' ? ['autoencoder'] : trained.filter((name) => name !== 'autoencoder');
  return all.flatMap((architecture) => {
    const sizes = sizesOf({ input, classes, architecture, width: DEFAULT_WIDTH[architecture] });
    if (typeof sizes === 'string') return [];
    const size = `${sizeText(sizes)} · RAM from ${formatBytes(sizes.ram.least)}`;
    return [{ architecture, summary: ARCHITECTURE_SUMMARY[architecture], size }];
  });
}

export function checkInput(text: string): Check | undefined {
  const shape = parseShape(text);
  if (shape === undefined) return error('Height, width and channels of one example, like 32x32x3.');
  return shape.includes(0) ? error('Every size must be at least 1.') : undefined;
}

export function checkClasses(text: string): Check | undefined {
  const classes = parseWholeNumber(text);
  return classes === undefined || classes < 2 || classes > 1000
    ? error('A whole number from 2 to 1000.')
    : undefined;
}

type DescribedNetwork = Pick<Answers, OfNetwork>;
/** Of one in a file it is asked first what there is room for, and then what it is used for. */
type ImportedNetwork = Pick<ImportAnswers, 'imported'> & Partial<Pick<ImportAnswers, 'use'>>;
type Network = DescribedNetwork | ImportedNetwork;

export interface UseChoice {
  readonly use: ModelUse;
  readonly label: string;
  /** What it takes of the budget. */
  readonly description: string;
  readonly detail: string;
  /** Why it cannot be chosen with this budget. */
  readonly problem?: string;
}

/** In plain words what may be done with a network, and what that takes of the flash; the first that fits is the first. */
export function useChoices(imported: Imported, flash: string): UseChoice[] {
  const { int8 } = imported.model.network;
  const budget = parseSize(flash.trim());
  const use = int8 ? 'as-is' : 'quantize';
  const { description, problem } = keptIn(budget, sizesOf({ imported, use }));
  const kept: UseChoice = {
    ...(int8
      ? {
          use,
          label: 'As it is',
          detail: "Keeps every weight, computed by TFLite's int8 rules. No data needed",
        }
      : {
          use,
          label: 'Quantise it to int8',
          detail: 'Every weight stays, with 8 bits. Some examples are needed, labels are not',
        }),
    description,
    ...defined({ problem }),
  };
  const fit: UseChoice = {
    use: 'fit',
    label: 'Make it fit',
    description: fittedIn(sizesOf({ imported, use: 'fit' }, defined({ flash: budget }))),
    detail: 'Trained on from its weights until it fits. Training data is needed, labels help',
  };
  return problem === undefined ? [kept, fit] : [fit, kept];
}

function keptIn(
  budget: number | undefined,
  sizes: Forecast | string,
): Pick<UseChoice, 'description' | 'problem'> {
  if (typeof sizes === 'string') return { description: sizes };
  const { least } = sizes.flash;
  if (budget === undefined) return { description: `takes ${formatBytes(least)} of flash` };
  if (least <= budget) return { description: `takes ${formatAgainst(least, budget)}` };
  const over = formatBytes(roundUp(least - budget));
  return {
    description: `takes ${formatBytes(least)}, ${over} too much`,
    problem: `With all of its weights the network takes ${formatBytes(roundUp(least))}, ${over} more than there is. Make it fit, or go back and give it more flash.`,
  };
}

function fittedIn(sizes: Forecast | string): string {
  if (typeof sizes === 'string') return sizes;
  const share = nonZeroOf(sizes.flash);
  return share === undefined || share === 1
    ? 'there is room for all of its weights'
    : `about ${formatPercent(share, 0)} of its weights can stay non-zero`;
}

/** `TFLite, int8 · 32×32×3 to 10 outputs · 77,360 parameters · 14 layers`. */
export function describeModel({ network: { graph }, facts }: ReadModel): string {
  const sizes = forecast({ budget: {}, east: { method: 'dense' } }, { graph, entries: new Map() });
  const outputs = graph.outputs ?? graph.layers.slice(-1).map(({ name }) => name);
  const counts = outputs.map((name) => {
    const layer = graph.layers.find((each) => each.name === name);
    return formatCount((layer?.outputShape ?? [0]).reduce((size, n) => size * n, 1));
  });
  return [
    facts === undefined ? 'model file' : `${facts.format}, ${WEIGHTS_TEXT[facts.weightsType]}`,
    `${formatShape(graph.inputShape)} to ${counts.join(' and ')} output${counts.join() === '1' ? '' : 's'}`,
    `${formatCount(sizes.flash.denseBytes)} weights`,
    `${graph.layers.length} layers`,
  ].join(' · ');
}

const WEIGHTS_TEXT = {
  int8: 'int8',
  float32: 'float',
  float16: 'float16 weights',
  dynamic: 'int8 weights, computes in float',
} as const;

export function checkWidth(
  text: string,
  network: Omit<DescribedNetwork, 'width'>,
): Check | undefined {
  const width = parseWholeNumber(text);
  if (width === undefined || width < 1 || width > 1024) {
    return error('A whole number from 1 to 1024.');
  }
  const sizes = sizesOf({ ...network, width });
  return typeof sizes === 'string' ? error(sizes) : information(sizeText(sizes));
}

export function checkFlash(text: string, network: Network): Check | undefined {
  const flash = parseSize(text.trim());
  if (flash === undefined) return error(SIZE_HINT);
  const sizes = sizesOf(network, { flash });
  if (typeof sizes === 'string') return error(sizes);
  const { fixed, least } = sizes.flash;
  if (flash < least) {
    if (keepsAll(network)) {
      return error(
        `As it is, the network takes ${formatBytes(roundUp(least))}. Go back and choose Make it fit for less.`,
      );
    }
    return error(
      `At least ${formatBytes(roundUp(least))} are needed, with every weight pruned: ${formatBytes(fixed)} of it are ${FIXED_FLASH}.`,
    );
  }
  if (keepsAll(network)) {
    return information(`The network takes ${formatBytes(least)}, all of its weights kept.`);
  }
  if (isUndecided(network)) return information(roomFor(network, flash));
  const compression = describeCompression(sizes.flash);
  return information(`${compression.charAt(0).toUpperCase()}${compression.slice(1)}.`);
}

/** How a network is used that keeps all of its weights. */
function keptAs({ model: { network } }: Imported): ModelUse {
  return network.int8 ? 'as-is' : 'quantize';
}

/** Whether all weights have a place, where it is not decided yet that they shall have one. */
function roomFor({ imported }: ImportedNetwork, flash: number): string {
  const kept = sizesOf({ imported, use: keptAs(imported) });
  if (typeof kept === 'string') return kept;
  const least = formatBytes(kept.flash.least);
  return kept.flash.least <= flash
    ? `With all of its weights, 8 bits each, the network takes ${least}.`
    : `With all of its weights, 8 bits each, the network takes ${least}: it can be made to fit.`;
}

export function checkRam(text: string, network: Network): Check | undefined {
  const ram = parseSize(text.trim());
  if (ram === undefined) return error(SIZE_HINT);
  const sizes = sizesOf(network, { ram });
  if (typeof sizes === 'string') return error(sizes);
  const { least, leastLayer, total, tiles } = sizes.ram;
  if (ram < least) {
    return error(`At least ${formatBytes(roundUp(least))} are needed, in layer ${leastLayer}.`);
  }
  return keepsAll(network) || isUndecided(network)
    ? information(`With all of its weights the network uses ${formatBytes(keptRam(sizes))}.`)
    : information(`${formatBytes(total)} will be used; weights are decoded in ${tiles} parts.`);
}

/** Weights that are stored as they are need no buffer to be decoded into. */
function keptRam({ graph, memory }: Forecast): number {
  return withoutBuffers(graph, memory).total;
}

const SIZE_HINT = 'A size like 64KiB (1024 bytes each), 64kB (1000), 1.5MiB, or bytes.';

/** Round sizes that leave room: for the weights a quarter of what they take as dense int8. */
export function suggestedBudget(network: Network): {
  readonly flash: string;
  readonly ram: string;
} {
  const sizes = sizesOf(
    isUndecided(network) ? { ...network, use: keptAs(network.imported) } : network,
  );
  if (typeof sizes === 'string') return { flash: PRESETS.flash, ram: PRESETS.ram };
  const { flash, ram } = sizes;
  return {
    flash:
      keepsAll(network) || isUndecided(network)
        ? powerOfTwo(flash.least)
        : powerOfTwo(Math.max(flash.least, flash.fixed + flash.denseBytes / 4)),
    ram: powerOfTwo(ram.total),
  };
}

/** @param text relative to the workspace folder */
export function checkPath(text: string, folder: string): Check | undefined {
  const written = text.trim();
  if (written === '') return error('A path relative to the workspace folder.');
  if (isAbsolute(written) || !isInside(resolve(folder, written), folder)) {
    return error('The path must stay inside the workspace folder.');
  }
  return undefined;
}

/** Also says when nothing is there yet: a config may be written first. */
export function checkDataPath(text: string, folder: string): Check | undefined {
  const problem = checkPath(text, folder);
  if (problem !== undefined || isPattern(text)) return problem;
  return existsSync(resolve(folder, text.trim()))
    ? undefined
    : information('Not there yet. Training needs it; the editor marks it until then.');
}

/** Named after the data or the folder, and not there yet. */
export function suggestedFile(draft: Draft): string {
  return free((suffix) => withConfigSuffix(`${suggestedName(draft)}${suffix}`), draft.folder);
}

/** Two models cannot share a folder. */
export function suggestedFirmware(draft: Draft): string {
  if (!existsSync(resolve(draft.folder, PRESETS.firmwareDirectory))) {
    return PRESETS.firmwareDirectory;
  }
  return free((suffix) => `firmware/${suggestedName(draft)}${suffix}`, draft.folder);
}

function suggestedName({ folder, train, imported }: Draft): string {
  if (imported !== undefined) return nameOf(basename(imported.modelFile).replace(/\.[^.]*$/, ''));
  const parts = (train ?? '').split('/').filter((part) => /^[A-Za-z][\w-]*$/.test(part));
  const dull = /^(data|datasets?|train(ing)?|images?|raw|x_.*)$/i;
  return nameOf(parts.find((part) => !dull.test(part)) ?? basename(folder));
}

function nameOf(name: string): string {
  const clean = name.replaceAll(/[^A-Za-z0-9_-]/g, '_').toLowerCase();
  return /^[a-z]/.test(clean) ? clean : 'model';
}

/** The first path that is not there: `meter`, `meter_2`, … */
function free(path: (suffix: string) => string, folder: string): string {
  for (let n = 1; ; n++) {
    const found = path(n === 1 ? '' : `_${n}`);
    if (!existsSync(resolve(folder, found))) return found;
  }
}

/**
 * Of the last answer, and with it of all of them together.
 * @param workspaceOf as ConfigIndex has it
 */
export function checkFile(
  answers: Answers | ImportAnswers,
  workspaceOf: (file: string) => string,
): Check | undefined {
  const problem = checkPath(answers.file, answers.folder);
  if (problem !== undefined) return problem;
  const file = fileOf(answers);
  if (basename(file) === CONFIG_SUFFIX) return error('The name in front of .east.json is missing.');
  if (existsSync(file)) return error('This file exists already. Choose another name.');
  const [first] = draftConfig(choicesOf(answers), file, workspaceOf(file)).errors;
  return first === undefined ? undefined : error(first);
}

/** Absolute path of the config. */
export function fileOf({ folder, file }: Pick<Answers, 'folder' | 'file'>): string {
  return resolve(folder, withConfigSuffix(file.trim()));
}

/** Paths become relative to the config, as its text has them. */
export function choicesOf(answers: Answers | ImportAnswers): TemplateChoices {
  const { folder, label, columns, told, frontend } = answers;
  const file = fileOf(answers);
  const moved = (path: string): string =>
    relative(dirname(file), resolve(folder, path)).split(sep).join('/') || '.';
  const { format, train, test, trainLabels, testLabels } = answers;
  const hasData = format !== undefined && train !== undefined && test !== undefined;
  const dataset = hasData
    ? {
        format,
        train: moved(train),
        test: moved(test),
        ...defined({
          trainLabels: ifDefined(trainLabels, moved),
          testLabels: ifDefined(testLabels, moved),
          label,
          columns,
          target: ifDefined(told, (column) => [column]),
          normalize: 'imported' in answers ? expectedBy(answers.imported, format) : undefined,
        }),
      }
    : undefined;
  return {
    name: nameFromFile(file),
    ...('imported' in answers
      ? { modelFile: moved(answers.imported.modelFile), use: answers.use }
      : {
          architecture: answers.architecture,
          width: answers.width,
          // A front end says what it makes, and tasks without classes what comes out.
          ...defined({
            input: frontend === undefined ? answers.input : undefined,
            classes: hasClasses(answers.task) ? answers.classes : undefined,
          }),
        }),
    ...defined({ dataset, frontend, task: taskOf(answers) }),
    budget: { flash: answers.flash.trim(), ram: answers.ram.trim() },
    firmwareDirectory: moved(answers.firmware),
    ...defined({ target: answers.target }),
  };
}

function hasClasses(task: TaskChoice = 'classification'): boolean {
  return task === 'classification';
}

/** Share of alarms that may be raised at nothing. */
const FALSE_ALARMS = { binary: 0.05, anomaly: 0.01 } as const;

function taskOf({ task, normal }: Pick<Answers, 'task' | 'normal'>): TaskFile | undefined {
  switch (task) {
    case undefined:
    case 'classification':
      return undefined;
    case 'regression':
      return task;
    case 'binary':
      return { kind: task, falseAlarms: FALSE_ALARMS.binary };
    case 'anomaly':
      return {
        kind: task,
        ...defined({ normal: ifDefined(normal, (label) => [label]) }),
        falseAlarms: FALSE_ALARMS.anomaly,
      };
  }
}

export interface TaskItem {
  readonly task: TaskChoice;
  readonly label: string;
  readonly detail: string;
}

/** In plain words what can be learned of data, the likeliest first. */
export function taskChoices({
  format,
  classes,
  label,
  labelChoices,
}: Pick<Draft, 'format' | 'classes' | 'label' | 'labelChoices'>): TaskItem[] {
  const one: TaskItem = {
    task: 'classification',
    label: 'Which of several it is',
    detail: 'A word, a gesture, a kind of fault: one of the classes that the examples have',
  };
  const alarm: TaskItem = {
    task: 'binary',
    label: 'Yes or no',
    detail: 'An alarm for one of two classes, raised at nothing as seldom as you say',
  };
  const unusual: TaskItem = {
    task: 'anomaly',
    label: 'Something unusual',
    detail: 'Learns what is normal from normal examples, and raises an alarm at anything else',
  };
  const number: TaskItem = {
    task: 'regression',
    label: 'A number',
    detail: 'A quantity that stands in a column of the table, such as a temperature',
  };
  if (classes === 1) return [unusual];
  const isTable = format === 'csv';
  const isLabelled = !isTable || label !== undefined || (labelChoices ?? []).length > 0;
  return [
    ...(isLabelled ? [one] : []),
    ...(classes === 2 ? [alarm] : []),
    ...(isTable ? [number] : []),
    ...(isLabelled ? [] : [one]),
    unusual,
  ];
}

/** Outputs of the network, where they are not one for each class. */
export function outputsOf(task: TaskChoice, input: Shape): number | undefined {
  switch (task) {
    case 'classification':
      return undefined;
    case 'binary':
    case 'regression':
      return 1;
    case 'anomaly':
      return elements(input);
  }
}

/** What the file says of its network's input. */
function expectedBy(
  { model: { facts } }: Imported,
  format: DatasetConfig['format'],
): DatasetConfig['normalize'] {
  return ifDefined(facts?.normalization, (hint) => normalizeOf(hint, storedBy(format)));
}

/** Whether no weight is pruned, so that the flash is what it is. */
function keepsAll(network: Network): boolean {
  return 'imported' in network && network.use !== undefined && network.use !== 'fit';
}

/** Whether it is still open what a network in a file is used for. */
function isUndecided(network: Network): network is ImportedNetwork {
  return 'imported' in network && network.use === undefined;
}

/** The forecast, or why the network cannot be built. */
function sizesOf(network: Network, budget: ForecastConfig['budget'] = {}): Forecast | string {
  const method = keepsAll(network) ? 'dense' : 'east';
  try {
    return forecast({ budget, east: { method } }, modelOf(network));
  } catch (problem) {
    if (problem instanceof UserError) return problem.message;
    throw problem;
  }
}

function modelOf(network: Network): PlannedModel {
  if ('imported' in network) return planned(network.imported.model, network.use);
  const { input, classes, architecture, width } = network;
  return loadModel({ architecture, width, input: [...input], classes });
}

function planned({ network: { graph } }: ReadModel, use?: ModelUse): PlannedModel {
  return { graph: asUsed(use, graph), entries: new Map() };
}

function sizeText({ flash }: Forecast): string {
  return `${formatCount(flash.denseBytes)} parameters · ${formatBytes(flash.denseBytes)} as dense int8`;
}

/** A tenth of a KiB up, so that what is shown is enough. */
function roundUp(bytes: number): number {
  const unit = 1024 / 10;
  return bytes < 1024 ? bytes : Math.ceil(Math.ceil(bytes / unit) * unit);
}

function powerOfTwo(bytes: number): string {
  let kib = 4;
  while (kib * 1024 < bytes) kib *= 2;
  return kib < 1024 ? `${kib}KiB` : `${kib / 1024}MiB`;
}
