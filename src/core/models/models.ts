/**
 * Everything that a network can come from. A new format is a file beside this one and an entry here. What reads files is
 * loaded on demand: an editor whose configs name none never loads it.
 */
import { createHash } from 'node:crypto';
import path from 'node:path';
import type { ModelConfig } from '../config/config';
import { realPlace } from '../config/paths';
import { firstOutputSize } from '../graph/graph';
import { ModelError } from '../graph/model-error';
import { formatShape, sameShape } from '../ops/shape';
import { UserError } from '../util/errors';
import { look, readBytes } from '../util/read-file';
import { architecture } from './architectures';
import { exportAdvice } from './export-advice';
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
  onnx: {
    from: 'file',
    endings: ['.onnx'],
    load: async (bytes, beside) => (await import('./onnx/load')).loadOnnx(bytes, beside),
    inspect: async (bytes) => (await import('./onnx/load')).inspectOnnx(bytes),
  },
} as const satisfies Record<string, ModelFormat>;

/** The network that a config itself describes, without a file. @throws ModelError with the key below `model` */
export function loadModel(config: ModelConfig): LoadedModel {
  const { input, classes } = config;
  const format = describedFormat(config);
  if (input === undefined || classes === undefined) {
    throw new ModelError('"model" needs "input" and "classes"', []);
  }
  return format.load({ ...config, input, classes });
}

/** The network of a config, wherever it comes from. @throws ModelError with the key below `model` */
export async function openModel(config: ModelConfig): Promise<OpenedModel> {
  const { file } = config;
  if (file === undefined) return { model: loadModel(config) };
  try {
    const opened = await openModelFile(file);
    checkAgainstFile(config, opened.model);
    return opened;
  } catch (error) {
    if (!(error instanceof UserError) || error instanceof ModelError) throw error;
    throw new ModelError(`${path.basename(file)}: ${error.message}`, ['file']);
  }
}

export interface OpenedModel {
  readonly model: LoadedModel;
  /** Of the file that the network was read from, and of those beside it that it names. */
  readonly sha256?: string;
}

/** What the config says of the network must be what the file holds. */
function checkAgainstFile({ use, input, classes }: ModelConfig, model: LoadedModel): void {
  const { inputShape } = model.graph;
  if (input !== undefined && !sameShape(input, inputShape)) {
    throw new ModelError(
      `the network of the file takes ${formatShape(inputShape)}, but "input" says ${formatShape(input)}; leave it out, or correct it`,
      ['input'],
    );
  }
  const outputs = firstOutputSize(model.graph);
  if (classes !== undefined && classes !== outputs) {
    throw new ModelError(
      `the network of the file has ${outputs} outputs, but "classes" says ${classes}; leave it out, or correct it`,
      ['classes'],
    );
  }
  if (use === 'as-is' && model.quantization === undefined) {
    throw new ModelError(
      'the network of the file computes in floating point, and "as-is" keeps the codes of an int8 one; set "use" to "quantize" or "fit"',
      ['use'],
    );
  }
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

interface Remembered extends OpenedModel {
  /** Of the file, and of those beside it that were read with it. */
  readonly marks: ReadonlyMap<string, string>;
}

/** An editor asks at every stroke of a key, and a check of the config comes before every use of it. */
const MOST_REMEMBERED = 4;
const remembered = new Map<string, Remembered>();

/** As loadModelFile, with a hash of all that was read; read again only when its size or time has changed. */
async function openModelFile(file: string): Promise<OpenedModel> {
  const before = remembered.get(file);
  if (before !== undefined && [...before.marks].every(([each, mark]) => markOf(each) === mark)) {
    return before;
  }
  const marks = new Map([[file, markOf(file)]]);
  const hash = createHash('sha256');
  const model = await withFormat(file, (format, bytes) => {
    hash.update(bytes);
    const beside = besideOf(file);
    return format.load(bytes, (name) => {
      const other = path.join(path.dirname(file), name);
      const content = beside(name);
      if (!marks.has(other)) hash.update(content);
      marks.set(other, markOf(other));
      return content;
    });
  });
  const opened = { model, sha256: hash.digest('hex'), marks };
  if (remembered.size >= MOST_REMEMBERED) remembered.clear();
  remembered.set(file, opened);
  return opened;
}

/** The same as long as nobody has written to the file. Throws UserError for what is no plain file. */
function markOf(file: string): string {
  const stats = look(file, 'network');
  return stats === undefined
    ? ''
    : [stats.dev, stats.ino, stats.size, stats.mtimeMs, stats.ctimeMs].join();
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
  const format = fileFormat(file);
  try {
    return await read(format, requireContent(readBytes(file, 'network')));
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

function requireContent(bytes: Uint8Array): Uint8Array {
  if (bytes.length > 0) return bytes;
  throw new UserError('the file is empty');
}

function fileFormats(): FileFormat[] {
  const all: readonly ModelFormat[] = Object.values(FORMATS);
  return all.filter((format): format is FileFormat => format.from === 'file');
}

/** Ends of the names of all files that hold a network, in lower case. */
export function modelFileEndings(): string[] {
  return fileFormats().flatMap(({ endings }) => endings);
}

/** @throws UserError, with the file, where its name ends in none that is known */
export function fileFormat(file: string): FileFormat {
  const formats = fileFormats();
  const name = file.toLowerCase();
  const format = formats.find(({ endings }) => endings.some((ending) => name.endsWith(ending)));
  if (format !== undefined) return format;
  throw new UserError(
    exportAdvice(name) ??
      `this is no model file; their names end in ${modelFileEndings().join(', ')}`,
    { file },
  );
}
