/**
 * The content of data files piece by piece, unpacked where it is gzip. A few packed bytes can stand for a thousand times
 * as many, so nobody unpacks more than a header says is there, and nobody unpacks what only a bomb would hold.
 */
import type { FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { constants, createGunzip, gunzipSync } from 'node:zlib';
import { defined } from '../util/defined';
import { UserError } from '../util/errors';
import { FILE_KINDS, openHandle, withOpenFile } from '../util/read-file';

/** Content beyond this many bytes is a bomb where it is also beyond `MOST_RATIO` of the packed bytes. */
const UNSUSPICIOUS_BYTES = 64 * 1024 * 1024;
/** Measured data packs to a quarter, drawings to a fiftieth; zeros alone to a thousandth. */
const MOST_RATIO = 200;
/** Content of a data file, unpacked. */
export const MOST_BYTES = FILE_KINDS.data.mostBytes;

const PIECE = 1 << 20;

/** Whether content of `unpacked` bytes can stand in `packed` ones without being made to fill a memory. */
export function isPlausible(unpacked: number, packed: number): boolean {
  return unpacked <= Math.max(UNSUSPICIOUS_BYTES, MOST_RATIO * packed);
}

/** Throws UserError where so many bytes would be unpacked from so few. */
export function checkRatio(
  unpacked: number,
  packed: number,
  label: string,
  file: string | undefined,
): void {
  if (isPlausible(unpacked, packed)) return;
  throw new UserError(
    `${label}would unpack to ${unpacked} bytes, more than ${MOST_RATIO} times its ${packed}; if that is right, unpack it first`,
    defined({ file }),
  );
}

/** Whether a file begins as gzip does. */
function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** A data file, open. */
export interface Content {
  /** Bytes as stored. */
  readonly size: number;
  readonly packed: boolean;
  /** The content in order. Ending the iteration early ends reading and unpacking. Once only. */
  pieces(): AsyncGenerator<Uint8Array>;
}

/** The content of a data file in order. Ending the iteration early ends reading and unpacking. */
export async function* readPieces(file: string): AsyncGenerator<Uint8Array> {
  yield* (await openContent(file)).pieces();
}

export async function openContent(file: string): Promise<Content> {
  const packed = isGzip(readStored(file, 2));
  const handle = await openHandle(file, 'data');
  if (handle === undefined) throw new UserError('cannot read: no such file or folder', { file });
  const { size } = await handle.stat();
  return { size, packed, pieces: () => pieces(handle, file, size, packed) };
}

async function* pieces(
  handle: FileHandle,
  file: string,
  size: number,
  packed: boolean,
): AsyncGenerator<Uint8Array> {
  const stored = handle.createReadStream({ highWaterMark: PIECE });
  const content = packed
    ? pipeline(stored, createGunzip({ chunkSize: PIECE }), () => undefined)
    : stored;
  let done = 0;
  try {
    for await (const piece of content) {
      if (!(piece instanceof Uint8Array)) throw new TypeError('a stream of bytes gave none');
      done += piece.length;
      if (packed) checkRatio(done, size, '', file);
      yield piece;
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(
      packed
        ? `the gzip data is damaged or cut off after ${size} bytes (${reason})`
        : `cannot be read (${reason})`,
      { file, cause: error },
    );
  } finally {
    stored.destroy();
  }
}

/** All of the content, where nothing in it says how much there is. */
export async function readContent(file: string): Promise<Uint8Array> {
  const content = await openContent(file);
  const parts: Uint8Array[] = [];
  for await (const piece of content.pieces()) parts.push(piece);
  return Buffer.concat(parts);
}

/** What a header says of the content that it is a part of. */
export interface Sized {
  /** Bytes, the header included. */
  readonly total: number;
  /** For a message: `the .npy header says 8×2 values of 4 bytes`. */
  readonly says: string;
}

/** Bytes that are read before the header is asked; any header that can be read is shorter. */
export const HEADER_BYTES = 1 << 17;

/** The content of a file whose header tells how long it is; not a byte more is unpacked. */
export async function readSized<T extends Sized>(
  file: string,
  headerOf: (start: Uint8Array) => T,
): Promise<{ readonly header: T; readonly bytes: Uint8Array }> {
  const content = await openContent(file);
  let start: Uint8Array = new Uint8Array(0);
  let header: T | undefined;
  let bytes: Uint8Array = start;
  let done = 0;
  for await (const piece of content.pieces()) {
    let rest = piece;
    if (header === undefined) {
      start = Buffer.concat([start, piece]);
      if (start.length < HEADER_BYTES) continue;
      header = headerOf(start);
      checkLoadable(header, '', file);
      if (content.packed) checkRatio(header.total, content.size, '', file);
      else checkLength(header, content.size, '', file);
      // Memory of its own: typed arrays may be laid over it.
      bytes = new Uint8Array(header.total);
      rest = start;
    }
    if (done + rest.length > header.total) throw leftOver(header, '', file);
    bytes.set(rest, done);
    done += rest.length;
  }
  if (header === undefined) {
    header = headerOf(start);
    bytes = new Uint8Array(start);
    done = start.length;
  }
  checkLength(header, done, '', file);
  return { header, bytes };
}

export function checkLoadable({ total, says }: Sized, label: string, file: string): void {
  if (total <= MOST_BYTES) return;
  throw new UserError(`${label}is too large: ${says}; at most ${MOST_BYTES} bytes can be loaded`, {
    file,
  });
}

/** Throws UserError where content is longer or shorter than its header says. */
export function checkLength(header: Sized, length: number, label: string, file: string): void {
  if (length > header.total) throw leftOver(header, label, file);
  if (length === header.total) return;
  const { says, total } = header;
  throw new UserError(
    `${label}is cut off: ${says}, ${total} bytes with the header, but there are ${length}`,
    { file },
  );
}

function leftOver({ says, total }: Sized, label: string, file: string): UserError {
  return new UserError(
    `${label}has bytes left over: ${says}, ${total} bytes with the header, but there are more`,
    { file },
  );
}

/**
 * The first bytes of a file, unpacked where it is gzip, for those who only want to know what it is.
 * @param length bytes read; unpacked they may be a thousand times as many
 */
export function readStart(file: string, length: number): Uint8Array {
  const bytes = readStored(file, length);
  if (!isGzip(bytes)) return bytes;
  try {
    // The data is cut off on purpose: take what can be unpacked.
    return gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch (error) {
    throw new UserError('the gzip data is damaged', { file, cause: error });
  }
}

function readStored(file: string, length: number): Uint8Array {
  const bytes = withOpenFile(file, 'data', ({ size, read }) => {
    const buffer = new Uint8Array(Math.min(length, size));
    return buffer.subarray(0, read(buffer, 0));
  });
  if (bytes === undefined) throw new UserError('cannot read: no such file or folder', { file });
  return bytes;
}
