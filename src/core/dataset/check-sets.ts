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
  const present = new Set(raw.train.targets);
  const empty = Array.from({ length: model.classes }, (_, i) => i).find((i) => !present.has(i));
  if (empty !== undefined) {
    const name = `class "${raw.classNames[empty] ?? empty}"`;
    throw new UserError(
      classesRead.has(empty) || isInFolders(config.format)
        ? `${name} has no example among the ${raw.train.count} that dataset.limit chose; raise it`
        : config.window !== undefined
          ? `${name} fills no window of ${config.window} rows in the training set; make dataset.window smaller, or leave that label's rows out`
          : `${name} has no example in the training set; dataset.train must name the files of every class`,
    );
  }
}

export function requireTestSet(raw: RawDataset, { config }: Source): void {
  if (raw.test.count === 0) {
    throw new UserError(
      config.window === undefined
        ? 'the test set is empty'
        : `no window of ${config.window} rows of one label fits into the test set; make dataset.window smaller`,
    );
  }
}
