import { describe, expect, it } from 'vitest';
import {
  formatAgainst,
  formatBar,
  formatBytes,
  formatDuration,
  formatPercent,
} from '../../../src/core/report/format';

describe('format', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [62669, '61.2 KiB'],
    [1572864, '1.50 MiB'],
  ])('%i bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  it('does not hide an excess of one byte', () => {
    expect(formatAgainst(65537, 65536)).toBe('65,537 of 65,536 B');
    expect(formatAgainst(65536, 65536)).toBe('64.0 KiB of 64.0 KiB');
  });

  it.each([
    [0, '0 s'],
    [59.4, '59 s'],
    [59.6, '1:00'],
    [190, '3:10'],
    [7390, '2:03:10'],
    [Infinity, '–'],
    [NaN, '–'],
  ])('%d seconds are %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text));

  it('shows what was not measured as a dash', () => {
    expect(formatPercent(undefined)).toBe('–');
    expect(formatPercent(0.0049)).toBe('0.5 %');
  });

  it('draws bars of a fixed width', () => {
    for (const fraction of [-1, 0, 0.01, 0.33, 0.5, 0.999, 1, 2]) {
      expect(formatBar(fraction, 10)).toHaveLength(10);
    }
    expect(formatBar(0.5, 4)).toBe('██░░');
    expect(formatBar(0.125, 1)).toBe('▏');
  });
});
