/** What both sets, once they are read, must have for a network to be trained and tested on them. */
import { isInFolders } from '../config/config';
import type { Task } from '../tasks/task';
import { UserError } from '../util/errors';
import { SET_NAMES, type RawDataset, type Source } from './source';
import { checkTargets } from './targets';

export function checkSets(
  task: Task,
  { train, test, classNames }: RawDataset,
  learns: boolean,
): void {
  checkTargets(task, train, classNames, SET_NAMES.train);
  checkTargets(task, test, classNames, SET_NAMES.test);
  const problem = learns ? task.trainingProblem(train.targets, classNames) : undefined;
  if (problem !== undefined) throw new UserError(problem);
}

/**
 * What to do about a class without examples depends on where they went.
 * @param classesRead class indices that the training files have, before any limit
 */
export function checkClasses(
  raw: RawDataset,
  classesRead: ReadonlySet<number>,
  { config, model }: Source,
): void {
  const rows = windowRows({ config, model });
  const present = new Set(raw.train.targets);
  const empty = Array.from({ length: model.classes }, (_, i) => i).find((i) => !present.has(i));
  if (empty !== undefined) {
    const name = `class "${raw.classNames[empty] ?? empty}"`;
    throw new UserError(
      classesRead.has(empty) || isInFolders(config.format)
        ? `${name} has no example among the ${raw.train.count} that dataset.limit chose; raise it`
        : rows !== undefined
          ? `${name} fills no window of ${rows.count} rows in the training set; make ${rows.key} smaller, ${config.recording === undefined ? '' : `look whether the rows of a recording follow one another in column "${config.recording}", `}or leave that label's rows out`
          : `${name} has no example in the training set; dataset.train must name the files of every class`,
    );
  }
}

export function requireTestSet(raw: RawDataset, { config, model }: Source): void {
  if (raw.test.count === 0) {
    const rows = windowRows({ config, model });
    throw new UserError(
      rows === undefined
        ? 'the test set is empty'
        : `no window of ${rows.count} rows of one label fits into the test set; make ${rows.key} smaller`,
    );
  }
}

/** Rows of a table that make an example, and the key of the config that says so. */
function windowRows({
  config,
  model: { frontend },
}: Pick<Source, 'config' | 'model'>): { readonly count: number; readonly key: string } | undefined {
  if (config.format !== 'csv') return undefined;
  if (frontend !== undefined) return { count: frontend.length, key: 'frontend.length' };
  return config.window === undefined ? undefined : { count: config.window, key: 'dataset.window' };
}
