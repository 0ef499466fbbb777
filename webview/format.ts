/** Numbers as the report in the terminal shows them (core/report/format.ts; a test holds the two together). */

export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(1)} KiB`;
  return `${(bytes / 1024 / 1024).toFixed(2)} MiB`;
}

/** As short as a tick of an axis should be: `16 KiB`, `1.5 KiB`. */
export function formatTick(bytes: number): string {
  return formatBytes(bytes).replace('.0 ', ' ').replace('.00 ', ' ');
}

export function formatCount(n: number): string {
  return n.toLocaleString('en-US');
}

/** Exact bytes where rounding would hide which one is larger. */
export function formatAgainst(bytes: number, limit: number): string {
  const [shown, of] = [formatBytes(bytes), formatBytes(limit)];
  return shown === of && bytes !== limit
    ? `${formatCount(bytes)} of ${formatCount(limit)} B`
    : `${shown} of ${of}`;
}

export function formatPercent(fraction: number | undefined, digits = 1): string {
  return fraction === undefined ? '–' : `${(100 * fraction).toFixed(digits)} %`;
}

export function formatRatio(ratio: number): string {
  return `${ratio.toFixed(2)}×`;
}

export function formatShape(shape: readonly number[]): string {
  return shape.join('×');
}

export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return '–';
  const whole = Math.round(seconds);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n: number): string => String(n).padStart(2, '0');
  if (h > 0) return `${h}:${two(m)}:${two(s)}`;
  return m > 0 ? `${m}:${two(s)}` : `${s} s`;
}
