/**
 * Format `idx`, the one of MNIST: two zero bytes, a type code, the number of dimensions, the dimensions (big-endian
 * uint32), then the values, row-major and big-endian. Plain or gzip.
 */
import { UserError } from '../util/errors';
import { readMaybeGzipped } from './files';
import type { StoredArray } from './labelled-array';

interface IdxType {
  readonly bytes: number;
  readonly read: (view: DataView, at: number) => number;
}

const TYPES: Readonly<Record<number, IdxType>> = {
  0x08: { bytes: 1, read: (view, at) => view.getUint8(at) },
  0x09: { bytes: 1, read: (view, at) => view.getInt8(at) },
  0x0b: { bytes: 2, read: (view, at) => view.getInt16(at) },
  0x0c: { bytes: 4, read: (view, at) => view.getInt32(at) },
  0x0d: { bytes: 4, read: (view, at) => view.getFloat32(at) },
  0x0e: { bytes: 8, read: (view, at) => view.getFloat64(at) },
};

/** Reads one IDX file. Throws UserError when the header is wrong or the length is not what it says. */
export function readIdx(file: string): StoredArray {
  const bytes = readMaybeGzipped(file);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { header, dimensions, type } = readHeader(bytes, file);
  const count = dimensions.reduce((product, n) => product * n, 1);
  const expected = header + count * type.bytes;
  if (bytes.length !== expected) {
    const how = bytes.length < expected ? 'is cut off' : 'has bytes left over';
    throw new UserError(
      `${how}: the IDX header says ${dimensions.join('×')} values, ${expected} bytes with the header, but there are ${bytes.length}`,
      { file },
    );
  }
  return {
    file,
    label: '',
    dimensions,
    data: type === TYPES[0x08] ? bytes.subarray(header) : readValues(view, header, count, type),
    offsetOf: (index) => header + index * type.bytes,
  };
}

/** Dimensions of an IDX file from its first bytes (a few hundred will do), without its values. */
export function idxDimensions(bytes: Uint8Array, file: string): readonly number[] {
  return readHeader(bytes, file).dimensions;
}

interface IdxHeader {
  /** Bytes in front of the values. */
  readonly header: number;
  readonly dimensions: readonly number[];
  readonly type: IdxType;
}

function readHeader(bytes: Uint8Array, file: string): IdxHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4) {
    throw new UserError(`the IDX header is cut off after ${bytes.length} bytes`, { file });
  }
  const type = TYPES[bytes[2]!];
  const rank = bytes[3]!;
  if (bytes[0] !== 0 || bytes[1] !== 0 || type === undefined || rank === 0) {
    const magic = Buffer.from(bytes.subarray(0, 4)).toString('hex');
    throw new UserError(`is no IDX file: it starts with ${magic}, not with 0000 and a type`, {
      file,
    });
  }
  const header = 4 + 4 * rank;
  if (bytes.length < header) {
    throw new UserError(`the IDX header is cut off after ${bytes.length} of ${header} bytes`, {
      file,
    });
  }
  const dimensions = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  return { header, dimensions, type };
}

function readValues(view: DataView, from: number, count: number, type: IdxType): Float64Array {
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = type.read(view, from + i * type.bytes);
  return values;
}
