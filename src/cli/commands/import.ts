/** `east import`: a config that takes its network from a file. */
import { existsSync } from 'node:fs';
import { basename, dirname, relative, resolve } from 'node:path';
import { draftConfig } from '../../core/advice/draft-config';
import { inspectModel, type InspectedModel } from '../../core/advice/inspect-model';
import { MODEL_USES, type ModelUse, type TaskChoice } from '../../core/config/config';
import { withSlashes } from '../../core/config/glob';
import { linkProblem } from '../../core/config/paths';
import { nameFromFile } from '../../core/config/resolve';
import { parseShareOrSize, parseSize } from '../../core/config/size';
import type { TemplateChoices } from '../../core/config/template';
import { FORMATS, parseWholeNumber, withConfigSuffix } from '../../core/config/template-choices';
import { findWorkspace, isInside } from '../../core/config/workspace';
import { normalizeOf, storedBy } from '../../core/models/normalization';
import { allowedWeights } from '../../core/plan/flash';
import { asUsed } from '../../core/models/as-used';
import type { LoadedModel } from '../../core/models/model';
import { forecast } from '../../core/plan/forecast';
import { withoutBuffers } from '../../core/plan/memory';
import { formatBytes, formatShape } from '../../core/report/format';
import { writeFileAtomic } from '../../core/run/atomic-file';
import { defined, ifDefined } from '../../core/util/defined';
import { UserError } from '../../core/util/errors';
import type { Context, Outcome } from '../context';
import { EXIT, UsageError } from '../exit-codes';
import { shellWord } from '../shell-word';
import { print, remark } from '../terminal';

/** As commander gives them: texts, none of them checked yet. */
export interface ImportOptions {
  readonly out?: string;
  readonly name?: string;
  readonly use?: string;
  readonly flash?: string;
  readonly ram?: string;
  readonly weights?: string;
  readonly format?: string;
  readonly train?: string;
  readonly test?: string;
  readonly trainLabels?: string;
  readonly testLabels?: string;
  readonly label?: string;
  readonly task?: string;
  readonly target?: string;
  readonly epochs?: string;
  readonly firmware?: string;
  readonly force?: boolean;
}

type Built = NonNullable<InspectedModel['built']>;

export async function importModel(
  argument: string,
  options: ImportOptions,
  { cwd, terminal }: Context,
): Outcome {
  const model = resolve(cwd, argument);
  const { built, problem } = await inspectModel(model);
  if (built === undefined) {
    throw new UserError(
      `${problem ?? 'it cannot be read'}; "east inspect" lists what the file holds`,
      { file: model },
    );
  }
  const stem = basename(model).replace(/\.[^.]*$/, '');
  const out = options.out ?? options.name ?? stem;
  const file = resolve(cwd, withConfigSuffix(out));
  if (existsSync(file) && options.force !== true) {
    throw new UserError(
      'the config exists already; choose another name with --out, or use --force',
      {
        file,
      },
    );
  }
  const workspace = findWorkspace(file);
  if (!isInside(model, workspace)) {
    throw new UserError(
      `the network lies outside the workspace folder ${workspace}, which no config leaves; copy it there first: ` +
        `cp ${shellWord(model)} ${shellWord(dirname(file))}/`,
      { file: model },
    );
  }
  const link = linkProblem(model, workspace);
  if (link !== undefined) throw new UserError(link, { file: model });
  const use = chooseUse(options, built);
  const choices = choicesOf(options, { use, file, model, built });
  const { text, errors } = draftConfig(choices, file, workspace);
  if (errors.length > 0) {
    throw new UsageError(`these choices do not make a config:\n  ${errors.join('\n  ')}`);
  }
  writeFileAtomic(file, text);
  const { graph, flash, memory } = built.forecast;
  const ram = withoutBuffers(graph, memory);
  const int8 = built.model.quantization !== undefined ? 'int8' : 'floating point';
  remark(
    terminal,
    `${basename(model)}: ${int8}, takes ${formatShape(graph.inputShape)}; with dense int8 weights ${formatBytes(flash.least)} of flash, ${formatBytes(ram.total)} of RAM`,
  );
  // What was left out may change what the numbers mean, and not everybody inspects a file first.
  for (const note of built.model.file?.notes ?? []) remark(terminal, `note: ${note}`);
  for (const line of nextSteps(use, options, relative(cwd, file))) print(terminal, line);
  return EXIT.ok;
}

/** What was asked for; else what needs the least of the user. */
function chooseUse(options: ImportOptions, { model, forecast: built }: Built): ModelUse {
  const int8 = model.quantization !== undefined;
  const wanted = ifDefined(options.use, (use) => possibleUse(use, int8));
  const { flash, graph, memory } = built;
  // Dense int8 weights are read where they lie.
  const ram = withoutBuffers(graph, memory).total;
  const flashLimit = ifDefined(options.flash, parseSize) ?? Infinity;
  const ramLimit = ifDefined(options.ram, parseSize) ?? Infinity;
  requirePossible(flashLimit, ramLimit, { model, ram });
  if (wanted !== undefined) return wanted;
  const weights = ifDefined(options.weights, parseShareOrSize);
  const weightLimit = (weights && allowedWeights({ weights }, flash.denseBytes)) ?? Infinity;
  const fits = flash.least <= flashLimit && flash.leastBlob <= weightLimit && ram <= ramLimit;
  if (!fits) return 'fit';
  return int8 ? 'as-is' : 'quantize';
}

