/**
 * The one binary file format of a run: a JSON header and named typed arrays behind a SHA-256. Checkpoints and encoded
 * models are both such containers, so that there is one reader that must cope with damaged files.
 *
 * Layout, little-endian:
 *   0   8 bytes   magic `EASTBOX1`
 *   8   u32       bytes of the JSON header
 *   12  u32       0
 *   16  32 bytes  SHA-256 of bytes 8 … 15 and of everything from byte 48 on
 *   48  header    UTF-8 JSON: {"meta": any, "arrays": [{name, type, length, offset}]}; offset from the first array
 *   …   arrays    each starting at a multiple of 8, zero-filled between
 */
import { createHash } from 'node:crypto';
import { endianness } from 'node:os';
import * as v from 'valibot';
import { UserError } from '../util/errors';
import { writeFileAtomic, type WriteOptions } from './atomic-file';
import { withOpenFile, type FileKind } from '../util/read-file';
import { checkJson, count } from '../util/stored';

export type ContainerArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint16Array
  | Uint32Array;

export interface Container {
  /** Any JSON value. Numbers must be finite and nothing may be undefined: what is read equals what was written. */
  readonly meta: unknown;
  readonly arrays: Readonly<Record<string, ContainerArray>>;
}

const MAGIC = 'EASTBOX1';
const FIXED_BYTES = 48;
const ALIGNMENT = 8;

const CONSTRUCTORS = {
  f32: Float32Array,
  f64: Float64Array,
  i8: Int8Array,
  i16: Int16Array,
  i32: Int32Array,
  u8: Uint8Array,
  u16: Uint16Array,
  u32: Uint32Array,
} as const;
type TypeName = keyof typeof CONSTRUCTORS;

const typeNames = Object.keys(CONSTRUCTORS).filter(isTypeName);

const headerSchema = v.object({
  meta: v.unknown(),
  arrays: v.array(
    v.object({
      name: v.pipe(v.string(), v.maxLength(300)),
      type: v.picklist(typeNames),
      /** Elements, not bytes. */
      length: count,
      offset: count,
    }),
  ),
});
type Header = v.InferOutput<typeof headerSchema>;
type ArrayEntry = Header['arrays'][number];

/** A header of several thousand layers has less, bytes. */
const MOST_HEADER = 16 * 1024 * 1024;

const align = (n: number): number => Math.ceil(n / ALIGNMENT) * ALIGNMENT;

/** The container's bytes; the same content gives the same bytes. */
export function encodeContainer(content: Container): Uint8Array {
  requireLittleEndian();
  // Offsets are relative to the end of the header while its length is not known yet.
  const entries: ArrayEntry[] = [];
  let payloadBytes = 0;
  for (const [name, array] of Object.entries(content.arrays)) {
    payloadBytes = align(payloadBytes);
    entries.push({ name, type: typeName(array), length: array.length, offset: payloadBytes });
    payloadBytes += array.byteLength;
  }
  const header = Buffer.from(
    stringifyExactly({ meta: content.meta, arrays: entries }, 'container'),
    'utf8',
  );
  const payload = align(FIXED_BYTES + header.length);
  const bytes = new Uint8Array(payload + payloadBytes);
  bytes.set(Buffer.from(MAGIC, 'latin1'), 0);
  new DataView(bytes.buffer).setUint32(8, header.length, true);
  bytes.set(header, FIXED_BYTES);
  for (const entry of entries) {
    const array = content.arrays[entry.name]!;
    bytes.set(
      new Uint8Array(array.buffer, array.byteOffset, array.byteLength),
      payload + entry.offset,
    );
  }
  bytes.set(digest(bytes), 16);
  return bytes;
}

/** The content of a container's bytes; arrays are copies. Throws UserError naming `file` where anything is wrong. */
export function decodeContainer(bytes: Uint8Array, file: string): Container {
  return contentOf(
    bytes,
    readHead((start, end) => bytes.subarray(start, end), bytes.length, file),
    file,
  );
}

interface Head extends Header {
  /** Where the first array begins, bytes. */
  readonly payload: number;
}

/**
 * The header, once it is known that its arrays are laid out as they are written and fill a file of `size` bytes: what it
 * says of lengths is not believed further than the file goes.
 */
