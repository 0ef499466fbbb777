/**
 * HDF5 files (HDF5 File Format Specification 3.0), as far as Keras writes them: groups, datasets that lie in one piece, texts
 * in attributes. HDF5's own library as WebAssembly takes 4 MB, and seconds to minutes for a file of 37 KB in which a few bytes
 * are damaged. Here nothing is read twice, nothing outside of the bytes, and nothing of another file.
 */
import { UserError } from '../../util/errors';
import type { Tensor } from './tensor';

const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
/** More dimensions than any weight of Keras has. */
const MOST_DIMENSIONS = 8;
const LONGEST_NAME = 4096;
const UNDEFINED = 0xffff_ffff_ffff_ffffn;

const DATASPACE = 0x01;
const LINK_INFO = 0x02;
const DATATYPE = 0x03;
const LINK = 0x06;
const LAYOUT = 0x08;
const ATTRIBUTE = 0x0c;
const CONTINUATION = 0x10;
const SYMBOL_TABLE = 0x11;
const ATTRIBUTE_INFO = 0x15;
const SHARED = 0x02;

const FIXED_POINT = 0;
const FLOATING_POINT = 1;
const TEXT = 3;
const VARIABLE_LENGTH = 9;

interface Message {
  readonly type: number;
  readonly flags: number;
  readonly at: number;
  readonly size: number;
}

interface Place {
  readonly at: number;
  readonly size: number;
}

interface Datatype {
  readonly kind: 'float' | 'signed' | 'unsigned' | 'text' | 'texts of any length' | 'other';
  readonly size: number;
  readonly littleEndian: boolean;
}

export class Hdf5File {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #root: number;
  readonly #headers = new Map<number, readonly Message[]>();
  readonly #groups = new Map<number, ReadonlyMap<string, number>>();
  readonly #heaps = new Map<number, ReadonlyMap<number, Place>>();
  /**
   * Bytes that were read as headers, names and heaps, and as datasets and texts: of each together no more than the file has,
   * or some lie on top of each other to be read again and again.
   */
  readonly #read = { structure: 0, content: 0 };

