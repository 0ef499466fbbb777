import { describe, expect, it } from 'vitest';
import { stoppable } from '../../../src/extension/runs/activity';
import type { RunActivity } from '../../../src/protocol/activity';

/** The activities of the runs that "stop" can mean, of runs in the order of the index: newest first. */
function meant(...activities: RunActivity[]): RunActivity[] {
  return stoppable(activities.map((activity) => ({ activity }))).map(({ activity }) => activity);
}

describe('what stopping the training of a config means', () => {
  it('is the run that trains, though newer ones wait behind it', () => {
    expect(meant('queued', 'running', 'finished')).toEqual(['running']);
    expect(meant('queued', 'queued', 'running')).toEqual(['running']);
  });

  it('is still that one while it stops, so that asking twice takes nothing out of the queue', () => {
    expect(meant('queued', 'stopping', 'stopped')).toEqual(['stopping']);
  });

  it('is what waits where none of the config trains; of several the user picks', () => {
    expect(meant('queued', 'finished')).toEqual(['queued']);
    expect(meant('queued', 'queued', 'interrupted')).toEqual(['queued', 'queued']);
  });

  it('is nothing where nothing is worked on', () => {
    expect(meant('finished', 'stopped', 'failed', 'new', 'interrupted', 'damaged')).toEqual([]);
  });
});
