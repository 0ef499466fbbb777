/**
 * Reads small data as training would, so that what is proposed can be trained. Data of any size would take too long
 * where somebody waits; its headers and labels have been looked at.
 */
import { stat } from 'node:fs/promises';
import { relative, resolve, sep } from 'node:path';
import { UserError } from '../util/errors';
import { findFiles } from './files';
import type { FoundDataset } from './found-dataset';
import { IMAGES, listClassFolder } from './class-folders';
import { loadDataset } from './load-dataset';
import { defined, ifDefined } from '../util/defined';

const MOST_BYTES = 8 * 1024 * 1024;
/** Of what is packed, which may be a thousand times as much. */
const MOST_PACKED = 256 * 1024;
const MOST_PICTURES = 2000;

/** What keeps data that was found from being trained; undefined where nothing does, or where it is not tried. */
export async function trialProblem(root: string, found: FoundDataset): Promise<string | undefined> {
  const { format, input, classes, label, columns, trainLabels, testLabels } = found;
  if (input === undefined || classes === undefined) return undefined;
  if (format === 'csv' && label === undefined) return undefined;
  // Headers of sounds have been read; which class is normal, where there is one alone, is asked later.
  if (format === 'wav') return undefined;
  const at = (path: string): string => resolve(root, path);
  // Without a test set the wizard asks for one; until then the training set stands for it.
  const whole = found.test !== undefined && (trainLabels === undefined || testLabels !== undefined);
  const config = {
    format,
    train: at(found.train),
    test: at(whole && found.test !== undefined ? found.test : found.train),
    ...defined({
      trainLabels: ifDefined(trainLabels, at),
      testLabels: ifDefined(trainLabels, (labels) => at((whole ? testLabels : labels) ?? labels)),
      label,
      columns,
    }),
    validation: 0.1,
    limit: 0,
    augment: { flip: false, shift: 0, noise: 0 },
  };
  try {
    const paths = [config.train, config.test, config.trainLabels, config.testLabels];
    if (!(await isSmall(root, format, paths))) return undefined;
    await loadDataset(config, { input, classes }, 1, root);
    return undefined;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return problemText(root, error);
  }
}

/** The message, with the file as a path relative to `root`. */
export function problemText(root: string, { file, line, message }: UserError): string {
  if (file === undefined) return message;
  const at = line === undefined ? '' : `:${line}`;
  return `${relative(root, file).split(sep).join('/')}${at}: ${message}`;
}

async function isSmall(
  root: string,
  format: FoundDataset['format'],
  paths: readonly (string | undefined)[],
): Promise<boolean> {
  const files = new Set<string>();
  for (const path of paths) {
    if (path === undefined) continue;
    const found =
      format === 'images'
        ? listClassFolder(IMAGES, path, '', root).files
        : await findFiles(path, '', root);
    for (const file of found) files.add(file);
    if (files.size > MOST_PICTURES) return false;
  }
  let [bytes, packed] = [0, 0];
  for (const file of files) {
    const { size } = await stat(file);
    bytes += size;
    if (/\.(gz|npz)$/i.test(file)) packed += size;
  }
  return bytes <= MOST_BYTES && packed <= MOST_PACKED;
}
