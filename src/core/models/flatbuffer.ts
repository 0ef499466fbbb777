/**
 * Reads tables of a FlatBuffers file by field number, without generated code. Every offset is checked, so a damaged
 * file gives a UserError and never a silent misreading beyond the buffer.
 */

import { UserError } from '../util/errors';

export class FlatTable {
  readonly #view: DataView;
  readonly #at: number;

  private constructor(view: DataView, at: number) {
    this.#view = view;
    this.#at = at;
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
      return new FlatTable(view, view.getUint32(0, true));
    });
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
      return at === 0 ? undefined : new FlatTable(this.#view, this.#follow(at));
    });
  }

  /** Elements of a vector of tables; empty where the field is absent. */
  tables(field: number): FlatTable[] {
    return this.#vector(field, 4, (at) => new FlatTable(this.#view, this.#follow(at)));
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

  /** A copy of a byte vector; empty where the field is absent. */
  bytes(field: number): Uint8Array {
    return guarded(() => {
      const at = this.#field(field);
      if (at === 0) return new Uint8Array(0);
      const { start, length } = this.#extent(at, 1);
      return new Uint8Array(this.#view.buffer, this.#view.byteOffset + start, length).slice();
    });
  }

  string(field: number): string {
    return new TextDecoder().decode(this.bytes(field));
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
