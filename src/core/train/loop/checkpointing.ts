/** When the state is saved: where the loop asks, and otherwise every `checkpointSeconds`. */
import type { LoopContext } from './context';
import { takeSnapshot } from './training-state';
import { elapsedMs } from '../../util/clock';

export class Checkpointing {
  // A clock that is never set: with the system's one, no checkpoint would be due while that is behind.
  private savedAt = elapsedMs();

  constructor(private readonly loop: LoopContext) {}

  save(): void {
    const { setup, state, computing } = this.loop;
    setup.saveCheckpoint(takeSnapshot(state, computing));
    this.savedAt = elapsedMs();
  }

  saveIfDue(): void {
    const { checkpointSeconds } = this.loop.setup.config.training;
    if (elapsedMs() - this.savedAt >= checkpointSeconds * 1000) this.save();
  }
}
