/** Comparing paths that come from different sides: VS Code writes drive letters small, terminals large. */
import { normalize } from 'node:path';

/** Equal for two absolute paths of one file; not for showing. */
export function pathKey(path: string): string {
  const normal = normalize(path);
  return process.platform === 'win32' ? normal.toLowerCase() : normal;
}
