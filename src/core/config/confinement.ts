/**
 * Paths of a config, looked at where they are used: between the check of a config and its use lie hours of training, or
 * somebody's archive of the whole folder. What lay inside the workspace may have become a link out of it.
 */
import { UserError } from '../util/errors';
import { isInFolders, type ResolvedConfig } from './config';
import { keptFolderProblem } from './parse-config';
import type { PathKind } from './paths';
import { checkResolved, linkProblem, realPlace } from './paths';
import type { KeyPath } from './problem';
import { formatKey } from './problem';

/** What a config's paths are for: reading data and first weights, or writing and reading the generated sources. */
export type Use = 'data' | 'sources';

interface UsedPath {
  readonly key: KeyPath;
  readonly path: string | undefined;
  readonly kind: PathKind;
}

/** Throws UserError, naming the key, where a path of that use leads out of the workspace folder by now. */
export function requireConfined(config: ResolvedConfig, use: Use): void {
  const { workspace, file } = config;
  for (const { key, path, kind } of pathsOf(config, use)) {
    if (path === undefined) continue;
    const checked = checkResolved(path, workspace, kind);
    const problem =
      typeof checked === 'string' ? checked : placeProblem(key, checked.fixed, workspace);
    if (problem !== undefined) throw new UserError(`${formatKey(key)}: ${problem}`, { file });
  }
}

/**
 * What is wrong with the place on the disk that a path of a config leads to, symbolic links followed.
 * @param fixed the path, or the part of a pattern that is certain
 */
export function placeProblem(key: KeyPath, fixed: string, workspace: string): string | undefined {
  const problem = linkProblem(fixed, workspace);
  if (problem !== undefined || formatKey(key) !== 'firmware.directory') return problem;
  return keptFolderProblem(realPlace(fixed), realPlace(workspace));
}

function pathsOf({ model, dataset, training, firmware }: ResolvedConfig, use: Use): UsedPath[] {
  if (use === 'sources') {
    return [{ key: ['firmware', 'directory'], path: firmware.directory, kind: 'path' }];
  }
  const kind = isInFolders(dataset?.format) ? 'path' : 'pattern';
  return [
    { key: ['model', 'file'], path: model.file, kind: 'path' },
    { key: ['dataset', 'train'], path: dataset?.train, kind },
    { key: ['dataset', 'test'], path: dataset?.test, kind },
    { key: ['dataset', 'trainLabels'], path: dataset?.trainLabels, kind: 'pattern' },
    { key: ['dataset', 'testLabels'], path: dataset?.testLabels, kind: 'pattern' },
    { key: ['dataset', 'background', 'folder'], path: dataset?.background?.folder, kind: 'path' },
    { key: ['training', 'initialWeights'], path: training.initialWeights, kind: 'path' },
  ];
}
