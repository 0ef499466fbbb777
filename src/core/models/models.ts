/** The network that a config itself describes: known as one types. Those of files are in model-files.ts. */
import type { ModelConfig } from '../config/config';
import { ModelError } from '../graph/model-error';
import { architecture } from './architectures';
import { layers } from './layers';
import type { DescribedFormat, LoadedModel } from './model';

/** @throws ModelError with the key below `model` */
export function loadModel(config: ModelConfig): LoadedModel {
  const { input, classes } = config;
  const outputs = config.outputs ?? classes;
  const format = describedFormat(config);
  if (input === undefined || outputs === undefined) {
    throw new ModelError('"model" needs "input" and "classes"', []);
  }
  return format.load({ ...config, input, outputs });
}

/** Which of the keys describes the network. */
function describedFormat(config: ModelConfig): DescribedFormat {
  if (config.layers === undefined) {
    if (config.architecture !== undefined) return architecture;
    throw new ModelError('"model" needs an "architecture" or a list of "layers"', []);
  }
  if (config.architecture !== undefined) {
    throw new ModelError('"model" has both "architecture" and "layers": keep one of them', [
      'architecture',
    ]);
  }
  return layers;
}
