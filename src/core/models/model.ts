/** The contract of everything that a network can come from; models.ts lists them. */
import type { ModelConfig } from '../config/config';
import type { Graph } from '../graph/graph';
import type { QuantizedModel } from '../quant/model';
import type { TrainedLayer } from '../quant/quantize-model';

export interface LoadedModel {
  readonly graph: Graph;
  /**
   * For each layer of the graph that the config describes in `model.layers`, the entries of the list that became it;
   * empty where it describes none.
   */
  readonly entries: ReadonlyMap<string, readonly number[]>;
  /** Float weights to begin with, by the name of each weighted layer; absent where training starts from random ones. */
  readonly weights?: Readonly<Record<string, TrainedLayer>>;
  /** What an int8 network computes with, to the bit. */
  readonly quantization?: Pick<QuantizedModel, 'tensors' | 'layers'>;
}

/** A network that the config itself describes: known as one types. */
export interface DescribedFormat {
  readonly from: 'config';
  /** @throws ModelError with the key below `model` */
  load(config: ModelConfig): LoadedModel;
}

/** A network in a file of its own: read where there is time to wait for it. */
export interface FileFormat {
  readonly from: 'file';
  /** Ends of the files' names, in lower case: `.tflite`. */
  readonly endings: readonly string[];
  /** @throws UserError for what is damaged or cannot be computed here, without the file's name */
  load(bytes: Uint8Array): Promise<LoadedModel>;
}

export type ModelFormat = DescribedFormat | FileFormat;
