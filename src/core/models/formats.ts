/**
 * Everything that a network can come from. A new format is a file beside this one and an entry here. What reads files is
 * loaded on demand: an editor whose configs name none never loads it.
 */
import type { ModelConfig } from '../config/config';
import { ModelError } from '../graph/model-error';
import { architecture } from './architectures';
import { layers } from './layers';
import type { DescribedFormat, FileFormat, ModelFormat } from './model';

const FORMATS = {
  architecture,
  layers,
  tflite: {
    from: 'file',
    endings: ['.tflite'],
    load: async (bytes) => (await import('./tflite')).loadTflite(bytes),
  },
} as const satisfies Record<string, ModelFormat>;

/** Which of a config's keys describes the network. Throws ModelError where none does, or two. */
export function describedFormat(config: ModelConfig): DescribedFormat {
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

/** By the end of a file's name. */
export function fileFormat(file: string): FileFormat | undefined {
  const name = file.toLowerCase();
  return fileFormats().find(({ endings }) => endings.some((ending) => name.endsWith(ending)));
}

/** In the order in which people are told of them. */
export function fileFormats(): FileFormat[] {
  const all: readonly ModelFormat[] = Object.values(FORMATS);
  return all.filter((format) => format.from === 'file');
}
