/** What a run is doing, and the words for it: the same in tree, status bar and dashboard. */
import { WORK_WORDS, type Work } from '../core/tasks/work';

/** `none`: the config has no run yet. */
export const ACTIVITIES = [
  'none',
  'new',
  'queued',
  'running',
  'stopping',
  'stopped',
  'interrupted',
  'finished',
  'failed',
  'damaged',
] as const;

export type Activity = (typeof ACTIVITIES)[number];

/** Where a run is: what its log says, seen together with who holds the config's lock and what is queued. */
export type RunActivity = Exclude<Activity, 'none'>;

export function activityWord(activity: Activity, work: Work): string {
  if (work === 'train') return ACTIVITY_WORDS[activity];
  if (activity === 'none') return 'not run yet';
  return activity === 'running' ? WORK_WORDS[work].doing : ACTIVITY_WORDS[activity];
}

const ACTIVITY_WORDS: Readonly<Record<Activity, string>> = {
  none: 'not trained yet',
  new: 'not started',
  queued: 'queued',
  running: 'training',
  stopping: 'stopping',
  stopped: 'stopped',
  interrupted: 'ended unexpectedly',
  finished: 'finished',
  failed: 'failed',
  damaged: 'damaged',
};
