/** Both sets of CSV tables: a row an example, windows of rows, or raw samples for a front end. */
import type { FrontendConfig } from '../frontends/config';
import { defined } from '../util/defined';
import { UserError } from '../util/errors';
import { anomalyClasses } from './anomalies';
import {
  checkChannels,
  checkSubjects,
  checkWidth,
  csvClasses,
  samplesFromTables,
  type CsvSamples,
  type RowWindow,
} from './csv';
import { readCsvTable, type CsvTable } from './csv-table';
import { constantColumns } from './constant-columns';
import { findFiles } from './files';
import type { SetName } from './numpy';
import {
  classesWanted,
  SET_NAMES,
  allNormal,
  knownTo,
  targetNames,
  withoutLabels,
  type RawDataset,
  type Source,
} from './source';
import { TableWindows, countsOf } from './table-windows';

export async function readTables({
  config,
  model,
  workspace,
  onProgress,
}: Source): Promise<RawDataset> {
  const { label } = config;
  const target = targetNames({ config, model });
  const anomaly = model.task?.kind === 'anomaly' ? model.task : undefined;
  const labelled = target === undefined && anomaly === undefined;
  if (label === undefined && labelled && model.labels !== 'optional') {
    throw new UserError('format "csv" needs dataset.label, the name of the label column', {
      file: config.train,
    });
  }
  const { frontend } = model;
  const size = frontend?.length ?? config.window;
  const window = size === undefined ? undefined : { size, step: config.step ?? size };
  const { columns, recording, subject, timestamp } = config;
  const wanted = {
    label,
    ordered: window !== undefined,
    accept: (file: string, used: readonly string[]) =>
      frontend === undefined
        ? checkWidth(file, used, size, model.input)
        : checkChannels(file, used, frontend.channels),
    ...defined({ columns, recording, subject, timestamp, target }),
  };
  // Columns are found by name, whatever their order in a file: that of the first training file is the input's.
  let first: CsvTable | undefined;
  const read = async (set: SetName): Promise<CsvTable[]> => {
    const files = await findFiles(config[set], `dataset.${set}`, workspace);
    const tables: CsvTable[] = [];
    for (const [i, file] of files.entries()) {
      const table = await readCsvTable(file, { ...wanted, ...defined({ first }) });
      first ??= table;
      tables.push(table);
      onProgress({ what: SET_NAMES[set], done: i + 1, total: files.length });
    }
    return tables;
  };
  const trainTables = await read('train');
  const testTables = await read('test');
  checkSubjects(trainTables, testTables);
  const classes =
    label === undefined
      ? undefined
      : anomaly
        ? anomalyClasses(
            [...trainTables, ...testTables].flatMap(({ labelNames }) => labelNames),
            anomaly.normal,
            config.train,
          )
        : csvClasses(trainTables, classesWanted(model), knownTo(model));
  const shape = frontend === undefined ? model.input : undefined;
  const train = samplesFromTables(trainTables, classes, window, shape);
  const test = samplesFromTables(testTables, classes, window, shape);
  const windows = frontend && window && tableWindows(trainTables, testTables, frontend, window);
  const notes = [
    ...(classes?.notes ?? []),
    ...[...trainTables, ...testTables].flatMap((table) => table.notes),
    ...constantColumns(trainTables, testTables),
    ...leftOverNote('train', train),
    ...leftOverNote('test', test),
  ];
  if (target !== undefined) {
    return {
      classNames: target,
      train: train.samples,
      test: test.samples,
      ...defined({ windows }),
      notes,
    };
  }
  if (classes === undefined && anomaly) {
    return {
      classNames: [],
      train: allNormal(train.samples),
      test: allNormal(test.samples),
      ...defined({ windows }),
      notes,
    };
  }
  if (classes === undefined) {
    return withoutLabels(model, train.samples, test.samples, false, notes);
  }
  return {
    classNames: classes.names,
    train: train.samples,
    test: test.samples,
    ...defined({ windows }),
    notes,
  };
}

function tableWindows(
  train: readonly CsvTable[],
  test: readonly CsvTable[],
  { sampleRate }: FrontendConfig,
  { size, step }: RowWindow,
): NonNullable<RawDataset['windows']> {
  const setting = { length: size, step, ...defined({ sampleRate, counts: countsOf(train) }) };
  return { train: new TableWindows(train, setting), test: new TableWindows(test, setting) };
}

function leftOverNote(set: SetName, { leftOver, rows }: CsvSamples): string[] {
  if (leftOver === 0) return [];
  return [
    `${leftOver} of the ${rows} rows of the ${SET_NAMES[set]} are in no window: ` +
      'a window never crosses a change of label, of the recording or the end of a file',
  ];
}
