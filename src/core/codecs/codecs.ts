/** All codecs. Whoever stores or reads weights finds them here; nobody else knows one by its name. */
import { UserError } from '../util/errors';
import type { Codec } from './codec';
import { entropy } from './entropy/codec';
import { lz4 } from './lz4/codec';
import { raw } from './raw/codec';

export const CODECS = { raw, lz4, entropy } satisfies Record<string, Codec>;
export type CodecId = keyof typeof CODECS;

/** Codecs by id: those of the product, or more of them in tests. */
export type Codecs = Readonly<Record<string, Codec>>;

/** Throws UserError where no codec of this version has that name. */
export function codecOf(id: string, codecs: Codecs = CODECS): Codec {
  const codec = Object.hasOwn(codecs, id) ? codecs[id] : undefined;
  if (codec !== undefined) return codec;
  throw unknown(id);
}

/** The same by the number that a blob has for it. */
export function codecNumbered(number: number, codecs: Codecs = CODECS): Codec {
  const codec = Object.values(codecs).find((each) => each.number === number);
  if (codec !== undefined) return codec;
  throw unknown(`of number ${number}`);
}

function unknown(which: string): UserError {
  return new UserError(
    `weights are stored by the codec ${which}, which this version of EAST does not know; train it again in a new run`,
  );
}
