/**
 * Everything that a network can come from. A new format is a file beside this one and an entry here. What reads files is
 * loaded on demand: an editor whose configs name none never loads it.
 */
import path from 'node:path';
import type { ModelConfig } from '../config/config';
import { realPlace } from '../config/paths';
import { ModelError } from '../graph/model-error';
import { UserError } from '../util/errors';
import { readBytes } from '../util/read-file';
import { architecture } from './architectures';
import { layers } from './layers';
import type {
  DescribedFormat,
  FileFacts,
  FileFormat,
  LoadedModel,
  ModelFormat,
  ReadBeside,
} from './model';

const FORMATS = {
  architecture,
  layers,
  tflite: {
    from: 'file',
    endings: ['.tflite'],
    load: async (bytes) => (await import('./tflite/tflite')).loadTflite(bytes),
    inspect: async (bytes) => (await import('./tflite/tflite')).inspectTflite(bytes),
  },
  keras: {
    from: 'file',
    endings: ['.keras', '.h5', '.hdf5'],
    load: async (bytes) => (await import('./keras/keras')).loadKeras(bytes),
    inspect: async (bytes) => (await import('./keras/keras')).inspectKeras(bytes),
  },
  tfjs: {
    from: 'file',
    endings: ['model.json'],
    load: async (bytes, beside) => (await import('./keras/tfjs')).loadTfjs(bytes, beside),
    inspect: async (bytes, beside) => (await import('./keras/tfjs')).inspectTfjs(bytes, beside),
  },
} as const satisfies Record<string, ModelFormat>;

/** The network that a config describes. @throws ModelError with the key below `model` */
export function loadModel(config: ModelConfig): LoadedModel {
  return describedFormat(config).load(config);
}

/** Which of the keys describes the network. */
function describedFormat(config: ModelConfig): DescribedFormat {
  if (config.layers === undefined) {
    if (config.architecture !== undefined) return FORMATS.architecture;
    throw new ModelError('"model" needs an "architecture" or a list of "layers"', []);
  }
  if (config.architecture !== undefined) {
    throw new ModelError('"model" has both "architecture" and "layers": keep one of them', [
      'architecture',
    ]);
  }
  return FORMATS.layers;
}

/** The network in a file. @throws UserError, with the file, where it cannot be read or is none that is known */
export function loadModelFile(file: string): Promise<LoadedModel> {
  return withFormat(file, (format, bytes) => format.load(bytes, besideOf(file)));
}

/**
 * What a model file holds, whether its network can be computed here or not.
 *
 * @throws UserError, with the file, where it cannot be read, is damaged, or is of no known kind
 */
export function inspectModelFile(file: string): Promise<FileFacts> {
  return withFormat(file, (format, bytes) => format.inspect(bytes, besideOf(file)));
}

async function withFormat<T>(
  file: string,
  read: (format: FileFormat, bytes: Uint8Array) => Promise<T>,
): Promise<T> {
  const all: readonly ModelFormat[] = Object.values(FORMATS);
  const formats = all.filter((format): format is FileFormat => format.from === 'file');
  const name = file.toLowerCase();
  const format = formats.find(({ endings }) => endings.some((ending) => name.endsWith(ending)));
  if (format === undefined) {
    const endings = formats.flatMap((known) => known.endings);
    throw new UserError(`this is no model file; their names end in ${endings.join(', ')}`, {
      file,
    });
  }
  try {
    return await read(format, readBytes(file, 'network'));
  } catch (error) {
    if (!(error instanceof UserError) || error.file !== undefined) throw error;
    throw new UserError(error.message, { file, cause: error });
  }
}

/** Reads what lies in the same folder, and nothing that a link there leads to elsewhere. */
function besideOf(file: string): ReadBeside {
  return (name) => {
    const other = path.join(path.dirname(file), name);
    const isBare = name !== '' && path.posix.basename(name) === name && !name.includes('\\');
    const folder = realPlace(path.dirname(file));
    if (!isBare || name === '..' || path.dirname(realPlace(other)) !== folder) {
      throw new UserError(
        `it names the file ${JSON.stringify(name.slice(0, 100))}, which does not lie in its own folder`,
        { file },
      );
    }
    return readBytes(other, 'network');
  };
}
