/**
 * The contract of a core that generated sources are built, measured and verified for: one folder `targets/<id>/` each, with
 * what verification runs there, all of them in the table of targets.ts. Everything else of the product asks a target and names
 * none.
 */
import type { CodecId } from '../../codecs/codecs';
import type { WeightFormat } from '../../formats/formats';
import type { Tool } from '../toolchain';

export interface Target {
  /** What people call it: `Cortex-M4`. */
  readonly name: string;
  /** One line more, for whoever has to choose. */
  readonly description: string;
  readonly compiler: Tool;
  /** Prints the sections of objects, as `size -A` of the GNU binutils does. */
  readonly sizeProgram: Tool;
  /** Compiler options that choose the core. */
  readonly options: readonly string[];
  readonly simulator: Simulator;
  /** Of the C runtime, measured once and committed: known without a compiler (npm run generate). */
  readonly codeSizes: CodeSizeTable;
  /** What decoding is weighed against computing by. */
  readonly instructions: InstructionCosts;
}

/** What a kernel takes besides what each layer does. */
export interface KernelCosts {
  /** Of a multiply–accumulate with a weight that lies ready. */
  readonly multiply?: number;
  /** Of a value that it puts out, and of one that it is given. */
  readonly output?: number;
  readonly input?: number;
  /** Of an input that is gathered into a column: where channels come four at a time, and where they do not. */
  readonly gathered?: number;
  readonly gatheredApart?: number;
}

/** In instructions of the core, measured on networks: good for shares of an inference, not for times. */
export interface InstructionCosts {
  /** By the C function, and of all others. */
  readonly kernels: Readonly<Record<string, KernelCosts | undefined>>;
  readonly others: KernelCosts;
  /** Of an inference without any layer. */
  readonly inference: number;
  /** Of a symbol that a codec's tile is decoded into, and of the tile itself. */
  readonly decode: Readonly<Record<CodecId, { readonly symbol: number; readonly tile: number }>>;
  /** Of a weight that is unpacked. */
  readonly unpack: Readonly<Record<WeightFormat, number>>;
  /** Of a front end's frame. */
  readonly frontend: FrontendCosts;
}

/** Of each thing that a frame has. */
export interface FrontendCosts {
  readonly frame: number;
  readonly feature: number;
  /** Windowed; of a channel. */
  readonly sample: number;
  /** Of size · log2(size) of the transform. */
  readonly transform: number;
  /** Energy and logarithm. */
  readonly band: number;
  /** Of the cosine transform. */
  readonly product: number;
  /** Of a sample, where there are statistics. */
  readonly statistic: number;
}

export interface Simulator {
  readonly tool: Tool;
  /** What people call it: `QEMU`. */
  readonly name: string;
  /** Names of the files of the target's folder: what `harness.c` runs on, and where its parts lie. */
  readonly platform: string;
  readonly linkerScript: string;
  /** Linker options besides the script. */
  readonly linkOptions: readonly string[];
  /** Of the simulator, before the path of the image. Output and exit code must come through. */
  readonly arguments: readonly string[];
}

export interface CodeSizeTable {
  /** The compiler that it was measured with, and its options. */
  readonly compiler: string;
  readonly options: string;
  /** Bytes of code by file, without ending. */
  readonly files: Readonly<Record<string, number | undefined>>;
  /** Bytes of each struct. */
  readonly structs: Readonly<Record<string, number | undefined>>;
}
