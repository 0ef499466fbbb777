/** What data that somebody names says of itself, so that it need not be typed. */
import { posix, resolve } from 'node:path';
import type { DatasetConfig } from '../config/config';
import { UserError } from '../util/errors';
import { findFiles } from './files';
import { findDatasets } from './find-datasets';
import { describeTable, type GivenColumns } from './find-tables';
import type { FoundDataset } from './found-dataset';

/** What may be learned; what is not known is absent. */
export type SeenData = Partial<FoundDataset>;

/**
 * @param folder absolute, in the workspace folder, which nothing outside of is looked at
 * @param train path or pattern relative to `folder`, with forward slashes
 */
export async function lookAtTable(
  folder: string,
  train: string,
  workspace: string,
  given: GivenColumns = {},
): Promise<SeenData> {
  try {
    return await describeTable(await findFiles(resolve(folder, train), '', workspace), given);
  } catch (error) {
    if (error instanceof UserError) return {};
    throw error;
  }
}

/** As the search for data finds it; nothing where it does not find it there. */
export async function lookAtData(
  folder: string,
  format: DatasetConfig['format'],
  train: string,
): Promise<SeenData> {
  const wanted = posix.normalize(train).replace(/\/$/, '');
  // Nothing else is looked through than what lies beside it.
  const parent = posix.dirname(wanted);
  const found = await findDatasets(resolve(folder, parent), { maxDepth: 1 });
  return (
    found.find((each) => each.format === format && posix.join(parent, each.train) === wanted) ?? {}
  );
}
