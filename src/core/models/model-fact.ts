/** What is known of a config's network while its text is being written: the network, or what keeps it from being one. */
import type { ModelConfig } from '../config/config';
import type { KeyPath } from '../config/problem';
import { ModelError } from '../graph/model-error';
import { loadModel } from './load';
import type { LoadedModel } from './model';

export type ModelFact = {
  /** What it was found for, so that one which the text has moved away from is not held against it. */
  readonly of: string;
} & (
  | { readonly model: LoadedModel }
  /** A sentence, and the key below `model` that it is about. */
  | { readonly problem: { readonly message: string; readonly path: KeyPath } }
);

/** Takes its time where the network lies in a file. */
export function gatherModel(config: ModelConfig): Promise<ModelFact> {
  return Promise.resolve(describedModel(config));
}

/** What was gathered before, where it is of this very network; else what the config tells at once. */
export function modelFact(config: ModelConfig, gathered?: ModelFact): ModelFact {
  return gathered?.of === keyOf(config) ? gathered : describedModel(config);
}

function describedModel(config: ModelConfig): ModelFact {
  const of = keyOf(config);
  try {
    return { of, model: loadModel(config) };
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    return { of, problem: { message: error.message, path: error.path } };
  }
}

function keyOf(config: ModelConfig): string {
  return JSON.stringify(config);
}
