import { expect, it } from 'vitest';
import { defined, ifDefined } from '../../../src/core/util/defined';

interface Options {
  readonly name: string;
  readonly seed?: number;
  readonly note?: string | null;
}

it('leaves out what is undefined, and nothing else', () => {
  const read = (seed?: number): Options => defined({ name: '', seed, note: null });
  const options = read();
  expect(options).toEqual({ name: '', note: null });
  expect('seed' in options).toBe(false);
  expect(read(0)).toEqual({ name: '', seed: 0, note: null });
  expect(defined({ zero: 0, no: false })).toEqual({ zero: 0, no: false });
});

it('keeps the order of the keys, which files are written in', () => {
  expect(Object.keys(defined({ b: 1, a: undefined, c: 2 }))).toEqual(['b', 'c']);
});

it('changes what is there', () => {
  const half = (value: number): number => value / 2;
  expect([ifDefined(4, half), ifDefined(0, half), ifDefined(undefined, half)]).toEqual([
    2,
    0,
    undefined,
  ]);
});
