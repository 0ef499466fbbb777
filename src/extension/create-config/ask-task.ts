/** What the network shall tell, and of what in the data it learns that. */
import { resolve } from 'node:path';
import { defined } from '../../core/util/defined';
import { UserError } from '../../core/util/errors';
import type { Draft } from './answers';
import { describeLabel } from './describe-data';
import { pick, type Position, type Reply } from './multi-step';
import { isAnswer, type Given } from './steps';
import { outputsOf, taskChoices } from './task-choices';

/** Pictures are asked for what class they are of; sounds and tables may be for more. */
export function hasTaskChoice({ format, imported }: Draft): boolean {
  return imported === undefined && (format === 'wav' || format === 'csv');
}

export async function askTask(draft: Draft, position: Position): Promise<Reply<Given>> {
  const reply = await pick(position, 'What shall the network tell?', taskChoices(draft));
  if (!isAnswer(reply)) return reply;
  const { task } = reply;
  const { input, classNames = [] } = draft;
  const [only, ...more] = classNames;
  return {
    task,
    ...defined({
      classes: input && outputsOf(task, input),
      normal: task === 'anomaly' && more.length === 0 ? only : undefined,
    }),
  };
}

/** Folders say which classes there are. */
export async function askNormal(
  { classNames = [] }: Draft,
  position: Position,
): Promise<Reply<Given>> {
  const items = classNames.map((label) => ({ label }));
  const reply = await pick(position, 'What is normal', items);
  return isAnswer(reply) ? { normal: reply.label } : reply;
}

/** The column of the number, and what is left to tell it by. */
export async function askTold(draft: Draft, position: Position): Promise<Reply<Given>> {
  const { lookForTargets } = await import('../../core/dataset/look-at-data');
  const train = draft.train ?? '';
  const choices = await lookForTargets(draft.folder, train, draft.folder);
  if (choices.length === 0) {
    throw new UserError('no column of the table holds numbers that could be told by the others', {
      file: resolve(draft.folder, train),
    });
  }
  const items = choices.map((choice) => ({
    label: choice.label,
    detail: describeLabel(choice),
    choice,
  }));
  const reply = await pick(position, 'Column that holds the number', items);
  if (!isAnswer(reply)) return reply;
  const { label: told, columns, input } = reply.choice;
  // A label that was found is a column as any other then.
  return { told, label: undefined, columns, input, classes: 1 };
}
