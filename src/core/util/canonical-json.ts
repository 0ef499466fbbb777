/** JSON with sorted keys, so that the order in which a value was put together does not matter; empty for undefined. */
export function canonicalJson(value: unknown): string {
  // Undefined, which JSON cannot say, is a key that is not there.
  if (value === undefined) return '';
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
