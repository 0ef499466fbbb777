/** Files by which the operating system tells of itself, `/proc` and `/sys` on Linux: they have no size and no limits. */
import { readFileSync, readlinkSync } from 'node:fs';

/** undefined where there is no such file, or it is not for us: in some containers little may be read. */
export function readSystemFile(file: string): string | undefined {
  return orUndefined(() => readFileSync(file, 'utf8'));
}

/** Where such a link points; undefined as above. */
export function readSystemLink(file: string): string | undefined {
  return orUndefined(() => readlinkSync(file));
}

function orUndefined(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
