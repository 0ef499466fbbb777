/** One array in NumPy's .npy format (NEP 1; versions 1, 2 and 3), of numbers of any size, C or Fortran order. */
import { UserError } from '../util/errors';
import type { StoredArray } from './labelled-array';

interface NpyType {
  readonly bytes: number;
  readonly read: (view: DataView, at: number, little: boolean) => number;
}

const TYPES: Readonly<Record<string, NpyType>> = {
  b1: { bytes: 1, read: (view, at) => view.getUint8(at) },
  u1: { bytes: 1, read: (view, at) => view.getUint8(at) },
  i1: { bytes: 1, read: (view, at) => view.getInt8(at) },
  u2: { bytes: 2, read: (view, at, little) => view.getUint16(at, little) },
  i2: { bytes: 2, read: (view, at, little) => view.getInt16(at, little) },
  u4: { bytes: 4, read: (view, at, little) => view.getUint32(at, little) },
  i4: { bytes: 4, read: (view, at, little) => view.getInt32(at, little) },
  u8: { bytes: 8, read: (view, at, little) => Number(view.getBigUint64(at, little)) },
  i8: { bytes: 8, read: (view, at, little) => Number(view.getBigInt64(at, little)) },
  f2: { bytes: 2, read: (view, at, little) => halfToNumber(view.getUint16(at, little)) },
  f4: { bytes: 4, read: (view, at, little) => view.getFloat32(at, little) },
  f8: { bytes: 8, read: (view, at, little) => view.getFloat64(at, little) },
};

/**
 * Parses the bytes of a .npy file. `u1` and `b1` stay bytes, everything else becomes float64.
 * @param label see StoredArray
 */
export function parseNpy(bytes: Uint8Array, file: string, label = ''): StoredArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { header, dimensions, type, bigEndian, columnMajor } = readHeader(bytes, file, label);
  const count = dimensions.reduce((product, n) => product * n, 1);
  const expected = header + count * type.bytes;
  if (bytes.length !== expected) {
    const how = bytes.length < expected ? 'is cut off' : 'has bytes left over';
    throw new UserError(
      `${label}${how}: the .npy header says ${dimensions.join('×') || '1'} values of ${type.bytes} bytes, ${expected} with the header, but there are ${bytes.length}`,
      { file },
    );
  }
  const little = !bigEndian;
  const fortran = columnMajor && dimensions.length > 1;
  const position = fortran ? fortranPosition(dimensions) : (index: number) => index;
  const offsetOf = (index: number) => header + position(index) * type.bytes;
  if (type.bytes === 1 && type !== TYPES.i1) {
    const stored = bytes.subarray(header);
    const data = fortran ? stored.map((_, index) => stored[position(index)]!) : stored;
    return { file, label, dimensions, data, offsetOf };
  }
  const data = new Float64Array(count);
  for (let i = 0; i < count; i++) data[i] = type.read(view, offsetOf(i), little);
  return { file, label, dimensions, data, offsetOf };
}

/** Dimensions of a .npy array from its first bytes (a few hundred will do), without its values. */
export function npyDimensions(bytes: Uint8Array, file: string, label = ''): readonly number[] {
  return readHeader(bytes, file, label).dimensions;
}

interface NpyHeader {
  /** Bytes in front of the values. */
  readonly header: number;
  readonly dimensions: readonly number[];
  readonly type: NpyType;
  readonly bigEndian: boolean;
  readonly columnMajor: boolean;
}

function readHeader(bytes: Uint8Array, file: string, label: string): NpyHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = Buffer.from(bytes.subarray(0, 6)).toString('latin1');
  if (magic !== '\x93NUMPY') {
    throw new UserError(`${label}is no .npy file: the first six bytes are not \\x93NUMPY`, {
      file,
    });
  }
  const wide = bytes[6] !== 1;
  const start = wide ? 12 : 10;
  if (bytes.length < start) throw cutOff(label, file, bytes.length);
  const header = start + (wide ? view.getUint32(8, true) : view.getUint16(8, true));
  if (bytes.length < header) throw cutOff(label, file, bytes.length);
  const text = Buffer.from(bytes.subarray(start, header)).toString('latin1');

  const descr = /'descr'\s*:\s*'([<>|=])([a-zA-Z]\d+)'/.exec(text);
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text);
  const shape = /'shape'\s*:\s*\(([\d\s,]*)\)/.exec(text);
  const type = TYPES[descr?.[2] ?? ''];
  if (descr === null || type === undefined || order === null || shape === null) {
    throw new UserError(
      `${label}has the .npy header ${text.trim()}; only plain arrays of ${Object.keys(TYPES).join(', ')} can be read`,
      { file },
    );
  }
  return {
    header,
    dimensions: (shape[1]!.match(/\d+/g) ?? []).map(Number),
    type,
    bigEndian: descr[1] === '>',
    columnMajor: order[1] === 'True',
  };
}

/** Maps a row-major index to the position of the same element when the first dimension runs fastest. */
function fortranPosition(dimensions: readonly number[]): (index: number) => number {
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
