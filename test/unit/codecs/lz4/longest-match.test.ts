import { describe, expect, it } from 'vitest';
import { findLongestMatches } from '../../../../src/core/codecs/lz4/longest-match';
import { OrderedSet } from '../../../../src/core/codecs/lz4/ordered-set';
import { suffixArray } from '../../../../src/core/codecs/lz4/suffix-array';
import { createRandom } from '../../../../src/core/util/random';
import { sparseWeights } from './blocks';

describe('suffixArray', () => {
  it('orders suffixes as sorting them does', () => {
    const random = createRandom(1);
    for (let round = 0; round < 200; round++) {
      const symbols = [1, 2, 3, 4, 256][round % 5]!;
      const text = Uint8Array.from({ length: random.int(120) }, () => random.int(symbols));
      const byComparison = [...text.keys()].sort((a, b) =>
        Buffer.compare(text.subarray(a), text.subarray(b)),
      );
      expect([...suffixArray(text)]).toEqual(byComparison);
    }
  });
});

describe('OrderedSet', () => {
  it('finds neighbours as a scan does, through all levels of its tree', () => {
    const random = createRandom(2);
    const size = 70_000;
    const set = new OrderedSet(size);
    const members = new Uint8Array(size);
    for (let round = 0; round < 1_500; round++) {
      // Now crowded near 0, now sparse: both short and long ways through the tree.
      const x = random.int(round % 2 === 0 ? 200 : size);
      if (random.int(3) > 0) set.add(x);
      else set.delete(x);
      members[x] = 0;
      if (set.below(x + 1) === x) members[x] = 1;
      const probe = random.int(size);
      expect(set.below(probe)).toBe(members.subarray(0, probe).lastIndexOf(1));
      const above = members.subarray(probe + 1).indexOf(1);
      expect(set.above(probe)).toBe(above < 0 ? -1 : probe + 1 + above);
    }
  });
});

describe('findLongestMatches', () => {
  it('finds what comparing with every earlier position finds', () => {
    const random = createRandom(3);
    for (let round = 0; round < 60; round++) {
      const symbols = [1, 2, 3, 10][round % 4]!;
      const src = Uint8Array.from({ length: random.int(150) }, () => random.int(symbols));
      const { ends, offsets } = findLongestMatches(src);
      for (let i = 0; i < src.length; i++) {
        let longest = 0;
        for (let j = 0; j < i; j++) {
          let k = 0;
          while (i + k < src.length && src[j + k] === src[i + k]) k++;
          longest = Math.max(longest, k);
        }
        expect(ends[i]! - i).toBe(longest);
        if (longest === 0) expect(offsets[i]).toBe(0);
        else
          expect(src.slice(i - offsets[i]!, i - offsets[i]! + longest)).toEqual(
            src.slice(i, i + longest),
          );
      }
    }
  });

  it('looks back 65,535 bytes and no further', () => {
    for (const distance of [65_535, 65_536]) {
      const src = sparseWeights(distance + 100, 0, 1, 9);
      src.fill(1, 10, 10 + 50);
      src.fill(1, distance + 10, distance + 10 + 50);
      src[distance + 9] = src[9]!;
      const { ends, offsets } = findLongestMatches(src);
      const length = ends[distance + 9]! - distance - 9;
      if (distance === 65_535)
        expect([length >= 51, offsets[distance + 9]]).toEqual([true, 65_535]);
      else expect(length).toBeLessThan(20);
    }
  });
});
