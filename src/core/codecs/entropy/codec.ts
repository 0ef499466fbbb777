/**
 * Codes of weights by a table-driven entropy coder: a level takes as many bits as it is rare, below one where it is
 * frequent, whatever the number of levels is. What is decoded are int8 weights.
 */
import type { Codec } from '../codec';
import { decodeTile } from './decode';
import { encodedSize, encodeTile, sharedTable } from './encode';
import { prices } from './prices';

export const entropy: Codec = {
  id: 'entropy',
  number: 2,
  symbols: 'weights',
  encode: (symbols, { table }) => encodeTile(symbols, table),
  size: (symbols, { table }) => encodedSize(symbols, table),
  decode: (stored, count, { table }) => decodeTile(stored, count, table),
  tableFor: sharedTable,
  prices,
};
