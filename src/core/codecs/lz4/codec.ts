/** LZ4 blocks of packed bytes: no frame, no dictionary; matches do not reach into other tiles. */
import type { Codec } from '../codec';
import { decodeBlock } from './decode';
import { encodeBlock, encodedSize } from './encode';
import { prices } from './prices';

export const lz4: Codec = {
  id: 'lz4',
  number: 1,
  symbols: 'packed bytes',
  encode: (symbols, { encoder }) => encodeBlock(symbols, encoder),
  size: (symbols, { encoder }) => encodedSize(symbols, encoder),
  decode: (stored, count) => decodeBlock(stored, count),
  prices,
};
