/** The background process's hold on the process of one run: starts it, stops it, and knows how it ended. */
import { spawn, type ChildProcess } from 'node:child_process';
import { restingFolder } from '../core/util/home-folder';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import type { Priority } from '../protocol/worker';
import { jobMessage, type SHUT_DOWN, STOP, type JobMessage } from './messages';
import { defined } from '../core/util/defined';
import { elapsedMs } from '../core/util/clock';

/** Kept of what it writes to standard error, bytes. */
const LAST_WORDS = 8 * 1024;

/** A double click is no second wish, milliseconds. */
const PATIENCE_MS = 3000;

export interface JobEnd {
  readonly how: 'finished' | 'stopped' | 'failed' | 'refused' | 'killed' | 'crashed';
  /** For people. Of a crash: the signal or exit code and what it said last. */
  readonly message?: string;
}

export interface JobEvents {
  /** A line for people. */
  onNote(text: string): void;
  /** Once, when its process is gone. */
  onEnd(end: JobEnd): void;
}

export class JobProcess {
  readonly #child: ChildProcess;
  #stopAsked: number | undefined;
  #killed = false;

  constructor(entry: URL, folder: string, priority: Priority, events: JobEvents) {
    // As fork() does, which cannot be told to open no console window on Windows.
    this.#child = spawn(process.execPath, [fileURLToPath(entry), folder, priority], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      windowsHide: true,
      cwd: restingFolder(),
    });
    let said: Extract<JobMessage, { type: 'end' }> | undefined;
    let lastWords = '';
    let problem: string | undefined;
    this.#child.on('message', (value) => {
      const message = v.safeParse(jobMessage, value);
      if (!message.success) return;
      if (message.output.type === 'note') events.onNote(message.output.text);
      else said = message.output;
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      lastWords = (lastWords + chunk.toString()).slice(-LAST_WORDS);
    });
    let ended = false;
    const end = (how: JobEnd): void => {
      if (ended) return;
      ended = true;
      events.onEnd(how);
    };
    this.#child.on('error', (error) => {
      problem = error.message;
      // Without a process there will be no `close`.
      if (this.#child.pid === undefined) end({ how: 'crashed', message: error.message });
    });
    this.#child.on('close', (code, signal) => {
      if (said !== undefined) {
        const { how, message } = said;
        end({ how, ...defined({ message }) });
      } else if (this.#killed) {
        end({ how: 'killed', message: 'ended at once, as it did not stop' });
      } else {
        const words = [describeExit(code, signal), problem ?? tellingLine(lastWords)];
        end({ how: 'crashed', message: words.filter((part) => part !== undefined).join('; ') });
      }
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get stopping(): boolean {
    return this.#stopAsked !== undefined;
  }

  /**
   * It ends at its next step, with a checkpoint. Asked again some seconds later it is ended there and then, as it may be
   * reading data for minutes.
   */
  stop(why: typeof STOP | typeof SHUT_DOWN = STOP): void {
    if (this.#stopAsked !== undefined && elapsedMs() - this.#stopAsked > PATIENCE_MS) {
      this.#killed = true;
      this.#child.kill('SIGKILL');
    }
    this.#stopAsked ??= elapsedMs();
    if (this.#child.connected) this.#child.send(why, () => undefined);
  }
}

function describeExit(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal === null) return `its process ended with exit code ${code}`;
  const killed = signal === 'SIGKILL' ? ' (somebody ended it, or the memory was used up)' : '';
  return `its process was ended by ${signal}${killed}`;
}

/** The line that names the error; a stack trace or a heap dump is for the log. */
function tellingLine(text: string): string | undefined {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.find((line) => /error|out of memory/i.test(line)) ?? lines.findLast(Boolean);
}
