/**
 * What the firmware holds of a kind of layer: its kernel, the constants that drive it, where its output may lie. One file
 * `<kind>/emit.ts` each, beside the C file of the kernel, all of them in the table of emit-ops.ts.
 */
import type { WeightFormat } from '../formats/formats';
import type { QuantizedModel } from '../quant/model';
import type { Layer } from './graph-ops';
import type { LayerBase } from './layer';

/** What a layer's constants follow from, besides the layer. */
export interface Placed {
  readonly model: QuantizedModel;
  /** Arena offset of a tensor. */
  readonly offsetOf: (tensor: string | undefined) => number;
  /** Arena offset of the layer's scratch. */
  readonly scratch: number;
  /** C name of a table of the layer's: one of its constants or of `EmitOp.tables`. */
  readonly table: (name: string) => string;
}

/** A `static const` array beside the layer's params, which point at it. */
export interface Table {
  readonly name: string;
  /** Of its elements, and their number. A struct is named as `params.struct` would be. */
  readonly type: 'int8_t' | 'uint16_t' | { readonly struct: string };
  readonly count: number;
  /** Initialisers. */
  values(placed: Placed): ArrayLike<number> | readonly string[];
}

export interface EmitOp<L extends LayerBase> {
  /** The C function, and the file it stands in; undefined where nothing is computed at run time. */
  readonly kernel?: string;
  /** The header that declares function and struct, where east_kernels.h does not. */
  readonly header?: string;
  /** Files of the runtime that `kernel`'s calls into, besides those that every network has. */
  readonly uses?: readonly string[];
  /**
   * The function, and the file, for weights of a format, where that is not `kernel`. For a packed format it takes them as
   * they are packed, so that nothing is unpacked into a buffer first; else that is done before `kernel` is called. Always or
   * never undefined for packed ones. `layers`: of the network.
   */
  kernelFor?(format: WeightFormat, layers: readonly Layer[]): string | undefined;
  /** What the kernel's `params` point at; undefined where it needs none. */
  readonly params?: { readonly struct: string; values(layer: L, placed: Placed): string };
  /** Tables that the kernel needs besides the layer's constants. */
  tables?(layer: L): readonly Table[];
  /** Another kernel for some layers of the kind, with all that goes with it. */
  variant?(layer: L): EmitOp<L> | undefined;
  /**
   * Where the output lies: in a place of its own; over an input that nobody reads afterwards, since each element depends
   * on inputs at its own place alone; or where the input lies, which it is.
   */
  readonly output: 'apart' | 'over' | 'input';
  /** Bytes that the kernel needs beside input and output while it runs. */
  scratchBytes?(layer: L): number;
  /** What the kernel's tables keep as uint16. */
  dimensions(layer: L): readonly number[];
  /** Whether the kernel multiplies plain codes, so that biases take over what the input's zero point contributes. */
  readonly foldsZeroPoint?: boolean;
}