function readHead(
  read: (start: number, end: number) => Uint8Array,
  size: number,
  file: string,
): Head {
  requireLittleEndian();
  if (size < FIXED_BYTES) {
    throw damaged(`${size} bytes, where the header alone has ${FIXED_BYTES}`, file);
  }
  const fixed = Buffer.from(read(0, FIXED_BYTES));
  if (fixed.toString('latin1', 0, 8) !== MAGIC) {
    throw damaged(`it does not start with ${MAGIC}`, file);
  }
  const headerBytes = fixed.readUInt32LE(8);
  if (FIXED_BYTES + headerBytes > size || headerBytes > MOST_HEADER) {
    throw damaged('the header is longer than the file, or than any', file);
  }
  const text = Buffer.from(read(FIXED_BYTES, FIXED_BYTES + headerBytes)).toString('utf8');
  const header = checkJson(headerSchema, text);
  if ('problem' in header) throw damaged(`the header: ${header.problem}`, file);
  const payload = align(FIXED_BYTES + headerBytes);
  const problem = layoutProblem(header.value.arrays, size - payload);
  if (problem !== undefined) throw damaged(problem, file);
  return { ...header.value, payload };
}

/** @param size bytes that the arrays fill, with what lies between them */
function layoutProblem(arrays: readonly ArrayEntry[], size: number): string | undefined {
  const names = new Set<string>();
  let end = 0;
  for (const { name, type, length, offset } of arrays) {
    if (names.has(name)) return `array ${name} is there twice`;
    if (offset !== align(end)) return `array ${name} does not lie behind the one before it`;
    names.add(name);
    end = offset + length * CONSTRUCTORS[type].BYTES_PER_ELEMENT;
  }
  return end === Math.max(size, 0) ? undefined : `its arrays take ${end} bytes, and it has ${size}`;
}

function contentOf(bytes: Uint8Array, { meta, arrays, payload }: Head, file: string): Container {
  if (Buffer.compare(digest(bytes), bytes.subarray(16, FIXED_BYTES)) !== 0) {
    throw damaged('its SHA-256 does not match its content', file);
  }
  // A Buffer's own slice() does not copy, and its memory may start anywhere in a pool.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries = arrays.map(({ name, type, length, offset }): [string, ContainerArray] => {
    const ArrayType = CONSTRUCTORS[type];
    const start = payload + offset;
    return [
      name,
      new ArrayType(plain.slice(start, start + length * ArrayType.BYTES_PER_ELEMENT).buffer),
    ];
  });
  return { meta, arrays: Object.fromEntries(entries) };
}

function damaged(what: string, file: string): UserError {
  return new UserError(`the file is damaged (${what})`, { file });
}

/** Writes atomically. Throws UserError (full disk, read-only folder) with an earlier file of that name intact. */
export function writeContainer(file: string, content: Container, options?: WriteOptions): void {
  writeFileAtomic(file, encodeContainer(content), options);
}

/** Throws UserError where the file is missing, unreadable or damaged. */
export function readContainer(file: string, kind: FileKind): Container {
  const container = containerIfThere(file, kind);
  if (container !== undefined) return container;
  throw new UserError('cannot be read: no such file or folder', { file });
}

/** As readContainer; undefined where there is no such file. */
export function containerIfThere(file: string, kind: FileKind): Container | undefined {
  return withOpenFile(file, kind, ({ size, read }) => {
    const part = (start: number, end: number): Uint8Array => {
      const bytes = Buffer.allocUnsafeSlow(end - start);
      return bytes.subarray(0, read(bytes, start));
    };
    const head = readHead(part, size, file);
    return contentOf(part(0, size), head, file);
  });
}

/** JSON that reads back as the same value, or an Error: NaN, Infinity, undefined and functions would turn to null. */
export function stringifyExactly(value: unknown, what: string): string {
  return JSON.stringify(value, (key: string, part: unknown) => {
    const bad =
      part === undefined ||
      typeof part === 'function' ||
      (typeof part === 'number' && !Number.isFinite(part));
    if (bad) throw new Error(`${what}: ${key} is ${String(part)}, which JSON cannot hold`);
    return part;
  });
}

function digest(bytes: Uint8Array): Uint8Array {
  return createHash('sha256')
    .update(bytes.subarray(8, 16))
    .update(bytes.subarray(FIXED_BYTES))
    .digest();
}

function typeName(array: ContainerArray): TypeName {
  for (const [name, ArrayType] of Object.entries(CONSTRUCTORS)) {
    if (array instanceof ArrayType && isTypeName(name)) return name;
  }
  throw new Error('container arrays must be typed arrays of a known kind');
}

function isTypeName(name: string): name is TypeName {
  return Object.hasOwn(CONSTRUCTORS, name);
}

/** Typed arrays are written as they lie in memory; every platform Node 20 ships for is little-endian but s390x. */
function requireLittleEndian(): void {
  if (endianness() !== 'LE') {
    throw new UserError(
      'EAST keeps its files in little-endian order and does not run on big-endian machines',
    );
  }
}
