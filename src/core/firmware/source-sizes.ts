/** What generated sources themselves say they take: the constants that the compiler goes by, not what is noted beside. */
import { join } from 'node:path';
import { generatedText } from './manifest';
import { prefixed } from './runtime-files';

/** Bytes. */
export interface SourceSizes {
  readonly weights: number;
  readonly ram: number;
}

/** undefined where the header of the model is not there, or does not say each once. Throws UserError for no plain file. */
export function sourceSizes(directory: string, name: string): SourceSizes | undefined {
  const text = generatedText(join(directory, prefixed('east_model.h', name)));
  if (text === undefined) return undefined;
  const weights = constant(text, prefixed('EAST_BLOB_BYTES', name));
  const ram = constant(text, prefixed('EAST_ARENA_BYTES', name));
  const ofFrontend = prefixed('EAST_FRONTEND_BYTES', name);
  const frontend = text.includes(ofFrontend) ? constant(text, ofFrontend) : 0;
  if (weights === undefined || ram === undefined || frontend === undefined) return undefined;
  return { weights, ram: ram + frontend };
}

/** Of two definitions nobody could tell which one counts. */
function constant(text: string, name: string): number | undefined {
  const found = [
    ...text.matchAll(new RegExp(`^[ \\t]*#[ \\t]*define[ \\t]+${name}\\b(.*)$`, 'gm')),
  ];
  const [, value] = found.length === 1 ? (found[0] ?? []) : [];
  const digits = /^ (\d{1,12})$/.exec(value ?? '')?.[1];
  return digits === undefined ? undefined : Number(digits);
}
