import { expect, it } from 'vitest';
import { tileBytes, zeroTileBytes } from '../../../src/core/east/encoded-bytes';

it('knows what a tile of zeros takes without encoding it', () => {
  for (let length = 1; length < 1200; length++) {
    expect(zeroTileBytes(length), `${length}`).toBe(tileBytes(new Uint8Array(length)));
  }
  for (const length of [8192, 36_864, 65_536, 65_546, 100_000, 300_001]) {
    expect(zeroTileBytes(length), `${length}`).toBe(tileBytes(new Uint8Array(length)));
  }
});
