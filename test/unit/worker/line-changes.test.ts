import { describe, expect, it } from 'vitest';
import { lineChanges } from '../../../src/worker/line-changes';

describe('line changes', () => {
  it.each([
    ['', '', 0, 0],
    ['', 'a\nb\n', 2, 0],
    ['a\nb\n', '', 0, 2],
    ['a\nb\n', 'a\nc\n', 1, 1],
    ['a\n', 'a', 0, 0],
    ['a\na\na\n', 'a\n', 0, 2],
    ['a\nb\n', 'b\na\n', 0, 0],
    ['\n', '\n\n', 1, 0],
  ])('%j → %j', (before, after, added, removed) => {
    expect(lineChanges(before, after)).toEqual({ added, removed });
  });
});
