/**
 * The two hot loops of the fast executor, as WebAssembly SIMD written out by hand. One sums weight · value over a list
 * of taps for a whole plane of output positions at once; a list holds only what is not zero, so sparse layers take less
 * time. The other brings the sums to int8. JavaScript runs the same some ten times slower.
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
  /**
   * Brings a plane of sums to int8 as multiplyByQuantizedMultiplier does, adds the zero point and clamps.
   * sums: byte offset of int32, rows `rowBytes` apart; output: byte offset of int8, positions `pixelBytes` apart.
   * `left` and `right` are the factor's shift, one of them 0; `half` is 2^(right − 1) and `sign` −1, or both are 0.
   */
  requantize(
    sums: number,
    output: number,
    rows: number,
    columns: number,
    rowBytes: number,
    pixelBytes: number,
    multiplier: number,
    left: number,
    right: number,
    half: number,
    sign: number,
    zeroPoint: number,
    min: number,
    max: number,
  ): void;
}

/** A kernel with its own zeroed memory of at least `bytes`. */
export function createSimdKernel(bytes: number): SimdKernel {
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / 65536) + 1 });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(moduleBytes()), {
    e: { m: memory },
  });
  const { a: accumulate, r: requantize } = exports;
  if (!isFunction(accumulate) || !isFunction(requantize)) {
    throw new Error('The SIMD kernel does not export its functions.');
  }
  return { memory: memory.buffer, accumulate, requantize };
}

function isFunction(value: unknown): value is (...args: number[]) => void {
  return typeof value === 'function';
}

// Opcodes, WebAssembly core specification 2.0, section 5.4.
const I32 = 0x7f;
const I64 = 0x7e;
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
const SHIFT_LEFT = [0x74];
const GREATER_OR_EQUAL_UNSIGNED = [0x4f];
const GREATER = [0x4a];
const LESS = [0x48];
const DROP = [0x1a];
const SELECT = [0x1b];
const WIDEN = [0xac];
const NARROW = [0xa7];
const constant64 = (value: number): number[] => [0x42, value];
const CONSTANT64_HALF = [0x42, 0x80, 0x80, 0x80, 0x80, 0x04]; // 2^30
const ADD64 = [0x7c];
const MULTIPLY64 = [0x7e];
const AND64 = [0x83];
const SHIFT_RIGHT64 = [0x87];
const storeByte = [0x3a, 0, 0];
/** Memory operands: alignment 2^2, then an offset below 128. */
const loadInt32 = (offset: number): number[] => [0x28, 2, offset];
const loadVector = (offset: number): number[] => [0xfd, 0x00, 2, offset];
const loadSplat = (offset: number): number[] => [0xfd, 0x09, 2, offset];
const storeVector = (offset: number): number[] => [0xfd, 0x0b, 2, offset];
const SPLAT = [0xfd, 0x11];
const ADD_VECTORS = [0xfd, 0xae, 0x01];
/** Eight int16 products, added in pairs to four int32. */
const DOT = [0xfd, 0xba, 0x01];

function accumulateBody(): number[] {
  // Parameters, then locals.
  const [output, input, taps, end, blocks, bias] = [0, 1, 2, 3, 4, 5] as const;
  const [tap, address, weights] = [6, 7, 8] as const;
  const sums = [9, 10, 11, 12];
  const vectorBytes = 16;
  const blockBytes = constant(BLOCK * POSITION_BYTES);
  return [
    ...[2, 2, I32, 5, V128],
    ...LOOP,
    ...get(bias),
    ...SPLAT,
    ...sums.flatMap(tee),
    ...DROP,
    ...get(taps),
    ...set(tap),
    ...BLOCK_OF,
    ...LOOP,
    ...[...get(tap), ...get(end), ...GREATER_OR_EQUAL_UNSIGNED, ...branchIf(1)],
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
}

function requantizeBody(): number[] {
  const [sums, output, rows, columns, rowBytes, pixelBytes, multiplier] = [
    0, 1, 2, 3, 4, 5, 6,
  ] as const;
  const [left, right, half, sign, zeroPoint, min, max] = [7, 8, 9, 10, 11, 12, 13] as const;
  const [address, column, code, value] = [14, 15, 16, 17] as const;
  return [
    ...[2, 3, I32, 1, I64],
    ...LOOP,
    ...[...get(sums), ...set(address), ...get(columns), ...set(column)],
    ...LOOP,
    // value = ((sum << left) · multiplier + 2^30) >> 31
    ...[...get(address), ...loadInt32(0), ...get(left), ...SHIFT_LEFT, ...WIDEN],
    ...[...get(multiplier), ...WIDEN, ...MULTIPLY64, ...CONSTANT64_HALF, ...ADD64],
    ...[...constant64(31), ...SHIFT_RIGHT64, ...tee(value)],
    // (value + half − (value < 0 and right > 0)) >> right: halves away from zero
    ...[...get(half), ...WIDEN, ...ADD64],
    ...[
      ...get(value),
      ...constant64(63),
      ...SHIFT_RIGHT64,
      ...get(sign),
      ...WIDEN,
      ...AND64,
      ...ADD64,
    ],
    ...[...get(right), ...WIDEN, ...SHIFT_RIGHT64],
    ...[...NARROW, ...get(zeroPoint), ...ADD, ...set(code)],
    ...[...get(max), ...get(code), ...get(code), ...get(max), ...GREATER, ...SELECT, ...set(code)],
    ...[...get(min), ...get(code), ...get(code), ...get(min), ...LESS, ...SELECT, ...set(code)],
    ...[...get(output), ...get(code), ...storeByte],
    ...[...get(output), ...get(pixelBytes), ...ADD, ...set(output)],
    ...[...get(address), ...constant(4), ...ADD, ...set(address)],
    ...[...get(column), ...constant(1), ...SUBTRACT, ...tee(column), ...branchIf(0)],
    ...END,
    ...[...get(sums), ...get(rowBytes), ...ADD, ...set(sums)],
    ...[...get(rows), ...constant(1), ...SUBTRACT, ...tee(rows), ...branchIf(0)],
    ...END,
    ...END,
  ];
}

function moduleBytes(): Uint8Array {
  const sized = (content: number[]): number[] => [
    (content.length & 0x7f) | 0x80,
    content.length >> 7,
    ...content,
  ];
  const section = (id: number, content: number[]): number[] => [id, ...sized(content)];
  const procedure = (parameters: number): number[] => [
    0x60,
    parameters,
    ...new Array<number>(parameters).fill(I32),
    0,
  ];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [2, ...procedure(6), ...procedure(14)]),
    ...section(2, [1, 1, 0x65, 1, 0x6d, 0x02, 0, 1]), // memory "m" of module "e", one page or more
    ...section(3, [2, 0, 1]),
    ...section(7, [2, 1, 0x61, 0x00, 0, 1, 0x72, 0x00, 1]), // functions "a" and "r"
    ...section(10, [2, ...sized(accumulateBody()), ...sized(requantizeBody())]),
  ]);
}
