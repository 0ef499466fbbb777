/**
 * `data.json` in a run's folder: what the data was when the run was started, so that it can be said when it has changed
 * since. A run that goes on with other data ends in other bytes, and nothing else would show it.
 */
import * as v from 'valibot';
import type { ResolvedConfig } from '../config/config';
import {
  dataChanges,
  describeChanges,
  fingerprintData,
  type DataEntry,
  type DataFingerprint,
} from '../dataset/fingerprint';
import { UserError } from '../util/errors';
import { textIfThere } from '../util/read-file';
import { checkJson, count, sha256, text, type Every } from '../util/stored';
import { writeFileAtomic } from './atomic-file';
import type { RunFolder } from './run-folder';

interface DataRecord {
  readonly version: 1;
  /** At the run's start. */
  readonly data: DataFingerprint;
  /** What had changed each time the run went on with other data. */
  readonly resumedWith: readonly string[];
}

const entrySchema: v.GenericSchema<unknown, DataEntry> = v.object({
  path: text,
  files: count,
  bytes: count,
  stamp: text,
  sha256,
} satisfies Every<DataEntry>);

const recordSchema: v.GenericSchema<unknown, DataRecord> = v.object({
  version: v.literal(1),
  data: v.array(entrySchema),
  resumedWith: v.array(text),
} satisfies Every<DataRecord>);

/**
 * Records the data of a run that starts; of one that goes on, returns in what the data differs from when it was started.
 * Every file is read, as training reads it anyway.
 */
export async function recordData(
  { dataset, workspace }: ResolvedConfig,
  folder: RunFolder,
  resumed: boolean,
): Promise<string | undefined> {
  if (dataset === undefined) return undefined;
  const now = await fingerprintData(dataset, workspace);
  const before = resumed ? readRecord(folder) : undefined;
  const changes = before === undefined ? [] : dataChanges(before.data, now);
  if (before === undefined) writeRecord(folder, { version: 1, data: now, resumedWith: [] });
  if (before === undefined || changes.length === 0) return undefined;
  const change = describeChanges(changes);
  if (before.resumedWith.at(-1) !== change) {
    writeRecord(folder, { ...before, resumedWith: [...before.resumedWith, change] });
  }
  return change;
}

/**
 * What is to be said of a run's data, a sentence each: that it has changed since the run was started, or had when it was
 * resumed. Files whose size and time are as they were are not read.
 */
export async function dataRemarks(config: ResolvedConfig, folder: RunFolder): Promise<string[]> {
  const record = readRecord(folder);
  if (record === undefined) return [];
  const { dataset, workspace } = config;
  if (dataset === undefined) return [];
  const now = await fingerprintData(dataset, workspace, record.data);
  // A firmware project's clone has no data at all, which is nothing to be told of.
  const changes = now.length === 0 ? [] : dataChanges(record.data, now);
  return [
    ...(changes.length === 0
      ? []
      : [`The data has changed since run ${folder.id} was started: ${describeChanges(changes)}.`]),
    ...record.resumedWith.map(
      (change) =>
        `Run ${folder.id} was resumed with other data than it was started with: ${change}.`,
    ),
  ];
}

/** undefined in a run of a version that kept none, and where it is damaged: there is nothing to compare with then. */
function readRecord(folder: RunFolder): DataRecord | undefined {
  try {
    const text = textIfThere(folder.file('data.json'), 'dataRecord');
    const checked = text === undefined ? undefined : checkJson(recordSchema, text);
    return checked !== undefined && 'value' in checked ? checked.value : undefined;
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

function writeRecord(folder: RunFolder, record: DataRecord): void {
  writeFileAtomic(folder.file('data.json'), `${JSON.stringify(record)}\n`, { folder: 'there' });
}
