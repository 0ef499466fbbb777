/** Files by which the operating system tells of itself, `/proc` and `/sys` on Linux: they have no size and no limits. */
import { readFileSync } from 'node:fs';

/** undefined where there is no such file, or it is not for us: in some containers little may be read. */
export function readSystemFile(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
