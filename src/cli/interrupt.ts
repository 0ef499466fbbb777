/** Ctrl-C: the first one asks for a clean stop, the second one ends the process there and then. */
import { EXIT } from './exit-codes';
import type { Terminal } from './terminal';
import { remark } from './terminal';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Runs `work` with a signal that Ctrl-C (or SIGTERM) aborts; `before` is called first, to clear a progress bar. */
export async function withInterrupt<T>(
  terminal: Terminal,
  before: () => void,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const onSignal = (): void => {
    // A checkpoint and the log survive this; the lock of a dead process is taken over.
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    before();
    remark(terminal, 'Stopping at the next step, with a checkpoint. Ctrl-C again to stop at once.');
    controller.abort();
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  try {
    return await work(controller.signal);
  } finally {
    for (const name of SIGNALS) process.off(name, onSignal);
  }
}
