/** What the model file that a config names is, in words. */
import { basename } from 'node:path';
import { linkProblem } from '../../core/config/paths';
import { describeModelFile } from '../../core/report/describe-model-file';
import { UserError } from '../../core/util/errors';
import type { ModelIndex } from '../services';
import type { OpenConfig } from './open-configs';

/** Markdown; undefined where the config names no file that may be read. */
export async function modelFileText(
  { advised }: OpenConfig,
  workspace: string,
  models: ModelIndex,
): Promise<string | undefined> {
  const file = advised.written?.model.file;
  if (file === undefined || linkProblem(file, workspace) !== undefined) return undefined;
  try {
    const { facts } = await models.read(file, workspace);
    // What is wrong with a damaged file is told at its place already.
    return facts && describeModelFile(basename(file), facts, advised.forecast);
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}
