/** What every command gets. */
import type { RunActions } from '../core/run/actions';
import type { Terminal } from './terminal';

export interface Context {
  readonly terminal: Terminal;
  /** Absolute folder that relative arguments refer to. */
  readonly cwd: string;
  readonly actions: RunActions;
}

/** Carries out a command and says how the process shall exit. Errors are thrown. */
export type Outcome = Promise<number>;
