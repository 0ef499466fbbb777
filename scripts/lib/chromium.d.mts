/** Absolute path of a Chromium, or undefined. EAST_CHROMIUM names another than the usual ones. */
export function findChromium(): string | undefined;
