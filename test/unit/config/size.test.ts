import { describe, expect, it } from 'vitest';
import { parseShareOrSize, parseSize } from '../../../src/core/config/size';

describe('parseSize', () => {
  it.each([
    [65536, 65536],
    [0, 0],
    ['64KiB', 65536],
    ['64 KiB', 65536],
    ['1.5KiB', 1536],
    ['0.3KiB', 307],
    ['48kB', 48000],
    ['2MiB', 2097152],
    ['1MB', 1000000],
    ['512B', 512],
    ['512', 512],
  ])('%j is %i bytes', (size, bytes) => {
    expect(parseSize(size)).toBe(bytes);
  });

  it.each([
    -1,
    1.5,
    NaN,
    Infinity,
    '',
    'KiB',
    '64KB',
    '64K',
    '64kib',
    '64  KiB',
    '-1KiB',
    '1e3',
    ' 1',
    '9e99',
    '99999999999999999999MiB',
    '25%',
  ])('%j is none', (size) => {
    expect(parseSize(size)).toBeUndefined();
  });
});

describe('parseShareOrSize', () => {
  it.each([
    ['25%', { fraction: 0.25 }],
    ['12.5 %', { fraction: 0.125 }],
    ['100%', { fraction: 1 }],
    ['16KiB', { bytes: 16384 }],
    [1000, { bytes: 1000 }],
    ['%', undefined],
    ['-5%', undefined],
  ])('%j', (value, expected) => {
    expect(parseShareOrSize(value)).toEqual(expected);
  });
});
