/** Where everything lies in RAM, known from the graph alone, before training: what plan/memory.ts decides. */

/** What RAM is taken by, bytes. */
export interface RamParts {
  readonly activations: number;
  /** Of the kernel: im2col columns and the like. */
  readonly scratch: number;
  /** The largest tile, decoded; raw tiles need none, but the plan provides for all being encoded. */
  readonly decode: number;
}

/**
 * One arena of `ramBytes` holds everything; a layer's scratch and decode buffer lie in a gap between the activations in
 * use. All sizes are bytes.
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
  /** The arena: what counts against budget.ram. */
  readonly ramBytes: number;
  /** Where the sum is largest; they sum to ramBytes, since gaps that could not be avoided count as activations. */
  readonly peak: RamParts & { readonly layer: string };
  /** In use while each layer runs, by its name; gaps do not count. */
  readonly usage: Readonly<Record<string, RamParts>>;
  /** Below so much no plan is possible, and the layer that needs it. */
  readonly least: { readonly bytes: number; readonly layer: string };
}
