/** The user's home folder, where the system knows of one: in a container with a number for a user it does not. */
import { homedir, tmpdir } from 'node:os';

/** Absolute; undefined where neither HOME nor the system's list of users tells. */
export function homeFolder(): string | undefined {
  try {
    return homedir() || undefined;
  } catch {
    return undefined;
  }
}

/** A folder that is always there and that nobody wants to delete, for processes that need none of their own. */
export function restingFolder(): string {
  return homeFolder() ?? tmpdir();
}
