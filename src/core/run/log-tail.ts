/**
 * Follows a run's event log while somebody else writes it: reads everything once, then only what was appended. Copes with
 * all that can happen to the file meanwhile: half a line at the end, its repair, and that the file goes or is replaced.
 */
import type { FileHandle } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { look, openHandle } from '../util/read-file';
import { BoundedEvents } from './bounded-events';
import { isSkipped, parseEvent } from './event-log';
import type { RunEvent } from './events';
import { LineCutter } from './log-lines';
import type { FileMark } from './summary-file';

const CHUNK = 256 * 1024;
/** Of the lines of the events that are told when a log is skimmed, bytes; a run of 200,000 steps has less. */
const MOST_SKIMMED = 16 * 1024 * 1024;
const NEWLINE = '\n'.charCodeAt(0);

export interface TailNews {
  /** Whole lines since the last call, as written. */
  readonly events: readonly RunEvent[];
  /** The file is gone or not the one that was read before: what was told of it is void. */
  readonly restarted: boolean;
  /** Only when asked to skim: steps are missing. */
  readonly skimmed: boolean;
  /** Lines among them that cannot be read, and are left out. */
  readonly unreadable: number;
}

const NOTHING: TailNews = { events: [], restarted: false, skimmed: false, unreadable: 0 };

export class LogTail {
  #offset = 0;
  #seen: Pick<Stats, 'ino' | 'size' | 'mtimeMs'> | undefined;

  constructor(readonly file: string) {}

  /** Bytes of whole lines that have been told of: the file up to there gives the same events. */
  get offset(): number {
    return this.#offset;
  }

  /**
   * One call at a time. To `skim` is to tell, of steps in a row, at least the last: a long log takes a tenth of the time.
   * Throws UserError for what is no plain file; what else the file system refuses is thrown as it is.
   */
  async read({ skim }: { readonly skim: boolean } = { skim: false }): Promise<TailNews> {
    const now = look(this.file, 'events');
    if (now === undefined) return { ...NOTHING, restarted: this.#forget() };
    const seen = this.#seen;
    if (seen?.ino === now.ino && seen.size === now.size && seen.mtimeMs === now.mtimeMs) {
      return NOTHING;
    }
    const handle = await openHandle(this.file, 'events');
    if (handle === undefined) return { ...NOTHING, restarted: this.#forget() };
    try {
      const same = seen === undefined || (seen.ino === now.ino && (await this.#fits(handle)));
      const restarted = same ? false : this.#forget();
      this.#seen = now;
      return { ...(await this.#readOn(handle, skim)), restarted };
    } finally {
      await handle.close();
    }
  }

  /**
   * Takes what is noted of the log, as it still is, as told: read() goes on behind it. Whether that can be.
   */
  startBehind({ bytes, changed }: FileMark): boolean {
    const now = look(this.file, 'events');
    if (now === undefined || now.size !== bytes || now.mtimeMs !== changed) return false;
    this.#offset = bytes;
    this.#seen = now;
    return true;
  }

  /** Begins anew: the next call tells everything again. Whether there was anything to forget. */
  rewind(): void {
    this.#forget();
  }

  #forget(): boolean {
    const had = this.#offset > 0;
    this.#offset = 0;
    this.#seen = undefined;
    return had;
  }

  /** Whether a line still ends where the last one that was read did. */
  async #fits(handle: FileHandle): Promise<boolean> {
    if (this.#offset === 0) return true;
    const byte = Buffer.alloc(1);
    const { bytesRead } = await handle.read(byte, 0, 1, this.#offset - 1);
    return bytesRead === 1 && byte[0] === NEWLINE;
  }

  async #readOn(handle: FileHandle, skim: boolean): Promise<Omit<TailNews, 'restarted'>> {
    const events = new BoundedEvents(skim ? MOST_SKIMMED : Infinity);
    const cutter = new LineCutter();
    const chunk = Buffer.allocUnsafe(CHUNK);
    let [lines, unreadable] = [0, 0];
    for (;;) {
      const { bytesRead } = await handle.read(chunk, 0, CHUNK, this.#offset + cutter.torn);
      if (bytesRead === 0) break;
      const tornBefore = cutter.torn;
      const whole = cutter.cut(chunk.subarray(0, bytesRead));
      for (const [i, line] of whole.entries()) {
        if (!skim || !isSkipped(line, whole[i + 1])) {
          const event = parseEvent(line);
          if (event === undefined) {
            unreadable++;
            continue;
          }
          events.add(event, line.length);
        }
        lines++;
      }
      this.#offset += tornBefore + bytesRead - cutter.torn;
      if (cutter.tooLong) {
        // No event is as long: what comes behind it is not looked for.
        unreadable++;
        break;
      }
    }
    const told = events.all();
    return { events: told, skimmed: told.length < lines, unreadable };
  }
}
