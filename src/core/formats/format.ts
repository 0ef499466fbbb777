/**
 * The contract of a weight format: which codes a weight can have and how they lie in bytes. How weights become codes is
 * another facet (fit.ts). Adding one: docs/adding.md.
 *
 * In every format the byte 0x00 stands for zeros alone. Where a single weight has no zero (`hasZero`), whole bytes of
 * weights are zero together, and the one pattern of codes that would be 0x00 must not occur (`avoidZeroBytes`).
 */
export interface Format {
  /** How files and reports call it. */
  readonly id: string;
  /** How `quantization.weights` of a config asks for it. */
  readonly setting: number | string;
  readonly weightsPerByte: number;
  /** Codes are −largest … largest: all whole numbers between, or the odd ones. */
  readonly largestCode: number;
  /** Whether a single weight can be zero. Else codes are odd, and only all weights of a byte can be zero together. */
  readonly hasZero: boolean;
  /** The C object, and the file beside this one, that unpacks it on the chip; undefined where nothing has to. */
  readonly unpacker: string | undefined;
  /**
   * The bytes of codes that are in range; places left over in the last byte are filled so that it is 0x00 for zeros alone.
   * Throws Error where a code is not one of the format's, or where a byte cannot say which of its weights are zero.
   */
  pack(codes: Int8Array): Uint8Array<ArrayBuffer>;
  /**
   * The first `count` codes, of as many bytes as they take, whatever those are: as on the chip, fields that no encoder
   * writes give some code of at most one beyond the format's.
   */
  unpack(packed: Uint8Array, count: number): Int8Array<ArrayBuffer>;
}
