/**
 * The one hot loop of the fast executor, as WebAssembly SIMD written out by hand: it sums weight · value over a list of
 * taps for a whole plane of output positions at once. A list holds only what is not zero, so sparse layers take less
 * time; plain JavaScript runs the same sums some ten times slower.
 */

// No typings of WebAssembly come with Node's; this is all that is used of it.
interface WasmMemory {
  readonly buffer: ArrayBuffer;
}
declare const WebAssembly: {
  readonly Memory: new (limits: { initial: number }) => WasmMemory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: Record<string, Record<string, WasmMemory>>,
  ) => { readonly exports: Readonly<Record<string, unknown>> };
};

/** Output positions summed side by side; planes are padded to a multiple. */
export const BLOCK = 16;
/** A position of an input plane: two int16 values, of an even channel and the odd one after it. */
export const POSITION_BYTES = 4;
/** A tap: int32 byte offset into the input, then the two int16 weights of a pair of channels. */
export const TAP_BYTES = 8;

export interface SimdKernel {
  readonly memory: ArrayBuffer;
  /**
   * output[p] = bias + Σ over taps of weights · input[tap offset + p], for p in 0 … BLOCK · blocks − 1.
   * All but the last two are byte offsets into `memory`: output int32, input int16 pairs, taps from `taps` to `end`.
   */
  accumulate(
    output: number,
    input: number,
    taps: number,
    end: number,
    blocks: number,
    bias: number,
  ): void;
}

/** A kernel with its own zeroed memory of at least `bytes`. */
export function createSimdKernel(bytes: number): SimdKernel {
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / 65536) + 1 });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(moduleBytes()), {
    e: { m: memory },
  });
  const accumulate = exports['f'];
  if (!isAccumulate(accumulate)) throw new Error('The SIMD kernel does not export its function.');
  return { memory: memory.buffer, accumulate };
}

function isAccumulate(value: unknown): value is SimdKernel['accumulate'] {
  return typeof value === 'function';
}

// Opcodes, WebAssembly core specification 2.0, section 5.4.
const I32 = 0x7f;
const V128 = 0x7b;
const VOID = 0x40;
const BLOCK_OF = [0x02, VOID];
const LOOP = [0x03, VOID];
const END = [0x0b];
const branch = (depth: number): number[] => [0x0c, depth];
const branchIf = (depth: number): number[] => [0x0d, depth];
const get = (local: number): number[] => [0x20, local];
const set = (local: number): number[] => [0x21, local];
const tee = (local: number): number[] => [0x22, local];
const constant = (value: number): number[] => [0x41, (value & 0x7f) | 0x80, value >> 7];
const ADD = [0x6a];
const SUBTRACT = [0x6b];
const GREATER_OR_EQUAL = [0x4f];
/** Memory operands: alignment 2^2, then an offset below 128. */
const loadInt32 = (offset: number): number[] => [0x28, 2, offset];
const loadVector = (offset: number): number[] => [0xfd, 0x00, 2, offset];
const loadSplat = (offset: number): number[] => [0xfd, 0x09, 2, offset];
const storeVector = (offset: number): number[] => [0xfd, 0x0b, 2, offset];
const SPLAT = [0xfd, 0x11];
const ADD_VECTORS = [0xfd, 0xae, 0x01];
/** Eight int16 products, added in pairs to four int32. */
const DOT = [0xfd, 0xba, 0x01];

function moduleBytes(): Uint8Array {
  // Parameters, then locals.
  const [output, input, taps, end, blocks, bias] = [0, 1, 2, 3, 4, 5] as const;
  const [tap, address, weights] = [6, 7, 8] as const;
  const sums = [9, 10, 11, 12];
  const vectorBytes = 16;
  const blockBytes = constant(BLOCK * POSITION_BYTES);
  const body = [
    ...[2, 2, I32, 5, V128],
    ...LOOP,
    ...get(bias),
    ...SPLAT,
    ...sums.flatMap(tee),
    ...[0x1a], // drop
    ...get(taps),
    ...set(tap),
    ...BLOCK_OF,
    ...LOOP,
    ...[...get(tap), ...get(end), ...GREATER_OR_EQUAL, ...branchIf(1)],
    ...[...get(input), ...get(tap), ...loadInt32(0), ...ADD, ...set(address)],
    ...[...get(tap), ...loadSplat(4), ...set(weights)],
    ...sums.flatMap((sum, i) => [
      ...get(sum),
      ...[...get(address), ...loadVector(i * vectorBytes), ...get(weights), ...DOT],
      ...ADD_VECTORS,
      ...set(sum),
    ]),
    ...[...get(tap), ...constant(TAP_BYTES), ...ADD, ...set(tap)],
    ...branch(0),
    ...END,
    ...END,
    ...sums.flatMap((sum, i) => [...get(output), ...get(sum), ...storeVector(i * vectorBytes)]),
    ...[...get(output), ...blockBytes, ...ADD, ...set(output)],
    ...[...get(input), ...blockBytes, ...ADD, ...set(input)],
    ...[...get(blocks), ...constant(1), ...SUBTRACT, ...tee(blocks), ...branchIf(0)],
    ...END,
    ...END,
  ];
  const length = (n: number): number[] => [(n & 0x7f) | 0x80, n >> 7];
  const section = (id: number, content: number[]): number[] => [
    id,
    ...length(content.length),
    ...content,
  ];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 6, I32, I32, I32, I32, I32, I32, 0]),
    ...section(2, [1, 1, 0x65, 1, 0x6d, 0x02, 0, 1]), // memory "m" of module "e", one page or more
    ...section(3, [1, 0]),
    ...section(7, [1, 1, 0x66, 0x00, 0]), // function "f"
    ...section(10, [1, ...length(body.length), ...body]),
  ]);
}
