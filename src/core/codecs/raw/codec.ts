/** Packed bytes as they are: what every tile is stored as that no other codec makes smaller. */
import { UserError } from '../../util/errors';
import type { Codec } from '../codec';
import { prices } from './prices';

export const raw: Codec = {
  id: 'raw',
  number: 0,
  symbols: 'packed bytes',
  encode: (symbols) => Uint8Array.from(symbols),
  size: (symbols) => symbols.length,
  decode(stored, count) {
    if (stored.length === count) return Uint8Array.from(stored);
    throw new UserError(
      `damaged raw tile: ${stored.length} bytes instead of ${count}; write it again from its source`,
    );
  },
  prices,
};
