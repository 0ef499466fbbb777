/**
 * The append-only log of a run, one JSON object a line. A process that is killed may leave half a line at the end:
 * readers ignore it, the next writer removes it.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { UserError } from '../util/errors';
import { withFileErrors } from '../util/file-errors';
import { stringifyExactly } from './container';
import { currentEvent } from './earlier-versions';
import type { RunEvent } from './events';

const TYPES: ReadonlySet<unknown> = new Set<RunEvent['type']>([
  'started',
  'resumed',
  'step',
  'prune',
  'evaluation',
  'checkpoint',
  'stopped',
  'finished',
  'failed',
]);

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

  /** All events so far, nothing taken back. Throws UserError for a damaged line that is not a torn last one. */
  read(): RunEvent[] {
    return this.lines().map((line, i) => this.parse(line, i));
  }

  /** As read(), but of steps in a row only the last: enough to know how a run stands, in a tenth of the time. */
  skim(): RunEvent[] {
    const lines = this.lines();
    return lines.flatMap((line, i) => (isSkipped(line, lines[i + 1]) ? [] : this.parse(line, i)));
  }

  private lines(): string[] {
    if (!existsSync(this.file)) return [];
    const text = withFileErrors('read', this.file, () => readFileSync(this.file, 'utf8'));
    const lines = text.split('\n');
    // After the last newline comes nothing, or the torn line of a killed (or still writing) process.
    lines.pop();
    return lines;
  }

  private parse(line: string, index: number): RunEvent {
    const event = parseEvent(line);
    if (event !== undefined) return event;
    throw new UserError('the event log is damaged here', {
      file: this.file,
      line: index + 1,
      column: 1,
    });
  }

  close(): void {
    if (this.fd !== undefined) closeSync(this.fd);
    this.fd = undefined;
  }

  private openForAppend(): number {
    if (existsSync(this.file) && statSync(this.file).size > 0) {
      const bytes = readFileSync(this.file);
      const whole = bytes.lastIndexOf('\n'.charCodeAt(0)) + 1;
      if (whole < bytes.length) truncateSync(this.file, whole);
    }
    return openSync(this.file, 'a');
  }
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

/** In today's words, whatever version wrote it; undefined for what is no event. */
export function parseEvent(line: string): RunEvent | undefined {
  try {
    const value = currentEvent(JSON.parse(line));
    return isRunEvent(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Checks what every event has; the rest was written by this program and is covered by no checksum. */
function isRunEvent(value: unknown): value is RunEvent {
  return (
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    TYPES.has(value.type) &&
    'step' in value &&
    typeof value.step === 'number' &&
    'time' in value &&
    typeof value.time === 'string'
  );
}
