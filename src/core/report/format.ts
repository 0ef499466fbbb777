/** Numbers as the report shows them, the same in terminal, editor and README. */

/** `812 B`, `61.2 KiB`, `1.50 MiB`. Never rounds what is over a limit down to it: see formatAgainst. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(1)} KiB`;
  return `${(bytes / 1024 / 1024).toFixed(2)} MiB`;
}

/** `12,345`. */
export function formatCount(n: number): string {
  return n.toLocaleString('en-US');
}

/** `61.2 of 64.0 KiB`-like text for a limit; exact bytes where rounding would hide which one is larger. */
export function formatAgainst(bytes: number, limit: number): string {
  const [shown, of] = [formatBytes(bytes), formatBytes(limit)];
  return shown === of && bytes !== limit
    ? `${formatCount(bytes)} of ${formatCount(limit)} B`
    : `${shown} of ${of}`;
}

/** A fraction as `63.1 %`; undefined as a dash. */
export function formatPercent(fraction: number | undefined, digits = 1): string {
  return fraction === undefined ? '–' : `${(100 * fraction).toFixed(digits)} %`;
}

/** A metric's value in its unit, `digits` behind the point of a percentage; undefined as a dash. */
export function formatMetric(
  value: number | undefined,
  { unit }: { readonly unit: '%' | '' },
  digits = 1,
): string {
  if (unit === '%') return formatPercent(value, digits);
  return value === undefined ? '–' : value.toPrecision(3 + digits);
}

/** `4.12×`. */
export function formatRatio(ratio: number): string {
  return `${ratio.toFixed(2)}×`;
}

/** Dimensions as `16×3×3×3`. */
export function formatShape(shape: readonly number[]): string {
  return shape.join('×');
}

/** `45 s`, `3:10`, `2:03:10` (hours); a dash for what cannot be told yet. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return '–';
  const whole = Math.round(seconds);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n: number): string => String(n).padStart(2, '0');
  if (h > 0) return `${h}:${two(m)}:${two(s)}`;
  return m > 0 ? `${m}:${two(s)}` : `${s} s`;
}

/** A bar of `width` cells, `fraction` of them full, in eighths; more than full is full. */
export function formatBar(fraction: number, width: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, fraction)) * width * 8);
  const full = Math.floor(eighths / 8);
  const part = eighths % 8 === 0 ? '' : '▏▎▍▌▋▊▉'.charAt((eighths % 8) - 1);
  return ('█'.repeat(full) + part).padEnd(width, '░');
}
