/** The records of a CSV file as they are written, one after another, without the whole file in memory. */
import { CsvError, parse } from 'csv-parse';
import { pipeline, Readable } from 'node:stream';
import { UserError } from '../util/errors';
import { detectDialect, parseNumber, type CsvDialect } from './csv-dialect';
import { openContent } from './unpack';

export interface CsvRecord {
  readonly fields: readonly string[];
  /** 1-based line that the record ends on. */
  readonly line: number;
}

/** Bytes in which the separator is looked for. */
const START = 1 << 16;
/** A quote that is never closed would take the rest of the file for one field. */
const MOST_RECORD_BYTES = 1 << 24;

/** No table has so many bytes of blank lines on end; a few megabytes that unpack to gigabytes of them would take minutes. */
const MOST_BLANK_BYTES = 1 << 20;

/** For those who only want a look: the records end after so many bytes of content. */
export interface CsvLook {
  /** What is left of them; counted down. */
  bytes: number;
}

/**
 * The first record is the header, its names in Unicode's composed form. Blank lines are skipped; a record of another
 * number of fields than the header ends the reading with a UserError that tells the line.
 */
export async function* csvRecords(
  file: string,
  look: CsvLook = { bytes: Infinity },
): AsyncGenerator<CsvRecord> {
  const content = await openContent(file);
  const source = limited(withContent(content.pieces(), file), look);
  const { start, whole, rest } = await takeStart(source);
  const dialect = detectDialect(start, whole);
  const parser = pipeline(
    Readable.from(decoded(start, rest, dialect), { objectMode: false }),
    parse({
      bom: true,
      delimiter: dialect.delimiter,
      fromLine: dialect.headerLine,
      info: true,
      maxRecordSize: MOST_RECORD_BYTES,
      // Left to itself the parser takes the first line's for all, where rows may have been put together.
      recordDelimiter: ['\r\n', '\n', '\r'],
      skipEmptyLines: true,
      trim: true,
    }),
    () => undefined,
  );
  let header = true;
  // Where the content was cut on purpose the last record may be cut, too.
  let held: CsvRecord | undefined;
  try {
    for await (const item of parser) {
      if (!isParsed(item)) continue;
      const fields = header ? item.record.map((name) => name.normalize('NFC')) : item.record;
      header = false;
      if (held !== undefined) yield held;
      held = { fields, line: item.info.lines };
    }
    if (held !== undefined && !source.cut) yield held;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    if (source.cut) return;
    if (held !== undefined) yield held;
    throw tableError(error, file);
  }
}

/** Throws UserError where the first line is one of rows: read as names, it would be left out without a word. */
export function checkHeader(names: readonly string[], file: string): void {
  const written = names.filter((name) => name !== '');
  if (written.length === 0 || written.some((name) => !Number.isFinite(parseNumber(name)))) return;
  throw new UserError(
    'the first line holds numbers, not the names of the columns; put a header line in front',
    { file, line: 1 },
  );
}

function tableError(error: CsvError, file: string): UserError {
  const line: unknown = error.lines;
  const counts = /^Invalid Record Length: expect (\d+), got (\d+)/.exec(error.message);
  const message =
    error.code === 'CSV_MAX_RECORD_SIZE'
      ? `a row is longer than ${MOST_RECORD_BYTES} bytes: a quote is not closed, or this is no table`
      : counts !== null
        ? `the row has ${counts[2]} values where the header line has ${counts[1]} columns; mend the row or remove it`
        : `the table is damaged: ${error.message}`;
  return new UserError(message, {
    file,
    cause: error,
    ...(typeof line === 'number' ? { line } : {}),
  });
}

/** Throws UserError where pieces on end hold nothing but line ends and blanks. */
async function* withContent(
  pieces: AsyncIterable<Uint8Array>,
  file: string,
): AsyncGenerator<Uint8Array> {
  let blank = 0;
  for await (const piece of pieces) {
    // Of nearly every piece the first byte and the last are enough; runs inside of one are no longer than it.
    const first = piece.findIndex((byte) => !isBlank(byte));
    blank += first < 0 ? piece.length : first;
    if (blank > MOST_BLANK_BYTES) {
      throw new UserError(
        `there are more than ${MOST_BLANK_BYTES} bytes of blank lines on end: this is no table`,
        { file },
      );
    }
    if (first >= 0) blank = piece.length - 1 - piece.findLastIndex((byte) => !isBlank(byte));
    yield piece;
  }
}

/** Of a line end or a space, in UTF-16 too. */
function isBlank(byte: number): boolean {
  return byte === 0x0a || byte === 0x0d || byte === 0x20 || byte === 0x09 || byte === 0;
}

interface Limited extends AsyncIterable<Uint8Array> {
  /** Whether more was there than the limit lets through. */
  readonly cut: boolean;
}

function limited(pieces: AsyncGenerator<Uint8Array>, look: CsvLook): Limited {
  let cut = false;
  const iterate = async function* (): AsyncGenerator<Uint8Array> {
    for await (const piece of pieces) {
      cut = piece.length > look.bytes;
      const length = Math.min(piece.length, look.bytes);
      look.bytes -= length;
      yield piece.subarray(0, length);
      if (cut) return;
    }
  };
  const iterator = iterate();
  return {
    get cut() {
      return cut;
    },
    [Symbol.asyncIterator]: () => iterator,
  };
}

interface Started {
  readonly start: Uint8Array;
  readonly whole: boolean;
  readonly rest: AsyncIterator<Uint8Array>;
}

async function takeStart(source: AsyncIterable<Uint8Array>): Promise<Started> {
  const rest = source[Symbol.asyncIterator]();
  const parts: Uint8Array[] = [];
  for (let length = 0; length < START;) {
    const { value, done } = await rest.next();
    if (done === true) return { start: Buffer.concat(parts), whole: true, rest };
    parts.push(value);
    length += value.length;
  }
  return { start: Buffer.concat(parts), whole: false, rest };
}

/** As UTF-8, whatever the file has. */
async function* decoded(
  start: Uint8Array,
  rest: AsyncIterator<Uint8Array>,
  { encoding }: CsvDialect,
): AsyncGenerator<Uint8Array> {
  const decoder = encoding === 'utf-8' ? undefined : new TextDecoder(encoding);
  const convert = (piece: Uint8Array): Uint8Array =>
    decoder === undefined ? piece : Buffer.from(decoder.decode(piece, { stream: true }));
  try {
    yield convert(start);
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
      yield convert(next.value);
    }
  } finally {
    await rest.return?.();
  }
}

interface Parsed {
  record: string[];
  info: { lines: number };
}

function isParsed(item: unknown): item is Parsed {
  return typeof item === 'object' && item !== null && 'record' in item && 'info' in item;
}
