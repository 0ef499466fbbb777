import { expect, it } from 'vitest';
import { encodedSize } from '../../../../src/core/codecs/lz4/encode';
import { prices } from '../../../../src/core/codecs/lz4/prices';

it.each(['optimal', 'greedy'] as const)(
  'knows what zeros take without encoding them, %s encoder',
  (encoder) => {
    const lengths = Array.from({ length: 1200 }, (_, length) => length);
    for (const length of [...lengths, 8192, 36_864, 65_536, 65_546, 100_000, 300_001]) {
      const bytes = encodedSize(new Uint8Array(length), encoder);
      // A tile takes no more than its bytes as they are, so above that it does not matter.
      expect(Math.min(length, prices.zeros(length, { encoder })), `${length}`).toBe(
        Math.min(length, bytes),
      );
    }
  },
);
