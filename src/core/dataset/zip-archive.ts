/**
 * ZIP archives (PKWARE's APPNOTE 6.3), as far as NumPy writes them: entries stored or deflated, sizes also of ZIP64. An
 * entry is unpacked only when it is asked for, to no more bytes than it says, and its checksum is compared.
 */
import { constants, inflateRawSync } from 'node:zlib';
import { crc32 } from '../util/crc32';
import { UserError } from '../util/errors';
import { MOST_BYTES, checkRatio } from './unpack';
import { defined } from '../util/defined';
import { errorCode } from '../util/file-errors';

export interface ArchiveEntry {
  readonly name: string;
  /** 0 stored, 8 deflated. */
  readonly method: number;
  /** Bytes in the archive, and unpacked. */
  readonly packed: number;
  readonly size: number;
  readonly crc: number;
  /** Of the entry's own header in the archive. */
  readonly offset: number;
}

const END = 0x06054b50;
const END_BYTES = 22;
const LONGEST_COMMENT = 0xffff;
const ENTRY = 0x02014b50;
const ENTRY_BYTES = 46;
const LOCAL = 0x04034b50;
const LOCAL_BYTES = 30;
const LOCATOR_64 = 0x07064b50;
const END_64 = 0x06064b50;
/** Stands where the true value is in the ZIP64 fields. */
const ELSEWHERE = 0xffffffff;
const ZIP64_FIELD = 1;
const ENCRYPTED = 1;

/** What an archive is, for errors. */
export interface ArchiveKind {
  readonly ending: string;
  /** What its entries are. */
  readonly entries: string;
  /** What writes such archives. */
  readonly savedWith: string;
}

const NPZ: ArchiveKind = {
  ending: '.npz',
  entries: 'arrays',
  savedWith: 'numpy.savez or savez_compressed',
};

export class ZipArchive {
  readonly entries: readonly ArchiveEntry[];
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #file: string | undefined;
  readonly #kind: ArchiveKind;

