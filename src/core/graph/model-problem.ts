import type { ModelConfig } from '../config/config';
import { ModelError } from './model-error';
import { rememberedGraph } from './remembered-graph';

/** What keeps the model from being built, for `checkModel` of config/parse-config.ts; undefined when nothing does. */
export function modelProblem(
  model: ModelConfig,
): { message: string; path: readonly (string | number)[] } | undefined {
  try {
    rememberedGraph(model);
    return undefined;
  } catch (error) {
    if (error instanceof ModelError) return { message: error.message, path: error.path };
    throw error;
  }
}
