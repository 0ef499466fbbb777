/**
 * One array in NumPy's .npy format (NEP 1; versions 1, 2 and 3): numbers of any size, or text, in C or Fortran order.
 */
import { UserError } from '../util/errors';
import { countOf, type ArrayHeader, type StoredArray } from './stored-array';

interface NpyType {
  readonly bytes: number;
  /** Whether every value is one of float32, so that nothing more is kept. */
  readonly single: boolean;
  readonly read: (view: DataView, at: number, little: boolean) => number;
}

const TYPES: Readonly<Record<string, NpyType>> = {
  b1: { bytes: 1, single: true, read: (view, at) => view.getUint8(at) },
  u1: { bytes: 1, single: true, read: (view, at) => view.getUint8(at) },
  i1: { bytes: 1, single: true, read: (view, at) => view.getInt8(at) },
  u2: { bytes: 2, single: true, read: (view, at, little) => view.getUint16(at, little) },
  i2: { bytes: 2, single: true, read: (view, at, little) => view.getInt16(at, little) },
  u4: { bytes: 4, single: false, read: (view, at, little) => view.getUint32(at, little) },
  i4: { bytes: 4, single: false, read: (view, at, little) => view.getInt32(at, little) },
  u8: {
    bytes: 8,
    single: false,
    read: (view, at, little) => Number(view.getBigUint64(at, little)),
  },
  i8: { bytes: 8, single: false, read: (view, at, little) => Number(view.getBigInt64(at, little)) },
  f2: {
    bytes: 2,
    single: true,
    read: (view, at, little) => halfToNumber(view.getUint16(at, little)),
  },
  f4: { bytes: 4, single: true, read: (view, at, little) => view.getFloat32(at, little) },
  f8: { bytes: 8, single: false, read: (view, at, little) => view.getFloat64(at, little) },
};

/** NumPy itself has at most 64 (32 before version 2). */
const MOST_DIMENSIONS = 64;
/** Longer ones are those of records with many fields. */
const MOST_HEADER = 1 << 16;

/**
 * @param start the array's first bytes, its header among them
 * @param label see ArrayHeader
 */
export function npyHeader(start: Uint8Array, file: string, label = ''): ArrayHeader {
  const { header, text } = headerText(start, file, label);
  const descr = /'descr'\s*:\s*'([<>|=])([a-zA-Z])(\d*)'/.exec(text);
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text);
  const shape = /'shape'\s*:\s*\(([^)]*)\)/.exec(text);
  const dimensions = shape && parseShape(shape[1]!);
  const size = Number(descr?.[3] ?? '');
  const kind = descr?.[2] ?? '';
  const type = TYPES[`${kind}${size}`];
  const characters = kind === 'U' ? 4 : kind === 'S' || kind === 'a' ? 1 : 0;
  if (kind === 'O') {
    throw new UserError(
      `${label}holds Python objects; save plain numbers, or names with .astype(str)`,
      { file },
    );
  }
  const known = type !== undefined || characters > 0;
  if (descr === null || !known || order === null || dimensions === undefined || !dimensions) {
    throw new UserError(
      `${label}has the .npy header ${clip(text)}; only plain arrays of ${Object.keys(TYPES).join(', ')}, or text, can be read`,
      { file },
    );
  }
  const bytes = type?.bytes ?? size * characters;
  const total = header + countOf(dimensions) * bytes;
  const layout: Layout = {
    header,
    dimensions,
    bytes,
    little: descr[1] !== '>',
    columnMajor: order[1] === 'True' && dimensions.length > 1,
  };
  const values = type ? numbers(layout, type) : texts(layout, characters === 4);
  const offsetOf = (index: number) => header + positionOf(layout)(index) * bytes;
  return {
    file,
    label,
    dimensions,
    total,
    says: `the .npy header says ${dimensions.join('×') || '1'} values of ${bytes} bytes`,
    read: (content): StoredArray => ({ file, label, dimensions, data: values(content), offsetOf }),
  };
}

interface Layout {
  /** Bytes in front of the values. */
  readonly header: number;
  readonly dimensions: readonly number[];
  /** Of a value. */
  readonly bytes: number;
  readonly little: boolean;
  readonly columnMajor: boolean;
}

