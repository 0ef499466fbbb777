/** The network that a config itself describes: known as one types. Those of files are in model-files.ts. */
import type { ModelConfig } from '../config/config';
<<<<<<< HEAD
=======
import { realPlace } from '../config/paths';
import { firstOutputSize, withoutRounding } from '../graph/graph';
>>>>>>> 2bc021d (Int8 networks of TFLite files round the sums of dense layers once, as the reference kernels of 2.21 do: equal to the byte on hundreds of inputs of every int8 file and operator)
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

<<<<<<< HEAD
=======
/** The network of a config, wherever it comes from. @throws ModelError with the key below `model` */
export async function openModel(config: ModelConfig): Promise<OpenedModel> {
  const { file } = config;
  if (file === undefined) return { model: loadModel(config) };
  try {
    const opened = await openModelFile(file);
    checkAgainstFile(config, opened.model);
    return config.use === 'as-is' ? opened : { ...opened, model: ownRounding(opened.model) };
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

const roundedHere = new WeakMap<LoadedModel, LoadedModel>();

/** The network as it is computed where its codes are not the file's: every sum is rounded as here. */
function ownRounding(model: LoadedModel): LoadedModel {
  const known = roundedHere.get(model) ?? { ...model, graph: withoutRounding(model.graph) };
  roundedHere.set(model, known);
  return known;
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

>>>>>>> 2bc021d (Int8 networks of TFLite files round the sums of dense layers once, as the reference kernels of 2.21 do: equal to the byte on hundreds of inputs of every int8 file and operator)
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
