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
import { UserError } from '../util/errors';
import { writeFileAtomic } from './atomic-file';
import { bytesIfThere, readBytes, type FileKind } from '../util/read-file';

export type ContainerArray =
  Float32Array | Float64Array | Int8Array | Int32Array | Uint8Array | Uint16Array | Uint32Array;

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
  i32: Int32Array,
  u8: Uint8Array,
  u16: Uint16Array,
  u32: Uint32Array,
} as const;
type TypeName = keyof typeof CONSTRUCTORS;

interface ArrayEntry {
  readonly name: string;
  readonly type: TypeName;
  /** Elements, not bytes. */
  readonly length: number;
  readonly offset: number;
}

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
  requireLittleEndian();
  const damaged = (what: string): UserError =>
    new UserError(`the file is damaged (${what})`, { file });
  if (bytes.length < FIXED_BYTES) {
    throw damaged(`${bytes.length} bytes, where the header alone has ${FIXED_BYTES}`);
  }
  const magic = Buffer.from(bytes.subarray(0, 8)).toString('latin1');
  if (magic !== MAGIC) throw damaged(`it does not start with ${MAGIC}`);
  if (Buffer.compare(digest(bytes), bytes.subarray(16, FIXED_BYTES)) !== 0) {
    throw damaged('its SHA-256 does not match its content');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = view.getUint32(8, true);
  if (FIXED_BYTES + headerBytes > bytes.length) throw damaged('the header is longer than the file');
  const text = Buffer.from(bytes.subarray(FIXED_BYTES, FIXED_BYTES + headerBytes)).toString('utf8');
  const header = parseHeader(text);
  if (header === undefined) throw damaged('the header is not what this version of EAST writes');
  const payload = align(FIXED_BYTES + headerBytes);
  // A Buffer's own slice() does not copy, and its memory may start anywhere in a pool.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const arrays: Record<string, ContainerArray> = {};
  for (const entry of header.arrays) {
    const ArrayType = CONSTRUCTORS[entry.type];
    const start = payload + entry.offset;
    const end = start + entry.length * ArrayType.BYTES_PER_ELEMENT;
    if (end > bytes.length) throw damaged(`array ${entry.name} ends behind the end of the file`);
    arrays[entry.name] = new ArrayType(plain.slice(start, end).buffer);
  }
  return { meta: header.meta, arrays };
}

/** Writes atomically. Throws UserError (full disk, read-only folder) with an earlier file of that name intact. */
export function writeContainer(file: string, content: Container): void {
  writeFileAtomic(file, encodeContainer(content));
}

/** Throws UserError where the file is missing, unreadable or damaged. */
export function readContainer(file: string, kind: FileKind): Container {
  return decodeContainer(readBytes(file, kind), file);
}

/** As readContainer; undefined where there is no such file. */
export function containerIfThere(file: string, kind: FileKind): Container | undefined {
  const bytes = bytesIfThere(file, kind);
  return bytes && decodeContainer(bytes, file);
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

function isTypeName(name: unknown): name is TypeName {
  return typeof name === 'string' && Object.hasOwn(CONSTRUCTORS, name);
}

function parseHeader(text: string): { meta: unknown; arrays: readonly ArrayEntry[] } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || !('meta' in value) || !('arrays' in value)) {
    return undefined;
  }
  const { meta, arrays } = value;
  return Array.isArray(arrays) && arrays.every(isArrayEntry) ? { meta, arrays } : undefined;
}

function isArrayEntry(value: unknown): value is ArrayEntry {
  if (typeof value !== 'object' || value === null) return false;
  if (!('name' in value && 'type' in value && 'length' in value && 'offset' in value)) return false;
  const count = (n: unknown): boolean => typeof n === 'number' && Number.isInteger(n) && n >= 0;
  return (
    typeof value.name === 'string' &&
    isTypeName(value.type) &&
    count(value.length) &&
    count(value.offset)
  );
}

/** Typed arrays are written as they lie in memory; every platform Node 20 ships for is little-endian but s390x. */
function requireLittleEndian(): void {
  if (endianness() !== 'LE') {
    throw new UserError(
      'EAST keeps its files in little-endian order and does not run on big-endian machines',
    );
  }
}
