/** From a config's text to a ResolvedConfig, or to everything that is wrong with it. Does not touch the disk. */
import { dirname, relative, resolve, sep } from 'node:path';
import {
  isAsIs,
  isInFolders,
  isUntrained,
  type DatasetConfig,
  type ModelConfig,
  type ResolvedConfig,
} from './config';
import {
  checkBudget,
  checkClassesGiven,
  checkCodec,
  checkDataset,
  checkFloor,
  checkInput,
  checkMethod,
  checkRawData,
  checkModel,
  checkTask,
  checkTraining,
} from './checks';
import type { Given, Report } from './checks';
import type { ConfigFile, TrainingFile } from './config-file';
import { parseDocument } from './document';
import { checkFrontend, checkInputGiven, withFeatures } from './frontend-input';
import type { ConfigDocument } from './document';
import { checkOutputActivation, forTask } from './output-activation';
import type { PathKind, ResolvedPath } from './paths';
import { resolvePath } from './paths';
import type { KeyPath, Location, Problem } from './problem';
import { formatKey } from './problem';
import { nameFromFile, resolveBudget, resolveTask, resolveTraining } from './resolve';
import { SCHEMA, withDefaults } from './schema';
import { isSection, MOST_PROBLEMS, schemaProblems } from './validate';
import { isInside } from './workspace';
import type { FrontendConfig } from '../frontends/config';
import { resolveFrontend } from '../frontends/resolve';
import { defined, ifDefined } from '../util/defined';

export interface ParsedConfig {
  /** Present when no problem is an error. */
  readonly config?: ResolvedConfig;
  /** In the order of the text. */
  readonly problems: readonly Problem[];
}

/** With what those need who look at the network, too (models/check-config.ts), or at the disk. */
export interface ParsedText extends ParsedConfig {
  readonly document: ConfigDocument;
  /** Present where this section is sound, whatever the others are. Whether it is a network is not known yet. */
  readonly model?: ModelConfig;
  readonly paths: readonly PathUse[];
}

/** A path key of the config, resolved; what loadConfig checks for symbolic links. */
export interface PathUse {
  readonly key: KeyPath;
  /** Folder or file in front of any wildcard. */
  readonly fixed: string;
}

/**
 * @param file path of the config, which its paths are relative to
 * @param workspace folder that no path may leave
 */
export function parseConfig(text: string, file: string, workspace: string): ParsedConfig {
  const { config, problems } = parseText(text, file, workspace);
  return config ? { config, problems } : { problems };
}

/** As parseConfig, with what it met on the way. */
export function parseText(text: string, file: string, workspace: string): ParsedText {
  const document = parseDocument(text);
  const problems: Problem[] = [];
  const paths: PathUse[] = [];
  const add = (
    message: string,
    path: KeyPath,
    at: Location,
    severity: Problem['severity'],
  ): void => {
    problems.push({ ...at, message, path, severity });
  };

  for (const { message, location } of document.syntaxErrors.slice(0, MOST_PROBLEMS))
    add(message, [], location, 'error');
  // The parser guesses on after a mistake; what it guessed is not worth checking.
  if (problems.length > 0) return { problems, paths, document };

  for (const { path, location } of document.duplicates.slice(0, MOST_PROBLEMS)) {
    add(`${formatKey(path)}: stands twice in the same object; keep one`, path, location, 'error');
  }
  const report: Report = (path, message, severity = 'error') =>
    add(message, path, document.locateValue(path), severity);
  checkInputGiven((path) => document.has(path), report);
  checkClassesGiven((path) => document.has(path), report);
  for (const { message, path, at } of schemaProblems(document.value)) {
    const location = at === 'key' ? document.locateKey(path) : document.locateValue(path);
    add(message, path, location, 'error');
  }
  const sections = readSections(
    document.value,
    (section) => !problems.some(({ path }) => path[0] === section),
  );
  if (!isObject(document.value)) return { problems, paths, document };
  const written = sections.model && withFrontend(sections.model, sections);
  const model =
    written && checkModel(written, report) && (written.file ?? written.input) !== undefined
      ? forTask(
          resolveModel(written, (written) => {
            const resolved = resolvePath(written, dirname(file), resolve(workspace), 'path');
            return typeof resolved === 'string' ? written : resolved.path;
          }),
          resolveTask(sections.task),
          sections.dataset,
        )
      : undefined;
  const config = resolveSections(
    sections,
    { file: resolve(file), workspace: resolve(workspace) },
    {
      report,
      paths,
      given: (path) => document.has(path),
      resolve: (written, kind) => resolvePath(written, dirname(file), resolve(workspace), kind),
      failed: () => problems.some(isError),
    },
  );
  problems.sort((a, b) => a.offset - b.offset);
  // What lies where no path may lead is not looked at either.
  const isRefused = problems.some(
    (problem) => isError(problem) && problem.path[0] === 'model' && problem.path[1] === 'file',
  );
  return {
    problems,
    paths,
    document,
    ...(model && !isRefused && { model }),
    ...(config && { config }),
  };
}

