/** Both sets of IDX and NumPy files. */
import { UserError } from '../util/errors';
import { anomalyClasses, requireNoNormal } from './anomalies';
import type { Samples } from './dataset';
import { findFiles } from './files';
import { readIdx } from './idx';
import {
  acceptFor,
  areLabelled,
  checkClassNames,
  classesOfArrays,
  labelsIn,
  samplesFromArrays,
  type ExampleArrays,
} from './labelled-array';
import { readNumpy, readNumpyExamples, type SetName } from './numpy';
import { breathe } from './progress';
import {
  classesWanted,
  SET_NAMES,
  allNormal,
  knownTo,
  mayLackLabels,
  targetNames,
  withoutLabels,
  type RawDataset,
  type Source,
} from './source';

export async function readArrays(
  { config, model, workspace, onProgress }: Source,
  format: 'idx' | 'numpy',
): Promise<RawDataset> {
  const numbers = targetNames({ config, model })?.length;
  const accept = acceptFor(model.input, numbers);
  const read = async (set: SetName): Promise<ExampleArrays[]> => {
    const key = `dataset.${set}`;
    const files = await findFiles(config[set], key, workspace);
    const labelsPattern = set === 'train' ? config.trainLabels : config.testLabels;
    const labelFiles =
      labelsPattern === undefined
        ? undefined
        : await findFiles(labelsPattern, `${key}Labels`, workspace);
    if (labelFiles !== undefined && labelFiles.length !== files.length) {
      throw new UserError(
        `${key}Labels matches ${labelFiles.length} files but ${key} matches ${files.length}`,
        { file: labelsPattern ?? config[set] },
      );
    }
    const parts: ExampleArrays[] = [];
    for (const [i, file] of files.entries()) {
      const labels = labelFiles?.[i];
      if (format === 'numpy') {
        const examples = mayLackLabels(model)
          ? await readNumpyExamples(file, labels, set, accept.examples)
          : undefined;
        parts.push(
          examples === undefined
            ? await readNumpy(file, labels, set, `${key}Labels`, accept)
            : { examples },
        );
      } else if (labels !== undefined) {
        const examples = await readIdx(file, accept.examples);
        parts.push({ examples, labels: await readIdx(labels, accept.labels) });
      } else if (mayLackLabels(model)) {
        parts.push({ examples: await readIdx(file, accept.examples) });
      } else throw new UserError(`name the file of the labels in ${key}Labels`, { file });
      onProgress({ what: SET_NAMES[set], done: i + 1, total: files.length });
      await breathe();
    }
    return parts;
  };
  const trainParts = await read('train');
  if (numbers !== undefined) {
    const testParts = await read('test');
    return {
      classNames: targetNames({ config, model }) ?? [],
      train: samplesFromArrays(trainParts, model.input, undefined, numbers),
      test: samplesFromArrays(testParts, model.input, undefined, numbers),
      notes: [],
    };
  }
  const { task } = model;
  if (task?.kind === 'anomaly') {
    const testParts = await read('test');
    const labels = labelsIn([...trainParts, ...testParts]);
    if (labels.size === 0) requireNoNormal(task.normal, 'give their labels, too', config.train);
    const known = labels.size === 0 ? undefined : anomalyClasses(labels, task.normal, config.train);
    requireAlike(trainParts, config.train);
    requireAlike(testParts, config.test);
    const set = (parts: readonly ExampleArrays[]): Samples =>
      known !== undefined && areLabelled(parts)
        ? samplesFromArrays(parts, model.input, known)
        : allNormal(samplesFromArrays(parts, model.input, undefined));
    return { classNames: [], train: set(trainParts), test: set(testParts), notes: [] };
  }
  // Before the test set is read: it may be large.
  const classes = areLabelled(trainParts)
    ? classesOfArrays(trainParts, classesWanted(model), knownTo(model))
    : undefined;
  const testParts = await read('test');
  checkClassNames([...trainParts, ...testParts]);
  if (classes === undefined || !areLabelled(testParts)) {
    return withoutLabels(
      model,
      samplesFromArrays(trainParts, model.input, undefined),
      samplesFromArrays(testParts, model.input, undefined),
      [...trainParts, ...testParts].some(({ labels }) => labels !== undefined),
    );
  }
  const train = samplesFromArrays(trainParts, model.input, classes);
  const test = samplesFromArrays(testParts, model.input, classes);
  return { classNames: classes.names, train, test, notes: classes.notes };
}

/** Where only some archives of a set have labels, anomalies among the others would count as normal. */
function requireAlike(parts: readonly ExampleArrays[], file: string): void {
  const labelled = parts.filter(({ labels }) => labels !== undefined).length;
  if (labelled === 0 || labelled === parts.length) return;
  throw new UserError(
    `only ${labelled} of ${parts.length} files have labels; give those of all, or of none`,
    { file },
  );
}