/** @throws UsageError for a word that is none, and for a use that is not for such a network */
function possibleUse(use: string, int8: boolean): ModelUse {
  const known = MODEL_USES.find((each) => each === use);
  if (known === undefined) {
    throw new UsageError(`--use ${use}: must be one of ${MODEL_USES.join(', ')}`);
  }
  if (known === 'as-is' && !int8) {
    throw new UsageError(
      '--use as-is: keeps the codes of an int8 network, and this one computes in floating point; use quantize or fit',
    );
  }
  if (known === 'quantize' && int8) {
    throw new UsageError(
      '--use quantize: makes a float network int8, and this one is int8 already; use as-is or fit',
    );
  }
  return known;
}

/** What no way of using the network can meet is said before a config promises it. */
function requirePossible(
  flashLimit: number,
  ramLimit: number,
  { model, ram }: { readonly model: LoadedModel; readonly ram: number },
): void {
  if (ram > ramLimit) {
    throw new UsageError(
      `--ram: the activations alone take ${formatBytes(ram)}, whatever becomes of the weights; give at least that, or take a ` +
        'smaller input or fewer channels where the network is made',
    );
  }
  const fitted = { ...model, graph: asUsed('fit', model.graph) };
  const { least } = forecast({ budget: {}, east: { method: 'east' } }, fitted).flash;
  if (least > flashLimit) {
    throw new UsageError(
      `--flash: code, tables, biases and the fewest weights take ${formatBytes(least)}; give at least that (useful accuracy needs a ` +
        'good deal more), or take a smaller network',
    );
  }
}

function choicesOf(
  options: ImportOptions,
  {
    use,
    file,
    model,
    built,
  }: { readonly use: ModelUse; readonly file: string; readonly model: string; built: Built },
): TemplateChoices {
  const limited = (options.flash ?? options.weights) !== undefined;
  const path = relative(dirname(file), model);
  return {
    name: options.name?.replaceAll('-', '_') ?? nameFromFile(file),
    modelFile: withSlashes(path),
    use,
    budget:
      use === 'fit' && !limited
        ? { ...defined({ ram: options.ram }), weights: '25%' }
        : defined({ flash: options.flash, ram: options.ram, weights: options.weights }),
    ...defined({
      task: ifDefined(options.task, taskNamed),
      dataset: datasetOf(options, use, built),
      epochs: ifDefined(options.epochs, (text) => wholeNumber('epochs', text)),
      firmwareDirectory: options.firmware,
    }),
  };
}

/** What was given; for those who need data and name none, where it is usually found. */
function datasetOf(
  options: ImportOptions,
  use: ModelUse,
  { model, forecast }: Built,
): TemplateChoices['dataset'] {
  const { train, test, trainLabels, testLabels, label } = options;
  const given = options.format ?? train ?? test;
  if (given === undefined && use === 'as-is') return undefined;
  const [height, width, channels] = forecast.graph.inputShape;
  const picture = height > 1 && width > 1 && (channels === 1 || channels === 3);
  const wanted = options.format ?? (picture ? 'images' : 'numpy');
  const format = FORMATS.find((each) => each === wanted);
  if (format === undefined) {
    throw new UsageError(`--format ${wanted}: must be one of ${FORMATS.join(', ')}`);
  }
  const [trainPreset, testPreset] =
    format === 'images' ? ['data/train', 'data/test'] : ['data/train.npz', 'data/test.npz'];
  return {
    format,
    train: train ?? trainPreset,
    test: test ?? testPreset,
    ...defined({
      trainLabels,
      testLabels,
      label,
      target: options.target?.split(',').map((name) => name.trim()),
      normalize: ifDefined(model.file?.normalization, (hint) =>
        normalizeOf(hint, storedBy(format)),
      ),
    }),
  };
}

/** What a network of a file may be for. @throws UsageError */
function taskNamed(word: string): TaskChoice | undefined {
  if (word === 'classification') return undefined;
  if (word === 'regression') return word;
  throw new UsageError(`--task ${word}: must be one of classification, regression`);
}

function wholeNumber(what: string, value: string): number {
  const number = parseWholeNumber(value);
  if (number !== undefined) return number;
  throw new UsageError(`--${what} ${value}: must be a whole number`);
}

function nextSteps(use: ModelUse, options: ImportOptions, name: string): string[] {
  const word = shellWord(name);
  const known = use === 'as-is' || (options.train !== undefined && options.test !== undefined);
  const why = {
    'as-is': 'the codes of the file as they are',
    quantize: 'made int8 here',
    fit: 'trained on until it fits',
  }[use];
  return [
    `${name} is written (${use}: ${why}). Look through it${known ? '' : ', say in "dataset" where the examples are'}, then:`,
    `  east run ${word} --generate`,
    `  east verify ${word}`,
  ];
}
