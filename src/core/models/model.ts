/** The contract of everything that a network can come from; models.ts lists them. */
import type { ModelConfig } from '../config/config';
import type { BatchNorm } from '../graph/batch-norm';
import type { Graph } from '../graph/graph';
import type { Constants } from '../quant/constants';
import type { QuantizedModel } from '../quant/model';
import type { TrainedLayer } from '../quant/quantize-model';

export interface LoadedModel {
  readonly graph: Graph;
  /**
   * For each layer of the graph that the config describes in `model.layers`, the entries of the list that became it;
   * empty where it describes none.
   */
  readonly entries: ReadonlyMap<string, readonly number[]>;
  /**
   * Float weights to begin with, by the name of each weighted layer; absent where training starts from random ones. Those
   * of an int8 file are its codes times their scales.
   */
  readonly weights?: Readonly<Record<string, TrainedLayer>>;
  /**
   * By the names of layers that have batch norm: that is not folded into their `weights`, whose bias is then zero, for the
   * file's own went into the mean. `variance` goes with BATCH_NORM_EPSILON.
   */
  readonly batchNorm?: Readonly<Record<string, BatchNorm>>;
  /** By layer and by what the layer's kind calls it: values that a layer owns besides its weights and that no training moves. */
  readonly constants?: Constants;
  /** What an int8 network computes with, to the bit. */
  readonly quantization?: Omit<QuantizedModel, 'graph'>;
  /** Of a network in a file: what the file is and says of itself. */
  readonly file?: FileFacts;
}

/** What is known of a file without its network being built: all of it may be shown for files that cannot be imported. */
export interface FileFacts {
  /** As users call it: `TFLite`, `ONNX`. */
  readonly format: string;
  /** By name, as the format calls them, most frequent first. */
  readonly operators: readonly OperatorCount[];
  readonly weightsType: 'float32' | 'float16' | 'dynamic' | 'int8';
  /** Numbers that the file holds as weights and biases. */
  readonly parameters?: number;
  readonly inputName?: string;
  /** As the file has it, the batch included; −1 where it leaves a dimension open. */
  readonly inputShape?: readonly number[];
  readonly outputNames?: readonly string[];
  readonly outputShapes?: readonly (readonly number[])[];
  /** Of a network that was built: for each of the file's outputs, in the file's order, the layer of the graph that gives it. */
  readonly outputLayers?: readonly string[];
  readonly classNames?: readonly string[];
  readonly normalization?: NormalizationHint;
  /** Sentences on what was left out or changed in reading it. */
  readonly notes: readonly string[];
}

/** All of a model file that an editor wants to know, small enough to be sent and kept: no weights. */
export interface ModelFileReading {
  /** Of the files that were looked at, by absolute path: the reading holds as long as these do (file-mark.ts). */
  readonly marks: Readonly<Record<string, string>>;
  /** Absent where the file is damaged. */
  readonly facts?: FileFacts;
  /** Absent where it cannot be computed here. */
  readonly network?: {
    readonly graph: Graph;
    /** Whether it computes in int8, with codes of its own. */
    readonly int8: boolean;
    readonly sha256: string;
  };
  /** Why there is no network, with what to change. */
  readonly problem?: string;
}

export interface OperatorCount {
  readonly name: string;
  readonly count: number;
  /** Set where no such operator can be read. */
  readonly unsupported?: true;
}

/** What examples went through before the network saw them: (x − mean) ÷ std, x as the recording has it. */
export interface NormalizationHint {
  /** One for all channels, or one for each. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** Where that is known from: `the metadata of the file`. */
  readonly from: string;
}

/** A config without a file, which says these itself. */
export type DescribedModel = ModelConfig & Required<Pick<ModelConfig, 'input' | 'outputs'>>;

/** A network that the config itself describes: known as one types. */
export interface DescribedFormat {
  /** @throws ModelError with the key below `model` */
  load(config: DescribedModel): LoadedModel;
}

/** A network in a file of its own: read where there is time to wait for it. */
export interface FileFormat {
  /** @throws UserError for what is damaged or cannot be computed here, without the file's name */
  load(bytes: Uint8Array, beside: ReadBeside): Promise<LoadedModel>;
  /** Also of files with operators that cannot be read. @throws UserError for what is damaged */
  inspect(bytes: Uint8Array, beside: ReadBeside): Promise<FileFacts>;
}

/** Content of another file in the model file's own folder, by its bare name. @throws UserError with that file */
export type ReadBeside = (name: string) => Uint8Array;
