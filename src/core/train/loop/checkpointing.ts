/** When the state is saved: where the loop asks, and otherwise every `checkpointSeconds`. */
import type { LoopContext } from './context';
import { takeSnapshot } from './training-state';

export class Checkpointing {
  // A clock that is never set: with the system's one, no checkpoint would be due while that is behind.
  private savedAt = performance.now();

  constructor(private readonly loop: LoopContext) {}

  save(): void {
    const { setup, state, computing } = this.loop;
    setup.saveCheckpoint(takeSnapshot(state, computing));
    this.savedAt = performance.now();
  }

  saveIfDue(): void {
    const { checkpointSeconds } = this.loop.setup.config.training;
    if (performance.now() - this.savedAt >= checkpointSeconds * 1000) this.save();
  }
}
