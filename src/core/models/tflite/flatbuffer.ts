/**
 * Reads tables of a FlatBuffers file by field number, without generated code. Every offset is checked, so a damaged
 * file gives a UserError and never a silent misreading beyond the buffer; and what is read is counted, so that a small file
 * whose offsets name the same part again and again cannot take memory without end. (The npm package `flatbuffers` checks
 * neither: its verifier exists for C++ only.)
 */

import { UserError } from '../../util/errors';

/** How often a file's bytes may be named, all its vectors together. */
const MOST_READINGS = 4;

/** Bytes of vectors that may still be read. */
interface Allowance {
  left: number;
}

export class FlatTable {
  readonly #view: DataView;
  readonly #at: number;
  readonly #allowance: Allowance;

  private constructor(view: DataView, at: number, allowance: Allowance) {
    this.#view = view;
    this.#at = at;
    this.#allowance = allowance;
  }

  /** A table in which every field is absent. */
  static empty(): FlatTable {
    // Its list of fields lies at 0 and is 4 bytes long, the table at 4 points back at it.
    return new FlatTable(new DataView(Uint8Array.of(4, 0, 0, 0, 4, 0, 0, 0).buffer), 4, {
      left: 0,
    });
  }

  /** The root table of a file with this four-letter identifier. */
  static root(bytes: Uint8Array, identifier: string): FlatTable {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return guarded(() => {
      const found = String.fromCharCode(...bytes.subarray(4, 8));
      if (found !== identifier) {
        throw new UserError(
          `Not a ${identifier} file: its identifier is ${JSON.stringify(found)}.`,
        );
      }
      const allowance = { left: MOST_READINGS * bytes.length };
      return new FlatTable(view, view.getUint32(0, true), allowance);
    });
  }

  boolean(field: number): boolean {
    return this.int8(field) !== 0;
  }

  int8(field: number, otherwise = 0): number {
    return this.#scalar(field, otherwise, (at) => this.#view.getInt8(at));
  }

  int32(field: number, otherwise = 0): number {
    return this.#scalar(field, otherwise, (at) => this.#view.getInt32(at, true));
  }

  uint32(field: number, otherwise = 0): number {
    return this.#scalar(field, otherwise, (at) => this.#view.getUint32(at, true));
  }

  float32(field: number, otherwise = 0): number {
    return this.#scalar(field, otherwise, (at) => this.#view.getFloat32(at, true));
  }

  table(field: number): FlatTable | undefined {
    return guarded(() => {
      const at = this.#field(field);
      return at === 0 ? undefined : this.#tableAt(at);
    });
  }

  /** Elements of a vector of tables; empty where the field is absent. */
  tables(field: number): FlatTable[] {
    return this.#vector(field, 4, (at) => this.#tableAt(at));
  }

  uint16s(field: number): number[] {
    return this.#vector(field, 2, (at) => this.#view.getUint16(at, true));
  }

  int32s(field: number): number[] {
    return this.#vector(field, 4, (at) => this.#view.getInt32(at, true));
  }

  /** Throws UserError for values beyond 2^53. */
  int64s(field: number): number[] {
    return this.#vector(field, 8, (at) => {
      const value = Number(this.#view.getBigInt64(at, true));
      if (!Number.isSafeInteger(value)) throw new UserError('Damaged file: a number is too large.');
      return value;
    });
  }

  float32s(field: number): number[] {
    return this.#vector(field, 4, (at) => this.#view.getFloat32(at, true));
  }

  /** A byte vector where it lies in the file; empty where the field is absent. */
  bytes(field: number): Uint8Array {
    return guarded(() => {
      const at = this.#field(field);
      if (at === 0) return new Uint8Array(0);
      const { start, length } = this.#extent(at, 1);
      return new Uint8Array(this.#view.buffer, this.#view.byteOffset + start, length);
    });
  }

  strings(field: number): string[] {
    return this.#vector(field, 4, (at) => {
      const { start, length } = this.#extent(at, 1);
      this.#take(length);
      return textOf(new Uint8Array(this.#view.buffer, this.#view.byteOffset + start, length));
    });
  }

  string(field: number): string {
    const bytes = this.bytes(field);
    this.#take(bytes.length);
    return textOf(bytes);
  }

  #scalar(field: number, otherwise: number, read: (at: number) => number): number {
    return guarded(() => {
      const at = this.#field(field);
      return at === 0 ? otherwise : read(at);
    });
  }

  #vector<T>(field: number, size: number, read: (at: number) => T): T[] {
    return guarded(() => {
      const at = this.#field(field);
      if (at === 0) return [];
      const { start, length } = this.#extent(at, size);
      this.#take(length * size);
      return Array.from({ length }, (_, i) => read(start + i * size));
    });
  }

  /** First element and length of the vector that the offset at `at` leads to. */
  #extent(at: number, size: number): { start: number; length: number } {
    const start = this.#follow(at);
    const length = this.#view.getUint32(start, true);
    if (start + 4 + length * size > this.#view.byteLength) {
      throw new UserError('Damaged file: a vector reaches beyond its end.');
    }
    return { start: start + 4, length };
  }

  /** Position of a field's value, 0 where the table does not have it. */
  #field(field: number): number {
    const vtable = this.#at - this.#view.getInt32(this.#at, true);
    const slot = 4 + 2 * field;
    if (slot + 2 > this.#view.getUint16(vtable, true)) return 0;
    const offset = this.#view.getUint16(vtable + slot, true);
    return offset === 0 ? 0 : this.#at + offset;
  }

  #tableAt(at: number): FlatTable {
    return new FlatTable(this.#view, this.#follow(at), this.#allowance);
  }

  #take(bytes: number): void {
    this.#allowance.left -= bytes;
    if (this.#allowance.left < 0) {
      throw new UserError('Damaged file: its parts overlap.');
    }
  }

  #follow(at: number): number {
    return at + this.#view.getUint32(at, true);
  }
}

/** DataView's RangeErrors are the bounds checks; they mean a damaged file. */
function guarded<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UserError('Damaged file: an offset points beyond its end.', { cause: error });
  }
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