function headerText(
  start: Uint8Array,
  file: string,
  label: string,
): { readonly header: number; readonly text: string } {
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  const magic = Buffer.from(start.subarray(0, 6)).toString('latin1');
  if (magic !== '\x93NUMPY') {
    throw new UserError(`${label}is no .npy file: the first six bytes are not \\x93NUMPY`, {
      file,
    });
  }
  const wide = start[6] !== 1;
  const from = wide ? 12 : 10;
  if (start.length < from) throw cutOff(label, file, start.length);
  const length = wide ? view.getUint32(8, true) : view.getUint16(8, true);
  if (length > MOST_HEADER) {
    throw new UserError(
      `${label}has a .npy header of ${length} bytes, as arrays of records have; only plain arrays can be read`,
      { file },
    );
  }
  const header = from + length;
  if (start.length < header) throw cutOff(label, file, start.length);
  return { header, text: Buffer.from(start.subarray(from, header)).toString('latin1') };
}

/** `60, 3` or, as NumPy under Python 2 wrote it, `60L, 3L`. Undefined where it is no shape. */
function parseShape(text: string): number[] | undefined {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.at(-1) === '') parts.pop();
  if (parts.length > MOST_DIMENSIONS || !parts.every((part) => /^\d{1,15}L?$/.test(part))) {
    return undefined;
  }
  return parts.map((part) => Number(part.replace('L', '')));
}

/** What of a header is shown. */
function clip(text: string): string {
  const shown = text.trim().replace(/[^\x20-\x7e]/g, '?');
  return shown.length > 200 ? `${shown.slice(0, 199)}…` : shown;
}

/** `u1` and `b1` stay bytes. */
function numbers(layout: Layout, type: NpyType): (content: Uint8Array) => StoredArray['data'] {
  return (content) => {
    const { header, dimensions, columnMajor, little } = layout;
    const position = positionOf(layout);
    if (type.bytes === 1 && type !== TYPES['i1']) {
      const stored = content.subarray(header);
      return columnMajor ? stored.map((_, index) => stored[position(index)]!) : stored;
    }
    const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
    const count = countOf(dimensions);
    const data = type.single ? new Float32Array(count) : new Float64Array(count);
    for (let i = 0; i < count; i++) {
      data[i] = type.read(view, header + position(i) * type.bytes, little);
    }
    return data;
  };
}

/** NumPy fills up with zeros. @param wide four bytes a character (UTF-32), else one byte each of UTF-8 */
function texts(layout: Layout, wide: boolean): (content: Uint8Array) => string[] {
  return (content) => {
    const { header, dimensions, bytes, little } = layout;
    const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
    const position = positionOf(layout);
    // One string per class, not one per example.
    const known = new Map<string, string>();
    return Array.from({ length: countOf(dimensions) }, (_, i) => {
      const at = header + position(i) * bytes;
      const stored = content.subarray(at, at + bytes);
      const key = Buffer.from(stored).toString('latin1');
      const text = known.get(key) ?? (wide ? utf32(view, at, bytes, little) : utf8(stored));
      known.set(key, text);
      return text;
    });
  };
}

function utf32(view: DataView, at: number, bytes: number, little: boolean): string {
  let text = '';
  for (let i = 0; i < bytes; i += 4) {
    const code = view.getUint32(at + i, little);
    text += code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
  }
  return text.replace(/\0+$/, '');
}

function utf8(stored: Uint8Array): string {
  return Buffer.from(stored).toString('utf8').replace(/\0+$/, '');
}

/** Maps a row-major index to where the element is stored; in Fortran order the first dimension runs fastest. */
function positionOf({ dimensions, columnMajor }: Layout): (index: number) => number {
  if (!columnMajor) return (index) => index;
  return (index) => {
    let rest = index;
    let position = 0;
    for (let d = dimensions.length - 1; d >= 0; d--) {
      const n = dimensions[d]!;
      const coordinate = rest % n;
      rest = (rest - coordinate) / n;
      // Horner over the dimensions, slowest (last) first.
      position = position * n + coordinate;
    }
    return position;
  };
}

/** IEEE 754 binary16. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

function cutOff(label: string, file: string, length: number): UserError {
  return new UserError(`${label}is cut off: the .npy header does not end in its ${length} bytes`, {
    file,
  });
}
