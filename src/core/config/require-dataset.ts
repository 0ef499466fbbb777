import { UserError } from '../util/errors';
import type { DatasetConfig, ResolvedConfig } from './config';

/** For those who cannot do without examples. Throws UserError where the config names none. */
export function requireDataset({
  dataset,
  file,
}: Pick<ResolvedConfig, 'dataset' | 'file'>): DatasetConfig {
  if (dataset !== undefined) return dataset;
  throw new UserError('training needs examples: give "dataset"', { file });
}
