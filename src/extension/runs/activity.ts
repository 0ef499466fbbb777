/** What can be said of a run from how it stands, the same for all who show or follow it. */
import type { RunInfo } from '../services';

/** Being worked on, or waiting for it. */
export function isActive({ activity }: Pick<RunInfo, 'activity'>): boolean {
  return activity === 'running' || activity === 'stopping' || activity === 'queued';
}

export function canResume({ activity }: Pick<RunInfo, 'activity'>): boolean {
  return ['new', 'stopped', 'interrupted', 'failed'].includes(activity);
}

/**
 * Which runs of one config "stop" can mean: the one that is being worked on, whatever waits behind it (asking again
 * while it stops must not take the next one out of the queue); without one, all that wait.
 * @param runs of one config
 */
export function stoppable<Run extends Pick<RunInfo, 'activity'>>(runs: readonly Run[]): Run[] {
  const active = runs.filter(isActive);
  const working = active.filter(({ activity }) => activity !== 'queued');
  return working.length > 0 ? working : active;
}
