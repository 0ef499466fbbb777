/** Amounts of memory as people write them. The schema has checked the form; here they become bytes. */

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  kB: 1000,
  KiB: 1024,
  MB: 1000 * 1000,
  MiB: 1024 * 1024,
};

/**
 * Bytes of `65536`, `"64KiB"` (1024 bytes each), `"64 kB"` (1000 bytes each), `"1.5MiB"`; rounded down, since it is a
 * limit. Undefined for anything else; a bare "K" or "KB" is not accepted because people mean either.
 */
export function parseSize(size: number | string): number | undefined {
  if (typeof size === 'number') return Number.isSafeInteger(size) && size >= 0 ? size : undefined;
  const match = /^(\d+(?:\.\d+)?) ?([A-Za-z]*)$/.exec(size);
  const factor = match ? UNITS[match[2]!] : undefined;
  if (match === null || factor === undefined) return undefined;
  const bytes = Math.floor(Number(match[1]) * factor);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** As parseSize, or a share such as `"25%"` as a fraction. */
export function parseShareOrSize(
  value: number | string,
): { readonly bytes: number } | { readonly fraction: number } | undefined {
  const match = typeof value === 'string' ? /^(\d+(?:\.\d+)?) ?%$/.exec(value) : null;
  if (match) return { fraction: Number(match[1]) / 100 };
  const bytes = parseSize(value);
  return bytes === undefined ? undefined : { bytes };
}

/** `0.9` or `"90%"` as a fraction; NaN for anything else. */
export function parseFraction(value: number | string): number {
  if (typeof value === 'number') return value;
  const match = /^(\d+(?:\.\d+)?) ?%$/.exec(value);
  return match ? Number(match[1]) / 100 : NaN;
}
