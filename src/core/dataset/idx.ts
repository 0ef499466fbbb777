/**
 * Format `idx`, the one of MNIST: two zero bytes, a type code, the number of dimensions, the dimensions (big-endian
 * uint32), then the values, row-major and big-endian. Plain or gzip.
 */
import { UserError } from '../util/errors';
import { countOf, type Accept, type ArrayHeader, type StoredArray } from './stored-array';
import { readSized } from './unpack';

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
export async function readIdx(
  file: string,
  accept: Accept = () => undefined,
): Promise<StoredArray> {
  const { header, bytes } = await readSized(file, (start) => {
    const found = idxHeader(start, file);
    accept(found);
    return found;
  });
  return header.read(bytes);
}

/** @param start the file's first bytes; a few hundred will do */
export function idxHeader(start: Uint8Array, file: string): ArrayHeader {
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  if (start.length < 4) {
    throw new UserError(`the IDX header is cut off after ${start.length} bytes`, { file });
  }
  const type = TYPES[start[2]!];
  const rank = start[3]!;
  if (start[0] !== 0 || start[1] !== 0 || type === undefined || rank === 0) {
    const magic = Buffer.from(start.subarray(0, 4)).toString('hex');
    throw new UserError(`is no IDX file: it starts with ${magic}, not with 0000 and a type`, {
      file,
    });
  }
  const header = 4 + 4 * rank;
  if (start.length < header) {
    throw new UserError(`the IDX header is cut off after ${start.length} of ${header} bytes`, {
      file,
    });
  }
  const dimensions = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  const count = countOf(dimensions);
  return {
    file,
    label: '',
    dimensions,
    total: header + count * type.bytes,
    says: `the IDX header says ${dimensions.join('×')} values`,
    read: (bytes) => ({
      file,
      label: '',
      dimensions,
      data: type === TYPES[0x08] ? bytes.subarray(header) : readValues(bytes, header, count, type),
      offsetOf: (index) => header + index * type.bytes,
    }),
  };
}

function readValues(bytes: Uint8Array, from: number, count: number, type: IdxType): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = type.read(view, from + i * type.bytes);
  return values;
}