/** The model with the input of its front end. */
function withFrontend(model: ModelConfig, { frontend }: Sections): ModelConfig {
  return withFeatures(model, frontend && resolveFrontend(frontend, () => undefined));
}

export function isError({ severity }: Problem): boolean {
  return severity === 'error';
}

/** The section with a sequence's input, [time, channels], as the image one row high that it is everywhere else. */
function withImage(model: unknown): unknown {
  if (!isObject(model) || !('input' in model)) return model;
  const input: unknown = model.input;
  if (!Array.isArray(input) || input.length !== 2) return model;
  return { ...model, input: [1, ...input.map(Number)] };
}

/** The section with names that stand alone as the lists of one that they are everywhere else. */
function withLists(section: unknown, ...keys: readonly string[]): unknown {
  if (!isObject(section)) return section;
  const entries = Object.entries(section).map(([key, value]): [string, unknown] => [
    key,
    keys.includes(key) && typeof value === 'string' ? [value] : value,
  ]);
  return Object.fromEntries(entries);
}

/** The sections that are sound, with their defaults. */
export type Sections = { readonly [S in keyof ConfigFile]?: ConfigFile[S] };

/** @param isSound whether nothing is wrong yet with a section of that name */
export function readSections(
  value: unknown,
  isSound: (section: keyof ConfigFile) => boolean,
): Sections {
  const filled = withDefaults(value, SCHEMA);
  const values = new Map<string, unknown>(isObject(filled) ? Object.entries(filled) : []);
  const read = <S extends keyof ConfigFile>(section: S): { [K in S]?: ConfigFile[S] } | object => {
    const value = asElsewhere(section, values.get(section));
    return isSound(section) && isSection(section, value) ? { [section]: value } : {};
  };
  return {
    ...read('name'),
    ...read('task'),
    ...read('model'),
    ...read('dataset'),
    ...read('frontend'),
    ...read('quantization'),
    ...read('budget'),
    ...read('east'),
    ...read('training'),
    ...read('firmware'),
    ...read('engine'),
  };
}

