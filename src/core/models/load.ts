/** The network of a config, or of a file. */
import type { ModelConfig } from '../config/config';
import { UserError } from '../util/errors';
import { readBytes } from '../util/read-file';
import { describedFormat, fileFormat, fileFormats } from './formats';
import type { LoadedModel } from './model';

/** @throws ModelError with the key below `model` */
export function loadModel(config: ModelConfig): LoadedModel {
  return describedFormat(config).load(config);
}

/** @throws UserError, with the file, where it cannot be read or is none that is known */
export async function loadModelFile(file: string): Promise<LoadedModel> {
  const format = fileFormat(file);
  if (format === undefined) {
    const endings = fileFormats().flatMap((known) => known.endings);
    throw new UserError(`this is no model file; their names end in ${endings.join(', ')}`, {
      file,
    });
  }
  const bytes = readBytes(file, 'network');
  try {
    return await format.load(bytes);
  } catch (error) {
    if (!(error instanceof UserError) || error.file !== undefined) throw error;
    throw new UserError(error.message, { file, cause: error });
  }
}