  /** @throws UserError where the bytes do not begin as such a file does, or are fewer than it says */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (SIGNATURE.some((byte, i) => bytes[i] !== byte)) {
      throw new UserError('It does not begin as an HDF5 file does.');
    }
    const version = this.#u8(8);
    if (version > 3) throw unreadable(`its superblock has version ${version}`);
    const old = version < 2;
    const [offsets, lengths] = old ? [this.#u8(13), this.#u8(14)] : [this.#u8(9), this.#u8(10)];
    if (offsets !== 8 || lengths !== 8) throw unreadable(`its addresses have ${offsets} bytes`);
    const base = old ? (version === 0 ? 24 : 28) : 12;
    if (this.#u64(base) !== 0n) throw unreadable('it has a block in front');
    const end = this.#u64(base + 16);
    if (end > BigInt(bytes.length)) {
      throw new UserError(`The file is cut off: it has ${bytes.length} of ${end} bytes.`);
    }
    this.#root = this.#address(base + (old ? 40 : 24));
  }

  /** Names in the group at this path (names with `/` in between); empty where there is none. */
  names(path: string): string[] {
    const at = this.#find(path);
    return at === undefined ? [] : [...this.#group(at).keys()];
  }

  /** Dimensions of all datasets below the path, by their paths. */
  datasets(path: string): Map<string, readonly number[]> {
    const found = new Map<string, readonly number[]>();
    const start = this.#find(path);
    const seen = new Set<number>();
    const waiting = start === undefined ? [] : [{ at: start, path }];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { at, path: its } = next;
      if (seen.has(at)) continue;
      seen.add(at);
      const messages = this.#messages(at);
      const space = messages.find(({ type }) => type === DATASPACE);
      if (space !== undefined) found.set(its, this.#shape(own(space, its).at, its));
      for (const [name, to] of this.#group(at)) waiting.push({ at: to, path: `${its}/${name}` });
    }
    return found;
  }

  /** Text of an attribute of what is at the path. */
  text(path: string, attribute: string): string | undefined {
    return this.texts(path, attribute)?.[0];
  }

  /** Texts of an attribute that has several; empty for one that has none, undefined where there is no such attribute. */
  texts(path: string, attribute: string): string[] | undefined {
    const header = this.#find(path);
    if (header === undefined) return undefined;
    const messages = this.#messages(header);
    for (const message of messages) {
      if (message.type !== ATTRIBUTE) continue;
      const found = this.#attribute(message, attribute);
      if (found !== undefined) return found;
    }
    const dense = messages.find(({ type }) => type === ATTRIBUTE_INFO);
    if (dense !== undefined && this.#attributesElsewhere(dense)) {
      throw unreadable('its attributes lie in a heap of their own');
    }
    return undefined;
  }

  /** Dimensions of the dataset at the path; undefined where there is none. */
  shape(path: string): readonly number[] | undefined {
    const header = this.#find(path);
    if (header === undefined) return undefined;
    const space = this.#messages(header).find(({ type }) => type === DATASPACE);
    return space === undefined ? undefined : this.#shape(own(space, path).at, path);
  }

  /** The numbers of the dataset at the path; undefined where there is none. @throws UserError where they are none */
  tensor(path: string): Tensor | undefined {
    const header = this.#find(path);
    if (header === undefined) return undefined;
    const messages = this.#messages(header);
    const [space, type, layout] = [DATASPACE, DATATYPE, LAYOUT].map((wanted) =>
      messages.find((message) => message.type === wanted),
    );
    if (space === undefined || type === undefined || layout === undefined) {
      throw damaged(`${path} is no dataset`);
    }
    const shape = this.#shape(own(space, path).at, path);
    const datatype = this.#datatype(own(type, path).at);
    const count = shape.reduce((product, n) => product * n, 1);
    const { at, size } = this.#layout(layout, path);
    if (size !== count * datatype.size) {
      throw damaged(`${path} has ${size} bytes, its dimensions ask for ${count * datatype.size}`);
    }
    this.#count('content', size);
    this.#check(at, size);
    return { shape, values: this.#numbers(at, count, datatype, path) };
  }

  #numbers(at: number, count: number, type: Datatype, path: string): Float32Array {
    if (`${type.kind} ${type.size}` === 'float 4' && type.littleEndian) {
      return new Float32Array(new Uint8Array(this.#bytes.subarray(at, at + 4 * count)).buffer);
    }
    const read = numberReader(this.#view, type);
    if (read === undefined) {
      throw new UserError(
        `${path} holds numbers of ${type.size} bytes that are no float16, float32 or float64. Save the network with float32 weights.`,
      );
    }
    return Float32Array.from({ length: count }, (_, i) => read(at + i * type.size));
  }

  /** Address of the object header at a path. */
  #find(path: string): number | undefined {
    let at = this.#root;
    for (const name of path.split('/').filter((part) => part !== '')) {
      const next = this.#group(at).get(name);
      if (next === undefined) return undefined;
      at = next;
    }
    return at;
  }

  /** Object headers by name; empty where the object is no group. */
  #group(header: number): ReadonlyMap<string, number> {
    const known = this.#groups.get(header);
    if (known !== undefined) return known;
    const entries = new Map<string, number>();
    for (const message of this.#messages(header)) {
      if (message.type === SYMBOL_TABLE) this.#symbols(message, entries);
      if (message.type === LINK) this.#link(message, entries);
      if (message.type === LINK_INFO && this.#linksElsewhere(message)) {
        throw unreadable('the names of a group lie in a heap of their own');
      }
    }
    this.#groups.set(header, entries);
    return entries;
  }

  #symbols({ at }: Message, entries: Map<string, number>): void {
    const heap = this.#address(at + 8);
    this.#expect(heap, 'HEAP');
    const names = this.#address(heap + 24);
    const namesEnd = names + this.#length(heap + 8);
    const seen = new Set<number>();
    const nodes = [this.#address(at)];
    for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
      if (seen.has(node)) throw damaged('a group refers to itself');
      seen.add(node);
      if (this.#says(node, 'SNOD')) {
        const count = this.#u16(node + 6);
        this.#count('structure', 40 * count);
        for (let i = 0; i < count; i++) {
          const entry = node + 8 + 40 * i;
          const nameAt = names + this.#length(entry);
          const name = this.#name(nameAt, Math.min(namesEnd, nameAt + LONGEST_NAME));
          entries.set(name, this.#address(entry + 8));
        }
        continue;
      }
      this.#expect(node, 'TREE');
      if (this.#u8(node + 4) !== 0) throw damaged('a group has no tree of names');
      const count = this.#u16(node + 6);
      this.#count('structure', 16 * count);
      for (let i = 0; i < count; i++) nodes.push(this.#address(node + 32 + 16 * i));
    }
  }

  /** Hard links alone lead to something in this file; others are passed over as if there were none. */
  #link({ at, size }: Message, entries: Map<string, number>): void {
    const flags = this.#u8(at + 1);
    let next = at + 2;
    const kind = (flags & 0x08) === 0 ? 0 : this.#u8(next++);
    if ((flags & 0x04) !== 0) next += 8;
    if ((flags & 0x10) !== 0) next++;
    const width = 1 << (flags & 0x03);
    const length = this.#unsigned(next, width);
    next += width;
    if (next + length + 8 > at + size) throw damaged('a link is longer than its message');
    if (kind === 0) entries.set(this.#utf8(next, length), this.#address(next + length));
  }

  #linksElsewhere({ at }: Message): boolean {
    const heap = at + 2 + ((this.#u8(at + 1) & 0x01) === 0 ? 0 : 8);
    return this.#u64(heap) !== UNDEFINED;
  }

  #attributesElsewhere({ at }: Message): boolean {
    const heap = at + 2 + ((this.#u8(at + 1) & 0x01) === 0 ? 0 : 2);
    return this.#u64(heap) !== UNDEFINED;
  }

  /** All messages of an object, of both versions of headers and in all of their pieces. */
  #messages(header: number): readonly Message[] {
    const known = this.#headers.get(header);
    if (known !== undefined) return known;
    const messages = this.#says(header, 'OHDR')
      ? this.#messagesOf2(header)
      : this.#messagesOf1(header);
    this.#headers.set(header, messages);
    return messages;
  }

  #messagesOf1(header: number): Message[] {
    if (this.#u8(header) !== 1) throw damaged(`there is no object at ${header}`);
    return this.#pieces(header + 16, this.#u32(header + 8), 8, (at) => ({
      type: this.#u16(at),
      size: this.#u16(at + 2),
      flags: this.#u8(at + 4),
      at: at + 8,
    }));
  }

  #messagesOf2(header: number): Message[] {
    const flags = this.#u8(header + 5);
    let at = header + 6;
    if ((flags & 0x20) !== 0) at += 16;
    if ((flags & 0x10) !== 0) at += 4;
    const width = 1 << (flags & 0x03);
    const order = (flags & 0x04) === 0 ? 0 : 2;
    const size = this.#unsigned(at, width);
    return this.#pieces(
      at + width,
      size,
      4 + order,
      (message) => ({
        type: this.#u8(message),
        size: this.#u16(message + 1),
        flags: this.#u8(message + 3),
        at: message + 4 + order,
      }),
      'OCHK',
    );
  }

  /** @param signature that pieces but the first begin with; a checksum is then their end */
  #pieces(
    start: number,
    size: number,
    least: number,
    read: (at: number) => Message,
    signature?: string,
  ): Message[] {
    const messages: Message[] = [];
    const seen = new Set<number>();
    const pieces = [{ at: start, size }];
    for (let piece = pieces.shift(); piece !== undefined; piece = pieces.shift()) {
      if (seen.has(piece.at)) throw damaged('an object refers to itself');
      seen.add(piece.at);
      const end = piece.at + piece.size;
      this.#check(piece.at, piece.size);
      this.#count('structure', piece.size);
      for (let at = piece.at; at + least <= end;) {
        const message = read(at);
        at = message.at + message.size;
        if (at > end) throw damaged('a message is longer than its object');
        messages.push(message);
        if (message.type !== CONTINUATION) continue;
        const [next, length] = [this.#address(message.at), this.#length(message.at + 8)];
        if (signature === undefined) {
          pieces.push({ at: next, size: length });
        } else {
          this.#expect(next, signature);
          pieces.push({ at: next + 4, size: length - 8 });
        }
      }
    }
    return messages;
  }

  #attribute(message: Message, wanted: string): string[] | undefined {
    const { at } = message;
    const version = this.#u8(at);
    if (version < 1 || version > 3) throw unreadable(`an attribute has version ${version}`);
    const [nameSize, typeSize, spaceSize] = [2, 4, 6].map((offset) => this.#u16(at + offset));
    const padded = (size = 0): number => (version === 1 ? Math.ceil(size / 8) * 8 : size);
    const nameAt = at + (version === 3 ? 9 : 8);
    if (this.#name(nameAt, nameAt + (nameSize ?? 0)) !== wanted) return undefined;
    if (version > 1 && this.#u8(at + 1) !== 0) throw unreadable(`"${wanted}" shares its type`);
    const typeAt = nameAt + padded(nameSize);
    const spaceAt = typeAt + padded(typeSize);
    const dataAt = spaceAt + padded(spaceSize);
    const { kind, size } = this.#datatype(typeAt);
    const shape = this.#shape(spaceAt, wanted);
    const count = shape.reduce((product, n) => product * n, 1);
    // An empty list has no type that would tell texts from numbers.
    if (count === 0) return [];
    if (kind !== 'text' && kind !== 'texts of any length') {
      throw damaged(`"${wanted}" holds no text`);
    }
    const end = message.at + message.size;
    if (dataAt + count * size > end) throw damaged(`"${wanted}" is longer than its message`);
    return Array.from({ length: count }, (_, i) => {
      const place = dataAt + i * size;
      return kind === 'text' ? this.#name(place, place + size) : this.#heapText(place);
    });
  }

  /** A text in a global heap: its length, the heap's address, its number there. */
  #heapText(at: number): string {
    const length = this.#u32(at);
    if (length === 0) return '';
    const heap = this.#address(at + 4);
    const wanted = this.#u32(at + 12);
    const place = this.#heap(heap).get(wanted);
    if (place === undefined) throw damaged(`there is no text ${wanted} in the heap at ${heap}`);
    if (length > place.size) throw damaged('a text is longer than its place');
    this.#count('content', length);
    return this.#utf8(place.at, length);
  }

  #heap(heap: number): ReadonlyMap<number, Place> {
    const known = this.#heaps.get(heap);
    if (known !== undefined) return known;
    this.#expect(heap, 'GCOL');
    const length = this.#length(heap + 8);
    this.#count('structure', length);
    const objects = new Map<number, Place>();
    for (let at = heap + 16; at + 16 <= heap + length;) {
      const index = this.#u16(at);
      if (index === 0) break;
      const size = this.#length(at + 8);
      objects.set(index, { at: at + 16, size });
      at += 16 + Math.ceil(size / 8) * 8;
    }
    this.#heaps.set(heap, objects);
    return objects;
  }

  #shape(at: number, of: string): number[] {
    const version = this.#u8(at);
    const rank = this.#u8(at + 1);
    if (version !== 1 && version !== 2) throw unreadable(`a dataspace has version ${version}`);
    if (rank > MOST_DIMENSIONS) throw damaged(`${of} has ${rank} dimensions`);
    // A space of no elements at all, not even one.
    if (version === 2 && this.#u8(at + 3) === 2) return [0];
    const first = at + (version === 1 ? 8 : 4);
    return Array.from({ length: rank }, (_, i) => this.#length(first + 8 * i));
  }

  #datatype(at: number): Datatype {
    const first = this.#u8(at);
    const bits = this.#u8(at + 1);
    const size = this.#u32(at + 4);
    const littleEndian = (bits & 0x01) === 0;
    return { kind: this.#kind(first & 0x0f, bits, at), size, littleEndian };
  }

  #kind(datatype: number, bits: number, at: number): Datatype['kind'] {
    if (datatype === FIXED_POINT) return (bits & 0x08) === 0 ? 'unsigned' : 'signed';
    if (datatype === TEXT) return 'text';
    if (datatype === VARIABLE_LENGTH) return (bits & 0x0f) === 1 ? 'texts of any length' : 'other';
    if (datatype !== FLOATING_POINT) return 'other';
    const [size, exponentBits] = [this.#u32(at + 4), this.#u8(at + 13)];
    const ieee = new Map([
      [2, 5],
      [4, 8],
      [8, 11],
    ]);
    return ieee.get(size) === exponentBits ? 'float' : 'other';
  }

  /** Where a dataset's bytes lie. */
  #layout(message: Message, path: string): { readonly at: number; readonly size: number } {
    const { at } = own(message, path);
    const version = this.#u8(at);
    const kind = this.#u8(at + 1);
    if (version < 3 || version > 4)
      throw unreadable(`the layout of ${path} has version ${version}`);
    if (kind === 0) return { at: at + 4, size: this.#u16(at + 2) };
    if (kind === 1) {
      const size = this.#length(at + 10);
      return size === 0 ? { at: 0, size } : { at: this.#address(at + 2), size };
    }
    throw new UserError(
      `${path} is stored in chunks or virtually, as with compression. Save the network with Keras, which stores weights in one piece.`,
    );
  }

  #count(what: 'structure' | 'content', bytes: number): void {
    this.#read[what] += bytes;
    if (this.#read[what] > this.#bytes.length) {
      throw damaged('parts of it lie on top of each other');
    }
  }

  #says(at: number, signature: string): boolean {
    this.#check(at, 4);
    return [...signature].every((letter, i) => this.#bytes[at + i] === letter.charCodeAt(0));
  }

  #expect(at: number, signature: string): void {
    if (!this.#says(at, signature)) throw damaged(`there is no ${signature} at ${at}`);
  }

  /** A text that ends at the first zero, or at `end`. */
  #name(at: number, end: number): string {
    if (at > end) throw damaged('a name lies outside of its heap');
    this.#check(at, end - at);
    const zero = this.#bytes.subarray(at, end).indexOf(0);
    return this.#utf8(at, zero < 0 ? end - at : zero);
  }

  #utf8(at: number, length: number): string {
    this.#check(at, length);
    return Buffer.from(this.#bytes.subarray(at, at + length)).toString('utf8');
  }

  #unsigned(at: number, width: number): number {
    if (width === 1) return this.#u8(at);
    if (width === 2) return this.#u16(at);
    return width === 4 ? this.#u32(at) : this.#length(at);
  }

  #u8(at: number): number {
    this.#check(at, 1);
    return this.#view.getUint8(at);
  }

