/** Numbers as the report in the terminal shows them, and shorter ones for axes. */
import { formatBytes } from '../src/core/report/format';

export * from '../src/core/report/format';

/** `Accuracy`, where a title or a label begins with a word. */
export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** As short as a tick of an axis should be: `16 KiB`, `1.5 KiB`. */
export function formatTick(bytes: number): string {
  return formatBytes(bytes).replace('.0 ', ' ').replace('.00 ', ' ');
}
