/** What every command gets. */
import type { Jobs } from '../core/run/jobs';
import type { Terminal } from './terminal';

export interface Context {
  readonly terminal: Terminal;
  /** Absolute folder that relative arguments refer to. */
  readonly cwd: string;
  readonly jobs: Jobs;
}

/** Carries out a command and says how the process shall exit. Errors are thrown. */
export type Outcome = Promise<number>;