  /**
   * @param bytes of the whole archive; throws UserError where its list of entries cannot be read
   * @param file for errors, where it is known
   */
  constructor(bytes: Uint8Array, file?: string, kind: ArchiveKind = NPZ) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#file = file;
    this.#kind = kind;
    this.entries = this.#readEntries();
    const names = new Set<string>();
    for (const { name } of this.entries) {
      if (names.has(name)) throw this.#damaged(`"${name}" is in it twice`);
      names.add(name);
    }
  }

  /** First bytes of an entry, at least `length` where it has so many. Its checksum is not looked at. */
  start(entry: ArchiveEntry, length: number): Uint8Array {
    const packed = this.#packed(entry);
    if (entry.method === 0) return packed.subarray(0, length);
    // Packed text has at least one byte in a thousand of what comes out: grow until there is enough.
    for (let take = 256; ; take *= 2) {
      const whole = take >= packed.length;
      const part = packed.subarray(0, take);
      const start = this.#inflate(entry, part, whole ? undefined : constants.Z_SYNC_FLUSH);
      if (whole || start.length >= length) return start;
    }
  }

  /** Throws UserError where what comes out is not of the size, or not with the checksum, that the entry says. */
  unpack(entry: ArchiveEntry): Uint8Array {
    const label = `"${entry.name}" in the archive `;
    checkRatio(entry.size, entry.packed, label, this.#file);
    const packed = this.#packed(entry);
    // Memory of its own: typed arrays may be laid over it.
    const content = entry.method === 0 ? new Uint8Array(packed) : this.#inflate(entry, packed);
    if (content.length !== entry.size) {
      throw this.#damaged(
        `"${entry.name}" has ${content.length} bytes, not the ${entry.size} that the archive says`,
      );
    }
    if (crc32(content) !== entry.crc) {
      throw this.#damaged(`the checksum of "${entry.name}" is not the one it was written with`);
    }
    return content;
  }

  #inflate(entry: ArchiveEntry, packed: Uint8Array, finishFlush?: number): Uint8Array {
    try {
      return inflateRawSync(packed, {
        // Of a cut-off stream more than the entry's own bytes may come out before it is noticed.
        maxOutputLength: Math.max(entry.size, 1),
        ...defined({ finishFlush }),
      });
    } catch (error) {
      const code = errorCode(error);
      const reason =
        code === 'ERR_BUFFER_TOO_LARGE'
          ? `it unpacks to more than the ${entry.size} bytes that the archive says`
          : error instanceof Error
            ? error.message
            : String(error);
      throw this.#damaged(`"${entry.name}": ${reason}`, error);
    }
  }

  #packed({ name, method, packed, size, offset }: ArchiveEntry): Uint8Array {
    if (method !== 0 && method !== 8) {
      throw new UserError(
        `"${name}" in the archive is packed by method ${method}, which cannot be read; save it with ${this.#kind.savedWith}`,
        this.#where(),
      );
    }
    if (size > MOST_BYTES) {
      throw new UserError(
        `"${name}" in the archive is too large: ${size} bytes, of at most ${MOST_BYTES} that can be loaded`,
        this.#where(),
      );
    }
    const start = offset + LOCAL_BYTES;
    if (start > this.#bytes.length || this.#view.getUint32(offset, true) !== LOCAL) {
      throw this.#damaged(`"${name}" is not where the archive says`);
    }
    const data =
      start + this.#view.getUint16(offset + 26, true) + this.#view.getUint16(offset + 28, true);
    if (data + packed > this.#bytes.length) throw this.#damaged(`"${name}" is cut off`);
    return this.#bytes.subarray(data, data + packed);
  }

  #readEntries(): ArchiveEntry[] {
    const { count, offset } = this.#findDirectory();
    const entries: ArchiveEntry[] = [];
    let at = offset;
    for (let i = 0; i < count; i++) {
      if (at + ENTRY_BYTES > this.#bytes.length || this.#view.getUint32(at, true) !== ENTRY) {
        throw this.#damaged(
          `the list of its ${this.#kind.entries} breaks off after ${i} of ${count}`,
        );
      }
      const nameLength = this.#view.getUint16(at + 28, true);
      const extraLength = this.#view.getUint16(at + 30, true);
      const next =
        at + ENTRY_BYTES + nameLength + extraLength + this.#view.getUint16(at + 32, true);
      if (next > this.#bytes.length)
        throw this.#damaged(`the list of its ${this.#kind.entries} is cut off`);
      entries.push(this.#readEntry(at, nameLength, extraLength));
      at = next;
    }
    return entries;
  }

  #readEntry(at: number, nameLength: number, extraLength: number): ArchiveEntry {
    const view = this.#view;
    const nameAt = at + ENTRY_BYTES;
    const name = Buffer.from(this.#bytes.subarray(nameAt, nameAt + nameLength)).toString('utf8');
    if ((view.getUint16(at + 8, true) & ENCRYPTED) !== 0) {
      throw new UserError(
        `"${name}" in the archive is encrypted; save it without a password`,
        this.#where(),
      );
    }
    const [size, packed, offset] = this.#resolve64(nameAt + nameLength, extraLength, [
      view.getUint32(at + 24, true),
      view.getUint32(at + 20, true),
      view.getUint32(at + 42, true),
    ]);
    return {
      name,
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      size,
      packed,
      offset,
    };
  }

  /** Values that do not fit in 32 bits stand, in this order, in a field behind the name. */
  #resolve64(
    from: number,
    length: number,
    values: readonly [number, number, number],
  ): readonly [number, number, number] {
    if (!values.includes(ELSEWHERE)) return values;
    for (let at = from; at + 4 <= from + length;) {
      const id = this.#view.getUint16(at, true);
      const end = Math.min(at + 4 + this.#view.getUint16(at + 2, true), from + length);
      if (id === ZIP64_FIELD) {
        let next = at + 4;
        const resolve = (value: number): number => {
          if (value !== ELSEWHERE || next + 8 > end) return value;
          next += 8;
          return Number(this.#view.getBigUint64(next - 8, true));
        };
        return [resolve(values[0]), resolve(values[1]), resolve(values[2])];
      }
      at = end;
    }
    return values;
  }

  #findDirectory(): { readonly count: number; readonly offset: number } {
    const view = this.#view;
    const last = this.#bytes.length - END_BYTES;
    for (let at = last; at >= Math.max(0, last - LONGEST_COMMENT); at--) {
      if (view.getUint32(at, true) !== END) continue;
      const [count, offset] = [view.getUint16(at + 10, true), view.getUint32(at + 16, true)];
      if (count !== 0xffff && offset !== ELSEWHERE) return { count, offset };
      return this.#findDirectory64(at) ?? { count, offset };
    }
    throw this.#damaged('it does not end as an archive does');
  }

  #findDirectory64(end: number): { readonly count: number; readonly offset: number } | undefined {
    const view = this.#view;
    const locator = end - 20;
    if (locator < 0 || view.getUint32(locator, true) !== LOCATOR_64) return undefined;
    const at = Number(view.getBigUint64(locator + 8, true));
    if (at + 56 > this.#bytes.length || view.getUint32(at, true) !== END_64) return undefined;
    return {
      count: Number(view.getBigUint64(at + 32, true)),
      offset: Number(view.getBigUint64(at + 48, true)),
    };
  }

  #damaged(reason: string, cause?: unknown): UserError {
    const { length } = this.#bytes;
    return new UserError(
      `the ${this.#kind.ending} archive is damaged or cut off at ${length} bytes (${reason})`,
      { ...this.#where(), ...defined({ cause }) },
    );
  }

  #where(): { file?: string } {
    return defined({ file: this.#file });
  }
}
