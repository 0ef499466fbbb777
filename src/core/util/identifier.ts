/** Names that become part of C symbols, file names and CMake targets: whatever else stood in one would be code there. */
import { UserError } from './errors';

/** Characters. The schema of a config allows fewer for what the user writes. */
const LONGEST = 100;

export function isIdentifier(name: string): boolean {
  return name.length <= LONGEST && /^[A-Za-z][A-Za-z0-9_]*$/.test(name);
}

/** Throws UserError where a name of `what` (`layer`) is no identifier. */
export function requireIdentifier(name: string, what: string): void {
  if (isIdentifier(name)) return;
  const shown = JSON.stringify(name.slice(0, LONGEST));
  throw new UserError(
    `${shown} cannot be the name of a ${what}: that takes letters, digits and "_", a letter first, at most ${LONGEST} characters`,
  );
}
