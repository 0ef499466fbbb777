/** What the process says to scripts when it ends. */
export const EXIT = {
  ok: 0,
  /** Something the user can mend; also `check` and `verify` when the answer is no. */
  failure: 1,
  /** The command line itself is wrong. */
  usage: 2,
  /** Our bug (sysexits' EX_SOFTWARE). */
  internal: 70,
  /** Stopped by Ctrl-C: 128 + SIGINT. */
  interrupted: 130,
} as const;

/** A command line that cannot be carried out: wrong option values, no config to be found. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