/** What may be written in more ways than one, in the one that all code reads. */
function asElsewhere(section: keyof ConfigFile, value: unknown): unknown {
  switch (section) {
    case 'model':
      return withImage(value);
    case 'dataset':
      return withLists(value, 'target');
    case 'task':
      return withLists(value, 'normal');
    default:
      return value;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Absolute paths. */
export interface Place {
  readonly file: string;
  readonly workspace: string;
}

interface Context {
  readonly report: Report;
  readonly paths: PathUse[];
  readonly given: Given;
  /** A path of the config, or what is wrong with it. */
  readonly resolve: (written: string, kind: PathKind) => ResolvedPath | string;
  /** Whether something has been reported that keeps the config from being used. */
  readonly failed: () => boolean;
}

/** The rules between keys and the way from sections to a config, the same for one that is new and one of a run. */
export function resolveSections(
  sections: Sections,
  place: Place,
  context: Context,
): ResolvedConfig | undefined {
  const { model, dataset, quantization, budget, east, firmware, engine } = sections;
  const { report, given } = context;
  const frontend = sections.frontend && checkFrontend(sections.frontend, model, report);
  const used = model && { model: resolveModel(model, (file) => file) };
  const asIs = used !== undefined && isAsIs(used);
  const untrained = used !== undefined && isUntrained(used);
  const fit = used?.model.use === 'fit';
  if (frontend !== undefined && untrained) {
    report(
      ['frontend'],
      'frontend: a network from a file has it in its C only where it is made to fit ("use": "fit"), whose input is what the front end makes; ' +
        'leave it out, and give examples as the network expects them',
    );
  }

  if (sections.name !== undefined && RESERVED_TARGETS.has(sections.name.toLowerCase())) {
    const why = 'is a target of every CMake build, and the sources come with one of that name';
    report(['name'], `name: "${sections.name}" ${why}; choose another`);
  }
  const task = resolveTask(sections.task);
  // Where it cannot be read, what hangs on it would be told of a task that nobody named.
  const isKnown = sections.task !== undefined || !given(['task']);
  if (model && isKnown) {
    checkOutputActivation(model, task, report);
    checkTask(task, { model: withFeatures(model, frontend), ...defined({ dataset }) }, report);
  }
  const training =
    sections.training && (fit ? fitting(sections.training, given) : sections.training);
  if (dataset) {
    const mayLackLabels = used?.model.file !== undefined && task.kind === 'classification';
    if (isKnown) checkDataset(windowed(dataset, frontend), task, mayLackLabels, report);
    checkRawData(dataset, sections.frontend !== undefined, report);
  }
  if (model && dataset && !sections.frontend) checkInput(model, dataset, report);
  if (budget) checkBudget(budget, report);
  if (budget && isKnown) checkFloor(budget, task, report);
  // What a file is used for decides it: where that is wrong, nothing is known of it.
  const isUnclear =
    used?.model.file === undefined &&
    [
      ['model', 'file'],
      ['model', 'use'],
    ].some(given);
  if (!untrained && !isUnclear) {
    if (budget && east) checkMethod(east, budget, given, report);
    if (quantization && east) checkCodec(east, quantization, report);
    if (training && east) checkTraining(training, { method: east.method, fit }, given, report);
  }

  const path: ResolvePath = (written, key, kind) => {
    const resolved = context.resolve(written, kind);
    if (typeof resolved === 'string') {
      report(key, `${formatKey(key)}: ${resolved}`);
      return written;
    }
    context.paths.push({ key, fixed: resolved.fixed });
    return resolved.path;
  };
  const resolvedModel =
    model &&
    resolveModel(withFeatures(model, frontend), (file) => path(file, ['model', 'file'], 'path'));
  const resolvedDataset = dataset && resolveDataset(dataset, path);
  const resolvedTraining = training && {
    ...resolveTraining(training, fit),
    ...defined({
      initialWeights: ifDefined(training.initialWeights, (file) =>
        path(file, ['training', 'initialWeights'], 'path'),
      ),
    }),
  };
  const resolvedFirmware = firmware && resolveFirmware(firmware, path);
  if (resolvedFirmware) {
    const held = [place.file, ...context.paths.filter(isInput).map(({ fixed }) => fixed)];
    const problem = firmwareFolderProblem(resolvedFirmware.directory, place, held);
    if (problem) report(['firmware', 'directory'], `firmware.directory: ${problem}`);
  }

  if (context.failed()) return undefined;
  if ((resolvedModel?.file ?? resolvedModel?.input) === undefined) return undefined;
  if (!resolvedModel || !quantization || !budget || !east) return undefined;
  if (!resolvedDataset && !asIs) return undefined;
  if (!resolvedTraining || !resolvedFirmware || !engine) return undefined;
  return {
    name: sections.name ?? nameFromFile(place.file),
    task,
    model: forTask(resolvedModel, task, resolvedDataset),
    ...defined({ dataset: resolvedDataset, frontend }),
    // Without training weights are int8 and nothing of them is pruned, whatever would be done with those that are trained.
    quantization: untrained ? { ...quantization, weights: 8 } : quantization,
    budget: resolveBudget(budget),
    east: untrained ? { ...east, method: 'dense' } : east,
    training: resolvedTraining,
    firmware: resolvedFirmware,
    engine,
    ...place,
  };
}

/** A table of which a front end makes examples has windows without saying so. */
function windowed(dataset: DatasetConfig, frontend: FrontendConfig | undefined): DatasetConfig {
  if (frontend === undefined || dataset.format !== 'csv') return dataset;
  return { ...dataset, window: dataset.window ?? frontend.length };
}

/** Pruning epochs from a file's weights, which need no float epochs before. */
const FITTING_EPOCHS = 10;

function fitting(training: TrainingFile, given: Given): TrainingFile {
  if (given(['training', 'epochs'])) return training;
  return { ...training, epochs: 0, pruneEpochs: training.pruneEpochs ?? FITTING_EPOCHS };
}

/** Names CMake keeps for itself (policy CMP0037). */
const RESERVED_TARGETS = new Set([
  'all',
  'clean',
  'depend',
  'edit_cache',
  'help',
  'install',
  'package',
  'test',
]);

function isInput({ key }: PathUse): boolean {
  return key[0] !== 'firmware';
}

/** Folders of others, however the file system takes upper and lower case. */
const KEPT_FOLDERS = ['.git', '.east', '.vscode'];

/** What keeps sources from being written into a folder, by its path alone. */
export function keptFolderProblem(directory: string, workspace: string): string | undefined {
  const parts = relative(workspace, directory).split(sep);
  const kept = parts.find((part) => KEPT_FOLDERS.includes(part.toLowerCase()));
  return kept === undefined ? undefined : `the sources cannot be written into ${kept}`;
}

/** The folder is replaced as a whole when sources are written: nothing else may live in it. */
function firmwareFolderProblem(
  directory: string,
  { file, workspace }: Place,
  held: readonly string[],
): string | undefined {
  const kept = keptFolderProblem(directory, workspace);
  if (kept !== undefined) return kept;
  const path = held.find((path) => isInside(path, directory));
  if (path === undefined) return undefined;
  const what = path === file ? 'the config file' : `data (${relative(workspace, path)})`;
  return `the sources need a folder of their own, but this one holds ${what}`;
}

/** With what a file is used for where nothing is said: it is taken as it is. */
function resolveModel(model: ModelConfig, path: (written: string) => string): ModelConfig {
  if (model.file === undefined) return model;
  return { ...model, file: path(model.file), use: model.use ?? 'as-is' };
}

type ResolvePath = (written: string, key: KeyPath, kind: PathKind) => string;

function resolveFirmware(
  firmware: ConfigFile['firmware'],
  path: ResolvePath,
): ResolvedConfig['firmware'] {
  const { directory, linkerScript, mapFile } = firmware;
  return {
    ...firmware,
    directory: path(directory, ['firmware', 'directory'], 'path'),
    ...defined({
      linkerScript: ifDefined(linkerScript, (file) =>
        path(file, ['firmware', 'linkerScript'], 'path'),
      ),
      mapFile: ifDefined(mapFile, (file) => path(file, ['firmware', 'mapFile'], 'pattern')),
    }),
  };
}

function resolveDataset(dataset: DatasetConfig, path: ResolvePath): DatasetConfig {
  const { format, trainLabels, testLabels, window, background } = dataset;
  const kind = isInFolders(format) ? 'path' : 'pattern';
  const resolved = {
    ...dataset,
    train: path(dataset.train, ['dataset', 'train'], kind),
    test: path(dataset.test, ['dataset', 'test'], kind),
  };
  return {
    ...resolved,
    ...defined({
      trainLabels: ifDefined(trainLabels, (files) =>
        path(files, ['dataset', 'trainLabels'], 'pattern'),
      ),
      testLabels: ifDefined(testLabels, (files) =>
        path(files, ['dataset', 'testLabels'], 'pattern'),
      ),
      step: window === undefined ? dataset.step : (dataset.step ?? window),
      background: ifDefined(background, ({ folder, snr }) => ({
        folder: path(folder, ['dataset', 'background', 'folder'], 'path'),
        snr,
      })),
    }),
  };
}
