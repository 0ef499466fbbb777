/**
 * Where everything lies in RAM: what plan/memory.ts decides, from the graph alone before training, and once more when it
 * is known which tiles are decoded.
 */
import type { StreamStep } from '../graph/stream';

/** What RAM is taken by, bytes. */
export interface RamParts {
  readonly activations: number;
  /** Of the kernel: im2col columns and the like. */
  readonly scratch: number;
  /** The largest tile that is decoded or unpacked; before training, the largest of all, for any may be. */
  readonly decode: number;
  /** Of a front end: its state, and what its work needs beyond the arena of the network; absent without one. */
  readonly frontend?: number;
}

/** The parts where their sum is largest. They add up to `total`: gaps that could not be avoided are activations. */
export interface RamUsage extends RamParts {
  readonly total: number;
  /** Layer during which the RAM peaks. */
  readonly peakLayer: string;
}

/**
 * One arena of `ram.total` bytes holds everything; a layer's scratch and decode buffer lie in a gap between the
 * activations in use. All sizes are bytes.
 */
export interface MemoryPlan {
  /** Offset of each tensor (input and layer outputs, by name) inside the arena. In-place tensors share one. */
  readonly offsets: Readonly<Record<string, number>>;
  /** Offsets inside the arena of what a layer needs only while it runs, by layer name. */
  readonly temporaries: Readonly<
    Record<string, { readonly scratch: number; readonly decode: number }>
  >;
  /** Output channels of each tile, by weighted layer's name; sums to the layer's channels, all equal but the last. */
  readonly tileChannels: Readonly<Record<string, readonly number[]>>;
  readonly tileWeights: TileWeights;
  /** The arena: what counts against budget.ram. */
  readonly ram: RamUsage;
  /** In use while each layer runs, by its name; gaps do not count. */
  readonly usage: Readonly<Record<string, RamParts>>;
  /**
   * Of a network that runs along a stream: all of the above is of one step, with the offset of what counts them, and this is of
   * the whole window at once, in an arena of its own, with the same tiles.
   */
  readonly stream?: {
    readonly step: StreamStep;
    readonly counter: number;
    readonly window: MemoryPlan;
  };
  /** Below so much no plan is possible, and the layer that needs it. */
  readonly least: { readonly bytes: number; readonly layer: string };
}

/** How many weights each tile holds, which are its bytes once decoded; by weighted layer's name. */
export type TileWeights = Readonly<Record<string, readonly number[]>>;
