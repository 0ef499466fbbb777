/**
 * The append-only log of a run, one JSON object a line. A process that is killed may leave half a line at the end:
 * readers ignore it, the next writer removes it.
 */
import { closeSync, fstatSync, fsyncSync, ftruncateSync, readSync, writeFileSync } from 'node:fs';
import { withFileErrors } from '../util/file-errors';
import { openForAppend, withOpenFile } from '../util/read-file';
import { BoundedEvents } from './bounded-events';
import { stringifyExactly } from './container';
import { currentEvent } from './earlier-versions';
import { checkEvent } from './event-schema';
import type { RunEvent } from './events';
import { eachLine } from './log-lines';
import { summaryOf } from './run-summary';
import { markOf, type SummarisedLog } from './summary-file';

/** Of the lines of the events that skim() keeps, bytes; a run of a million steps has less. */
const MOST_SKIMMED = 64 * 1024 * 1024;

export class EventLog {
  private fd: number | undefined;

  constructor(readonly file: string) {}

  /**
   * Appends one line. Steps are left to the operating system's cache (they survive the process, not a power cut);
   * everything rarer is on the disk when this returns. Throws UserError (full disk), Error for NaN or Infinity.
   */
  append(event: RunEvent): void {
    const line = `${stringifyExactly(event, `event ${event.type}`)}\n`;
    withFileErrors('append to the event log', this.file, () => {
      try {
        this.fd ??= this.openForAppend();
        writeFileSync(this.fd, line);
        if (event.type !== 'step') fsyncSync(this.fd);
      } catch (error) {
        // Half a line may have been written; opening again removes it.
        this.close();
        throw error;
      }
    });
  }

  /**
   * All events so far, nothing taken back. Lines that cannot be read are left out (a power cut fills them with zeros, another
   * version has other events): what a run needs to go on is in its checkpoints.
   */
  read(): RunEvent[] {
    const events: RunEvent[] = [];
    this.eachEvent(false, (event) => events.push(event));
    return events;
  }

  /**
   * As read(), but of steps in a row only the last: enough to know how a run stands, in a tenth of the time and, of
   * however long a log, in bounded memory.
   */
  skim(): RunEvent[] {
    const events = new BoundedEvents(MOST_SKIMMED);
    this.eachEvent(true, (event, bytes) => events.add(event, bytes));
    return events.all();
  }

  /** Of whole lines; 0 where nothing can be read. */
  bytes(): number {
    try {
      return (
        withOpenFile(this.file, 'events', ({ descriptor, size }) => wholeLines(descriptor, size)) ??
        0
      );
    } catch {
      return 0;
    }
  }

  /** What the log amounts to, and which content of it that is; undefined where there is none. */
  summarise(): SummarisedLog | undefined {
    // Looked at first: what is appended meanwhile makes another log of it.
    const mark = markOf(this.file, 'events');
    if (mark === undefined) return undefined;
    const events = new BoundedEvents(MOST_SKIMMED);
    const found = this.eachEvent(true, (event, bytes) => events.add(event, bytes));
    return { ...mark, ...found, summary: summaryOf(effectiveEvents(events.all())) };
  }

  private eachEvent(
    skim: boolean,
    each: (event: RunEvent, bytes: number) => void,
  ): Pick<SummarisedLog, 'unreadable'> {
    let index = 0;
    let [lines, first] = [0, 0];
    // After the last newline comes nothing, or the torn line of a killed (or still writing) process.
    eachLine(this.file, (line, next) => {
      index++;
      if (skim && isSkipped(line, next)) return;
      const event = parseEvent(line);
      if (event !== undefined) return each(event, line.length);
      if (lines === 0) first = index;
      lines++;
    });
    return lines === 0 ? {} : { unreadable: { lines, first } };
  }

  close(): void {
    if (this.fd !== undefined) closeSync(this.fd);
    this.fd = undefined;
  }

  private openForAppend(): number {
    const fd = openForAppend(this.file, 'events');
    try {
      const { size } = fstatSync(fd);
      const whole = wholeLines(fd, size);
      if (whole < size) ftruncateSync(fd, whole);
      return fd;
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }
}

/** Bytes up to the end of the last whole line of a file of `size` bytes. */
function wholeLines(fd: number, size: number): number {
  const piece = Buffer.allocUnsafe(Math.min(size, 64 * 1024));
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - piece.length);
    const bytes = readSync(fd, piece, 0, end - start, start);
    const newline = piece.subarray(0, bytes).lastIndexOf('\n'.charCodeAt(0));
    if (newline >= 0) return start + newline + 1;
    end = start;
  }
  return 0;
}

/**
 * The run's history without what a resume took back: a `resumed` event at step s voids the events after s that came
 * before it, so each step occurs once, with its last word.
 */
export function effectiveEvents(events: readonly RunEvent[]): RunEvent[] {
  const kept: RunEvent[] = [];
  for (const event of events) {
    if (event.type === 'resumed') {
      while (kept.length > 0 && kept.at(-1)!.step > event.step) kept.pop();
    }
    kept.push(event);
  }
  return kept;
}

/** Whether skimming a log leaves `line` out: it is a step, and so is the next. */
export function isSkipped(line: string, next: string | undefined): boolean {
  return next !== undefined && isStep(line) && isStep(next);
}

/** As append() writes it, without parsing it. */
function isStep(line: string): boolean {
  return line.startsWith('{"type":"step",') && line.endsWith('}');
}

const ZEROS = /^\0+/;

/** In today's words, whatever version wrote it; undefined for what is no event. */
export function parseEvent(line: string): RunEvent | undefined {
  try {
    // Where power was cut while a line was appended, zeros may stand in front of what was written later.
    return checkEvent(currentEvent(JSON.parse(line.replace(ZEROS, ''))));
  } catch {
    return undefined;
  }
}
