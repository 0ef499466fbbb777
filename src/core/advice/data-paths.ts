/** The files that training reads, and how it is said that one of them is not there. */
import type { ResolvedConfig } from '../config/config';
import type { KeyPath } from '../config/problem';
import { formatKey } from '../config/problem';

/** Key and absolute path or pattern of each; undefined where the config has none. */
export function dataPaths({
  dataset,
  training,
}: Pick<ResolvedConfig, 'dataset' | 'training'>): [KeyPath, string | undefined][] {
  return [
    [['dataset', 'train'], dataset?.train],
    [['dataset', 'trainLabels'], dataset?.trainLabels],
    [['dataset', 'test'], dataset?.test],
    [['dataset', 'testLabels'], dataset?.testLabels],
    [['dataset', 'background', 'folder'], dataset?.background?.folder],
    [['training', 'initialWeights'], training.initialWeights],
  ];
}

/** @param problem what is wrong, as a clause */
export function missingText(key: KeyPath, path: string, problem: string): string {
  return `${formatKey(key)}: ${problem}, so this config cannot be trained here (looked for ${path})`;
}
