/** Small files by which processes tell each other something: what is not there or not whole says nothing. */
import type * as v from 'valibot';
import { readText, type FileKind } from './read-file';
import { checkJson } from './stored';

/** undefined where there is none, half of one, or something else in its place. */
export function readStored<T>(
  schema: v.GenericSchema<unknown, T>,
  file: string,
  kind: FileKind,
): T | undefined {
  try {
    const checked = checkJson(schema, readText(file, kind));
    return 'value' in checked ? checked.value : undefined;
  } catch {
    return undefined;
  }
}
