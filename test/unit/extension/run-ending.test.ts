import { describe, expect, it } from 'vitest';
import { endingOf, isWanted, WatchedRuns } from '../../../src/extension/views/run-ending';
import { finished, runInfo, TRAINING } from './run-infos';

const labels = (run: Parameters<typeof endingOf>[0]) =>
  endingOf(run)?.actions.map(({ label }) => label);

describe('endingOf', () => {
  it('says nothing of a run that goes on or was stopped', () => {
    for (const activity of ['new', 'queued', 'running', 'stopping', 'stopped'] as const) {
      expect(endingOf(runInfo({ activity }))).toBeUndefined();
    }
  });

  it('says why a run never began', () => {
    expect(endingOf(runInfo({ activity: 'new', message: 'out of memory\nmore' }))).toMatchObject({
      severity: 'error',
      message: 'meter: training did not begin: out of memory',
    });
  });

  it('says how a finished run did, and offers the sources', () => {
    expect(endingOf(finished())).toMatchObject({
      severity: 'information',
      message: 'meter: training has finished with 98.0 % accuracy in 2.1 KiB of 16.0 KiB of flash.',
    });
    expect(labels(finished())).toEqual(['Regenerate Sources', 'Open Dashboard']);
    expect(endingOf(finished({ withinBudget: false }))).toMatchObject({ severity: 'warning' });
  });

  it('offers the log for a failure and Resume for a process that died', () => {
    const failed = runInfo({ activity: 'failed', message: 'no such file\nat line 3' });
    expect(endingOf(failed)?.message).toBe('meter: training failed: no such file');
    expect(labels(failed)).toEqual(['Show Log', 'Open Dashboard']);
    const killed = runInfo({ ...TRAINING, activity: 'interrupted', message: 'killed by SIGKILL' });
    expect(endingOf(killed)?.message).toBe(
      'meter: training ended unexpectedly at step 350 of 800: killed by SIGKILL. Nothing up to the last checkpoint is lost.',
    );
    expect(labels(killed)?.[0]).toBe('Resume');
  });

  it('does not take a finished run without results for a success', () => {
    expect(endingOf(runInfo({ message: 'report.json is damaged' }))).toMatchObject({
      severity: 'warning',
      message: expect.stringContaining('report.json is damaged'),
    });
  });

  it('is held against the setting', () => {
    const good = endingOf(finished())!;
    const bad = endingOf(runInfo({ activity: 'failed' }))!;
    expect([isWanted(good, 'all'), isWanted(good, 'failures'), isWanted(good, 'off')]).toEqual([
      true,
      false,
      false,
    ]);
    expect([isWanted(bad, 'all'), isWanted(bad, 'failures'), isWanted(bad, 'off')]).toEqual([
      true,
      true,
      false,
    ]);
  });
});

describe('WatchedRuns', () => {
  it('tells the end of a run that was seen at work, once', () => {
    const watched = new WatchedRuns([]);
    expect(watched.see(runInfo())).toBeUndefined();
    expect(watched.see(runInfo({ activity: 'queued' }))).toBeUndefined();
    expect(watched.see(runInfo(TRAINING))).toBeUndefined();
    expect(watched.ids).toEqual([runInfo().id]);
    expect(watched.see(runInfo())).toMatchObject({ activity: 'finished' });
    expect(watched.see(runInfo())).toBeUndefined();
  });

  it('remembers over a reload, and again after a resume', () => {
    const watched = new WatchedRuns([runInfo().id]);
    expect(watched.see(runInfo({ activity: 'interrupted' }))).toBeDefined();
    watched.see(runInfo(TRAINING));
    expect(watched.see(runInfo({ activity: 'failed' }))).toBeDefined();
    expect(watched.ids).toEqual([]);
    watched.see(runInfo(TRAINING));
    watched.forget(runInfo().id);
    expect(watched.see(runInfo())).toBeUndefined();
  });
});
