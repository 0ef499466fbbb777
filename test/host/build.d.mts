/** Bundles the in-host suite; the bundle's absolute path. */
export function buildHostSuite(): Promise<string>;
