/** What can be said of a run from how it stands, the same for all who show or follow it. */
import type { RunInfo } from '../services';

/** Being worked on, or waiting for it. */
export function isActive({ activity }: Pick<RunInfo, 'activity'>): boolean {
  return activity === 'running' || activity === 'stopping' || activity === 'queued';
}

export function canResume({ activity }: Pick<RunInfo, 'activity'>): boolean {
  return ['new', 'stopped', 'interrupted', 'failed'].includes(activity);
}
