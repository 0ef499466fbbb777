import { describe, expect, it } from 'vitest';
import { byteTicks, placeLabels, roundTicks } from '../../../webview/axis';
import { downsample } from '../../../webview/downsample';
import { formatTick } from '../../../webview/format';

describe('a tick of an axis', () => {
  it('is as short as it can be', () => {
    expect([812, 1024, 1536, 16_384, 1_048_576].map(formatTick)).toEqual([
      ...['812 B', '1 KiB', '1.5 KiB', '16 KiB', '1 MiB'],
    ]);
  });
});

describe('thinning out points', () => {
  const points = Array.from({ length: 5000 }, (_, x) => ({ x, y: x === 2345 ? 100 : x % 2 }));

  it('keeps the ends, the order and what stands out', () => {
    const thin = downsample(points, 400);
    expect(thin).toHaveLength(400);
    expect(thin[0]).toBe(points[0]);
    expect(thin.at(-1)).toBe(points.at(-1));
    expect(thin).toContain(points[2345]);
    for (let i = 1; i < thin.length; i++) expect(thin[i]!.x).toBeGreaterThan(thin[i - 1]!.x);
  });

  it('leaves few points alone', () => {
    const few = points.slice(0, 300);
    expect(downsample(few, 300)).toBe(few);
  });
});

describe('labels of an axis', () => {
  it('are all different, however close together', () => {
    for (const bytes of [300, 14_664, 900_000, 5_000_000]) {
      for (const room of [0.01, 0.1, 0.5]) {
        const ticks = byteTicks(bytes * (1 - room), bytes * (1 + room), 10);
        const labels = ticks.map(formatTick);
        expect(labels.length).toBeGreaterThan(1);
        expect(new Set(labels).size).toBe(labels.length);
      }
    }
  });

  it('are round numbers within the range', () => {
    expect(roundTicks(0, 1)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(roundTicks(-17.8, 287)).toEqual([0, 100, 200]);
    expect(roundTicks(0.00925, 0.0304)).toEqual([0.01, 0.015, 0.02, 0.025, 0.03]);
    expect(roundTicks(3, 3)).toEqual([3]);
    for (let i = 1; i < 200; i++) {
      const ticks = roundTicks(-i / 7, i * i);
      expect(ticks.length >= 3 && ticks.length <= 6).toBe(true);
      expect(ticks.every((tick) => tick >= -i / 7 && tick <= i * i)).toBe(true);
    }
  });

  it('leave out a phase that is too short for its name', () => {
    const bands = [
      { from: 0, to: 21, label: 'float' },
      { from: 21, to: 4000, label: 'prune' },
      { from: 4000, to: 4000, label: 'fine-tune' },
    ];
    const labels = (high: number): string[] =>
      placeLabels(bands, [0, high], 300).starts.map(({ label }) => label);
    expect(labels(4000)).toEqual(['prune']);
    expect(labels(100)).toEqual(['float', 'prune']);
  });

  it('have the last phase end at the edge where it is too short for its name, or left out where there is no room', () => {
    const bands = (last: number) => [
      { from: 0, to: 1000, label: 'prune' },
      { from: 1000, to: last, label: 'fine-tune' },
    ];
    expect(placeLabels(bands(2000), [0, 2000], 300)).toMatchObject({ end: undefined });
    expect(placeLabels(bands(2000), [0, 2000], 300).starts).toHaveLength(2);
    const short = placeLabels(bands(1050), [0, 1050], 300);
    expect(short.starts.map(({ label }) => label)).toEqual(['prune']);
    expect(short.end).toMatchObject({ label: 'fine-tune' });
    expect(placeLabels(bands(1050), [0, 1050], 80).end).toBeUndefined();
  });
});
