import type { Sizes } from '../plan/limits';
import type { FrontendCost } from '../plan/frontend-cost';
import type { FlashUsage } from '../plan/usage';
import type { RamUsage } from '../firmware/memory-plan';
import type { WeightFormat } from '../formats/formats';
import type { QuantizationChoice } from '../quant/noise';
import type { TaskDetails } from '../tasks/details';
import type { Measurement } from '../tasks/measurement';
import type { Savings } from './savings';

/**
 * What the CLI, the editor and firmware CI all show about a run. Derived from the encoded model (bytes, sparsity)
 * and the run's measurements; nobody else computes these numbers.
 */
export interface LayerReport {
  readonly name: string;
  readonly kind: string;
  /** Dimensions in storage order. */
  readonly shape: readonly number[];
  readonly parameters: number;
  /** Fraction of zero weights. */
  readonly sparsity: number;
  /** Of the weight blob: its tiles as they are stored, and their entries of the tile table. */
  readonly blobBytes: number;
  /** Dense int8 bytes / blobBytes. */
  readonly ratio: number;
  /** Fraction of all layers' blobBytes. */
  readonly share: number;
  readonly tiles: number;
  readonly rawTiles: number;
  /** Tiles by codec, where another one than LZ4 stores some. */
  readonly codecs?: Readonly<Record<string, number>>;
  /** How the weights lie in bytes before the codec; absent in reports without formats, which are all int8. */
  readonly format?: WeightFormat;
  /** Different weights, where that is what a codec pays for and not the bits of the format. */
  readonly levels?: number;
  /**
   * Decibels over the error that quantising brings, where a float network was quantised without training: of the layer's
   * output with all that comes before, and of its own rounding alone. Absent where there is no error.
   */
  readonly noise?: { readonly output?: number; readonly own?: number };
  /** What made it small; absent in reports of earlier versions. */
  readonly savings?: Savings;
}

/** What a step along a stream computes, beside the whole window. */
export interface StreamReport {
  /** Moments of the input that a step brings. */
  readonly hop: number;
  /** Multiply-accumulates of a step, and of the whole window. */
  readonly macs: { readonly step: number; readonly window: number };
  /**
   * Estimated instructions of a step, and of the whole window computed anew: computing, decoding and the frames of the front end.
   * Absent in reports of earlier versions.
   */
  readonly instructions?: { readonly step: number; readonly window: number };
  /** Further RAM, in bytes, where the whole window is computed, too. */
  readonly windowRam: number;
  /** Layers that compute all of their outputs anew in every step. */
  readonly anew: readonly string[];
  /** Whether the outputs are those of the window alone; else, of a causal network, of all that the stream has brought. */
  readonly exact: boolean;
}

export interface Report {
  readonly version: 3;
  readonly name: string;
  readonly run: string;
  readonly method: string;
  /** Where the LZ4 blocks are not the smallest possible: what wrote them. */
  readonly encoder?: 'greedy';
  /** Build of the engine, and threads. */
  readonly trainedWith: string;
  readonly seed: number;
  /** Where the network was quantised without training. */
  readonly quantized?: QuantizationChoice;
  readonly layers: readonly LayerReport[];
  readonly parameters: number;
  readonly denseBytes: number;
  readonly sparsity: number;
  readonly ratio: number;
  readonly flash: FlashUsage;
  readonly ram: RamUsage;
  /**
   * Instructions of an inference by what work costs on the target, an estimate: of decoding the weights, and of all else. Absent in
   * reports of earlier versions.
   */
  readonly instructions?: { readonly decoding: number; readonly computing: number };
  /** Of a front end: its parts of flash and RAM, and its instructions. Absent in reports of earlier versions. */
  readonly frontend?: FrontendCost;
  /** Where the firmware runs along a stream: flash and RAM are then what that takes. */
  readonly stream?: StreamReport;
  /** Over the test set, in the order of the stages; all but the float one by the exact integer executor. */
  readonly measured: readonly Measurement[];
  readonly testExamples: number;
  /** What there is to say beyond the metric, over the test set; absent in reports of earlier versions. */
  readonly details?: TaskDetails;
  /** What the metric says of one answer for every test example; absent in reports of earlier versions. */
  readonly baseline?: number;
  /** Set where what the network expects of its input is a guess: all that was measured rests on it. */
  readonly guessed?: true;
  /** Bytes; undefined where nothing limits. `weights` is the tighter of budget.weights and what budget.flash leaves. */
  readonly budget: {
    readonly flash?: number;
    readonly ram?: number;
    readonly weights?: number;
    /** Share of an inference for decoding; bytes come before it, so that `withinBudget` does not depend on it. */
    readonly decode?: number;
  };
  /** The worst value of the metric that passes; undefined: any. */
  readonly floor?: number;
  /** What makes the result mean less than it seems to, a sentence each. */
  readonly warnings?: readonly string[];
  /** What another config would make of the same budget, a sentence each; absent in reports of earlier versions. */
  readonly proposals?: readonly string[];
  /** True when every limit that is set is met, and the floor. */
  readonly withinBudget: boolean;
}

/** What of a run counts against the keys of `budget`. */
export function sizesOf({ flash, ram }: Pick<Report, 'flash' | 'ram'>): Sizes {
  return { flash: flash.total, ram: ram.total, weights: flash.weights };
}

/** What a run's log tells of it when it has finished. */
export function weightsIn({ sparsity, flash }: Pick<Report, 'sparsity' | 'flash'>): {
  readonly sparsity: number;
  readonly blobBytes: number;
} {
  return { sparsity, blobBytes: flash.weights };
}

/** Up to this ratio nothing was compressed that is worth the word. */
export const UNCOMPRESSED = 1.01;

/** Methods of reports on networks that were trained elsewhere and keep all of their weights. */
export const [AS_IS_METHOD, QUANTIZED_METHOD] = ['as it is', 'quantised here'] as const;
const KEEPING: readonly string[] = [AS_IS_METHOD, QUANTIZED_METHOD];

export function keepsWeights({ method }: Pick<Report, 'method'>): boolean {
  return KEEPING.includes(method);
}
