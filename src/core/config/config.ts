/**
 * A `*.east.json` with every default filled in and every path resolved. What a run records and everything else reads;
 * the schema of the file as the user writes it is media/east.schema.json.
 */
import type { CodecSetting } from '../codecs/choice';
import type { WeightSetting } from '../formats/formats';
import type { FrontendConfig } from '../frontends/config';
import type { WrittenLayer } from '../ops/written';

/** What trains: an engine by its name, or whichever is best on this machine. */
export type EngineChoice = 'auto' | 'wasm' | 'native' | 'webgpu' | 'cpu';

export interface ResolvedConfig {
  /** Prefix of every C symbol; a C identifier. */
  readonly name: string;
  readonly task: TaskConfig;
  readonly model: ModelConfig;
  /** Undefined only where `model.use` is `as-is` and the config names none. */
  readonly dataset?: DatasetConfig;
  /** What turns raw samples into the network's input. */
  readonly frontend?: FrontendConfig;
  readonly quantization: QuantizationConfig;
  readonly budget: BudgetConfig;
  readonly east: EastConfig;
  readonly training: TrainingConfig;
  readonly firmware: FirmwareConfig;
  /** `auto`: native where it is installed, else WASM; or WebGPU, where a GPU is measured to be faster. `cpu` is the slow reference. */
  readonly engine: EngineChoice;
  /** Absolute path of the config file and of the workspace folder no path may leave. */
  readonly file: string;
  readonly workspace: string;
}

/** What a network is for, as a config may say it (core/tasks has a folder for each). */
export const TASK_CHOICES = [
  'classification',
  'multi-label',
  'binary',
  'regression',
  'anomaly',
] as const;
export type TaskChoice = (typeof TASK_CHOICES)[number];

export interface TaskConfig {
  readonly kind: TaskChoice;
  /** `classification`, `binary`: how much an example of each class counts. Undefined: all the same. */
  readonly classWeights?: 'none' | 'balanced' | readonly number[];
  /** `binary`: name of the class that is to be found; undefined: the second one. */
  readonly positive?: string;
  /** `anomaly`: labels of what is normal. */
  readonly normal?: readonly string[];
  /** `binary`, `anomaly`: share of the examples without what is to be found that may raise an alarm. */
  readonly falseAlarms?: number;
}

export interface QuantizationConfig {
  /**
   * Bits of a weight: 2⁸, 2⁴, 2² or 2 levels; or −1, 0, 1 as base-3 digits. `auto`: chosen for each layer, once its
   * weights are known and together with how much of them is pruned.
   */
  readonly weights: WeightSetting | 'auto';
  readonly activations: 8;
}

export type Architecture =
  | 'resnet9'
  | 'resnet8'
  | 'ds-cnn'
  | 'ds-cnn-streaming'
  | 'mobilenet-v1'
  | 'lenet5'
  | 'cnn1d'
  | 'tcn'
  | 'mlp'
  | 'autoencoder';

/**
 * What a network in a file is used for. `as-is`: an int8 network keeps its codes, to the bit. `quantize`: a float one becomes int8
 * here. `fit`: it is trained on from the file's weights until it fits the budget.
 */
export const MODEL_USES = ['as-is', 'quantize', 'fit'] as const;
export type ModelUse = (typeof MODEL_USES)[number];

/** A named architecture, a list of layers or a model file, as the user wrote it; `models/` turns it into a Graph. */
export interface ModelConfig {
  readonly architecture?: Architecture;
  /** Channels of the architecture's first stage; the others are multiples. Units of an mlp's hidden layers. */
  readonly width?: number;
  /** Units of an autoencoder's narrowest layer. */
  readonly bottleneck?: number;
  readonly layers?: readonly WrittenLayer[];
  /** Absolute path of a file that holds the network, in place of the above. */
  readonly file?: string;
  /** What the file is used for; undefined without one. */
  readonly use?: ModelUse;
  /** Of several outputs that the file has, the one that counts; what only others need falls away. */
  readonly output?: string;
  /** SHA-256 of the file's bytes, once it has been read: by it, not by its name or date, the file counts. */
  readonly sha256?: string;
  /** Only a file may leave them out: then they are its own. The input is the front end's where there is one. */
  readonly input?: readonly [number, number, number];
  readonly classes?: number;
  /** Numbers that the network puts out, where they are not one for each class. */
  readonly outputs?: number;
}

export interface DatasetConfig {
  readonly format: 'cifar10' | 'images' | 'idx' | 'numpy' | 'csv' | 'wav';
  /** Absolute paths or globs; for `images` and `wav` the folder of class folders. */
  readonly train: string;
  readonly test: string;
  /** `idx` and `numpy` may keep the labels in files of their own; of `wav`, tables of file, start, end and label. */
  readonly trainLabels?: string;
  readonly testLabels?: string;
  /** `csv`: column name of the label, columns to use, rows per window and step between windows. */
  readonly label?: string;
  /** `csv`: columns of the numbers, or of the labels as 0 or 1, that are to be told. */
  readonly target?: readonly string[];
  readonly columns?: readonly string[];
  readonly window?: number;
  readonly step?: number;
  /** `csv`: column whose value tells the recordings apart that windows must not join. */
  readonly recording?: string;
  /** `csv`: column whose value says of whom a row is, so that no split parts those of one; and the column of the time. */
  readonly subject?: string;
  readonly timestamp?: string;
  /** `wav`: absolute path of a folder of noise, and by how many decibels, from least to most, a sound is louder. */
  readonly background?: { readonly folder: string; readonly snr: readonly [number, number] };
  /** Fraction of the training examples held back to choose checkpoints, in (0, 0.5]. */
  readonly validation: number;
  /** Read at most so many training examples (a seeded, class-blind choice). 0: all. */
  readonly limit: number;
  /** What the network expects of its input; undefined: as measured of the training set, or what a model file says. */
  readonly normalize?: NormalizeConfig;
  readonly augment: {
    readonly flip: boolean;
    readonly shift: number;
    readonly noise: number;
    /** Of raw samples, before a front end: samples or a time, a share, decibels; and how often each example is there. */
    readonly timeShift?: number | string;
    readonly speed?: number;
    readonly gain?: number;
    readonly variants?: number;
  };
}