  #u16(at: number): number {
    this.#check(at, 2);
    return this.#view.getUint16(at, true);
  }

  #u32(at: number): number {
    this.#check(at, 4);
    return this.#view.getUint32(at, true);
  }

  #u64(at: number): bigint {
    this.#check(at, 8);
    return this.#view.getBigUint64(at, true);
  }

  #length(at: number): number {
    const value = this.#u64(at);
    if (value > BigInt(this.#bytes.length)) throw damaged(`a size of ${value} bytes`);
    return Number(value);
  }

  #address(at: number): number {
    const value = this.#u64(at);
    if (value >= BigInt(this.#bytes.length)) throw damaged(`an address outside of it: ${value}`);
    return Number(value);
  }

  #check(at: number, length: number): void {
    if (at < 0 || length < 0 || at + length > this.#bytes.length) {
      throw damaged(`it breaks off at ${this.#bytes.length} bytes`);
    }
  }
}

function numberReader(
  view: DataView,
  { kind, size, littleEndian }: Datatype,
): ((at: number) => number) | undefined {
  switch (`${kind} ${size}`) {
    case 'float 2':
      return (at) => float16(view.getUint16(at, littleEndian));
    case 'float 4':
      return (at) => view.getFloat32(at, littleEndian);
    case 'float 8':
      return (at) => view.getFloat64(at, littleEndian);
    case 'signed 4':
      return (at) => view.getInt32(at, littleEndian);
    case 'signed 8':
      return (at) => Number(view.getBigInt64(at, littleEndian));
    default:
      return undefined;
  }
}

function own(message: Message, path: string): Message {
  if ((message.flags & SHARED) !== 0) throw unreadable(`${path} shares its description`);
  return message;
}

export function float16(bits: number): number {
  const sign = (bits & 0x8000) === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function damaged(reason: string): UserError {
  return new UserError(`The HDF5 file is damaged (${reason}).`);
}

function unreadable(reason: string): UserError {
  return new UserError(
    `The HDF5 file is not laid out as Keras does it (${reason}). Load it with Keras and save it as .keras.`,
  );
}
