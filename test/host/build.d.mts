/** Bundles a suite of this folder (its file's name without ending), the in-host suite by default; the bundle's absolute path. */
export function buildHostSuite(entry?: string): Promise<string>;
