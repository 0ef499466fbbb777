/** A config's text and what is known of its network, put together: a config that can be used, or what is wrong with either. */
import path from 'node:path';
import type { ModelConfig, ResolvedConfig } from '../config/config';
import type { ParsedText } from '../config/parse-config';
import type { KeyPath, Problem } from '../config/problem';
import { firstOutputSize, isWeighted, type Graph } from '../graph/graph';
import { scoringGraph } from '../graph/scores';
import { ModelError } from '../graph/model-error';
import { formatShape, sameShape } from '../ops/shape';
import { defined } from '../util/defined';
import type { LoadedModel } from './model';
import { loadModel } from './models';

/** What can be planned with: a network without the numbers in it. */
export type PlannedModel = Pick<LoadedModel, 'graph' | 'entries'>;

/** The network of a config, or what keeps it from being one: a sentence, and the key below `model` it is about. */
export type ModelFact<Model extends PlannedModel = PlannedModel> = {
  /** What it was found for, so that one which the text has moved away from is not held against it. */
  readonly of: string;
} & (
  | {
      readonly model: Model;
      /** Of the file it was read from. */
      readonly sha256?: string;
    }
  | { readonly problem: ModelProblem }
);

export interface ModelProblem {
  readonly message: string;
  readonly path: KeyPath;
  /** A warning where nothing is wrong, but nothing is known of the network either. */
  readonly severity?: Problem['severity'];
  /** Of a model file that is not there: others that may be meant, absolute, the likeliest first. */
  readonly instead?: readonly string[];
}

export interface SoundConfig<Model extends PlannedModel = PlannedModel> {
  readonly config: ResolvedConfig;
  readonly model: Model;
}

export interface CheckedConfig<Model extends PlannedModel = PlannedModel> extends Pick<
  ParsedText,
  'document' | 'problems'
> {
  /** Present when no problem is an error. */
  readonly sound?: SoundConfig<Model | LoadedModel>;
}

/**
 * Adds what is wrong with the network to what is wrong with the text.
 *
 * @param gathered counts where it is of the very network that the text describes; else the text tells at once
 */
export function checkConfig<Model extends PlannedModel>(
  parsed: ParsedText,
  gathered?: ModelFact<Model>,
): CheckedConfig<Model> {
  const { document, config, problems } = parsed;
  if (parsed.model === undefined) return { document, problems };
  const of = keyOf(parsed.model);
  const fact: ModelFact<Model | LoadedModel> | undefined =
    gathered?.of === of ? gathered : describedModel(parsed.model, of);
  // A file is read when there is time; until then nothing is known of its network, neither good nor bad.
  if (fact === undefined) return { document, problems };
  if ('problem' in fact) {
    const path = ['model', ...fact.problem.path];
    const { message, severity = 'error' } = fact.problem;
    const added = { ...document.locateValue(path), message, path, severity };
    return { document, problems: [...problems, added].sort((a, b) => a.offset - b.offset) };
  }
  if (config === undefined) return { document, problems };
  const model = { ...config.model, ...defined({ sha256: fact.sha256 }) };
  return { document, problems, sound: { config: { ...config, model }, model: fact.model } };
}

/** undefined where the network is not described by the config itself. */
function describedModel(config: ModelConfig, of: string): ModelFact<LoadedModel> | undefined {
  if (config.file !== undefined) return undefined;
  try {
    return { of, model: loadModel(config) };
  } catch (error) {
    return { of, problem: problemOf(error) };
  }
}

export function problemOf(error: unknown): ModelProblem {
  if (!(error instanceof ModelError)) throw error;
  return { message: error.message, path: error.path };
}

/** What of a config a ModelFact is of. The file's hash is what is found, and not what is asked. */
export function keyOf(config: ModelConfig): string {
  return JSON.stringify({ ...config, sha256: undefined });
}

/** A problem of the model file itself. */
export function fileProblem(file: string, message: string): ModelProblem {
  return { message: `${path.basename(file)}: ${message}`, path: ['file'] };
}

/** What is known of a file's network where it is held against a config. */
export interface FileNetwork {
  readonly graph: Graph;
  /** Whether it computes in int8, with codes of its own. */
  readonly int8: boolean;
}

/** What is said of a network that there is nothing to encode or to make fit of. */
export const NO_WEIGHTS = 'has no layer with weights, so there is nothing to make fit';

/** What the config says of the network must be what the file holds. @throws ModelError with the key below `model` */
export function checkAgainstFile(
  { use, input, classes, outputs: targets }: ModelConfig,
  { graph, int8 }: FileNetwork,
): void {
  const { inputShape } = graph;
  if (!graph.layers.some(isWeighted))
    throw new ModelError(`the network of the file ${NO_WEIGHTS}`, ['file']);
  if (input !== undefined && !sameShape(input, inputShape)) {
    throw new ModelError(
      `the network of the file takes ${formatShape(inputShape)}, but "input" says ${formatShape(input)}; leave it out, or correct it`,
      ['input'],
    );
  }
  const outputs = firstOutputSize(scoringGraph(graph));
  if (classes !== undefined && classes !== outputs) {
    throw new ModelError(
      `the network of the file has ${outputs} outputs, but "classes" says ${classes}; leave it out, or correct it`,
      ['classes'],
    );
  }
  if (targets !== undefined && targets !== outputs) {
    throw new ModelError(
      `the network of the file has ${outputs} outputs, but each example has ${targets} targets (dataset.target or "outputs"); ` +
        'give one for each output, in their order',
      ['outputs'],
    );
  }
  if (use === 'quantize' && int8) {
    throw new ModelError(
      'the network of the file is int8 already, with codes of its own; set "use" to "as-is", or to "fit" to train it on',
      ['use'],
    );
  }
  if (use === 'as-is' && !int8) {
    throw new ModelError(
      'the network of the file computes in floating point, and "as-is" keeps the codes of an int8 one; set "use" to "quantize" or "fit"',
      ['use'],
    );
  }
}