/** Whether a set of that format is a folder of class folders, not files. */
export function isInFolders(format: DatasetConfig['format'] | undefined): boolean {
  return format === 'images' || format === 'wav';
}

/** Bytes are brought to `range` first; then (x − mean) ÷ std, in that range. */
export interface NormalizeConfig {
  /** Undefined: numbers stay as they are stored. */
  readonly range?: '0..255' | '0..1' | '-1..1';
  /** One for all channels, or one for each, in the order that the network has them. */
  readonly mean?: number | readonly number[];
  readonly std?: number | readonly number[];
  /** Of a picture's channels as the network has them. */
  readonly order?: 'rgb' | 'bgr';
}

export interface BudgetConfig {
  /** Bytes of flash for everything the sources put there; undefined: not limited. */
  readonly flash?: number;
  /** Bytes of RAM for arena and decode buffer; undefined: not limited. */
  readonly ram?: number;
  /**
   * Bytes of encoded weights (blob: header, tile table, blocks), or a fraction of the dense int8 weight bytes ("25%").
   * The tighter of this and what `flash` leaves is the solver's target.
   */
  readonly weights?: { readonly bytes: number } | { readonly fraction: number };
  /**
   * Share of an inference's instructions that decoding may take, as estimated for the target, where the bytes allow it; 1 and
   * undefined, which is what runs of earlier versions have recorded: not limited.
   */
  readonly decode?: number;
  /** Least accuracy that passes, a fraction; undefined: any. */
  readonly accuracy?: number;
  /** For other tasks: the worst value of the task's metric that passes. */
  readonly floor?: number;
}

/** Of `decode` where a config says nothing: room for LZ4 in a network of fully connected layers alone. */
export const DEFAULT_DECODE = 0.65;

export interface EastConfig {
  readonly method: 'east' | 'magnitude' | 'group' | 'dense';
  /** Group length of method `group`. */
  readonly group: number;
  /** Optimiser steps between two choices of the masks. */
  readonly interval: number;
  /** `optimal`: the smallest LZ4 blocks there are; `greedy`: as lz4 writes them by default. Any decoder reads both. */
  readonly encoder: 'optimal' | 'greedy';
  /** What stores the weights: LZ4 blocks, an entropy coder, or for each layer the one that loses the least. */
  readonly codec: CodecSetting;
  /** Fraction of the pruning phase after which masks stay as they are, in (0, 1]. */
  readonly freeze: number;
}

export interface TrainingConfig {
  /** Epochs of the float network. 0 with `initialWeights`, or from a file's weights. */
  readonly epochs: number;
  /** Epochs of quantisation-aware pruning and fine-tuning. */
  readonly pruneEpochs: number;
  readonly batchSize: number;
  /** Parts each batch is split into, each a thread's work; undefined: what the machine at a run's start suggests. */
  readonly shards?: number;
  readonly optimizer: 'sgd' | 'adam';
  readonly learningRate: number;
  /** Peak learning rate of the pruning phase. */
  readonly pruneLearningRate: number;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly labelSmoothing: number;
  /**
   * Whether the network of `model.file` teaches the one that is made to fit. Undefined: where the examples have no labels.
   * `classes`, `values`: what of its outputs is imitated, where that does not follow from the network.
   */
  readonly distill?: boolean | 'classes' | 'values';
  readonly schedule: 'one-cycle' | 'cosine' | 'constant';
  readonly seed: number;
  /** Absolute path of a checkpoint to start from instead of random weights. */
  readonly initialWeights?: string;
  /** Seconds between checkpoints. */
  readonly checkpointSeconds: number;
}

/** Whether the network comes from a file and keeps all of its weights. */
export function keepsWeights({ model }: { readonly model: ModelConfig }): boolean {
  return model.file !== undefined && model.use !== 'fit';
}

/** Whether a config takes the codes of an int8 file as they are: nothing is trained, so nothing of that matters. */
export function isAsIs({ model }: { readonly model: ModelConfig }): boolean {
  return model.file !== undefined && model.use === 'as-is';
}

/** Whether the network of a file becomes int8, or is so already, without a step of training. */
export function isUntrained({ model }: { readonly model: ModelConfig }): boolean {
  return model.file !== undefined && model.use !== 'fit';
}

/** Cores that sources are built and verified for (firmware/targets/targets.ts). */
export const TARGET_IDS = ['cortex-m4'] as const;
export type TargetId = (typeof TARGET_IDS)[number];

export const DEFAULT_TARGET: TargetId = 'cortex-m4';

export interface FirmwareConfig {
  /** Absolute path of the folder that receives the sources. */
  readonly directory: string;
  readonly target: TargetId;
  /** Self-test vectors compiled into the sources. */
  readonly selfTestVectors: number;
  /** Moments of the input that a step along a stream brings; undefined: the C takes whole windows. */
  readonly stream?: number;
  /** Absolute path of the firmware's GNU linker script, to hold the budget against. */
  readonly linkerScript?: string;
  /** Absolute path or glob of the linker's map files; the newest of the script's image counts. */
  readonly mapFile?: string;
  /** Names of the memory regions that the model goes into, where they are not those that script and map tell. */
  readonly flashRegion?: string;
  readonly ramRegion?: string;
}
