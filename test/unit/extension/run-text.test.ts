import { describe, expect, it } from 'vitest';
import { canResume, isActive } from '../../../src/extension/runs/activity';
import {
  configDescription,
  progressText,
  runDescription,
  runTooltip,
  startOf,
  statusText,
  timeAgo,
} from '../../../src/extension/views/run-text';
import { EMPTY_SUMMARY, withEvent } from '../../../src/core/run/run-summary';
import { defined } from '../../../src/core/util/defined';
import { finished, NOW, runInfo, TRAINING } from './run-infos';

describe('timeAgo', () => {
  it.each([
    ['2026-11-22T20:00:30Z', 'just now'],
    ['2026-11-22T19:59:10Z', 'just now'],
    ['2026-11-22T19:55:00Z', '5 min ago'],
    ['2026-11-22T17:00:00Z', '3 h ago'],
    ['2026-11-21T19:00:00Z', 'yesterday'],
    ['2026-11-12T19:00:00Z', '10 days ago'],
    ['2026-01-02T19:00:00Z', '2026-01-02'],
    ['nonsense', ''],
    [undefined, ''],
  ])('%s is %s', (time, text) => {
    expect(timeAgo(time, NOW)).toBe(text);
  });
});

describe('startOf', () => {
  it('is the time of the first event, before it that of the id', () => {
    const id = 'meter-20261122-190000-00';
    expect(startOf({ id })).toBe(startOf({ id, startedAt: '2026-11-22T19:00:00Z' }));
    expect(startOf({ id: 'whatever' })).toBe('whatever');
  });
});

describe('a run that trains', () => {
  const run = runInfo(TRAINING);

  it('is told by epoch, accuracy and size on its way to the budget', () => {
    expect(progressText(run)).toBe('7/16 · 97.8 % · 15.1 → 14.5 KiB');
    expect(runDescription(run, NOW)).toBe('7/16 · 97.8 % · 15.1 → 14.5 KiB');
    expect(statusText(run, 0)).toBe('$(sync~spin) EAST meter 7/16 · 97.8 % · 15.1 → 14.5 KiB');
    expect(statusText(run, 2)).toContain('(+2 queued)');
    expect(configDescription(run, finished())).toBe(progressText(run));
  });

  it('says that it prepares before the first step, and both units where they differ', () => {
    expect(progressText(runInfo({ activity: 'running' }))).toBe('preparing');
    const lastPrune = { ...TRAINING.lastPrune!, blobBytes: 1100, targetBytes: 900 };
    expect(progressText({ ...run, lastPrune })).toBe('7/16 · 97.8 % · 1.1 KiB → 900 B');
  });

  it('has a tooltip with phase, size and time left', () => {
    const text = runTooltip(run, NOW);
    expect(text).toContain('| phase | pruning to the budget |');
    expect(text).toContain('| weights | 15.1 → 14.5 KiB |');
    expect(text).toContain('| time left | 3:10 |');
    expect(text).not.toContain('float phase');
  });

  it('says where it took the float network from', () => {
    const events = {
      type: 'started',
      time: '',
      step: 0,
      totalSteps: 9,
      trainedWith: 'x',
      pid: 1,
    } as const;
    const { floatFrom } = withEvent(EMPTY_SUMMARY, {
      ...events,
      floatFrom: 'toy-20261129-190000-00',
    });
    expect(floatFrom).toBe('toy-20261129-190000-00');
    expect(runTooltip(runInfo({ ...TRAINING, ...defined({ floatFrom }) }), NOW)).toContain(
      '| float phase | taken from run toy-20261129-190000-00 |',
    );
  });
});

describe('a run that has ended', () => {
  it('is told by its result', () => {
    expect(runDescription(finished(), NOW)).toBe('98.0 % · 2.1 KiB · 5 min ago');
    expect(runDescription(finished({ withinBudget: false }), NOW)).toContain('over budget');
    expect(configDescription(finished(), finished())).toBe('98.0 % · 2.1 KiB of 16.0 KiB');
  });

  it('names the method where it is a baseline', () => {
    const { config, ...run } = finished();
    const group = { ...config!, east: { ...config!.east, method: 'group' as const } };
    expect(runDescription({ ...run, config: group }, NOW)).toContain('· group ·');
  });

  it('is told by how it ended where it has no result', () => {
    expect(runDescription(runInfo({ activity: 'failed' }), NOW)).toBe('failed · 5 min ago');
    const failed = runInfo({ activity: 'failed', message: 'no file `x`\n<b>' });
    expect(configDescription(failed, undefined)).toBe('failed');
    expect(configDescription(failed, finished())).toContain('98.0 %');
    expect(configDescription(undefined, undefined)).toBe('no runs yet');
    // Nothing of the message is markup.
    expect(runTooltip(failed, NOW)).toContain('no file \\`x\\` \\<b\\>');
  });
});

describe('what can be done', () => {
  it('follows from the activity', () => {
    const activities = ['new', 'queued', 'running', 'stopping', 'stopped'] as const;
    expect(activities.filter((activity) => isActive({ activity }))).toEqual([
      'queued',
      'running',
      'stopping',
    ]);
    expect(canResume({ activity: 'interrupted' })).toBe(true);
    expect(canResume({ activity: 'finished' })).toBe(false);
    expect(canResume({ activity: 'damaged' })).toBe(false);
  });
});
