import type { ModelConfig } from '../config/config';
import { DEFAULT_WIDTH } from '../models/architectures';
import { UserError } from '../util/errors';

/** The largest width below the model's own with which `fits` holds; undefined for a list of layers, or where none is. */
export function largestWidth(
  model: ModelConfig,
  fits: (model: ModelConfig) => boolean,
): number | undefined {
  if (model.architecture === undefined) return undefined;
  const works = (width: number): boolean => {
    try {
      return fits({ ...model, width });
    } catch (error) {
      if (error instanceof UserError) return false;
      throw error;
    }
  };
  // What a network takes grows with its width.
  let [low, high] = [0, model.width ?? DEFAULT_WIDTH[model.architecture]];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (works(middle)) low = middle;
    else high = middle;
  }
  return low > 0 ? low : undefined;
}
