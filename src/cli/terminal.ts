/** What the commands know of the outside: replaceable, so that tests need no real terminal. */
import pc from 'picocolors';
import type { Style } from '../core/report/format-report';

export interface Terminal {
  /** Results; what a script reads. */
  readonly stdout: NodeJS.WritableStream;
  /** Progress, remarks and errors. */
  readonly stderr: NodeJS.WritableStream;
  /** Whether a person watches: progress bars, questions. */
  readonly isTTY: boolean;
  readonly columns: number;
  readonly color: boolean;
}

/** `NO_COLOR` and `FORCE_COLOR` are respected (picocolors). */
export function processTerminal(): Terminal {
  const isTTY = process.stdout.isTTY && process.stderr.isTTY && process.env['TERM'] !== 'dumb';
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    isTTY,
    columns: process.stdout.columns || 100,
    color: pc.isColorSupported,
  };
}

export function styleOf({ color }: Terminal): Style {
  const { green, red, dim, bold } = pc.createColors(color);
  return { good: green, bad: red, dim, bold };
}

export function print(terminal: Terminal, text: string): void {
  terminal.stdout.write(`${text}\n`);
}

/** Remarks go to stderr, so that stdout stays what a script expects. */
export function remark(terminal: Terminal, text: string): void {
  terminal.stderr.write(`${text}\n`);
}
