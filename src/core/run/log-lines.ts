/** The lines of an event log, read a piece at a time: a log may be longer than what one wants to have in memory. */
import { withOpenFile } from '../util/read-file';

/** Bytes that are read at once. */
const CHUNK = 256 * 1024;
/** No event is nearly as long, in bytes: something else has been written. */
export const LONGEST_LINE = 1024 * 1024;

const NEWLINE = '\n'.charCodeAt(0);

/** Cuts pieces of a file, handed over in order, into its whole lines. */
export class LineCutter {
  #rest: Buffer = Buffer.alloc(0);

  /** Bytes behind the last whole line. */
  get torn(): number {
    return this.#rest.length;
  }

  get tooLong(): boolean {
    return this.#rest.length > LONGEST_LINE;
  }

  /** The lines that end in `piece`, without their ends. */
  cut(piece: Uint8Array): string[] {
    const bytes = this.#rest.length === 0 ? Buffer.from(piece) : Buffer.concat([this.#rest, piece]);
    const whole = bytes.lastIndexOf(NEWLINE) + 1;
    this.#rest = bytes.subarray(whole);
    const lines = bytes.toString('utf8', 0, whole).split('\n');
    lines.pop();
    return lines;
  }
}

/**
 * Hands every whole line of the log up to its byte `end` to `each`, together with the one behind it. A line that is
 * too long to be an event is cut off, and is the last. Throws UserError where the log is no plain file.
 */
export function eachLine(
  file: string,
  each: (line: string, next: string | undefined) => void,
  end = Infinity,
): void {
  withOpenFile(file, 'events', ({ size, read }) => {
    const cutter = new LineCutter();
    const buffer = Buffer.allocUnsafe(CHUNK);
    let waiting: string | undefined;
    const stop = Math.min(size, end);
    for (let position = 0; position < stop && !cutter.tooLong;) {
      const bytes = read(buffer.subarray(0, Math.min(CHUNK, stop - position)), position);
      if (bytes === 0) break;
      position += bytes;
      for (const line of cutter.cut(buffer.subarray(0, bytes))) {
        if (waiting !== undefined) each(waiting, line);
        waiting = line;
      }
    }
    if (waiting !== undefined) each(waiting, undefined);
    if (cutter.tooLong) each('…', undefined);
  });
}
