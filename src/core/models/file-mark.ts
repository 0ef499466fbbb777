/** Whether a model file is still the one that was read, without reading it again. */
import { look } from '../util/read-file';

/** The same as long as nobody has written to the file; empty where there is none. Throws UserError for what is no plain file. */
export function markOf(file: string): string {
  const stats = look(file, 'network');
  return stats === undefined
    ? ''
    : [stats.dev, stats.ino, stats.size, stats.mtimeMs, stats.ctimeMs].join();
}

/** @param marks by absolute path */
export function marksHold(marks: Iterable<readonly [string, string]>): boolean {
  return [...marks].every(([file, mark]) => markOf(file) === mark);
}
