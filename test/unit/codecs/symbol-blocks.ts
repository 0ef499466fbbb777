/** What codecs are tried on: symbols of every kind, and tiles that nobody encoded. Seeded, so all runs agree. */
import type { Codec } from '../../../src/core/codecs/codec';
import type { CodecOptions } from '../../../src/core/codecs/options';
import type { Random } from '../../../src/core/util/random';
import { sharedTable } from '../../../src/core/codecs/entropy/encode';
import { nibbleTable } from '../../fixtures/codecs/nibble/codec';
import { sparseWeights, testBlocks } from './lz4/blocks';

export function symbolBlocks(): { readonly name: string; readonly symbols: Uint8Array }[] {
  return testBlocks()
    .filter(({ bytes }) => bytes.length <= 8192)
    .map(({ name, bytes }) => ({ name, symbols: bytes }));
}

/** Shared tables that a codec may be given; most have none. */
export function tablesFor(id: string): (Uint8Array | undefined)[] {
  if (id !== 'nibble' && id !== 'entropy') return [undefined];
  const symbols = sparseWeights(4096, 0.5, 1, 3);
  if (id === 'entropy') return [sharedTable([symbols]), Uint8Array.of(0, 0, 0), undefined];
  const weights = new Int8Array(symbols.buffer);
  return [nibbleTable([weights]), Uint8Array.of(7, 255), new Uint8Array(0), undefined];
}

export interface HostileTile {
  readonly stored: Uint8Array;
  readonly count: number;
  readonly table: Uint8Array | undefined;
}

/** Damaged tiles of the codec, cut ones, ones for another number of symbols or table, and noise. */
export function hostileTiles(
  codec: Codec,
  options: CodecOptions,
  random: Random,
  number: number,
): HostileTile[] {
  const noise = (length: number, values: number): Uint8Array =>
    Uint8Array.from({ length }, () => random.int(values));
  return Array.from({ length: number }, (_, n): HostileTile => {
    const symbols = sparseWeights(random.int(300), random.next(), 1 + random.int(8), n);
    const good = codec.encode(symbols, options);
    const table = options.table?.slice();
    const count = symbols.length;
    switch (n % 6) {
      case 0: {
        const stored = good.slice();
        for (let k = random.int(4); k >= 0 && stored.length > 0; k--) {
          stored[random.int(stored.length)] = random.int(256);
        }
        return { stored, count, table };
      }
      case 1:
        return { stored: good.slice(0, random.int(good.length + 1)), count, table };
      case 2:
        return { stored: Uint8Array.of(...good, ...noise(1 + random.int(4), 256)), count, table };
      case 3:
        return { stored: good, count: Math.max(0, count + random.int(9) - 4), table };
      case 4:
        return {
          stored: noise(random.int(64), n % 4 === 0 ? 256 : 4),
          count: random.int(200),
          table,
        };
      default:
        return { stored: good, count, table: table && noise(random.int(16), 256) };
    }
  });
}
